// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
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

Scheduler::Options SchedulerOptions(const ServerConfig& config) {
  Scheduler::Options options;
  options.max_batch_images = static_cast<int>(config.scheduler_max_batch_images);
  options.max_batch_pixels = config.scheduler_max_batch_pixels;
  options.max_queue_delay = config.scheduler_max_queue_delay;
  options.max_running_sequences = static_cast<int>(config.scheduler_max_running_sequences);
  options.max_prefill_tokens = static_cast<int>(config.scheduler_max_prefill_tokens);
  options.admission = {.requests = config.admission_max_requests,
                       .pixels = config.admission_max_pixels,
                       .tokens = config.admission_max_tokens};
  return options;
}

}  // namespace

Server::Server(const ServerConfig& config, std::unique_ptr<Engine> engine, Metrics* metrics,
               Clock* clock)
    : config_(config),
      metrics_(metrics),
      clock_(clock),
      engine_(std::move(engine)),
      rpc_telemetry_(metrics) {}

Server::~Server() {
  metrics_->SetSnapshotSource(nullptr);
  exposer_.reset();
  if (health_) health_->EndWatches();
  if (grpc_server_) grpc_server_->Shutdown(absl::ZeroDuration());
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config,
                                                      std::unique_ptr<Engine> engine,
                                                      Metrics* metrics, Clock* clock,
                                                      std::function<void()> on_executor_start) {
  auto server = std::unique_ptr<Server>(new Server(config, std::move(engine), metrics, clock));
  RETURN_IF_ERROR(server->StartScheduler(std::move(on_executor_start)));
  RETURN_IF_ERROR(server->StartMetrics());
  RETURN_IF_ERROR(server->StartRpc());
  return server;
}

absl::Status Server::StartScheduler(std::function<void()> on_executor_start) {
  Scheduler::Options options = SchedulerOptions(config_);
  options.on_executor_start = std::move(on_executor_start);
  scheduler_telemetry_ = std::make_unique<SchedulerTelemetry>(metrics_, options);
  ASSIGN_OR_RETURN(scheduler_, Scheduler::Create(std::move(options), engine_.get(), clock_,
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
    const Admission::Usage usage = scheduler_->admission().usage();
    const FeatureCache::Stats cache = cache_ ? cache_->stats() : FeatureCache::Stats{};
    return LoadSnapshot{.admitted_requests = usage.requests,
                        .admitted_pixels = usage.pixels,
                        .admitted_tokens = usage.tokens,
                        .cache_bytes = static_cast<int64_t>(cache.size_bytes),
                        .cache_entries = static_cast<int64_t>(cache.entries)};
  });
  if (config_.metrics_address.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(exposer_,
                   MetricsExposer::Create(config_.metrics_address, metrics_->collectable()));
  return WritePortFile(config_.metrics_port_file, exposer_->port());
}

absl::Status Server::StartRpc() {
  const EngineInfo& info = engine_->info();
  decoder_ = std::make_unique<ImageDecoder>(
      ImageLimits{.max_bytes = config_.limits_max_image_bytes,
                  .max_pixels = config_.limits_max_image_pixels,
                  .max_side = static_cast<int>(config_.limits_max_image_side)},
      info.detector_input, info.encoder_input, info.max_detail_side);
  ASSIGN_OR_RETURN(ImageKey key, ImageKey::Create(info));
  intake_ = std::make_unique<ImageIntake>(decoder_.get(), cache_.get(), std::move(key));

  RpcContext context;
  context.engine = engine_.get();
  context.scheduler = scheduler_.get();
  context.intake = intake_.get();
  context.decode_pool = decode_pool_.get();
  context.gate = &gate_;
  context.clock = clock_;
  context.observer = &rpc_telemetry_;
  context.max_images_per_request = static_cast<int>(config_.limits_max_images_per_request);
  service_ = std::make_unique<MrMllmServiceImpl>(context);
  model_service_ = std::make_unique<ModelServiceImpl>(context);
  health_ = std::make_unique<HealthServiceImpl>(std::vector<std::string>{
      v1::MrMllmService::service_full_name(), v1::ModelService::service_full_name()});
  liveness_ = std::make_unique<LivenessMonitor>(scheduler_.get(), health_.get(), clock_,
                                                config_.health_stall_timeout);

  GrpcServer::Options options;
  options.address = config_.server_address;
  options.max_receive_message_bytes = static_cast<int>(config_.server_max_message_bytes);
  options.max_concurrent_streams = static_cast<int>(config_.server_max_concurrent_streams);
  options.max_connection_age = config_.server_max_connection_age;
  ASSIGN_OR_RETURN(grpc_server_, GrpcServer::Start(options, {service_.get(), model_service_.get(),
                                                             health_.get()}));
  health_->SetReadiness(true);
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
