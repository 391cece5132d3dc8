// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/hosting/health_service.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mrmllm {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthServiceImpl::Status ServingIf(bool serving) {
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace

// One open Watch. Its state is guarded by the service's mutex; a write or the finish is claimed
// under the mutex and started after it, and only the claimant may touch the watcher then.
class HealthServiceImpl::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthServiceImpl* health, std::string service, grpc::Status entry)
      : health_(health), service_(std::move(service)), entry_(std::move(entry)) {}

  // What has to be started.
  enum class Step { kNone, kWrite, kFinish };

  Step ClaimNext() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (writing_ || finished_) return Step::kNone;
    if (cancelled_ || health_->ended_ || !entry_.ok()) {
      finished_ = true;
      return Step::kFinish;
    }
    const Status status = health_->StatusOf(service_);
    if (told_ == status) return Step::kNone;
    told_ = status;
    writing_ = true;
    message_.set_status(status);
    return Step::kWrite;
  }

  void Take(Step step) {
    if (step == Step::kWrite) StartWrite(&message_);
    if (step == Step::kFinish) {
      Finish(entry_.ok()
                 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down")
                 : entry_);
    }
  }

  void OnWriteDone(bool ok) override {
    Change([this, ok] {
      writing_ = false;
      cancelled_ = cancelled_ || !ok;
    });
  }

  void OnCancel() override {
    Change([this] { cancelled_ = true; });
  }

  void OnDone() override {
    {
      absl::MutexLock lock(&health_->mutex_);
      health_->watchers_.erase(this);
    }
    delete this;
  }

 private:
  template <typename Apply>
  void Change(Apply apply) {
    Step step;
    {
      absl::MutexLock lock(&health_->mutex_);
      apply();
      step = ClaimNext();
    }
    Take(step);
  }

  HealthServiceImpl* const health_;
  const std::string service_;
  const grpc::Status entry_;
  HealthCheckResponse message_;
  std::optional<Status> told_;
  bool writing_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
};

HealthServiceImpl::HealthServiceImpl(const std::vector<std::string>& ready_services, CallDoor door)
    : door_(std::move(door)), ready_services_(ready_services) {
  statuses_[""] = HealthCheckResponse::SERVING;
  for (const std::string& service : ready_services) {
    statuses_[service] = HealthCheckResponse::NOT_SERVING;
  }
}

HealthServiceImpl::~HealthServiceImpl() = default;

HealthServiceImpl::Status HealthServiceImpl::StatusOf(const std::string& service) const {
  const auto found = statuses_.find(service);
  return found == statuses_.end() ? HealthCheckResponse::SERVICE_UNKNOWN : found->second;
}

void HealthServiceImpl::SetLiveness(bool live) {
  {
    absl::MutexLock lock(&mutex_);
    statuses_[""] = ServingIf(live);
  }
  TellWatchers();
}

void HealthServiceImpl::SetReadiness(bool ready) {
  {
    absl::MutexLock lock(&mutex_);
    for (const std::string& service : ready_services_) statuses_[service] = ServingIf(ready);
  }
  TellWatchers();
}

void HealthServiceImpl::SetModelReadiness(const std::string& name, bool ready) {
  {
    absl::MutexLock lock(&mutex_);
    // Not even a model that is called like one of the services, or like nothing, speaks for it.
    if (name.empty() || std::ranges::find(ready_services_, name) != ready_services_.end()) return;
    statuses_[name] = ServingIf(ready);
  }
  TellWatchers();
}

bool HealthServiceImpl::IsServing(const std::string& service) const {
  absl::MutexLock lock(&mutex_);
  return StatusOf(service) == HealthCheckResponse::SERVING;
}

void HealthServiceImpl::EndWatches() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  TellWatchers();
}

void HealthServiceImpl::TellWatchers() {
  std::vector<std::pair<Watcher*, Watcher::Step>> steps;
  {
    absl::MutexLock lock(&mutex_);
    for (Watcher* watcher : watchers_) {
      const Watcher::Step step = watcher->ClaimNext();
      if (step != Watcher::Step::kNone) steps.push_back({watcher, step});
    }
  }
  for (const auto& [watcher, step] : steps) watcher->Take(step);
}

grpc::ServerUnaryReactor* HealthServiceImpl::Check(grpc::CallbackServerContext* context,
                                                   const HealthCheckRequest* request,
                                                   HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (const grpc::Status entry = Enter(door_, "Check", context); !entry.ok()) {
    reactor->Finish(entry);
    return reactor;
  }
  Status status;
  {
    absl::MutexLock lock(&mutex_);
    status = StatusOf(request->service());
  }
  response->set_status(status);
  reactor->Finish(status == HealthCheckResponse::SERVICE_UNKNOWN
                      ? grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service")
                      : grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthServiceImpl::Watch(
    grpc::CallbackServerContext* context, const HealthCheckRequest* request) {
  auto* watcher = new Watcher(this, request->service(), Enter(door_, "Watch", context));
  Watcher::Step step;
  {
    absl::MutexLock lock(&mutex_);
    watchers_.insert(watcher);
    step = watcher->ClaimNext();
  }
  watcher->Take(step);
  return watcher;
}

}  // namespace mrmllm
