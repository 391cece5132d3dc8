// SPDX-License-Identifier: Apache-2.0
#include "model/load_language_model.h"

#include <optional>
#include <vector>

#include "base/status_macros.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/load.h"

namespace mrmllm {

namespace {

// Whether adapters stay beside the weights instead of in them: four-bit codes that hold a
// checkpoint exactly would round them away (packed_decoder.h), and are wide enough a base for more
// columns.
bool StaysBeside(WeightFormat format, at::Device device) {
  return format == WeightFormat::kInt4 && device.is_cpu();
}

std::vector<LayerAdapters> ByLayer(const Bundle& bundle) {
  const AdapterConfig& config = *bundle.config.adapters;
  const std::vector<AdaptedProjection> projections =
      AdaptedProjections(bundle.config.language_model);
  const size_t per_layer = projections.size() / bundle.config.language_model.num_hidden_layers;
  std::vector<LayerAdapters> layers(bundle.config.language_model.num_hidden_layers);
  for (size_t i = 0; i < projections.size(); ++i) {
    const AdaptedProjection& projection = projections[i];
    layers[i / per_layer][projection.name_in_layer()] = {
        bundle.adapters.at(projection.a_name()).to(at::kFloat),
        bundle.adapters.at(projection.b_name()).to(at::kFloat) * (config.alpha / config.rank)};
  }
  return layers;
}

}  // namespace

absl::StatusOr<LanguageModel> LoadLanguageModel(const Bundle& bundle, WeightFormat format,
                                                at::Device device) {
  const LanguageConfig& config = bundle.config.language_model;
  LanguageModel model(config);
  TensorMap tensors = bundle.tensors;
  std::vector<LayerAdapters> beside;
  if (bundle.config.adapters.has_value()) {
    RETURN_IF_ERROR(CheckAdapters(bundle.adapters, *bundle.config.adapters, config));
    if (StaysBeside(format, device)) {
      beside = ByLayer(bundle);
    } else {
      MergeAdapters(bundle.adapters, *bundle.config.adapters, config, tensors);
    }
  }
  // Weights that are computed with as they lie in the file must still be copied: a mapped tensor is
  // none of inference mode, and operators refuse one inside a parameter that is.
  std::optional<at::ScalarType> dtype;
  if (format == WeightFormat::kFloat32) dtype = at::kFloat;
  RETURN_IF_ERROR(LoadParameters(*model, "language_model", tensors, dtype, device));
  model->Prepare(format, beside);
  return model;
}

}  // namespace mrmllm
