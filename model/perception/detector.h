// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_DETECTOR_H_
#define MRMLLM_MODEL_PERCEPTION_DETECTOR_H_

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "model/config.h"
#include "model/perception/box_ops.h"

namespace mrmllm {

// What a detector says of each of its P places. float32.
struct DetectorOutput {
  at::Tensor scores;  // [B, P, classes], (0, 1)
  at::Tensor boxes;   // [B, P, 4]: x_min, y_min, x_max, y_max in input pixels, inside the input
};

// A detector in two halves, so that fusion can stand between them: the paper's "perception
// forward". Parameter names are the checkpoint's without the prefix "detector.".
//
//   ASSIGN_OR_RETURN(auto detector, MakeDetector(config.detector));
//   RETURN_IF_ERROR(LoadParameters(*detector, "detector", tensors, dtype, device));
//   detector->Prepare();
//   std::vector<at::Tensor> features = detector->Neck(pixel_values);   // Vf_p
//   auto candidates = detector->Candidates(features, threshold);       // or of Vf_p'
//
// Works in the dtype and on the device of its parameters. Thread-safety: const methods may run
// concurrently.
class Detector : public torch::nn::Module {
 public:
  // Lays parameters out for inference; call once after they are loaded. Changes no result.
  virtual void Prepare() = 0;

  // Normalised pixels [B, 3, S, S] -> Vf_p, one map a stride: [B, D_p, S / stride, S / stride].
  virtual std::vector<at::Tensor> Neck(const at::Tensor& pixel_values) const = 0;

  // Maps shaped like Neck's -> scores and boxes; places level by level, finest first, row by row.
  virtual DetectorOutput Head(const std::vector<at::Tensor>& features) const = 0;

  // What Head says at `threshold` or above, of each image, in the order of places and then of
  // classes: far fewer sigmoids and boxes than Head computes. Boxes in input pixels. Waits for the
  // device.
  virtual std::vector<std::vector<ScoredBox>> Candidates(const std::vector<at::Tensor>& features,
                                                         float threshold) const = 0;
};

// The detector that `config.family` names, parameters 0. INVALID_ARGUMENT for a family or dimension
// that there is no implementation of.
absl::StatusOr<std::shared_ptr<Detector>> MakeDetector(const DetectorConfig& config);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_DETECTOR_H_
