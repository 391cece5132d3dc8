// SPDX-License-Identifier: Apache-2.0
// What the parts of RT-DETR promise on their own; what they compute is held against the reference.
#include <cmath>

#include "gtest/gtest.h"

#include "model/perception/rt_detr/decoder/deformable_attention.h"
#include "model/perception/rt_detr/decoder/query_selection.h"
#include "model/perception/rt_detr/dense.h"
#include "model/perception/rt_detr/hybrid_encoder.h"
#include "model/perception/rt_detr/self_attention.h"

namespace mrmllm {
namespace {

TEST(AnchorsTest, LieInTheMiddleOfTheirPlacesAndDoubleByLevel) {
  const Anchors anchors = MakeAnchors({4, 2});
  ASSERT_EQ(anchors.logits.size(1), 4 * 4 + 2 * 2);
  const at::Tensor boxes = anchors.logits.sigmoid();
  const at::Tensor second = boxes[0][1];  // of the first row
  EXPECT_NEAR(second[0].item<float>(), 1.5 / 4, 1e-6);
  EXPECT_NEAR(second[1].item<float>(), 0.5 / 4, 1e-6);
  EXPECT_NEAR(second[2].item<float>(), 0.05, 1e-6);
  EXPECT_NEAR(boxes[0][16][3].item<float>(), 0.1, 1e-6);
  EXPECT_EQ(anchors.valid.sum().item<float>(), 20);
}

TEST(AnchorsTest, PlacesNearTheEdgeHaveNone) {
  const Anchors anchors = MakeAnchors({80});  // the outermost centres are 1 / 160 from the edge
  EXPECT_EQ(anchors.valid.sum().item<float>(), 78 * 78);
  EXPECT_EQ(anchors.valid[0][0].item<float>(), 0);
  EXPECT_TRUE(anchors.logits.isfinite().all().item<bool>());
}

TEST(SinusoidalPositionsTest, TellRowsFromColumns) {
  const at::Tensor positions = SinusoidalPositions(3, 5, 8, 10'000);
  ASSERT_EQ(positions.sizes(), (std::vector<int64_t>{1, 15, 8}));
  const at::Tensor place = positions[0][7];  // row 1, column 2
  EXPECT_NEAR(place[0].item<float>(), std::sin(1.0), 1e-6);
  EXPECT_NEAR(place[1].item<float>(), std::sin(0.01), 1e-6);
  EXPECT_NEAR(place[6].item<float>(), std::cos(2.0), 1e-6);
}

TEST(DeformableAttentionTest, ReadsTheSameOfAMapThatIsTheSameEverywhere) {
  torch::manual_seed(3);
  RtDetrConfig config;
  config.d_model = 8;
  config.decoder_attention_heads = 2;
  config.decoder_n_points = 4;
  config.decoder_offset_scale = 0.5;
  for (const char* method : {"default", "discrete"}) {
    config.decoder_method = method;
    DeformableAttention attention(config, 2);
    torch::NoGradGuard no_grad;
    for (at::Tensor& parameter : attention->parameters()) parameter.normal_(0, 0.1);
    const PyramidRows pyramid{at::ones({1, 64 + 16, 8}), {8, 4}};
    // Boxes well inside: nothing is read from beyond the edge.
    const at::Tensor boxes =
        at::tensor({0.5f, 0.5f, 0.2f, 0.2f, 0.4f, 0.6f, 0.1f, 0.3f}).view({1, 2, 4});
    const at::Tensor read = attention->forward(at::randn({1, 2, 8}), boxes, pyramid);
    EXPECT_TRUE(read[0][0].allclose(read[0][1], 1e-5, 1e-6)) << method;
  }
}

TEST(SelfAttentionTest, PositionsArePartOfTheQuestionNotOfTheAnswer) {
  torch::manual_seed(4);
  SelfAttention attention(8, 2);
  torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : attention->parameters()) parameter.normal_(0, 0.3);
  const at::Tensor same = at::randn({1, 1, 8}).expand({1, 5, 8}).contiguous();
  // Where all rows say the same, it does not matter who listens to whom.
  const at::Tensor here = attention->forward(same, at::zeros({1, 5, 8}));
  EXPECT_TRUE(attention->forward(same, at::randn({1, 5, 8})).allclose(here, 1e-4, 1e-5));
}

TEST(DenseTest, AnActivationIsTheNamedOne) {
  const at::Tensor x = at::tensor({-1.0f, 2.0f});
  EXPECT_TRUE(Activate(x, ActivationNamed("relu")).equal(at::relu(x)));
  EXPECT_TRUE(Activate(x, ActivationNamed("silu")).equal(at::silu(x)));
  EXPECT_TRUE(Activate(x, ActivationNamed("gelu")).equal(at::gelu(x)));
  EXPECT_THROW(ActivationNamed("tanh"), c10::Error);
}

}  // namespace
}  // namespace mrmllm
