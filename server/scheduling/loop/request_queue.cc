// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/request_queue.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace mrmllm {
namespace {

absl::Status CheckImages(const Request& request) {
  for (size_t i = 0; i < request.images.size(); ++i) {
    if (!request.images[i].input && !request.images[i].perception) {
      return absl::InvalidArgumentError(
          absl::StrCat("images[", i, "]: expected an input or a perception, got neither"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RequestQueue::Push(SubmittedRequest& submitted) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckLocked(submitted.request));
  if (open_++ == 0) last_progress_ = clock_->Now();
  news_.submitted.push_back(std::move(submitted));
  return absl::OkStatus();
}

absl::Status RequestQueue::CheckLocked(const Request& request) const {
  RETURN_IF_ERROR(CheckImages(request));
  if (request.deadline <= clock_->Now()) {
    return absl::DeadlineExceededError("the deadline passed before the request was submitted");
  }
  return refusal_;
}

absl::Status RequestQueue::Check(const Request& request) const {
  absl::MutexLock lock(&mutex_);
  return CheckLocked(request);
}

void RequestQueue::Refuse(absl::Status refusal) {
  if (refusal_.ok()) refusal_ = std::move(refusal);
}

void RequestQueue::Cancel(RequestHandle handle) {
  absl::MutexLock lock(&mutex_);
  if (open_ > 0) news_.cancelled.push_back(handle);
}

void RequestQueue::StopAccepting() {
  absl::MutexLock lock(&mutex_);
  Refuse(absl::UnavailableError("no more requests are accepted"));
}

void RequestQueue::Stop() {
  absl::MutexLock lock(&mutex_);
  Refuse(absl::UnavailableError("no more requests are accepted"));
  news_.stopping = true;
}

bool RequestQueue::AwaitIdle(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return clock_->AwaitWithDeadline(&mutex_, absl::Condition(this, &RequestQueue::IsIdle), deadline);
}

int RequestQueue::open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

absl::Time RequestQueue::last_progress() const {
  absl::MutexLock lock(&mutex_);
  return open_ == 0 ? clock_->Now() : last_progress_;
}

RequestQueue::News RequestQueue::Collect() {
  absl::MutexLock lock(&mutex_);
  News news = std::exchange(news_, {});
  news_.stopping = news.stopping;
  return news;
}

RequestQueue::News RequestQueue::Close(absl::Status refusal) {
  absl::MutexLock lock(&mutex_);
  Refuse(std::move(refusal));
  News news = std::exchange(news_, {});
  news_.stopping = news.stopping;
  return news;
}

void RequestQueue::AwaitNews(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  clock_->AwaitWithDeadline(&mutex_, absl::Condition(this, &RequestQueue::HasNews), until);
}

void RequestQueue::MarkEnded(int count) {
  absl::MutexLock lock(&mutex_);
  open_ -= count;
}

void RequestQueue::MarkProgress() {
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  last_progress_ = now;
}

}  // namespace mrmllm
