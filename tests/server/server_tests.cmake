# SPDX-License-Identifier: Apache-2.0
mrmllm_add_test(server_test SRCS health_monitor_test.cc liveness_test.cc load_snapshot_test.cc model_lifecycle_test.cc server_test.cc several_engines_test.cc
    opening/thread_placement_test.cc
  DEPS mrmllm::assembly mrmllm::encoded_images mrmllm::test_support LABELS fast)
if(MRMLLM_BUILD_MODEL)
  mrmllm_add_test(torch_failure_test TORCH SRCS torch_failure_test.cc torch_warm_up_test.cc
    DEPS mrmllm::torch_engine mrmllm::test_support LABELS fast)
  mrmllm_add_test(torch_engine_test TORCH SRCS torch_engine_test.cc
    DEPS mrmllm::torch_engine mrmllm::image_decoding mrmllm::test_support LABELS parity)
endif()
