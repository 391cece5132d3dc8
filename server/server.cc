// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/status_macros.h"
#include "server/config/tenant_weights.h"
#include "server/rpc/hosting/drain.h"
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

// The pools of key-value blocks that all admitted requests may ask for together: whoever comes last
// waits until the memory has been used so many times.
constexpr int64_t kPoolsOfAdmittedRequests = 16;

Admission::Limits AdmissionLimits(const ServerConfig& config,
                                  absl::Span<const std::unique_ptr<Engine>> engines) {
  Admission::Limits limits{.requests = config.admission_max_requests,
                           .pixels = config.admission_max_pixels,
                           .tokens = config.admission_max_tokens,
                           .tenant = {.requests = config.tenancy_max_requests,
                                      .pixels = config.tenancy_max_pixels,
                                      .tokens = config.tenancy_max_tokens}};
  for (const auto& engine : engines) {
    limits.kv_blocks += kPoolsOfAdmittedRequests * engine->info().kv_blocks;
  }
  return limits;
}

absl::StatusOr<Scheduler::Options> SchedulerOptions(
    const ServerConfig& config, absl::Span<const std::unique_ptr<Engine>> engines) {
  Scheduler::Options options;
  options.max_batch_images = static_cast<int>(config.scheduler_max_batch_images);
  options.max_batch_pixels = config.scheduler_max_batch_pixels;
  options.max_queue_delay = config.scheduler_max_queue_delay;
  options.max_running_sequences = static_cast<int>(config.scheduler_max_running_sequences);
  options.max_prefill_tokens = static_cast<int>(config.scheduler_max_prefill_tokens);
  options.priority_ageing = config.scheduler_priority_ageing;
  ASSIGN_OR_RETURN(options.tenant_weights, ParseTenantWeights(config.tenancy_weights));
  options.admission = AdmissionLimits(config, engines);
  return options;
}

// A request may be served by any of them, and the outside is told of the first.
absl::Status CheckSameModel(absl::Span<const std::unique_ptr<Engine>> engines) {
  const EngineInfo& first = engines.front()->info();
  for (const auto& engine : engines) {
    const EngineInfo& info = engine->info();
    if (info.model_name == first.model_name && info.model_version == first.model_version &&
        info.labels == first.labels && info.context_tokens == first.context_tokens &&
        info.detector_input == first.detector_input && info.encoder_input == first.encoder_input) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("device.name: expected the same model on every device, got ", first.model_name,
                     " ", first.model_version, " on ", first.device, " and ", info.model_name, " ",
                     info.model_version, " on ", info.device));
  }
  return absl::OkStatus();
}

}  // namespace

Server::Server(const ServerConfig& config, std::vector<std::unique_ptr<Engine>> engines,
               Metrics* metrics, Clock* clock)
    : config_(config),
      metrics_(metrics),
      clock_(clock),
      engines_(std::move(engines)),
      rpc_telemetry_(metrics) {}

Server::~Server() {
  metrics_->SetSnapshotSource(nullptr);
  exposer_.reset();
  if (health_) health_->EndWatches();
  if (grpc_server_) grpc_server_->Shutdown(absl::ZeroDuration());
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerConfig& config, std::vector<std::unique_ptr<Engine>> engines, Metrics* metrics,
    Clock* clock, std::function<void(int engine)> on_executor_start) {
  RETURN_IF_ERROR(CheckSameModel(engines));
  auto server = std::unique_ptr<Server>(new Server(config, std::move(engines), metrics, clock));
  RETURN_IF_ERROR(server->StartScheduler(std::move(on_executor_start)));
  RETURN_IF_ERROR(server->StartMetrics());
  RETURN_IF_ERROR(server->StartRpc());
  return server;
}

absl::Status Server::StartScheduler(std::function<void(int engine)> on_executor_start) {
  ASSIGN_OR_RETURN(Scheduler::Options options, SchedulerOptions(config_, engines_));
  options.on_executor_start = std::move(on_executor_start);
  scheduler_telemetry_ = std::make_unique<SchedulerTelemetry>(metrics_, options);
  std::vector<Engine*> engines;
  for (const auto& engine : engines_) engines.push_back(engine.get());
  ASSIGN_OR_RETURN(scheduler_, Scheduler::Create(std::move(options), engines, clock_,
                                                 scheduler_telemetry_.get()));
  decode_pool_ = std::make_unique<WorkerPool>(static_cast<int>(config_.decode_threads));
  return absl::OkStatus();
}

