// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_INTERRUPTION_H_
#define MRMLLM_CLIENT_CLI_INTERRUPTION_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace mrmllm {

// While one exists, the first Ctrl-C (SIGINT) or SIGTERM calls a function instead of ending the
// process, so that what was reached so far is not lost. The second one ends it.
//
//   Interruption interruption([&] { runner.Stop(); });
//
// Thread-safety: one at a time in a process. The function is called on a thread of its own, at most
// once, and not after the destructor has returned.
class Interruption {
 public:
  explicit Interruption(std::function<void()> on_signal);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  void Await(const std::function<void()>& on_signal) const;

  int event_;
  struct sigaction before_int_ = {};
  struct sigaction before_term_ = {};
  std::thread thread_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_INTERRUPTION_H_
