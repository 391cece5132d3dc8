// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_REPORT_LOSS_CURVE_H_
#define MRMLLM_MODEL_TRAINING_REPORT_LOSS_CURVE_H_

#include <string>
#include <vector>

namespace mrmllm {

// What one step left behind. Losses are means over the learned tokens, in nats.
struct CurvePoint {
  double loss = 0;
  double held_out_loss = 0;  // negative: not measured after this step
  double learning_rate = 0;

  bool operator==(const CurvePoint&) const = default;
};

// A run's losses, one point a step from step 1 on, as a table and as a picture.
//
// step,loss,held_out_loss,learning_rate; a field is empty where nothing was measured.
std::string CurveCsv(const std::vector<CurvePoint>& points);

// An SVG document: the loss of the steps (thin), its running mean, and the held-out loss as dots,
// on a logarithmic scale. Empty curves give an empty frame.
std::string CurveSvg(const std::vector<CurvePoint>& points);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_REPORT_LOSS_CURVE_H_
