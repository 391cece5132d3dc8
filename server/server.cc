// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/config/tenant_weights.h"
#include "server/load_snapshot.h"
#include "server/models/models_at_start.h"
#include "server/rpc/call_arrival.h"
#include "server/rpc/hosting/reflection_service.h"
#include "server/rpc/reply/grpc_status.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

// Written under another name first, so that whoever waits for the file never reads half a number.
absl::Status WritePortFile(const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string partial = absl::StrCat(path, ".partial");
  std::ofstream file(partial);
  file << port << "\n";
  file.close();
  if (!file || std::rename(partial.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write the port file ", path));
  }
  return absl::OkStatus();
}

SecondLookSettings SecondLookOf(const ServerConfig& config) {
  SecondLookSettings settings;
  settings.mode = config.second_look_mode == "off"         ? SecondLookMode::kOff
                  : config.second_look_mode == "automatic" ? SecondLookMode::kAutomatic
                                                           : SecondLookMode::kAlways;
  settings.max_crops = static_cast<int>(config.second_look_max_crops);
  return settings;
}

absl::StatusOr<ServedModel::Options> ModelOptions(const ServerConfig& config) {
  ServedModel::Options options;
  Scheduler::Options& scheduler = options.scheduler;
  scheduler.max_batch_images = static_cast<int>(config.scheduler_max_batch_images);
  scheduler.max_batch_pixels = config.scheduler_max_batch_pixels;
  scheduler.max_queue_delay = config.scheduler_max_queue_delay;
  scheduler.max_running_sequences = static_cast<int>(config.scheduler_max_running_sequences);
  scheduler.max_prefill_tokens = static_cast<int>(config.scheduler_max_prefill_tokens);
  scheduler.priority_ageing = config.scheduler_priority_ageing;
  ASSIGN_OR_RETURN(scheduler.tenant_weights, ParseTenantWeights(config.tenancy_weights));
  scheduler.admission = {.requests = config.admission_max_requests,
                         .pixels = config.admission_max_pixels,
                         .tokens = config.admission_max_tokens,
                         .tenant = {.requests = config.tenancy_max_requests,
                                    .pixels = config.tenancy_max_pixels,
                                    .tokens = config.tenancy_max_tokens}};
  options.cache = {.capacity_bytes = static_cast<size_t>(config.cache_capacity_bytes),
                   .time_to_live = config.cache_time_to_live};
  options.images = {.max_bytes = config.limits_max_image_bytes,
                    .max_pixels = config.limits_max_image_pixels,
                    .max_side = static_cast<int>(config.limits_max_image_side)};
  options.max_images_per_request = static_cast<int>(config.limits_max_images_per_request);
  options.second_look = SecondLookOf(config);
  return options;
}

std::unique_ptr<TraceExporter> MakeTraceExporter(const ServerConfig& config, Metrics* metrics,
                                                 Clock* clock) {
  if (config.tracing_endpoint.empty()) return nullptr;
  return std::make_unique<TraceExporter>(
      TraceExporter::Options{.max_queued_spans = config.tracing_max_queued_spans,
                             .export_timeout = config.tracing_export_timeout,
                             .service_name = config.tracing_service_name},
      MakeOtlpClient(config.tracing_endpoint), metrics, clock);
}

GrpcServer::Options ListenerOptions(const ServerConfig& config) {
  GrpcServer::Options options;
  options.address = config.server_address;
  options.max_receive_message_bytes = static_cast<int>(config.server_max_message_bytes);
  options.max_concurrent_streams = static_cast<int>(config.server_max_concurrent_streams);
  options.max_connection_age = config.server_max_connection_age;
  options.max_connection_idle = config.server_max_connection_idle;
  options.handshake_timeout = config.server_handshake_timeout;
  options.min_ping_interval = config.server_min_ping_interval;
  options.max_metadata_bytes = static_cast<int>(config.server_max_metadata_bytes);
  options.memory_quota_bytes = config.server_memory_quota_bytes;
  options.max_threads = static_cast<int>(config.server_max_threads);
  options.max_connections = static_cast<int>(config.server_max_connections);
  return options;
}

// gRPC's own protocols come in by the same door as ours.
CallDoor DoorOf(const RpcContext& context) {
  return [context](std::string_view method, grpc::CallbackServerContext* call) {
    const RequestFlow::Arrival arrival = NoteArrival(context, method, call);
    return ToGrpcStatus(arrival.fault, arrival.request_id);
  };
}

}  // namespace

