# SPDX-License-Identifier: Apache-2.0
# The few functions that every folder's CMakeLists.txt is written with.

add_library(mrmllm_warnings INTERFACE)
add_library(mrmllm::warnings ALIAS mrmllm_warnings)
target_compile_options(mrmllm_warnings INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(mrmllm_warnings INTERFACE -Wthread-safety -Werror=thread-safety)
endif()
if(MRMLLM_SANITIZER)
  add_compile_options(-fsanitize=${MRMLLM_SANITIZER} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${MRMLLM_SANITIZER})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc takes what its sanitizers put between the lines for paths on which nothing was written.
    target_compile_options(mrmllm_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(MRMLLM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# mrmllm_add_subdirectories(dir...): those that have a CMakeLists.txt.
function(mrmllm_add_subdirectories)
  foreach(dir IN LISTS ARGN)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt")
      add_subdirectory(${dir})
    endif()
  endforeach()
endfunction()

function(_mrmllm_common target torch)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE mrmllm::warnings)
  if(torch)
    target_link_libraries(${target} PUBLIC mrmllm::torch)
    target_precompile_headers(${target} REUSE_FROM mrmllm_torch_pch)
    # One precompiled header for libraries and programs needs one kind of code: -fPIC, not CMake's -fPIE.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

# Everything that is generated from a protocol: what a reader of the sources needs before it can follow their includes.
add_custom_target(generated_code)

# mrmllm_add_generated_library(NAME FOLDER source...): protobuf's and gRPC's code, generated below FOLDER.
function(mrmllm_add_generated_library name folder)
  add_library(mrmllm_${name} STATIC ${ARGN})
  add_library(mrmllm::${name} ALIAS mrmllm_${name})
  target_include_directories(mrmllm_${name} SYSTEM PUBLIC "${folder}")
  target_link_libraries(mrmllm_${name} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
  add_dependencies(generated_code mrmllm_${name})
endfunction()

# mrmllm_add_library(NAME [TORCH] SRCS a.cc... [DEPS target...] [PRIVATE_DEPS target...])
function(mrmllm_add_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(mrmllm_${name} STATIC ${ARG_SRCS})
    target_link_libraries(mrmllm_${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    _mrmllm_common(mrmllm_${name} ${ARG_TORCH})
  else()
    add_library(mrmllm_${name} INTERFACE)
    target_link_libraries(mrmllm_${name} INTERFACE ${ARG_DEPS})
    target_include_directories(mrmllm_${name} INTERFACE ${CMAKE_SOURCE_DIR})
  endif()
  add_library(mrmllm::${name} ALIAS mrmllm_${name})
endfunction()

# mrmllm_add_executable(NAME [TORCH] SRCS a.cc... [DEPS target...])
function(mrmllm_add_executable name)
  cmake_parse_arguments(ARG "TORCH" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  _mrmllm_common(${name} ${ARG_TORCH})
endfunction()

# mrmllm_add_test(NAME [TORCH] SRCS a.cc... [DEPS target...] LABELS fast|parity|e2e|fuzz)
# A parity test finds the assembled bundle in MRMLLM_BUNDLE and is registered only under its label.
function(mrmllm_add_test name)
  cmake_parse_arguments(ARG "TORCH" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE MRMLLM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  _mrmllm_common(${name} ${ARG_TORCH})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "MRMLLM_BUNDLE=${MRMLLM_BUNDLE_DIR}")
endfunction()