absl::Status Server::StartMetrics() {
  if (config_.cache_capacity_bytes > 0) {
    cache_ =
        FeatureCache::Create({.capacity_bytes = static_cast<size_t>(config_.cache_capacity_bytes),
                              .time_to_live = config_.cache_time_to_live},
                             clock_);
  }
  metrics_->SetSnapshotSource([this] {
    return LoadSnapshot{.admitted = scheduler_->admission().usage(),
                        .cache = cache_ ? cache_->stats() : FeatureCache::Stats{},
                        .kv = TotalKvUsage(),
                        .predicted_queue_wait = scheduler_->PredictedQueueWait(),
                        .engines_in_service = scheduler_->engines_in_service()};
  });
  if (config_.metrics_address.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(exposer_,
                   MetricsExposer::Create(config_.metrics_address, metrics_->collectable()));
  return WritePortFile(config_.metrics_port_file, exposer_->port());
}

KvUsage Server::TotalKvUsage() const {
  KvUsage total;
  for (const auto& engine : engines_) {
    const KvUsage usage = engine->kv_usage();
    total.total_blocks += usage.total_blocks;
    total.reserved_blocks += usage.reserved_blocks;
    total.cached_blocks += usage.cached_blocks;
  }
  return total;
}

absl::Status Server::StartRpc() {
  const EngineInfo& info = engines_.front()->info();
  decoder_ = std::make_unique<ImageDecoder>(
      ImageLimits{.max_bytes = config_.limits_max_image_bytes,
                  .max_pixels = config_.limits_max_image_pixels,
                  .max_side = static_cast<int>(config_.limits_max_image_side)},
      info.detector_input, info.encoder_input, info.max_detail_side);
  ASSIGN_OR_RETURN(ImageKey key, ImageKey::Create(info));
  intake_ = std::make_unique<ImageIntake>(decoder_.get(), cache_.get(), std::move(key));

  RpcContext context;
  context.engine = engines_.front().get();
  context.scheduler = scheduler_.get();
  context.intake = intake_.get();
  context.decode_pool = decode_pool_.get();
  context.gate = &gate_;
  context.clock = clock_;
  context.observer = &rpc_telemetry_;
  context.tenant_key = config_.tenancy_metadata_key;
  context.max_images_per_request = static_cast<int>(config_.limits_max_images_per_request);
  service_ = std::make_unique<MrMllmServiceImpl>(context);
  model_service_ = std::make_unique<ModelServiceImpl>(context);
  health_ = std::make_unique<HealthServiceImpl>(std::vector<std::string>{
      v1::MrMllmService::service_full_name(), v1::ModelService::service_full_name()});

  GrpcServer::Options options;
  options.address = config_.server_address;
  options.max_receive_message_bytes = static_cast<int>(config_.server_max_message_bytes);
  options.max_concurrent_streams = static_cast<int>(config_.server_max_concurrent_streams);
  options.max_connection_age = config_.server_max_connection_age;
  ASSIGN_OR_RETURN(grpc_server_, GrpcServer::Start(options, {service_.get(), model_service_.get(),
                                                             health_.get()}));
  health_->SetReadiness(true);
  health_monitor_ = std::make_unique<HealthMonitor>(scheduler_.get(), health_.get(), clock_,
                                                    config_.health_stall_timeout);
  return WritePortFile(config_.server_port_file, grpc_server_->port());
}

bool Server::Drain() {
  Log(LogLevel::kInfo, "draining",
      {{"delay", absl::FormatDuration(config_.drain_delay)},
       {"timeout", absl::FormatDuration(config_.drain_timeout)}});
  const DrainSteps steps{
      .report_not_serving = [this] { health_->SetReadiness(false); },
      .refuse_new = [this] { gate_.Close(); },
      .await_accepted = [this](absl::Time deadline) { return gate_.AwaitEmpty(clock_, deadline); },
      .cancel_rest = [this] { scheduler_->Stop(); },
      .shut_down =
          [this](absl::Duration grace) {
            health_->EndWatches();
            grpc_server_->Shutdown(grace);
          },
  };
  const bool complete = mrmllm::Drain(
      {.delay = config_.drain_delay, .timeout = config_.drain_timeout}, steps, clock_);
  Log(LogLevel::kInfo, complete ? "drained" : "drained; some requests were cancelled");
  return complete;
}

}  // namespace mrmllm
