// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_PARALLEL_FOR_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_PARALLEL_FOR_H_

#include <cstdint>

namespace mrmllm::kernels {

namespace internal {
using Chunk = void (*)(const void* work, int64_t begin, int64_t end);
void RunChunks(int64_t begin, int64_t end, int64_t grain, Chunk chunk, const void* work);
}  // namespace internal

// Calls work(begin, end) for pieces of at least `grain` that together are [begin, end), on the
// calling thread and on up to at::get_num_threads() - 1 threads that it keeps for this.
//
// Unlike at::parallel_for it does not wait for a thread that has not begun: a step has some two
// hundred such loops of microseconds, and on a machine whose cores have other work each would wait
// for the scheduler to let every OpenMP thread run. Pieces go to whoever is there; a caller whose
// helpers are kept elsewhere does all of them itself.
//
// Thread-safety: any thread. Errors: `work` must not throw.
template <typename Work>
void ParallelFor(int64_t begin, int64_t end, int64_t grain, const Work& work) {
  internal::RunChunks(
      begin, end, grain,
      [](const void* w, int64_t from, int64_t to) { (*static_cast<const Work*>(w))(from, to); },
      &work);
}

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_PARALLEL_FOR_H_
