// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_LOG_WRITER_H_
#define MRMLLM_SERVER_TELEMETRY_LOG_WRITER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mrmllm {

// Writes lines to a file on a thread of its own: a reader that is slow, or holds a pipe open and
// never reads, keeps nobody waiting who logs.
//
//   LogWriter writer(STDERR_FILENO, /*max_waiting_bytes=*/4 << 20);
//   writer.Write("a line\n");
//   writer.Flush(absl::Seconds(1));
//
// A line is lost, and counted, when there is no room for it among those that wait, or when the file
// does not take it: a full disk, a pipe without a reader.
// Thread-safety: safe for concurrent use. Ownership: the file stays the caller's, open. The
// destructor loses what waits; it may wait for a write to a file that blocks (see NeverBlock).
class LogWriter {
 public:
  LogWriter(int file, size_t max_waiting_bytes);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Takes a line with its end, not empty. Never waits for the file.
  void Write(std::string line);

  // Waits until every line that was taken is written or lost, at most `timeout`; tells which.
  bool Flush(absl::Duration timeout);

  int64_t lost_lines() const { return lost_lines_; }

 private:
  void Run();
  bool WriteAll(std::string_view bytes) const;
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !lines_.empty(); }
  bool IsIdle() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return waiting_bytes_ == 0; }

  const int file_;
  const size_t max_waiting_bytes_;
  std::atomic<int64_t> lost_lines_ = 0;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  std::deque<std::string> lines_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of lines_ and of the one being written
  std::thread thread_;                                // last: it uses all of the above
};

// Lets writes to `file` fail rather than wait, where it is a pipe or a socket; else does nothing.
// Where the system allows it only this process is affected, not others that have the same pipe.
void NeverBlock(int file);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_LOG_WRITER_H_
