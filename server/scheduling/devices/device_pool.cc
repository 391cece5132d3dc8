// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/device_pool.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/status_macros.h"
#include "server/scheduling/devices/placement.h"

namespace mrmllm {
namespace {

constexpr size_t kRememberedImages = 4096;

struct Ending {
  SubmittedRequest request;
  absl::Status status;
};

// For a request that was given to no device any more.
void End(Ending ending, absl::Time now) {
  RequestResult result;
  absl::Duration& waited = ending.request.request.images.empty() ? result.timings.prefill_queue
                                                                 : result.timings.perceive_queue;
  waited = now - ending.request.submitted;
  ending.request.place.Release();
  ending.request.request.listener->OnDone(std::move(ending.status), result);
}

}  // namespace

DevicePool::DevicePool(const Options& options, int devices, Clock* clock,
                       SchedulerObserver* observer)
    : clock_(clock),
      ledger_(options.admission),
      load_(observer ? observer : &nobody_),
      affinity_(kRememberedImages),
      handed_over_(devices) {}

DevicePool::~DevicePool() { Stop(); }

absl::StatusOr<std::unique_ptr<DevicePool>> DevicePool::Create(const Options& options,
                                                               absl::Span<Engine* const> engines,
                                                               Clock* clock,
                                                               SchedulerObserver* observer) {
  if (engines.empty()) {
    return absl::InvalidArgumentError("engines: expected at least one, got none");
  }
  const int count = static_cast<int>(engines.size());
  std::unique_ptr<DevicePool> pool(new DevicePool(options, count, clock, observer));
  for (int i = 0; i < count; ++i) {
    Options of_device = options;
    if (options.on_executor_start) {
      of_device.on_executor_start = [start = options.on_executor_start, i](int) { start(i); };
    }
    pool->load_parts_.push_back(pool->load_.Join());
    ASSIGN_OR_RETURN(
        auto device,
        EngineScheduler::Create(std::move(of_device), engines[i], &pool->ledger_, clock,
                                pool->load_parts_.back().get(),
                                [raw = pool.get(), i](std::vector<SubmittedRequest> requests) {
                                  raw->HandOver(i, std::move(requests));
                                }));
    pool->devices_.push_back(std::move(device));
  }
  return pool;
}

absl::StatusOr<RequestHandle> DevicePool::Submit(Request request, Reservation place) {
  SubmittedRequest submitted{.request = std::move(request),
                             .place = std::move(place),
                             .submitted = clock_->Now()};  // dropped, if so, without the lock
  absl::MutexLock lock(&mutex_);
  if (!accepting_) return absl::UnavailableError("no more requests are accepted");
  const RequestHandle handle = ++last_handle_;
  submitted.handle = handle;
  RETURN_IF_ERROR(Place(submitted));
  return handle;
}

absl::Status DevicePool::Place(SubmittedRequest& request) {
  std::vector<std::string> images;
  for (const RequestImage& image : request.request.images) {
    if (!image.key.empty()) images.push_back(image.key);
  }
  absl::Status refusal = absl::UnavailableError("no engine is in service");
  for (int device : Rank(images)) {
    absl::Status status = devices_[device]->Take(request);
    if (status.ok()) {
      for (const std::string& image : images) affinity_.Remember(image, device);
      return status;
    }
    // What the best device said counts, unless it has just failed.
    if (absl::IsUnavailable(refusal)) refusal = std::move(status);
  }
  return refusal;
}

std::vector<int> DevicePool::Rank(const std::vector<std::string>& images) {
  std::vector<DeviceLoad> loads(devices_.size());
  for (size_t i = 0; i < devices_.size(); ++i) {
    loads[i] = {.in_service = devices_[i]->engines_in_service() > 0,
                .queue_wait = devices_[i]->PredictedQueueWait(),
                .open_requests = devices_[i]->open_requests()};
  }
  for (const std::string& image : images) {
    if (const auto device = affinity_.DeviceOf(image)) ++loads[*device].known_images;
  }
  return RankDevices(loads);
}

void DevicePool::Cancel(RequestHandle handle) {
  absl::MutexLock lock(&mutex_);
  for (const auto& device : devices_) device->Cancel(handle);
  if (HandOverIsUnderWay()) cancelled_meanwhile_.insert(handle);
}

bool DevicePool::HandOverIsUnderWay() const {
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (!handed_over_[i] && devices_[i]->engines_in_service() == 0) return true;
  }
  return false;
}

void DevicePool::HandOver(int device, std::vector<SubmittedRequest> requests) {
  std::vector<Ending> endings;
  {
    absl::MutexLock lock(&mutex_);
    affinity_.Forget(device);
    for (SubmittedRequest& request : requests) {
      absl::Status status = cancelled_meanwhile_.contains(request.handle)
                                ? absl::CancelledError("the caller cancelled the request")
                                : Place(request);
      if (!status.ok()) endings.push_back({std::move(request), std::move(status)});
    }
    handed_over_[device] = true;
    ++hand_overs_;
    if (!HandOverIsUnderWay()) cancelled_meanwhile_.clear();
  }
  for (Ending& ending : endings) End(std::move(ending), clock_->Now());
}

void DevicePool::StopAccepting() {
  absl::MutexLock lock(&mutex_);
  accepting_ = false;  // the devices go on accepting: requests may still move
}

bool DevicePool::AwaitIdle(absl::Time deadline) {
  while (true) {
    const int before = hand_overs();
    for (const auto& device : devices_) {
      if (!device->AwaitIdle(deadline)) return false;
    }
    // A device that fails keeps what it has left until that has found its place; a device that was
    // seen idle before may have got some of it.
    if (hand_overs() == before) return true;
  }
}

int DevicePool::hand_overs() const {
  absl::MutexLock lock(&mutex_);
  return hand_overs_;
}

void DevicePool::Stop() {
  StopAccepting();
  for (const auto& device : devices_) device->Stop();
}

absl::Time DevicePool::last_progress() const {
  absl::Time last = absl::InfiniteFuture();  // those without work say now
  for (const auto& device : devices_) last = std::min(last, device->last_progress());
  return last;
}

bool DevicePool::has_work() const {
  return std::any_of(devices_.begin(), devices_.end(),
                     [](const auto& device) { return device->has_work(); });
}

absl::Duration DevicePool::SuggestedRetryDelay() const {
  absl::Duration soonest = absl::Seconds(30);
  for (const auto& device : devices_) {
    if (device->engines_in_service() == 0) continue;
    soonest = std::min(soonest, device->SuggestedRetryDelay());
  }
  return soonest;
}

absl::Duration DevicePool::PredictedQueueWait() const {
  absl::Duration shortest = absl::InfiniteDuration();
  for (const auto& device : devices_) {
    if (device->engines_in_service() == 0) continue;
    shortest = std::min(shortest, device->PredictedQueueWait());
  }
  return shortest == absl::InfiniteDuration() ? absl::ZeroDuration() : shortest;
}

int DevicePool::engines_in_service() const {
  int count = 0;
  for (const auto& device : devices_) count += device->engines_in_service();
  return count;
}

}  // namespace mrmllm
