// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_ONE_THREAD_EACH_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_ONE_THREAD_EACH_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace mrmllm::kernels {

// Calls work(i) for every i of [0, count), as many at a time as at::get_num_threads() says, each
// on one thread from beginning to end: within it neither ParallelFor nor libtorch's own kernels
// divide anything. For passes of a network that share nothing, such as the images of a batch:
// their layers are too small to be worth dividing, and between them much is done by one thread.
// One that would be left over alone is given all threads instead.
//
// The calling thread's libtorch state (inference mode, gradients) holds within. Thread-safety: any
// thread. Errors: what a work throws is thrown on when all have ended; of several, one.
void OneThreadEach(int64_t count, absl::FunctionRef<void(int64_t)> work);

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_ONE_THREAD_EACH_H_
