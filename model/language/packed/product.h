// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_PACKED_PRODUCT_H_
#define MRMLLM_MODEL_LANGUAGE_PACKED_PRODUCT_H_

#include "model/language/packed/encoded_rows.h"
#include "model/language/packed/packed_matrix.h"

namespace mrmllm::packed {

// Products of rows [N, in] with a packed weight [out, in], on the threads of ParallelFor: N = 1
// reads every weight once and is bound by memory; larger N shares each unpacked weight among up to
// eight rows. One row's result is the same bit for bit whatever other rows are there.
//
// Thread-safety: free of state. Errors: rows of the wrong width or encoding throw c10::Error.

// y [N, out] = x weight^T.
void Multiply(const PackedMatrix& weight, const EncodedRows& x, float* y);

// y [N, out] += x weight^T.
void MultiplyOnto(const PackedMatrix& weight, const EncodedRows& x, float* y);

// y [N, out / 2] = silu(x gate^T) * (x up^T), where gate and up alternate in `gate_up`.
void MultiplySwiGlu(const PackedMatrix& gate_up, const EncodedRows& x, float* y);

}  // namespace mrmllm::packed

#endif  // MRMLLM_MODEL_LANGUAGE_PACKED_PRODUCT_H_
