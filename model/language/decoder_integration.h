// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_DECODER_INTEGRATION_H_
#define MRMLLM_MODEL_LANGUAGE_DECODER_INTEGRATION_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>

#include "absl/types/span.h"

namespace mrmllm {

class KvCache;

// What a sequence's images say to the decoder: keys and values of V_proj + P_proj, made once a
// sequence for every layer that reads them. Immutable. Ownership: shared by the sequence.
struct CrossModalMemory {
  struct KeyValue {
    at::Tensor key;    // [kv_heads, M, head_dim]
    at::Tensor value;  // [kv_heads, M, head_dim]
  };
  int64_t rows = 0;                // M: the queries of every image and its detections
  std::map<int, KeyValue> layers;  // by the number of the decoder layer they stand in front of

  size_t size_bytes() const {
    size_t sum = 0;
    for (const auto& [layer, pair] : layers) sum += pair.key.nbytes() + pair.value.nbytes();
    return sum;
  }
};

// One sequence's rows within a step's packed matrix [N, D].
struct Segment {
  int64_t row_begin = 0;
  int64_t row_count = 0;
  int64_t position = 0;                      // of the first row in its sequence
  KvCache* cache = nullptr;                  // not owned
  const CrossModalMemory* memory = nullptr;  // not owned; null: the sequence reads no image
};

// What may stand in front of a decoder layer: H(n+1) = L_n(H(n), V_proj + P_proj). The decoder
// knows this interface only; model/fusion implements it.
//
// Thread-safety: const and stateless. Ownership: must outlive the decoder that it is set on.
class DecoderIntegration {
 public:
  virtual ~DecoderIntegration() = default;

  // Whether Apply has anything to do in front of layer n.
  virtual bool HasLayer(int n) const = 0;

  // hidden [N, D] -> [N, D]; rows of segments without memory come back as they went in.
  virtual at::Tensor Apply(int n, const at::Tensor& hidden,
                           absl::Span<const Segment> segments) const = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_DECODER_INTEGRATION_H_
