// SPDX-License-Identifier: Apache-2.0
#include "server/load_snapshot.h"

#include <utility>

#include "gtest/gtest.h"
#include "tests/server/models/fake_models.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

TEST(LoadSnapshotTest, AddsUpAllModelsThoseThatDrainToo) {
  FakeClock clock;
  ModelRegistry models{{}};
  std::vector<Reservation> places;
  for (const char* version : {"1", "2"}) {
    auto engine = std::make_unique<NamedEngine>("coco", version);
    engine->SetKvPool(10, 16);
    const auto model =
        models.Activate(ModelAround(std::move(engine), &clock), OtherVersions::kKeep);
    auto place = model->scheduler().admission().Reserve({.pixels = 100, .tokens = 7}, "");
    ASSERT_OK(place.status());
    places.push_back(*std::move(place));
  }
  const auto old = *models.Find("coco", "1");
  ASSERT_OK(models.Unload("coco", "1", false));

  const LoadSnapshot load = SnapshotOf(models);
  EXPECT_EQ(load.models, 2);
  EXPECT_EQ(load.engines_in_service, 2);
  EXPECT_EQ(load.admitted.requests, 2);
  EXPECT_EQ(load.admitted.pixels, 200);
  EXPECT_EQ(load.admitted.tokens, 14);
  EXPECT_EQ(load.kv.total_blocks, 20);
}

}  // namespace
}  // namespace mrmllm
