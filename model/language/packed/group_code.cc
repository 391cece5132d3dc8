// SPDX-License-Identifier: Apache-2.0
#include "model/language/packed/group_code.h"

#include <c10/util/Half.h>

#include "model/language/kernels/float8.h"

namespace mrmllm::packed {
namespace {

using kernels::Broadcast;
using kernels::Float8;
using kernels::Int8;
using kernels::kLanes;
using kernels::Load;
using kernels::Sum;

// A whole model is encoded when it is loaded: hence vectors.
constexpr int kVectors = kGroup / kLanes;

float RoundedToHalf(float value) { return static_cast<float>(c10::Half(value)); }

MRMLLM_INLINE Float8 Smaller(const Float8& a, const Float8& b) { return a < b ? a : b; }
MRMLLM_INLINE Float8 Larger(const Float8& a, const Float8& b) { return a > b ? a : b; }

MRMLLM_INLINE float Largest(Float8 v) {
  float largest = v[0];
  for (int i = 1; i < kLanes; ++i) largest = v[i] > largest ? v[i] : largest;
  return largest;
}

// codes := the nearest levels of the line that `group` has, within [low, high], as floats.
MRMLLM_INLINE void NearestLevels(const float* weights, float low, float high,
                                 const GroupCode& group, Float8* codes) {
  const Float8 inverse = Broadcast(group.scale > 0 ? 1.0f / group.scale : 0.0f);
  const Float8 minimum = Broadcast(group.minimum);
  for (int v = 0; v < kVectors; ++v) {
    const Float8 level = (Load(weights + v * kLanes) - minimum) * inverse;
    const Float8 within = Smaller(Larger(level, Broadcast(low)), Broadcast(high));
    codes[v] = __builtin_convertvector(__builtin_convertvector(within + 0.5f, Int8), Float8);
  }
}

MRMLLM_INLINE void Keep(const Float8* codes, GroupCode& group) {
  for (int v = 0; v < kVectors; ++v) {
    const Int8 whole = __builtin_convertvector(codes[v], Int8);
    for (int i = 0; i < kLanes; ++i) group.codes[v * kLanes + i] = static_cast<uint8_t>(whole[i]);
  }
}

// Least squares for given codes: minimum and scale that come closest to the weights.
MRMLLM_INLINE void FitLine(const float* weights, const Float8* codes, GroupCode& group) {
  Float8 u = {}, uu = {}, w = {}, uw = {};
  for (int v = 0; v < kVectors; ++v) {
    const Float8 weight = Load(weights + v * kLanes);
    u += codes[v];
    uu += codes[v] * codes[v];
    w += weight;
    uw += codes[v] * weight;
  }
  const float sum = Sum(u);
  const float spread = kGroup * Sum(uu) - sum * sum;
  if (spread <= 0) return;  // one code for all
  group.scale = (kGroup * Sum(uw) - sum * Sum(w)) / spread;
  group.minimum = (Sum(w) - group.scale * sum) / kGroup;
}

}  // namespace

MRMLLM_CPU_CLONES GroupCode EncodeInt4(const float* weights) {
  GroupCode group;
  Float8 low = Load(weights), high = low;
  for (int v = 1; v < kVectors; ++v) {
    low = Smaller(low, Load(weights + v * kLanes));
    high = Larger(high, Load(weights + v * kLanes));
  }
  group.minimum = -Largest(-low);
  group.scale = (Largest(high) - group.minimum) / 15.0f;
  Float8 codes[kVectors];
  NearestLevels(weights, 0, 15, group, codes);
  FitLine(weights, codes, group);
  group.minimum = RoundedToHalf(group.minimum);
  group.scale = RoundedToHalf(group.scale);
  NearestLevels(weights, 0, 15, group, codes);
  Keep(codes, group);
  return group;
}

MRMLLM_CPU_CLONES GroupCode EncodeInt8(const float* weights) {
  GroupCode group;
  Float8 largest = {};
  for (int v = 0; v < kVectors; ++v) {
    const Float8 weight = Load(weights + v * kLanes);
    largest = Larger(largest, Larger(weight, -weight));
  }
  group.scale = Largest(largest) / 127.0f;
  group.minimum = -kZeroCode8 * group.scale;
  Float8 codes[kVectors];
  NearestLevels(weights, 1, 255, group, codes);
  Float8 qq = {}, qw = {};
  for (int v = 0; v < kVectors; ++v) {
    const Float8 q = codes[v] - static_cast<float>(kZeroCode8);
    qq += q * q;
    qw += q * Load(weights + v * kLanes);
  }
  if (Sum(qq) > 0) {
    group.scale = Sum(qw) / Sum(qq);
    group.minimum = -kZeroCode8 * group.scale;
    NearestLevels(weights, 1, 255, group, codes);
  }
  Keep(codes, group);
  return group;
}

}  // namespace mrmllm::packed
