# SPDX-License-Identifier: Apache-2.0
# mrmllm::otlp, the protocol that traces are sent by, in C++. It comes from the opentelemetry-proto package of the
# project's Python environment, which holds descriptors instead of .proto files.
file(GLOB _otlp "${MRMLLM_PYTHON_ENV}/lib/python3*/site-packages/opentelemetry/proto")
if(NOT EXISTS "${_otlp}/trace/v1/trace_pb2.py")
  message(FATAL_ERROR "opentelemetry/proto not found under '${MRMLLM_PYTHON_ENV}': run scripts/setup")
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# Each after those that it needs.
set(_files common/v1/common resource/v1/resource trace/v1/trace collector/trace/v1/trace_service)
list(TRANSFORM _files REPLACE "(.+)" "${_otlp}/\\1_pb2.py" OUTPUT_VARIABLE _modules)
list(TRANSFORM _files REPLACE "(.+)" "opentelemetry/proto/\\1.proto" OUTPUT_VARIABLE _protos)
set(_out "${CMAKE_BINARY_DIR}/otlp")
file(MAKE_DIRECTORY "${_out}")
set(_service opentelemetry/proto/collector/trace/v1/trace_service)
list(TRANSFORM _files REPLACE "(.+)" "${_out}/opentelemetry/proto/\\1.pb.cc" OUTPUT_VARIABLE _sources)
list(TRANSFORM _files REPLACE "(.+)" "${_out}/opentelemetry/proto/\\1.pb.h" OUTPUT_VARIABLE _headers)
list(APPEND _sources "${_out}/${_service}.grpc.pb.cc")
list(APPEND _headers "${_out}/${_service}.grpc.pb.h")
set(_descriptors "${_out}/descriptors.binpb")
set(_extract "${CMAKE_CURRENT_LIST_DIR}/otlp_descriptors.py")
add_custom_command(
  OUTPUT ${_sources} ${_headers}
  COMMAND Python3::Interpreter ${_extract} ${_descriptors} ${_modules}
  COMMAND protobuf::protoc --descriptor_set_in=${_descriptors} --cpp_out=${_out} ${_protos}
  COMMAND protobuf::protoc --descriptor_set_in=${_descriptors} --grpc_out=${_out}
          --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${_service}.proto
  DEPENDS ${_modules} ${_extract} VERBATIM)

mrmllm_add_generated_library(otlp "${_out}" ${_sources})