// Engines that are open already: handed out once, whatever bundle is asked for.
class Server::GivenEngines : public EngineFactory {
 public:
  GivenEngines(std::vector<std::unique_ptr<Engine>> engines,
               std::function<void(int engine)> on_executor_start)
      : engines_(std::move(engines)), on_executor_start_(std::move(on_executor_start)) {}

  absl::StatusOr<std::vector<std::unique_ptr<Engine>>> Open(const std::string&) override {
    if (engines_.empty()) return absl::FailedPreconditionError("there are no more engines");
    return std::exchange(engines_, {});
  }
  void OnExecutorStart(int index) override {
    if (on_executor_start_) on_executor_start_(index);
  }

 private:
  std::vector<std::unique_ptr<Engine>> engines_;
  const std::function<void(int engine)> on_executor_start_;
};

Server::Server(const ServerConfig& config, Metrics* metrics, Clock* clock)
    : config_(config),
      metrics_(metrics),
      clock_(clock),
      traces_(MakeTraceExporter(config, metrics, clock)),
      rpc_telemetry_(metrics, traces_.get()),
      model_telemetry_(metrics),
      models_({.observer = &model_telemetry_, .on_change = [this] {
                 if (health_monitor_) health_monitor_->Refresh();
               }}) {}

Server::~Server() {
  if (stopping_.joinable()) stopping_.join();
  metrics_->SetSnapshotSource(nullptr);
  exposer_.reset();
  if (health_) health_->EndWatches();
  if (grpc_server_) grpc_server_->Shutdown(absl::ZeroDuration());
  loader_.reset();  // its last load may still tell of a change
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config,
                                                      EngineFactory* factory, Metrics* metrics,
                                                      Clock* clock) {
  auto server = std::unique_ptr<Server>(new Server(config, metrics, clock));
  RETURN_IF_ERROR(server->StartAll(factory));
  return server;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerConfig& config, std::vector<std::unique_ptr<Engine>> engines, Metrics* metrics,
    Clock* clock, std::function<void(int engine)> on_executor_start) {
  auto server = std::unique_ptr<Server>(new Server(config, metrics, clock));
  server->given_engines_ =
      std::make_unique<GivenEngines>(std::move(engines), std::move(on_executor_start));
  RETURN_IF_ERROR(server->StartAll(server->given_engines_.get()));
  return server;
}

absl::Status Server::StartAll(EngineFactory* factory) {
  ASSIGN_OR_RETURN(access_, AccessControl::Create(config_, metrics_, clock_));
  RETURN_IF_ERROR(StartModels(factory));
  RETURN_IF_ERROR(StartMetrics());
  return StartRpc();
}

absl::Status Server::StartModels(EngineFactory* factory) {
  ASSIGN_OR_RETURN(ServedModel::Options options, ModelOptions(config_));
  options.scheduler.on_executor_start = [factory](int engine) { factory->OnExecutorStart(engine); };
  options.scheduler.admission.quotas = access_->quotas().get();
  access_->AddWeights(&options.scheduler.tenant_weights);
  scheduler_telemetry_ = std::make_unique<SchedulerTelemetry>(metrics_, options.scheduler);
  loads_ = std::make_unique<LoadSum>(scheduler_telemetry_.get());
  decode_pool_ = std::make_unique<WorkerPool>(static_cast<int>(config_.decode_threads));
  std::optional<ModelRepository> repository;
  if (!config_.models_repository.empty()) repository.emplace(config_.models_repository);
  loader_ = std::make_unique<ModelLoader>(ModelLoader::Parts{.repository = repository,
                                                             .factory = factory,
                                                             .models = &models_,
                                                             .loads = loads_.get(),
                                                             .observer = &model_telemetry_,
                                                             .clock = clock_,
                                                             .options = std::move(options)});
  RETURN_IF_ERROR(LoadModels(repository));
  factory->EndStart();
  return absl::OkStatus();
}

absl::Status Server::LoadModels(const std::optional<ModelRepository>& repository) {
  if (!repository.has_value()) return loader_->LoadBundle(config_.bundle_directory);
  ASSIGN_OR_RETURN(const std::vector<ModelReference> chosen,
                   ModelsAtStart(*repository, config_.models_load));
  ASSIGN_OR_RETURN(std::string default_name, DefaultModel(chosen, config_.models_default));
  models_.SetDefault(std::move(default_name));
  for (const ModelReference& model : chosen) {
    RETURN_IF_ERROR(loader_->LoadNow(model.name, model.version, OtherVersions::kKeep).status());
  }
  return absl::OkStatus();
}

