# SPDX-License-Identifier: Apache-2.0
# Debian's packages. absl must come first: gRPC's own package asks for it.
find_package(absl REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
if(MRMLLM_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()

# Debian's OpenCV has no namespaced targets; one interface keeps its headers out of our warnings.
add_library(mrmllm_opencv INTERFACE)
add_library(mrmllm::opencv ALIAS mrmllm_opencv)
target_include_directories(mrmllm_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
target_link_libraries(mrmllm_opencv INTERFACE opencv_core opencv_imgproc opencv_imgcodecs)
