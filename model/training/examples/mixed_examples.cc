// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/mixed_examples.h"

#include <utility>

namespace mrmllm {

MixedExamples::MixedExamples(std::vector<Part> parts, uint64_t seed)
    : parts_(std::move(parts)), random_(seed) {
  for (const Part& part : parts_) sum_ += part.weight;
}

TrainingExample MixedExamples::Next() {
  // Not a standard distribution: what those draw differs between libraries.
  double at = static_cast<double>(random_() >> 11) * 0x1p-53 * sum_;
  for (Part& part : parts_) {
    at -= part.weight;
    if (at < 0) return part.source->Next();
  }
  return parts_.back().source->Next();
}

}  // namespace mrmllm