absl::Status Server::StartMetrics() {
  metrics_->SetSnapshotSource([this] { return SnapshotOf(models_); });
  if (config_.metrics_address.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(exposer_,
                   MetricsExposer::Create(config_.metrics_address, metrics_->collectable()));
  return WritePortFile(config_.metrics_port_file, exposer_->port());
}

absl::Status Server::StartRpc() {
  RpcContext context;
  context.models = &models_;
  context.loader = loader_.get();
  context.decode_pool = decode_pool_.get();
  context.gate = &gate_;
  context.clock = clock_;
  context.observer = &rpc_telemetry_;
  if (traces_) context.sampler = TraceSampler(config_.tracing_sample_ratio);
  context.guard = access_->guard();
  context.tenant_key = config_.tenancy_metadata_key;
  service_ = std::make_unique<MrMllmServiceImpl>(context);
  model_service_ = std::make_unique<ModelServiceImpl>(context);
  std::vector<std::string> names = {v1::MrMllmService::service_full_name(),
                                    v1::ModelService::service_full_name(),
                                    inference::GRPCInferenceService::service_full_name()};
  const CallDoor door = DoorOf(context);
  health_ =
      std::make_unique<HealthServiceImpl>(names, config_.auth_open_health ? CallDoor() : door);
  inference_service_ = std::make_unique<InferenceServiceImpl>(
      context, health_.get(), v1::MrMllmService::service_full_name());
  health_monitor_ = std::make_unique<HealthMonitor>(&models_, health_.get(), clock_,
                                                    config_.health_stall_timeout);
  std::vector<grpc::Service*> services = {service_.get(), model_service_.get(),
                                          inference_service_.get(), health_.get()};
  if (config_.server_reflection != "off") {
    names.push_back(grpc::health::v1::Health::service_full_name());
    reflection_ = MakeReflectionServices(std::move(names), door);
    for (const auto& service : reflection_) services.push_back(service.get());
  }
  GrpcServer::Options options = ListenerOptions(config_);
  options.on_connection_refused = [this](int64_t limit) { WarnOfRefusedConnection(limit); };
  options.credentials = access_->credentials();
  ASSIGN_OR_RETURN(grpc_server_, GrpcServer::Start(options, services));
  health_monitor_->Refresh();
  return WritePortFile(config_.server_port_file, grpc_server_->port());
}

// Once a minute: whoever opens so many would fill the log as well.
void Server::WarnOfRefusedConnection(int64_t limit) {
  ++refused_connections_;
  if (clock_->Now() < next_refusal_warning_) return;
  next_refusal_warning_ = clock_->Now() + absl::Minutes(1);
  Log(LogLevel::kWarning, "too many connections: further ones are closed",
      {{"limit", limit}, {"refused", refused_connections_}});
}

bool Server::StopModels(absl::Time deadline) {
  if (!stopping_.joinable()) {
    stopping_ = std::thread([this] {
      models_.StopAll();
      absl::MutexLock lock(&stop_mutex_);
      models_stopped_ = true;
    });
  }
  absl::MutexLock lock(&stop_mutex_);
  return clock_->AwaitWithDeadline(&stop_mutex_, absl::Condition(&models_stopped_), deadline);
}

DrainEnd Server::Drain() {
  Log(LogLevel::kInfo, "draining",
      {{"delay", absl::FormatDuration(config_.drain_delay)},
       {"timeout", absl::FormatDuration(config_.drain_timeout)}});
  const DrainSteps steps{
      .report_not_serving = [this] { health_monitor_->BeginDrain(); },
      .refuse_new = [this] { gate_.Close(); },
      .await_accepted = [this](absl::Time deadline) { return gate_.AwaitEmpty(clock_, deadline); },
      .cancel_rest = [this](absl::Time deadline) { return StopModels(deadline); },
      .shut_down =
          [this](absl::Duration grace) {
            health_->EndWatches();
            grpc_server_->Shutdown(grace);
          },
  };
  const DrainEnd end = mrmllm::Drain(
      {.delay = config_.drain_delay, .timeout = config_.drain_timeout}, steps, clock_);
  if (traces_) traces_->Stop(config_.tracing_export_timeout);
  if (end == DrainEnd::kStuck) {
    Log(LogLevel::kError, "not drained: an engine does not come back from its step");
  } else {
    const bool complete = end == DrainEnd::kComplete;
    Log(LogLevel::kInfo, complete ? "drained" : "drained; some requests were cancelled");
  }
  return end;
}

}  // namespace mrmllm
