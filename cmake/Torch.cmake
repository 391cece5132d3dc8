# SPDX-License-Identifier: Apache-2.0
# libtorch as imported targets. find_package(Torch) of a CUDA build wants a CUDA toolkit; we link the CPU
# half only and load libtorch_cuda.so at run time, so that one binary serves both kinds of device.
if(MRMLLM_TORCH_ROOT)
  set(_torch "${MRMLLM_TORCH_ROOT}")
else()
  file(GLOB _torch "${MRMLLM_PYTHON_ENV}/lib/python3*/site-packages/torch")
endif()
if(NOT EXISTS "${_torch}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "libtorch not found under '${_torch}': run scripts/setup, or pass -DMRMLLM_TORCH_ROOT")
endif()
message(STATUS "libtorch: ${_torch}")

add_library(mrmllm_torch INTERFACE)
add_library(mrmllm::torch ALIAS mrmllm_torch)
target_include_directories(mrmllm_torch SYSTEM INTERFACE
  "${_torch}/include" "${_torch}/include/torch/csrc/api/include")
target_link_libraries(mrmllm_torch INTERFACE
  "${_torch}/lib/libtorch_cpu.so" "${_torch}/lib/libc10.so")
# The two CUDA stubs that the CUDA build of libtorch_cpu links lie beside it in the Python environment.
file(GLOB _torch_stubs "${_torch}/../nvidia/*/lib")
set(_torch_folders "${_torch}/lib;${_torch_stubs}")
set(MRMLLM_TORCH_RUNTIME_PATH "" CACHE STRING
    "Where the programs look for libtorch when they start; empty: where they were linked with it")
foreach(dir IN LISTS _torch_folders)
  target_link_options(mrmllm_torch INTERFACE "-Wl,-rpath-link,${dir}")
endforeach()
if(MRMLLM_TORCH_RUNTIME_PATH)
  target_link_options(mrmllm_torch INTERFACE "-Wl,-rpath,${MRMLLM_TORCH_RUNTIME_PATH}")
else()
  foreach(dir IN LISTS _torch_folders)
    target_link_options(mrmllm_torch INTERFACE "-Wl,-rpath,${dir}")
  endforeach()
endif()

file(WRITE "${CMAKE_BINARY_DIR}/torch_pch/torch_pch.cc" "// Only a home for the precompiled header.\n")
add_library(mrmllm_torch_pch OBJECT "${CMAKE_BINARY_DIR}/torch_pch/torch_pch.cc")
target_link_libraries(mrmllm_torch_pch PRIVATE mrmllm::torch mrmllm::warnings)
target_precompile_headers(mrmllm_torch_pch PRIVATE <torch/torch.h>)
target_compile_options(mrmllm_torch_pch PRIVATE -fpch-preprocess)
