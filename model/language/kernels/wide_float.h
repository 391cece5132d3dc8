// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_WIDE_FLOAT_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_WIDE_FLOAT_H_

#include <cstdint>
#include <cstring>

#include "model/language/kernels/float8.h"

// Kernels written once for eight and for sixteen floats a vector: `V` is Float8 or Float16. The
// wide form is compiled for AVX-512 and taken where has_wide_vectors() says so.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define MRMLLM_WIDE_CLONE __attribute__((target("arch=x86-64-v4")))
#else
#define MRMLLM_WIDE_CLONE
#endif

namespace mrmllm::kernels {

using Float16 = float __attribute__((vector_size(64)));

inline bool has_wide_vectors() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  return has;
#else
  return false;
#endif
}

template <typename V>
struct LaneTypes;
template <>
struct LaneTypes<Float8> {
  using Half = uint16_t __attribute__((vector_size(16)));
  using Bits = uint32_t __attribute__((vector_size(32)));
  using Int = int32_t __attribute__((vector_size(32)));
};
template <>
struct LaneTypes<Float16> {
  using Half = uint16_t __attribute__((vector_size(32)));
  using Bits = uint32_t __attribute__((vector_size(64)));
  using Int = int32_t __attribute__((vector_size(64)));
};

template <typename V>
inline constexpr int64_t kWidth = sizeof(V) / sizeof(float);

template <typename V>
MRMLLM_INLINE V LoadWide(const float* from) {
  V value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// bfloat16 is the upper half of a float32.
template <typename V>
MRMLLM_INLINE V LoadWide(const uint16_t* from) {
  typename LaneTypes<V>::Half half;
  std::memcpy(&half, from, sizeof(half));
  const auto bits = __builtin_convertvector(half, typename LaneTypes<V>::Bits) << 16;
  V value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <typename V>
MRMLLM_INLINE void StoreWide(float* to, const V& value) {
  std::memcpy(to, &value, sizeof(value));
}

// To the nearest, ties to even; a NaN stays one unless only its lowest bits said so.
MRMLLM_INLINE uint16_t ToBfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <typename V>
MRMLLM_INLINE float SumOf(const V& v) {
  float sum = 0;
  for (int64_t i = 0; i < kWidth<V>; ++i) sum += v[i];
  return sum;
}

template <typename V>
MRMLLM_INLINE float LargestOf(const V& v) {
  float largest = v[0];
  for (int64_t i = 1; i < kWidth<V>; ++i) largest = v[i] > largest ? v[i] : largest;
  return largest;
}

// e^x for x <= 87, as Exp(Float8); 0 below -87.
template <typename V>
MRMLLM_INLINE V ExpOrZero(const V& x) {
  const V low = V{} - 87.0f;
  const V bounded = x < low ? low : x;
  const V magic = V{} + 12582912.0f;
  const V n = (bounded * 1.44269504f + magic) - magic;
  const V r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  V p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const auto exponent = (__builtin_convertvector(n, typename LaneTypes<V>::Int) + 127) << 23;
  V scale;
  std::memcpy(&scale, &exponent, sizeof(scale));
  return x < low ? V{} : p * scale;
}

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_WIDE_FLOAT_H_
