// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gtest/gtest.h"

#include "model/language/kernels/linear.h"
#include "model/language/layers/attention.h"
#include "model/language/layers/mlp.h"
#include "model/language/layers/rms_norm.h"
#include "tests/model/language/tiny_model.h"

namespace mrmllm {
namespace {

TEST(RmsNormTest, FollowsTheFormula) {
  RmsNorm norm(24, 1e-3);
  Randomize(*norm);
  const at::Tensor x = torch::randn({5, 24});
  const at::Tensor wide = x.to(at::kDouble);
  const at::Tensor expected =
      wide / (wide.square().mean(-1, true) + 1e-3).sqrt() * norm->weight.to(at::kDouble);
  EXPECT_LT(Distance(norm->forward(x), expected), 1e-5);
  const ScopedPlainOperators plain;
  EXPECT_LT(Distance(norm->forward(x), expected), 1e-5);
}

TEST(RmsNormTest, KeepsBfloat16Outside) {
  RmsNorm norm(16, 1e-5);
  norm->weight.fill_(1);
  norm->to(at::kBFloat16);
  EXPECT_EQ(norm->forward(torch::randn({2, 16}).to(at::kBFloat16)).scalar_type(), at::kBFloat16);
}

TEST(ProjectionTest, FewAndManyRowsAgreeWithTheProduct) {
  for (const int64_t rows : {1, 2, 3, 4, 7, 8, 15, 16, 17, 40}) {
    for (const int64_t out : {1, 3, 10, 67}) {
      Projection projection(40, out);
      Randomize(*projection);
      const at::Tensor x = torch::randn({rows, 40});
      const at::Tensor expected = at::mm(x.to(at::kDouble), projection->weight.t().to(at::kDouble));
      EXPECT_LT(Distance(projection->forward(x), expected), 1e-4) << rows << " x " << out;
      at::Tensor residual = torch::ones({rows, out});
      ProjectOnto(residual, x, projection->weight);
      EXPECT_LT(Distance(residual, expected + 1), 1e-4) << rows << " x " << out;
    }
  }
}

TEST(ProjectionTest, AnInputOfTheWrongWidthThrows) {
  Projection projection(40, 8);
  projection->weight.fill_(0);
  EXPECT_THROW(projection->forward(torch::randn({2, 48})), c10::Error);
}

TEST(ProjectionTest, ABiasIsAddedWhereThereIsOne) {
  Projection plain(40, 7), biased(40, 7, /*has_bias=*/true);
  EXPECT_FALSE(plain->bias.defined());
  Randomize(*plain);
  Randomize(*biased);
  biased->weight.copy_(plain->weight);
  const at::Tensor x = torch::randn({3, 40});
  EXPECT_LT(Distance(biased->forward(x), plain->forward(x) + biased->bias), 1e-6);
}

TEST(ProjectionTest, FusedParametersShareOneMatrix) {
  Projection a(8, 3), b(8, 5);
  Randomize(*a);
  Randomize(*b);
  const at::Tensor expected = at::cat({a->weight, b->weight}, 0);
  const at::Tensor fused = FuseRows({a->weight, b->weight});
  EXPECT_TRUE(at::equal(fused, expected));
  EXPECT_EQ(b->weight.data_ptr(), fused[3].data_ptr());
}

TEST(MlpTest, IsSwiGlu) {
  Mlp mlp(16, 24);
  Randomize(*mlp);
  const auto p = mlp->named_parameters();
  const at::Tensor x = torch::randn({6, 16}) * 4;
  const at::Tensor gate = at::linear(x, p["gate_proj.weight"]);
  const at::Tensor inner = gate * at::sigmoid(gate) * at::linear(x, p["up_proj.weight"]);
  const at::Tensor expected = 2 + at::linear(inner, p["down_proj.weight"]);
  mlp->Prepare();
  at::Tensor residual = torch::full({6, 16}, 2.0);
  mlp->ForwardOnto(residual, x);
  EXPECT_LT(Distance(residual, expected), 1e-4);
}

TEST(RotaryEmbeddingTest, TurnsEachPairByItsAngle) {
  const RotaryEmbedding rotary(8, 50, 1e4, at::kCPU);
  const at::Tensor x = torch::randn({3, 2, 8});
  const at::Tensor positions = torch::tensor({0, 7, 49}, torch::kInt64);
  const at::Tensor y = rotary.Rotate(x, positions);
  EXPECT_TRUE(at::equal(y[0], x[0]));
  for (int n = 0; n < 3; ++n) {
    for (int d = 0; d < 4; ++d) {
      const double angle = positions[n].item<int64_t>() / std::pow(1e4, 2.0 * d / 8);
      const double a = x[n][1][d].item<float>();
      const double b = x[n][1][d + 4].item<float>();
      EXPECT_NEAR(y[n][1][d].item<float>(), a * std::cos(angle) - b * std::sin(angle), 1e-4);
      EXPECT_NEAR(y[n][1][d + 4].item<float>(), b * std::cos(angle) + a * std::sin(angle), 1e-4);
    }
  }
}

// The angle by which a table turns pair `d` from one position to the next.
double Frequency(const RotaryEmbedding& rotary, int d) {
  return std::atan2(rotary.sine()[1][d].item<float>(), rotary.cosine()[1][d].item<float>());
}

TEST(RotaryEmbeddingTest, LinearScalingDividesEveryFrequency) {
  const RotaryEmbedding plain(8, 50, 1e4, at::kCPU);
  const RotaryEmbedding scaled(8, 50, 1e4, at::kCPU,
                               RopeScaling{.rope_type = "linear", .factor = 4});
  for (int d = 0; d < 4; ++d) {
    EXPECT_NEAR(Frequency(scaled, d) / Frequency(plain, d), 0.25, 1e-5);
  }
}

TEST(RotaryEmbeddingTest, Llama3ScalingDividesLongWavesKeepsShortOnesAndPassesOver) {
  const RotaryEmbedding plain(8, 50, 1e4, at::kCPU);  // waves of 2 pi, 20 pi, 200 pi, 2000 pi
  const RopeScaling scaling{.rope_type = "llama3",
                            .factor = 8,
                            .low_freq_factor = 1,
                            .high_freq_factor = 4,
                            .original_max_position_embeddings = 128};
  const RotaryEmbedding scaled(8, 50, 1e4, at::kCPU, scaling);
  EXPECT_EQ(Frequency(scaled, 0), Frequency(plain, 0));
  const double kept = (128 / (20 * M_PI) - 1) / 3;
  EXPECT_NEAR(Frequency(scaled, 1) / Frequency(plain, 1), kept + (1 - kept) / 8, 1e-5);
  for (int d = 2; d < 4; ++d) {
    EXPECT_NEAR(Frequency(scaled, d) / Frequency(plain, d), 0.125, 1e-5);
  }
}

// One query and one key at a time, in double.
at::Tensor NaiveAttention(const at::Tensor& q, const at::Tensor& key, const at::Tensor& value) {
  const int64_t count = q.size(0), heads = q.size(1), dim = q.size(2);
  const int64_t past = key.size(1) - count, group = heads / key.size(0);
  at::Tensor out = torch::zeros({count, heads * dim}, at::kDouble);
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t h = 0; h < heads; ++h) {
      const at::Tensor keys = key[h / group].narrow(0, 0, past + t + 1).to(at::kDouble);
      const at::Tensor values = value[h / group].narrow(0, 0, past + t + 1).to(at::kDouble);
      const at::Tensor scores = at::mv(keys, q[t][h].to(at::kDouble)) / std::sqrt(dim);
      out[t].narrow(0, h * dim, dim).copy_(at::mv(values.t(), at::softmax(scores, 0)));
    }
  }
  return out;
}

TEST(AttentionTest, GroupedQueriesReadTheirOwnPastOnly) {
  for (const int64_t past : {0, 1, 9}) {
    for (const int64_t count : {1, 6}) {
      const at::Tensor q = torch::randn({count, 6, 16});
      const at::Tensor key = torch::randn({2, past + count, 16});
      const at::Tensor value = torch::randn({2, past + count, 16});
      EXPECT_LT(Distance(CausalAttention(q, key, value), NaiveAttention(q, key, value)), 1e-5)
          << past << " + " << count;
    }
  }
}

}  // namespace
}  // namespace mrmllm
