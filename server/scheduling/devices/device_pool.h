// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_H_
#define MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "base/clock.h"
#include "server/engine.h"
#include "server/scheduling/admission.h"
#include "server/scheduling/devices/image_affinity.h"
#include "server/scheduling/devices/load_sum.h"
#include "server/scheduling/engine_scheduler.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/request.h"
#include "server/scheduling/scheduler.h"

namespace mrmllm {

// Several engines behind one Scheduler: an EngineScheduler each, one ledger for all. A request goes
// where it is expected to wait least, and stays near its images (see placement.h). An engine that
// fails leaves for good; those of its requests whose callers have heard nothing yet go on elsewhere
// as if nothing had happened, the others end with UNAVAILABLE.
//
//   ASSIGN_OR_RETURN(auto scheduler, DevicePool::Create(options, engines, clock, &observer));
//
// Handles are the pool's: a request keeps its own wherever it goes.
// Thread-safety, ownership and errors: as Scheduler.
class DevicePool : public Scheduler {
 public:
  // `observer` may be null. Errors: INVALID_ARGUMENT for no engines, and those of EngineScheduler.
  static absl::StatusOr<std::unique_ptr<DevicePool>> Create(const Options& options,
                                                            absl::Span<Engine* const> engines,
                                                            Clock* clock,
                                                            SchedulerObserver* observer);
  ~DevicePool() override;

  Admission& admission() override { return ledger_; }
  absl::StatusOr<RequestHandle> Submit(Request request, Reservation place) override;
  void Cancel(RequestHandle handle) override;
  void StopAccepting() override;
  bool AwaitIdle(absl::Time deadline) override;
  void Stop() override;

  // Of the device that has kept others waiting longest.
  absl::Time last_progress() const override;
  bool has_work() const override;
  // The next two: of the best device in service.
  absl::Duration SuggestedRetryDelay() const override;
  absl::Duration PredictedQueueWait() const override;
  int engines_in_service() const override;

 private:
  DevicePool(const Options& options, int devices, Clock* clock, SchedulerObserver* observer);

  // Gives the request to the first device that takes it; on an error it is left as it was.
  absl::Status Place(SubmittedRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<int> Rank(const std::vector<std::string>& images)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Finds new places for what a failed device has left; on that device's executor thread.
  void HandOver(int device, std::vector<SubmittedRequest> requests);
  bool HandOverIsUnderWay() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  int hand_overs() const;

  Clock* const clock_;
  Admission ledger_;
  SchedulerObserver nobody_;
  LoadSum load_;
  std::vector<std::unique_ptr<SchedulerObserver>> load_parts_;  // by device
  // Held while a device takes or cancels a request, so that one that moves is never between them.
  mutable absl::Mutex mutex_;
  bool accepting_ ABSL_GUARDED_BY(mutex_) = true;
  RequestHandle last_handle_ ABSL_GUARDED_BY(mutex_) = 0;
  ImageAffinity affinity_ ABSL_GUARDED_BY(mutex_);
  // By device: has failed, and its requests have found their places elsewhere.
  std::vector<bool> handed_over_ ABSL_GUARDED_BY(mutex_);
  int hand_overs_ ABSL_GUARDED_BY(mutex_) = 0;
  // Cancelled while a hand-over was under way; the request may be part of it.
  absl::flat_hash_set<RequestHandle> cancelled_meanwhile_ ABSL_GUARDED_BY(mutex_);
  // Constant once Create is done. Last: their threads use all of the above.
  std::vector<std::unique_ptr<EngineScheduler>> devices_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_DEVICES_DEVICE_POOL_H_
