// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/decoder/deformable_attention.h"

namespace mrmllm {
namespace {

// grid_sampler's numbers for these.
constexpr int64_t kBilinear = 0;
constexpr int64_t kZerosOutside = 0;

// The place that a location in fractions falls to, as the reference rounds: towards zero after one
// half. [B * heads, Q, P, 2] -> [B * heads, Q * P].
at::Tensor NearestPlaces(const at::Tensor& locations, int64_t side) {
  const at::Tensor cells =
      (locations * static_cast<double>(side) + 0.5).to(at::kLong).clamp(0, side - 1);
  return (cells.select(-1, 1) * side + cells.select(-1, 0)).flatten(1);
}

}  // namespace

DeformableAttentionImpl::DeformableAttentionImpl(const RtDetrConfig& config, int64_t level_count)
    : heads_(config.decoder_attention_heads),
      levels_(level_count),
      points_(config.decoder_n_points),
      offset_scale_(config.decoder_offset_scale),
      nearest_(config.decoder_method == "discrete") {
  const int64_t width = config.d_model;
  const int64_t places = heads_ * levels_ * points_;
  sampling_offsets_ = register_module("sampling_offsets", Dense(width, 2 * places));
  attention_weights_ = register_module("attention_weights", Dense(width, places));
  value_proj_ = register_module("value_proj", Dense(width, width));
  output_proj_ = register_module("output_proj", Dense(width, width));
}

at::Tensor DeformableAttentionImpl::Sample(const at::Tensor& values, int64_t side,
                                           const at::Tensor& locations) const {
  const int64_t width = values.size(2) / heads_;
  // [B * heads, D / heads, h * w]
  const at::Tensor by_head =
      values.transpose(1, 2).reshape({values.size(0) * heads_, width, side * side});
  if (nearest_) {
    const at::Tensor places = NearestPlaces(locations, side);
    return by_head.gather(2, places.unsqueeze(1).expand({-1, width, -1}))
        .view({by_head.size(0), width, locations.size(1), locations.size(2)});
  }
  return at::grid_sampler_2d(by_head.view({-1, width, side, side}), 2 * locations - 1, kBilinear,
                             kZerosOutside, /*align_corners=*/false);
}

at::Tensor DeformableAttentionImpl::forward(const at::Tensor& queries, const at::Tensor& boxes,
                                            const PyramidRows& pyramid) const {
  const int64_t batch = queries.size(0);
  const int64_t count = queries.size(1);
  // Where and how much to read is float32 whatever the parameters are: bfloat16 cannot tell
  // neighbouring pixels of a wide map apart.
  const at::Tensor offsets = sampling_offsets_->forward(queries)
                                 .to(at::kFloat)
                                 .view({batch, count, heads_, levels_ * points_, 2});
  const at::Tensor centre = boxes.narrow(-1, 0, 2).view({batch, count, 1, 1, 2});
  const at::Tensor size = boxes.narrow(-1, 2, 2).view({batch, count, 1, 1, 2});
  const at::Tensor locations =
      (centre + offsets * (1.0 / static_cast<double>(points_)) * size * offset_scale_)
          .transpose(1, 2)
          .reshape({batch * heads_, count, levels_ * points_, 2});
  const at::Tensor weights = attention_weights_->forward(queries)
                                 .to(at::kFloat)
                                 .view({batch, count, heads_, levels_ * points_})
                                 .softmax(-1)
                                 .transpose(1, 2)
                                 .reshape({batch * heads_, 1, count, levels_ * points_});
  const at::Tensor values = value_proj_->forward(pyramid.rows).to(at::kFloat);
  std::vector<at::Tensor> found;
  int64_t first = 0;
  for (int64_t level = 0; level < levels_; ++level) {
    const int64_t side = pyramid.sides[level];
    found.push_back(Sample(values.narrow(1, first, side * side), side,
                           locations.narrow(2, level * points_, points_)));
    first += side * side;
  }
  const at::Tensor sum = (at::cat(found, -1) * weights).sum(-1);  // [B * heads, D / heads, Q]
  return output_proj_->forward(
      sum.view({batch, -1, count}).transpose(1, 2).to(queries.scalar_type()));
}

}  // namespace mrmllm
