// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_PERCEPTION_DETECTION_SELECTION_H_
#define MRMLLM_MODEL_PERCEPTION_DETECTION_SELECTION_H_

#include <vector>

#include "absl/types/span.h"

#include "base/detection.h"
#include "base/image.h"
#include "model/config.h"
#include "model/perception/detector.h"

namespace mrmllm {

// Most detections of one image.
inline constexpr int kMaxDetections = 300;

// Where a displayed image lies in the detector's input.
struct DisplayedFrame {
  int width = 0;   // pixels, of the displayed image
  int height = 0;  // pixels
  ResizeGeometry geometry;
};

// The detections of every image of a batch, best score first: scores at or above the candidate
// threshold, one object once (suppression within a class, then, among the sure, of coincident boxes
// across classes), boxes in fractions of the displayed image and cut off at its edges, `sure` set,
// at most kMaxDetections. `candidates` come from Detector::Candidates, which has applied the
// candidate threshold. REQUIRES: frames.size() == candidates.size(). Thread-safety: safe.
std::vector<std::vector<Detection>> SelectDetections(
    absl::Span<const std::vector<ScoredBox>> candidates, absl::Span<const DisplayedFrame> frames,
    const DetectorConfig& config);

// The same from all places of a head, on any device. REQUIRES: frames.size() == B.
std::vector<std::vector<Detection>> SelectDetections(const DetectorOutput& output,
                                                     absl::Span<const DisplayedFrame> frames,
                                                     const DetectorConfig& config);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_PERCEPTION_DETECTION_SELECTION_H_
