// SPDX-License-Identifier: Apache-2.0
#include "model/training/training_checkpoint.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/safetensors_writer.h"

namespace mrmllm {
namespace {

using torch::optim::AdamWParamState;

constexpr const char* kState = "run.state";  // [4] int64: fingerprint, drawn, left_out, step
constexpr const char* kCurve = "run.curve";  // [steps, 3] float64
constexpr const char* kFirstMoment = "optimizer.exp_avg.";
constexpr const char* kSecondMoment = "optimizer.exp_avg_sq.";

at::Tensor CurveTensor(const std::vector<CurvePoint>& curve) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(curve.size()), 3}, at::kDouble);
  auto* to = tensor.mutable_data_ptr<double>();
  for (const CurvePoint& point : curve) {
    *to++ = point.loss;
    *to++ = point.held_out_loss;
    *to++ = point.learning_rate;
  }
  return tensor;
}

std::vector<CurvePoint> CurveOf(const at::Tensor& tensor) {
  std::vector<CurvePoint> curve;
  const auto* from = tensor.const_data_ptr<double>();
  for (int64_t i = 0; i < tensor.size(0); ++i, from += 3) {
    curve.push_back({from[0], from[1], from[2]});
  }
  return curve;
}

absl::StatusOr<at::Tensor> Take(const TensorMap& tensors, const std::string& name,
                                at::IntArrayRef shape, at::ScalarType type) {
  const auto it = tensors.find(name);
  if (it == tensors.end()) {
    return absl::InvalidArgumentError(absl::StrCat("missing tensor: ", name));
  }
  if (it->second.sizes() != shape || it->second.scalar_type() != type) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected ", at::toString(type), " [",
                                                   absl::StrJoin(shape, ", "), "], got ",
                                                   at::toString(it->second.scalar_type()), " [",
                                                   absl::StrJoin(it->second.sizes(), ", "), "]"));
  }
  return it->second;
}

absl::Status LoadParameter(const TensorMap& tensors, int64_t step,
                           TrainableAdapters::Parameter& parameter,
                           torch::optim::AdamW& optimizer) {
  const auto shape = parameter.value.sizes();
  ASSIGN_OR_RETURN(const at::Tensor value, Take(tensors, parameter.name, shape, at::kFloat));
  ASSIGN_OR_RETURN(const at::Tensor first,
                   Take(tensors, kFirstMoment + parameter.name, shape, at::kFloat));
  ASSIGN_OR_RETURN(const at::Tensor second,
                   Take(tensors, kSecondMoment + parameter.name, shape, at::kFloat));
  const torch::NoGradGuard no_grad;
  parameter.value.copy_(value);
  auto moments = std::make_unique<AdamWParamState>();
  moments->step(step).exp_avg(first.clone()).exp_avg_sq(second.clone());
  optimizer.state()[parameter.value.unsafeGetTensorImpl()] = std::move(moments);
  return absl::OkStatus();
}

absl::StatusOr<TrainingState> Load(const TensorMap& tensors, uint64_t fingerprint,
                                   TrainableAdapters& adapters, torch::optim::AdamW& optimizer) {
  ASSIGN_OR_RETURN(const at::Tensor numbers, Take(tensors, kState, {4}, at::kLong));
  const auto* number = numbers.const_data_ptr<int64_t>();
  if (static_cast<uint64_t>(number[0]) != fingerprint) {
    return absl::FailedPreconditionError("was made under another recipe");
  }
  ASSIGN_OR_RETURN(const at::Tensor curve, Take(tensors, kCurve, {number[3], 3}, at::kDouble));
  for (TrainableAdapters::Parameter& parameter : adapters.parameters()) {
    RETURN_IF_ERROR(LoadParameter(tensors, number[3], parameter, optimizer));
  }
  return TrainingState{fingerprint, number[1], number[2], CurveOf(curve)};
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, const TrainingState& state,
                            const TrainableAdapters& adapters, torch::optim::AdamW& optimizer) {
  TensorMap tensors = adapters.Snapshot(at::kFloat);
  for (const TrainableAdapters::Parameter& parameter : adapters.parameters()) {
    const auto& moments = static_cast<const AdamWParamState&>(
        *optimizer.state().at(parameter.value.unsafeGetTensorImpl()));
    tensors[kFirstMoment + parameter.name] = moments.exp_avg();
    tensors[kSecondMoment + parameter.name] = moments.exp_avg_sq();
  }
  tensors[kState] = at::tensor(std::vector<int64_t>{static_cast<int64_t>(state.fingerprint),
                                                    state.drawn, state.left_out, state.step()},
                               at::kLong);
  tensors[kCurve] = CurveTensor(state.curve);
  return WriteSafetensors(path, tensors);
}

absl::StatusOr<TrainingState> LoadCheckpoint(const std::string& path, uint64_t fingerprint,
                                             TrainableAdapters& adapters,
                                             torch::optim::AdamW& optimizer) {
  ASSIGN_OR_RETURN(const TensorMap tensors, MapSafetensors(path));
  absl::StatusOr<TrainingState> state = Load(tensors, fingerprint, adapters, optimizer);
  if (state.ok()) return state;
  return absl::Status(state.status().code(), absl::StrCat(path, ": ", state.status().message()));
}

}  // namespace mrmllm
