// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/cached_attention.h"

#include <torch/torch.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

#include "model/language/layers/rotary_embedding.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

using kernels::kBlockTokens;

// Random keys and values of one layer in scattered blocks, and the rows of one step.
struct Step {
  Step(kernels::AttentionShape s, at::ScalarType dtype) : shape(s) {
    keys = torch::randn({40, s.kv_heads, s.head_dim, kBlockTokens}).to(dtype);
    values = torch::randn({40, s.kv_heads, kBlockTokens, s.head_dim}).to(dtype);
  }

  void Add(int64_t position, int64_t count) {
    const auto order = torch::randperm(40, at::kInt);
    tables.emplace_back(order.const_data_ptr<int32_t>(), order.const_data_ptr<int32_t>() + 40);
    sequences.push_back({rows, count, position, nullptr});
    rows += count;
  }

  kernels::StepRows Rows() {
    for (size_t i = 0; i < sequences.size(); ++i) sequences[i].blocks = tables[i].data();
    return {sequences.data(), static_cast<int64_t>(sequences.size())};
  }

  kernels::LayerBlocks Layer() const {
    return {keys.mutable_data_ptr(), values.mutable_data_ptr(),
            keys.scalar_type() == at::kBFloat16};
  }

  at::Tensor Attend(const at::Tensor& qkv) {
    at::Tensor out = torch::full({rows, shape.heads * shape.head_dim}, NAN);
    kernels::AttendToBlocks(shape, Rows(), Layer(), qkv.const_data_ptr<float>(),
                            out.mutable_data_ptr<float>());
    return out;
  }

  // One query at a time, in double.
  at::Tensor Naive(const at::Tensor& qkv) {
    at::Tensor out = torch::zeros({rows, shape.heads * shape.head_dim}, at::kDouble);
    const int64_t dim = shape.head_dim;
    for (size_t i = 0; i < sequences.size(); ++i) {
      const auto& s = sequences[i];
      const at::Tensor table = torch::tensor(tables[i]).to(at::kLong);
      for (int64_t r = 0; r < s.row_count; ++r) {
        for (int64_t h = 0; h < shape.heads; ++h) {
          const int64_t kv = h / (shape.heads / shape.kv_heads), count = s.position + r + 1;
          const at::Tensor k = keys.index_select(0, table).select(1, kv).transpose(1, 2);
          const at::Tensor v = values.index_select(0, table).select(1, kv);
          const at::Tensor q = qkv[s.row_begin + r].narrow(0, h * dim, dim).to(at::kDouble);
          const auto past = [&](const at::Tensor& x) {
            return x.reshape({-1, dim}).narrow(0, 0, count).to(at::kDouble);
          };
          const at::Tensor weights = at::softmax(at::mv(past(k), q) / std::sqrt(dim), 0);
          out[s.row_begin + r].narrow(0, h * dim, dim).copy_(at::mv(past(v).t(), weights));
        }
      }
    }
    return out;
  }

  kernels::AttentionShape shape;
  at::Tensor keys, values;
  std::vector<kernels::SequenceRows> sequences;
  std::vector<std::vector<int32_t>> tables;
  int64_t rows = 0;
};

TEST(CachedAttentionTest, AgreesWithTheNaiveFormula) {
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    for (const kernels::AttentionShape shape :
         {kernels::AttentionShape{6, 2, 32}, {9, 3, 64}, {4, 1, 16}, {5, 5, 48}, {14, 2, 64}}) {
      Step step(shape, dtype);
      for (const int64_t position : {0, 1, 14, 15, 16, 100}) step.Add(position, 1);
      step.Add(0, 37);
      step.Add(29, 18);
      const at::Tensor qkv = torch::randn({step.rows, shape.qkv_width()});
      EXPECT_LT(Distance(step.Attend(qkv), step.Naive(qkv)), 1e-5)
          << shape.heads << " heads, " << shape.kv_heads << " of keys, " << shape.head_dim;
    }
  }
}

