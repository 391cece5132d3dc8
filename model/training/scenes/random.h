// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TRAINING_SCENES_RANDOM_H_
#define MRMLLM_MODEL_TRAINING_SCENES_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <random>

#include "absl/types/span.h"

namespace mrmllm {

// Random choices that are the same for a seed on every machine: the generator's sequence is given
// by the language, and nothing is rounded that a library may round its own way.
class Random {
 public:
  explicit Random(uint64_t seed) : generator_(seed) {}

  // [0, 1)
  double Uniform() {
    constexpr int kMantissaBits = 53;
    return static_cast<double>(generator_() >> (64 - kMantissaBits)) /
           static_cast<double>(1ULL << kMantissaBits);
  }
  float Between(float low, float high) {
    return low + static_cast<float>(Uniform()) * (high - low);
  }
  // [0, count); count > 0.
  size_t Below(size_t count) { return static_cast<size_t>(Uniform() * static_cast<double>(count)); }
  bool Chance(double probability) { return Uniform() < probability; }

  // One of the items; there is at least one.
  template <typename Items>
  const auto& Pick(const Items& items) {
    return items[Below(std::size(items))];
  }

  // An index, as often as its weight says; weights sum to more than zero.
  size_t PickWeighted(absl::Span<const double> weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double left = Uniform() * sum;
    for (size_t i = 0; i + 1 < weights.size(); ++i) {
      if (left < weights[i]) return i;
      left -= weights[i];
    }
    return weights.size() - 1;
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TRAINING_SCENES_RANDOM_H_
