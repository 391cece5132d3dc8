// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KERNELS_FLOAT8_H_
#define MRMLLM_MODEL_LANGUAGE_KERNELS_FLOAT8_H_

#include <cstdint>
#include <cstring>

#include "model/language/kernels/lanes.h"

// Eight floats in the compiler's own vector type. A function marked MRMLLM_CPU_CLONES is compiled
// for several instruction sets and the best is taken when the program starts, so one binary runs
// everywhere; what it calls must be inlined into it (MRMLLM_INLINE).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define MRMLLM_CPU_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define MRMLLM_CPU_CLONES
#endif
#define MRMLLM_INLINE inline __attribute__((always_inline))

namespace mrmllm::kernels {

using Float8 = float __attribute__((vector_size(32)));
using Int8 = int32_t __attribute__((vector_size(32)));

MRMLLM_INLINE Float8 Load(const float* from) {
  Float8 value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

MRMLLM_INLINE void Store(float* to, const Float8& value) { std::memcpy(to, &value, sizeof(value)); }

MRMLLM_INLINE Float8 Broadcast(float value) {
  return Float8{value, value, value, value, value, value, value, value};
}

MRMLLM_INLINE float Sum(const Float8& v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

// e^x within 2 units in the last place for x in [-87, 87]; beyond, as at the bound.
MRMLLM_INLINE Float8 Exp(Float8 x) {
  const Float8 bound = Broadcast(87.0f);
  x = x > bound ? bound : x;
  x = x < -bound ? -bound : x;
  // Adding and taking away 1.5 * 2^23 rounds to an integer.
  const Float8 magic = Broadcast(12582912.0f);
  const Float8 n = (x * 1.44269504f + magic) - magic;
  const Float8 r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  Float8 p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const Int8 exponent = (__builtin_convertvector(n, Int8) + 127) << 23;
  Float8 scale;
  std::memcpy(&scale, &exponent, sizeof(scale));
  return p * scale;
}

}  // namespace mrmllm::kernels

#endif  // MRMLLM_MODEL_LANGUAGE_KERNELS_FLOAT8_H_
