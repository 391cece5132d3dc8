// SPDX-License-Identifier: Apache-2.0
#include "tests/support/recording_listener.h"

#include <utility>

namespace mrmllm {

void RecordingListener::OnFirstLook(const std::vector<std::shared_ptr<const Perception>>& images) {
  absl::MutexLock lock(&mutex_);
  if (done_count_ > 0) violations_.push_back("OnFirstLook after OnDone");
  if (perceived_count_ > 0) violations_.push_back("OnFirstLook after OnPerceived");
  first_look_ = images;
}

void RecordingListener::OnPerceived(const std::vector<std::shared_ptr<const Perception>>& images) {
  absl::MutexLock lock(&mutex_);
  if (done_count_ > 0) violations_.push_back("OnPerceived after OnDone");
  if (perceived_count_++ > 0) violations_.push_back("OnPerceived twice");
  if (!texts_.empty()) violations_.push_back("OnPerceived after OnText");
  perceived_ = images;
}

void RecordingListener::OnText(std::string_view delta) {
  absl::MutexLock lock(&mutex_);
  if (done_count_ > 0) violations_.push_back("OnText after OnDone");
  if (delta.empty()) violations_.push_back("OnText of nothing");
  texts_.emplace_back(delta);
}

void RecordingListener::OnDone(absl::Status status, const RequestResult& result) {
  absl::MutexLock lock(&mutex_);
  if (done_count_++ > 0) violations_.push_back("OnDone twice");
  std::string text;
  for (const std::string& delta : texts_) text += delta;
  if (text != result.answer) violations_.push_back("the answer is not the sum of its pieces");
  status_ = std::move(status);
  result_ = result;
}

absl::Status RecordingListener::AwaitDone() {
  absl::MutexLock lock(&mutex_);
  auto ended = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return done_count_ > 0; };
  mutex_.Await(absl::Condition(&ended));
  return status_;
}

std::vector<std::shared_ptr<const Perception>> RecordingListener::AwaitFirstLook() {
  absl::MutexLock lock(&mutex_);
  auto seen = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !first_look_.empty() || done_count_ > 0;
  };
  mutex_.Await(absl::Condition(&seen));
  return first_look_;
}

std::vector<std::shared_ptr<const Perception>> RecordingListener::AwaitPerceived() {
  absl::MutexLock lock(&mutex_);
  auto seen = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return perceived_count_ > 0 || done_count_ > 0;
  };
  mutex_.Await(absl::Condition(&seen));
  return perceived_;
}

std::vector<std::string> RecordingListener::AwaitTexts(size_t count) {
  absl::MutexLock lock(&mutex_);
  auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return texts_.size() >= count || done_count_ > 0;
  };
  mutex_.Await(absl::Condition(&enough));
  return texts_;
}

bool RecordingListener::done() const { return done_count() > 0; }

int RecordingListener::done_count() const {
  absl::MutexLock lock(&mutex_);
  return done_count_;
}

absl::Status RecordingListener::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

RequestResult RecordingListener::result() const {
  absl::MutexLock lock(&mutex_);
  return result_;
}

std::vector<std::string> RecordingListener::texts() const {
  absl::MutexLock lock(&mutex_);
  return texts_;
}

std::vector<std::shared_ptr<const Perception>> RecordingListener::first_look() const {
  absl::MutexLock lock(&mutex_);
  return first_look_;
}

std::vector<std::shared_ptr<const Perception>> RecordingListener::perceived() const {
  absl::MutexLock lock(&mutex_);
  return perceived_;
}

std::vector<std::string> RecordingListener::violations() const {
  absl::MutexLock lock(&mutex_);
  return violations_;
}

}  // namespace mrmllm
