// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SUPPORT_RECORDING_LISTENER_H_
#define MRMLLM_TESTS_SUPPORT_RECORDING_LISTENER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "server/scheduling/request.h"

namespace mrmllm {

// Keeps all that a request's listener hears, and lets a test wait for it.
//
//   auto heard = std::make_shared<RecordingListener>();
//   request.listener = heard;
//   ...
//   EXPECT_THAT(heard->AwaitDone(), IsOk());
//   EXPECT_EQ(heard->result().answer, "a dog");
//
// Thread-safety: safe for concurrent use.
class RecordingListener : public RequestListener {
 public:
  void OnFirstLook(const std::vector<std::shared_ptr<const Perception>>& images) override;
  void OnPerceived(const std::vector<std::shared_ptr<const Perception>>& images) override;
  void OnText(std::string_view delta) override;
  void OnDone(absl::Status status, const RequestResult& result) override;

  // Each waits until it has happened (or the request has ended) and returns what there is then.
  absl::Status AwaitDone();
  std::vector<std::shared_ptr<const Perception>> AwaitFirstLook();
  std::vector<std::shared_ptr<const Perception>> AwaitPerceived();
  std::vector<std::string> AwaitTexts(size_t count);

  bool done() const;
  int done_count() const;
  absl::Status status() const;
  RequestResult result() const;
  std::vector<std::string> texts() const;
  std::vector<std::shared_ptr<const Perception>> first_look() const;
  std::vector<std::shared_ptr<const Perception>> perceived() const;

  // The calls that broke the contract of RequestListener, in words; empty when none did.
  std::vector<std::string> violations() const;

 private:
  mutable absl::Mutex mutex_;
  int perceived_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int done_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::shared_ptr<const Perception>> first_look_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const Perception>> perceived_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  RequestResult result_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> violations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SUPPORT_RECORDING_LISTENER_H_
