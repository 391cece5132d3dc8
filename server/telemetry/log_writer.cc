// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace mrmllm {
namespace {

constexpr int kLookAgainMilliseconds = 100;  // whether to stop, while the file takes nothing

// A signal to the process is not for this thread: it begins before the server's own block them.
template <typename Function>
std::thread ThreadWithoutSignals(Function function) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(function));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

LogWriter::LogWriter(int file, size_t max_waiting_bytes)
    : file_(file),
      max_waiting_bytes_(max_waiting_bytes),
      thread_(ThreadWithoutSignals([this] { Run(); })) {}

LogWriter::~LogWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void LogWriter::Write(std::string line) {
  absl::MutexLock lock(&mutex_);
  if (waiting_bytes_ + line.size() > max_waiting_bytes_) {
    ++lost_lines_;
    return;
  }
  const size_t bytes = line.size();
  try {
    lines_.push_back(std::move(line));
    waiting_bytes_ += bytes;
  } catch (const std::bad_alloc&) {
    // Not to be thrown on: nobody who logs expects it, and std::terminate would wait for the mutex.
    ++lost_lines_;
  }
}

bool LogWriter::Flush(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  return Clock::Real()->AwaitWithDeadline(&mutex_, absl::Condition(this, &LogWriter::IsIdle),
                                          Clock::Real()->Now() + timeout);
}

void LogWriter::Run() {
  pthread_setname_np(pthread_self(), "mrmllm-log");
  while (true) {
    std::string line;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &LogWriter::HasWork));
      if (stopping_) return;
      line = std::move(lines_.front());
      lines_.pop_front();
    }
    if (!WriteAll(line)) ++lost_lines_;
    absl::MutexLock lock(&mutex_);
    waiting_bytes_ -= line.size();
  }
}

bool LogWriter::WriteAll(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = write(file_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    if (written < 0 && errno == EINTR) continue;
    if (written == 0 || errno != EAGAIN || stopping_) return false;
    pollfd room{.fd = file_, .events = POLLOUT, .revents = 0};
    poll(&room, 1, kLookAgainMilliseconds);
  }
  return true;
}

void NeverBlock(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return;
  if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)) return;
  // A pipe can be opened once more; who else has it then keeps it as it is.
  const int own = open(absl::StrCat("/proc/self/fd/", file).c_str(), O_WRONLY | O_NONBLOCK);
  if (own >= 0) {
    dup2(own, file);
    close(own);
    return;
  }
  fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK);
}

}  // namespace mrmllm
