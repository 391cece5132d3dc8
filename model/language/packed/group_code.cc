// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/group_code.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <cmath>

namespace mrmllm::packed {
namespace {

float RoundedToHalf(float value) { return static_cast<float>(c10::Half(value)); }

void AssignCodes(const float* weights, float low, float high, GroupCode& group) {
  const float inverse = group.scale > 0 ? 1.0f / group.scale : 0.0f;
  const float offset = group.minimum;
  for (int i = 0; i < kGroup; ++i) {
    const float level = (weights[i] - offset) * inverse;
    group.codes[i] = static_cast<uint8_t>(std::min(std::max(level, low), high) + 0.5f);
  }
}

// Least squares for given codes: minimum and scale that come closest to the weights.
void FitLine(const float* weights, GroupCode& group) {
  float u = 0, uu = 0, w = 0, uw = 0;
  for (int i = 0; i < kGroup; ++i) {
    const float code = group.codes[i];
    u += code;
    uu += code * code;
    w += weights[i];
    uw += code * weights[i];
  }
  const float spread = kGroup * uu - u * u;
  if (spread <= 0) return;  // one code for all
  group.scale = (kGroup * uw - u * w) / spread;
  group.minimum = (w - group.scale * u) / kGroup;
}

}  // namespace

GroupCode EncodeInt4(const float* weights) {
  GroupCode group;
  const auto [low, high] = std::minmax_element(weights, weights + kGroup);
  group.minimum = *low;
  group.scale = (*high - *low) / 15.0f;
  AssignCodes(weights, 0, 15, group);
  FitLine(weights, group);
  group.minimum = RoundedToHalf(group.minimum);
  group.scale = RoundedToHalf(group.scale);
  AssignCodes(weights, 0, 15, group);
  return group;
}

GroupCode EncodeInt8(const float* weights) {
  GroupCode group;
  float largest = 0;
  for (int i = 0; i < kGroup; ++i) largest = std::max(largest, std::fabs(weights[i]));
  group.scale = largest / 127.0f;
  group.minimum = -kZeroCode8 * group.scale;
  AssignCodes(weights, 1, 255, group);
  float qq = 0, qw = 0;
  for (int i = 0; i < kGroup; ++i) {
    const float code = static_cast<float>(group.codes[i]) - kZeroCode8;
    qq += code * code;
    qw += code * weights[i];
  }
  if (qq > 0) {
    group.scale = qw / qq;
    group.minimum = -kZeroCode8 * group.scale;
    AssignCodes(weights, 1, 255, group);
  }
  return group;
}

}  // namespace mrmllm::packed
