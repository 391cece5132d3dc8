// SPDX-License-Identifier: Apache-2.0
#include "model/perception/rt_detr/decoder/query_selection.h"

#include <limits>

namespace mrmllm {
namespace {

// Sides of the finest level's boxes, in fractions of the input; each level doubles them.
constexpr double kFinestBox = 0.05;
// Boxes whose centre or size is nearer to 0 or 1 than this have no place.
constexpr double kEdge = 0.01;
constexpr int64_t kBoxSides = 4;

at::Tensor GatherRows(const at::Tensor& rows, const at::Tensor& places) {
  return rows.gather(1, places.unsqueeze(-1).expand({-1, -1, rows.size(2)}));
}

}  // namespace

Anchors MakeAnchors(const std::vector<int64_t>& sides) {
  std::vector<at::Tensor> levels;
  double box = kFinestBox;
  for (int64_t side : sides) {
    const at::Tensor centres = (at::arange(side, at::kFloat) + 0.5) / static_cast<double>(side);
    const at::Tensor x = centres.repeat({side});
    const at::Tensor y = centres.repeat_interleave(side);
    const at::Tensor size = at::full_like(x, box);
    levels.push_back(at::stack({x, y, size, size}, 1));
    box *= 2;
  }
  const at::Tensor boxes = at::cat(levels).unsqueeze(0);
  const at::Tensor valid = boxes.gt(kEdge).logical_and(boxes.lt(1 - kEdge)).all(-1, true);
  const at::Tensor none = at::full({}, std::numeric_limits<float>::max());
  return {at::where(valid, (boxes / (1 - boxes)).log(), none), valid.to(at::kFloat)};
}

QuerySelection::QuerySelection(const RtDetrConfig& config, const std::vector<int64_t>& sides,
                               int64_t label_count, torch::nn::Module& parent)
    : query_count_(config.num_queries), anchors_(MakeAnchors(sides)) {
  const int64_t width = config.d_model;
  const auto output = parent.register_module("enc_output", std::make_shared<torch::nn::Module>());
  output_ = output->register_module("0", Dense(width, width));
  output_norm_ = output->register_module("1", LayerNorm(width, config.layer_norm_eps));
  score_head_ = parent.register_module("enc_score_head", Dense(width, label_count));
  bbox_head_ = parent.register_module("enc_bbox_head", DenseStack(width, width, kBoxSides, 3));
}

SelectedQueries QuerySelection::Select(const PyramidRows& pyramid) const {
  const at::Tensor valid = anchors_.valid.to(pyramid.rows.device(), pyramid.rows.scalar_type());
  const at::Tensor memory = output_norm_->forward(output_->forward(pyramid.rows * valid));
  const at::Tensor best = score_head_->forward(memory).amax(-1);  // [B, N]
  const at::Tensor places = std::get<1>(best.topk(query_count_, 1));
  const at::Tensor queries = GatherRows(memory, places);
  // Only the boxes of the chosen places are asked for.
  const at::Tensor anchors = GatherRows(
      anchors_.logits.to(pyramid.rows.device()).expand({places.size(0), -1, -1}), places);
  return {places, queries, bbox_head_->forward(queries).to(at::kFloat) + anchors};
}

}  // namespace mrmllm
