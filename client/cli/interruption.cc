// SPDX-License-Identifier: Apache-2.0
#include "client/cli/interruption.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace mrmllm {
namespace {

// What the thread is told through the event, whose values add up.
constexpr uint64_t kSignal = 1;
constexpr uint64_t kEnd = 1 << 20;

std::atomic<int> signal_event{-1};

void Tell(int event, uint64_t what) {
  // An event that cannot be written is full: the thread has been told already.
  if (write(event, &what, sizeof what) < 0) return;
}

// A handler may do next to nothing: writing is among it.
extern "C" void OnSignal(int) {
  const int error = errno;
  Tell(signal_event.load(), kSignal);
  errno = error;
}

}  // namespace

Interruption::Interruption(std::function<void()> on_signal)
    : event_(eventfd(0, EFD_CLOEXEC)),
      thread_([this, on_signal = std::move(on_signal)] { Await(on_signal); }) {
  signal_event = event_;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  Tell(event_, kEnd);
  thread_.join();
  signal_event = -1;
  close(event_);
}

void Interruption::Await(const std::function<void()>& on_signal) const {
  bool called = false;
  uint64_t told = 0;
  while (told < kEnd) {
    uint64_t more = 0;
    if (read(event_, &more, sizeof more) < 0 && errno != EINTR) return;
    told += more;
    if (told < kEnd && more > 0 && !std::exchange(called, true)) on_signal();
  }
}

}  // namespace mrmllm
