// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/model_telemetry.h"

#include <string>

#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

void LogModel(std::string_view message, const EngineInfo& model) {
  Log(LogLevel::kInfo, message, {{"model", model.model_name}, {"version", model.model_version}});
}

}  // namespace

void ModelTelemetry::OnLoadBegin(std::string_view directory) {
  Log(LogLevel::kInfo, "loading model", {{"directory", std::string(directory)}});
}

void ModelTelemetry::OnLoaded(const EngineInfo& model, absl::Duration took) {
  metrics_->RecordModelLoad("ok");
  metrics_->AddBuildInfo(MRMLLM_VERSION, model);
  Log(LogLevel::kInfo, "model loaded",
      {{"model", model.model_name},
       {"version", model.model_version},
       {"device", model.device},
       {"dtype", model.dtype},
       {"ms", absl::ToDoubleMilliseconds(took)}});
}

void ModelTelemetry::OnLoadFailed(std::string_view directory, const absl::Status& status) {
  metrics_->RecordModelLoad("failed");
  Log(LogLevel::kError, "model not loaded; nothing has changed",
      {{"directory", std::string(directory)}, {"error", std::string(status.message())}});
}

void ModelTelemetry::OnActivated(const EngineInfo& model) { LogModel("model active", model); }

void ModelTelemetry::OnDraining(const EngineInfo& model) { LogModel("model draining", model); }

void ModelTelemetry::OnFreed(const EngineInfo& model) {
  metrics_->RemoveBuildInfo(MRMLLM_VERSION, model);
  LogModel("model unloaded", model);
}

}  // namespace mrmllm
