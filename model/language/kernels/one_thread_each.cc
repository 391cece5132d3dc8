// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/one_thread_each.h"

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <dlfcn.h>

#include <exception>

#include "absl/synchronization/mutex.h"

#include "model/language/kernels/parallel_for.h"

namespace mrmllm::kernels {
namespace {

// The calling thread's share of OpenMP, which belongs to each thread. at::set_num_threads() would
// change what threads to come begin with too, and the runtime is libtorch's own, which nothing
// here is linked with.
class OneOpenMpThread {
 public:
  OneOpenMpThread() {
    // libtorch sets a thread's number when first asked; later it would undo what follows.
    threads_ = at::get_num_threads();
    Set(1);
  }
  ~OneOpenMpThread() { Set(threads_); }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  static void Set(int threads) {
    static const auto set =
        reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    if (set != nullptr) set(threads);
  }

  int threads_;
};

}  // namespace

void OneThreadEach(int64_t count, absl::FunctionRef<void(int64_t)> work) {
  const int64_t threads = at::get_num_threads();
  const bool left_over = count % threads == 1;
  const int64_t alone = threads == 1 ? 0 : count - left_over;
  const at::ThreadLocalState state;
  std::exception_ptr thrown;
  absl::Mutex mutex;
  ParallelFor(0, alone, /*grain=*/1, [&](int64_t begin, int64_t end) {
    const at::ThreadLocalStateGuard guard(state);
    const OneOpenMpThread limit;
    try {
      for (int64_t i = begin; i < end; ++i) work(i);
    } catch (...) {
      const absl::MutexLock lock(&mutex);
      thrown = std::current_exception();
    }
  });
  if (thrown != nullptr) std::rethrow_exception(thrown);
  for (int64_t i = alone; i < count; ++i) work(i);
}

}  // namespace mrmllm::kernels
