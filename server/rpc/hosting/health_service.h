// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_HOSTING_HEALTH_SERVICE_H_
#define MRMLLM_SERVER_RPC_HOSTING_HEALTH_SERVICE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/hosting/call_door.h"

namespace mrmllm {

// The state of this server, as the outside may know it.
// Thread-safety: safe for concurrent use.
class HealthReporter {
 public:
  virtual ~HealthReporter() = default;

  // Liveness, the service "": the executor makes progress. A restart is the cure if not.
  virtual void SetLiveness(bool live) = 0;

  // Readiness, the named services: requests are welcome.
  virtual void SetReadiness(bool ready) = 0;

  // The same of one model, under its own name.
  virtual void SetModelReadiness(const std::string& name, bool ready) = 0;
};

// grpc.health.v1.Health, both Check and Watch: "" is liveness, each of `ready_services` is
// readiness, and each model's name is that of the model. Begins live and not ready.
//
//   HealthServiceImpl health({"mrmllm.v1.MrMllmService", "mrmllm.v1.ModelService"});
//   ... start the gRPC server with &health ...
//   health.SetReadiness(true);
//   health.EndWatches();   // before the gRPC server is shut down
//
// Thread-safety: safe for concurrent use. Ownership: must outlive the gRPC server.
// Errors: Check: NOT_FOUND for an unknown service. Watch ends with UNAVAILABLE after EndWatches.
class HealthServiceImpl final : public grpc::health::v1::Health::CallbackService,
                                public HealthReporter {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // `door`: who may ask; empty: everyone.
  explicit HealthServiceImpl(const std::vector<std::string>& ready_services, CallDoor door = {});
  ~HealthServiceImpl() override;

  void SetLiveness(bool live) override;
  void SetReadiness(bool ready) override;
  void SetModelReadiness(const std::string& name, bool ready) override;

  // What Check says of the service; false for an unknown one.
  bool IsServing(const std::string& service) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every Watch, those to come too: an open one would hold up the server's shutdown.
  void EndWatches();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;

  Status StatusOf(const std::string& service) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Starts what each watcher has to write, or its finish.
  void TellWatchers() ABSL_LOCKS_EXCLUDED(mutex_);

  const CallDoor door_;
  const std::vector<std::string> ready_services_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Status> statuses_ ABSL_GUARDED_BY(mutex_);
  std::set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_HOSTING_HEALTH_SERVICE_H_
