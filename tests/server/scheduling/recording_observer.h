// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_RECORDING_OBSERVER_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_RECORDING_OBSERVER_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "server/scheduling/observer.h"

namespace mrmllm {

// Keeps what a scheduler tells its observer, in words. Thread-safety: safe for concurrent use.
class RecordingObserver : public SchedulerObserver {
 public:
  void OnStep(StepKind kind, int batch_size, int units, absl::Duration duration) override {
    Add(absl::StrCat(Name(kind), " ", batch_size, "/", units, " ", absl::FormatDuration(duration)));
  }
  void OnQueueWait(StepKind kind, absl::Duration wait) override {
    Add(absl::StrCat(Name(kind), " wait ", absl::FormatDuration(wait)));
  }
  void OnFirstToken(absl::Duration since_arrival) override {
    Add(absl::StrCat("first token ", absl::FormatDuration(since_arrival)));
  }
  void OnTimePerOutputToken(absl::Duration time) override {
    Add(absl::StrCat("per token ", absl::FormatDuration(time)));
  }
  void OnSharedPerceptions(int images) override { Add(absl::StrCat("shared ", images)); }
  void OnSecondLook(int parts, int added, int changed) override {
    Add(absl::StrCat("second look at ", parts, ": ", added, " added, ", changed, " changed"));
  }
  void OnLoad(int waiting, int running_sequences, int64_t cache_bytes) override {
    absl::MutexLock lock(&mutex_);
    last_load_ =
        absl::StrCat(waiting, " waiting, ", running_sequences, " running, ", cache_bytes, " bytes");
  }

  // All but the loads.
  std::vector<std::string> Words() const {
    absl::MutexLock lock(&mutex_);
    return words_;
  }
  std::string last_load() const {
    absl::MutexLock lock(&mutex_);
    return last_load_;
  }

 private:
  static const char* Name(StepKind kind) {
    return kind == StepKind::kPerceive    ? "perceive"
           : kind == StepKind::kLookAgain ? "look again"
           : kind == StepKind::kPrefill   ? "prefill"
                                          : "decode";
  }
  void Add(std::string words) {
    absl::MutexLock lock(&mutex_);
    words_.push_back(std::move(words));
  }

  mutable absl::Mutex mutex_;
  std::vector<std::string> words_ ABSL_GUARDED_BY(mutex_);
  std::string last_load_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_RECORDING_OBSERVER_H_
