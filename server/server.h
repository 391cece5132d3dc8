// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SERVER_H_
#define MRMLLM_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "server/access/access_control.h"
#include "server/config/server_config.h"
#include "server/engine.h"
#include "server/health_monitor.h"
#include "server/models/engine_factory.h"
#include "server/models/model_loader.h"
#include "server/models/model_registry.h"
#include "server/rpc/hosting/drain.h"
#include "server/rpc/hosting/grpc_server.h"
#include "server/rpc/hosting/health_service.h"
#include "server/rpc/kserve/inference_service.h"
#include "server/rpc/model_service.h"
#include "server/rpc/service.h"
#include "server/scheduling/devices/load_sum.h"
#include "server/scheduling/worker_pool.h"
#include "server/telemetry/exposer.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/model_telemetry.h"
#include "server/telemetry/observers.h"
#include "server/telemetry/tracing/trace_exporter.h"

namespace mrmllm {

// The whole service around its engines: models, decode pool, telemetry, RPC layer.
// Torch-free.
//
//   ASSIGN_OR_RETURN(auto server, Server::Start(config, std::move(engines), &metrics,
//                                               Clock::Real(), {}));
//   ... server->port() ...
//   server->Drain();
//
// Thread-safety: Drain from one thread; accessors from any. Ownership: takes the engines; `metrics`
// and `clock` outlive it. Errors: Start: INVALID_ARGUMENT for settings that contradict each
// other, UNAVAILABLE for an address that cannot be bound, and those of ModelLoader.
class Server {
 public:
  // Loads what `models` or else `bundle` name, through the factory, which outlives the server and
  // serves LoadModel as well.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerConfig& config,
                                                       EngineFactory* factory, Metrics* metrics,
                                                       Clock* clock);

  // Serves engines that are open already, one executor thread for each; on each
  // `on_executor_start` runs first, with the engine's number; may be empty. REQUIRES: at least one
  // engine, and no models.repository.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerConfig& config, std::vector<std::unique_ptr<Engine>> engines, Metrics* metrics,
      Clock* clock, std::function<void(int engine)> on_executor_start);
  ~Server();

  int port() const { return grpc_server_->port(); }
  int metrics_port() const { return exposer_ ? exposer_->port() : 0; }

  // NOT_SERVING at once, `drain.delay` of business as usual, `drain.timeout` for what was accepted,
  // then the end, and up to `tracing.export_timeout` for the last spans. After kStuck the
  // destructor would wait as long as the engine: end the process.
  DrainEnd Drain();

 private:
  Server(const ServerConfig& config, Metrics* metrics, Clock* clock);
  class GivenEngines;

  absl::Status StartAll(EngineFactory* factory);
  absl::Status StartModels(EngineFactory* factory);
  absl::Status LoadModels(const std::optional<ModelRepository>& repository);
  absl::Status StartRpc();
  absl::Status StartMetrics();
  void WarnOfRefusedConnection(int64_t limit);
  // Ends every request; tells whether every executor has stopped by `deadline`.
  bool StopModels(absl::Time deadline);

  const ServerConfig config_;
  Metrics* const metrics_;
  Clock* const clock_;
  // Destroyed from the last to the first: the listener goes before what it calls.
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<GivenEngines> given_engines_;  // null: the factory is the caller's
  std::unique_ptr<SchedulerTelemetry> scheduler_telemetry_;
  std::unique_ptr<LoadSum> loads_;
  const std::unique_ptr<TraceExporter> traces_;  // null: no tracing
  RpcTelemetry rpc_telemetry_;
  RequestGate gate_;
  ModelTelemetry model_telemetry_;
  ModelRegistry models_;
  std::unique_ptr<WorkerPool> decode_pool_;
  std::unique_ptr<ModelLoader> loader_;
  std::unique_ptr<HealthServiceImpl> health_;
  std::unique_ptr<MrMllmServiceImpl> service_;
  std::unique_ptr<ModelServiceImpl> model_service_;
  std::unique_ptr<InferenceServiceImpl> inference_service_;
  std::vector<std::unique_ptr<grpc::Service>> reflection_;
  int64_t refused_connections_ = 0;  // this and the next: the accepting thread's
  absl::Time next_refusal_warning_ = absl::InfinitePast();
  std::unique_ptr<GrpcServer> grpc_server_;
  std::unique_ptr<MetricsExposer> exposer_;
  std::unique_ptr<HealthMonitor> health_monitor_;
  absl::Mutex stop_mutex_;
  bool models_stopped_ ABSL_GUARDED_BY(stop_mutex_) = false;
  std::thread stopping_;  // of StopModels
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SERVER_H_