TEST(CachedAttentionTest, LargeScoresDoNotOverflow) {
  Step step({3, 1, 64}, at::kFloat);
  step.Add(50, 2);
  const at::Tensor qkv = 300 * torch::randn({2, step.shape.qkv_width()});
  EXPECT_LT(Distance(step.Attend(qkv), step.Naive(qkv)), 1e-3);
}

TEST(CachedAttentionTest, ARowsBitsDoNotDependOnTheRowsBesideIt) {
  const kernels::AttentionShape shape{9, 3, 64};
  Step whole(shape, at::kFloat);
  whole.Add(21, 40);
  const at::Tensor qkv = torch::randn({40, shape.qkv_width()});
  const at::Tensor expected = whole.Attend(qkv);
  for (const int64_t chunk : {1, 2, 3, 5, 17}) {
    for (int64_t row = 0; row < 40; row += chunk) {
      const int64_t count = std::min(chunk, 40 - row);
      Step part = whole;
      part.sequences = {{0, count, 21 + row, nullptr}};
      part.rows = count;
      EXPECT_TRUE(at::equal(part.Attend(qkv.narrow(0, row, count)), expected.narrow(0, row, count)))
          << "rows " << row << " to " << row + count;
    }
  }
}

TEST(CachedAttentionTest, WhatFollowsARowIsNotRead) {
  Step step({6, 2, 32}, at::kFloat);
  step.Add(0, 5);
  const at::Tensor qkv = torch::randn({5, step.shape.qkv_width()});
  const at::Tensor expected = step.Attend(qkv);
  for (size_t b = 0; b < step.tables[0].size(); ++b) {
    const int64_t valid = b == 0 ? 5 : 0;
    step.keys[step.tables[0][b]].narrow(2, valid, 16 - valid).fill_(NAN);
    step.values[step.tables[0][b]].narrow(1, valid, 16 - valid).fill_(NAN);
  }
  EXPECT_TRUE(at::equal(step.Attend(qkv), expected));
}

TEST(RotateAndStoreTest, RotatesQueriesInPlaceAndKeepsKeysAndValues) {
  const kernels::AttentionShape shape{6, 2, 32};
  const RotaryEmbedding rotary(32, 100, 1e4, at::kCPU);
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    Step step(shape, dtype);
    step.Add(30, 1);
    step.Add(10, 19);
    // Both write here, unlike where they attend: their blocks must differ.
    step.tables[1] = step.tables[0];
    std::rotate(step.tables[1].begin(), step.tables[1].begin() + 10, step.tables[1].end());
    at::Tensor qkv = torch::randn({20, shape.qkv_width()});
    const at::Tensor positions = at::cat({torch::tensor({30}), torch::arange(10, 29)});
    const auto parts = qkv.clone().view({20, 10, 32}).split_with_sizes({6, 2, 2}, 1);
    kernels::RotateAndStore(shape, step.Rows(), step.Layer(),
                            rotary.cosine().const_data_ptr<float>(),
                            rotary.sine().const_data_ptr<float>(), qkv.mutable_data_ptr<float>());
    EXPECT_LT(Distance(qkv.view({20, 10, 32}).narrow(1, 0, 6), rotary.Rotate(parts[0], positions)),
              1e-5);
    const at::Tensor keys = rotary.Rotate(parts[1], positions).to(dtype);
    for (int64_t row = 0; row < 20; ++row) {
      const int64_t position = positions[row].item<int64_t>();
      const int64_t block = step.tables[row == 0 ? 0 : 1][position / 16];
      const at::Tensor key = step.keys[block].select(2, position % 16);
      const at::Tensor value = step.values[block].select(1, position % 16);
      EXPECT_LT(Distance(key, keys[row]), dtype == at::kFloat ? 1e-5 : 0.02);
      EXPECT_TRUE(at::equal(value, parts[2][row].to(dtype)));
    }
  }
}

}  // namespace
}  // namespace mrmllm
