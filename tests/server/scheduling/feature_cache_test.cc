// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/feature_cache.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "tests/support/fake_clock.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {
namespace {

// The one thing in these tests that has a size worth counting.
class Features : public ImageFeatures {
 public:
  explicit Features(size_t bytes) : bytes_(bytes) {}
  size_t size_bytes() const override { return bytes_; }

 private:
  const size_t bytes_;
};

std::shared_ptr<const Perception> MakePerception(size_t bytes, bool query_fusion = true) {
  auto perception = std::make_shared<Perception>();
  perception->query_fusion = query_fusion;
  perception->features = std::make_shared<Features>(bytes);
  return perception;
}

class FeatureCacheTest : public testing::Test {
 protected:
  bool Has(const std::string& id, bool query_fusion = true) {
    return cache_->Find(id, query_fusion).perception != nullptr;
  }

  FakeClock clock_;
  std::unique_ptr<FeatureCache> cache_ =
      FeatureCache::Create({.capacity_bytes = 10'000, .time_to_live = absl::Minutes(10)}, &clock_);
};

TEST_F(FeatureCacheTest, FindsWhatWasInserted) {
  auto input = MakeImage(2, 2);
  auto perception = MakePerception(10);
  cache_->Insert("a", input, perception);
  const FeatureCache::Entry entry = cache_->Find("a", true);
  EXPECT_EQ(entry.input, input);
  EXPECT_EQ(entry.perception, perception);
  EXPECT_EQ(cache_->Find("b", true).input, nullptr);
}

TEST_F(FeatureCacheTest, KeepsTheSecondLookBesideTheFirst) {
  const SecondLookSettings settings{SecondLookMode::kAlways, 3};
  auto first = MakePerception(1000);
  cache_->Insert("a", MakeImage(2, 2), first);
  const size_t before = cache_->stats().size_bytes;
  auto merged = std::make_shared<Perception>(*first);  // with the same features
  cache_->InsertSecondLook("a", settings, merged);
  const FeatureCache::Entry entry = cache_->Find("a", true);
  EXPECT_EQ(entry.perception, first);
  EXPECT_EQ(entry.second_look, merged);
  EXPECT_EQ(entry.settings, settings);
  EXPECT_LT(cache_->stats().size_bytes, before + 1000);
  EXPECT_EQ(cache_->Find("a", false).second_look, nullptr);
}

TEST_F(FeatureCacheTest, SecondLookAtAnImageThatWasReleasedIsNotKept) {
  cache_->InsertSecondLook("a", {}, MakePerception(10));
  EXPECT_EQ(cache_->stats().entries, 0u);
}

TEST_F(FeatureCacheTest, KeepsBothVariantsUnderOneId) {
  auto with = MakePerception(10, true);
  auto without = MakePerception(10, false);
  cache_->Insert("a", MakeImage(2, 2), with);
  EXPECT_EQ(cache_->Find("a", false).perception, nullptr);
  EXPECT_NE(cache_->Find("a", false).input, nullptr);
  cache_->Insert("a", nullptr, without);
  EXPECT_EQ(cache_->Find("a", true).perception, with);
  EXPECT_EQ(cache_->Find("a", false).perception, without);
  EXPECT_NE(cache_->Find("a", false).input, nullptr);
  EXPECT_EQ(cache_->stats().entries, 1u);
}

TEST_F(FeatureCacheTest, LeastRecentlyUsedGoesFirst) {
  for (const char* id : {"a", "b", "c"}) cache_->Insert(id, nullptr, MakePerception(3'000));
  EXPECT_TRUE(Has("a"));
  cache_->Insert("d", nullptr, MakePerception(3'000));
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  EXPECT_TRUE(Has("c"));
  EXPECT_TRUE(Has("d"));
  EXPECT_EQ(cache_->stats().evictions, 1);
}

TEST_F(FeatureCacheTest, NeverHoldsMoreThanItsCapacity) {
  for (int i = 0; i < 100; ++i) {
    cache_->Insert(std::to_string(i), nullptr, MakePerception(100 * (i % 50)));
    EXPECT_LE(cache_->stats().size_bytes, 10'000u);
  }
}

TEST_F(FeatureCacheTest, EntryBiggerThanTheCapacityIsNotKept) {
  cache_->Insert("small", nullptr, MakePerception(10));
  cache_->Insert("big", nullptr, MakePerception(20'000));
  EXPECT_FALSE(Has("big"));
  EXPECT_TRUE(Has("small"));
}

TEST_F(FeatureCacheTest, ReplacingAPerceptionDoesNotCountItTwice) {
  cache_->Insert("a", nullptr, MakePerception(4'000));
  const size_t size = cache_->stats().size_bytes;
  cache_->Insert("a", nullptr, MakePerception(4'000));
  EXPECT_EQ(cache_->stats().size_bytes, size);
}

TEST_F(FeatureCacheTest, EntryExpiresWhenItIsNotUsed) {
  cache_->Insert("a", nullptr, MakePerception(10));
  clock_.Advance(absl::Minutes(9));
  EXPECT_TRUE(Has("a"));  // and lives for ten minutes more
  clock_.Advance(absl::Minutes(9));
  EXPECT_TRUE(Has("a"));
  clock_.Advance(absl::Minutes(10));
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(cache_->stats().entries, 0u);
  EXPECT_EQ(cache_->stats().size_bytes, 0u);
}

TEST_F(FeatureCacheTest, CountsHitsAndMisses) {
  cache_->Insert("a", MakeImage(1, 1), MakePerception(10));
  Has("a");
  Has("a", false);
  Has("b");
  EXPECT_EQ(cache_->stats().hits, 1);
  EXPECT_EQ(cache_->stats().misses, 2);
}

TEST_F(FeatureCacheTest, EvictedEntryLivesOnWithItsUser) {
  cache_->Insert("a", nullptr, MakePerception(9'000));
  auto used = cache_->Find("a", true).perception;
  cache_->Insert("b", nullptr, MakePerception(9'000));
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(used->features->size_bytes(), 9'000u);
}

TEST_F(FeatureCacheTest, ErasingForgetsTheImageAndBothItsPerceptions) {
  cache_->Insert("a", MakeImage(2, 2), MakePerception(10, true));
  cache_->Insert("a", nullptr, MakePerception(10, false));
  cache_->Insert("b", nullptr, MakePerception(10));
  EXPECT_TRUE(cache_->Erase("a"));
  EXPECT_FALSE(Has("a", true));
  EXPECT_EQ(cache_->Find("a", false).input, nullptr);
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(cache_->Erase("a"));
}

TEST_F(FeatureCacheTest, ErasingFreesTheRoomAndIsNoEviction) {
  cache_->Insert("a", nullptr, MakePerception(9'000));
  EXPECT_TRUE(cache_->Erase("a"));
  EXPECT_EQ(cache_->stats().size_bytes, 0u);
  EXPECT_EQ(cache_->stats().entries, 0u);
  EXPECT_EQ(cache_->stats().evictions, 0);
}

TEST_F(FeatureCacheTest, ErasingTellsNothingOfAnExpiredImage) {
  cache_->Insert("a", nullptr, MakePerception(10));
  clock_.Advance(absl::Minutes(10));
  EXPECT_FALSE(cache_->Erase("a"));
  EXPECT_EQ(cache_->stats().evictions, 1);
}

TEST_F(FeatureCacheTest, EmptiesWithAgeThoughNobodyAsksForAnImage) {
  auto perception = MakePerception(10);
  const std::weak_ptr<const Perception> kept = perception;
  cache_->Insert("a", nullptr, std::move(perception));
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(cache_->stats().entries, 0u);
  EXPECT_EQ(cache_->stats().size_bytes, 0u);
  EXPECT_EQ(cache_->stats().evictions, 1);
  EXPECT_TRUE(kept.expired());
}

TEST_F(FeatureCacheTest, EntryThatOutgrowsTheCapacityLeavesTheOthersAlone) {
  cache_->Insert("a", nullptr, MakePerception(3'000));
  cache_->Insert("b", nullptr, MakePerception(3'000, true));
  cache_->Insert("b", nullptr, MakePerception(9'000, false));
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b", true));
  EXPECT_FALSE(Has("b", false));
  EXPECT_EQ(cache_->stats().evictions, 1);
}

TEST_F(FeatureCacheTest, CountsTheBytesOfImageAndPerceptionsTogether) {
  auto input = std::make_shared<ImageInput>();
  input->detail = {10, 10, std::vector<uint8_t>(300)};
  cache_->Insert("a", input, MakePerception(1'000, true));
  const size_t before = cache_->stats().size_bytes;
  EXPECT_GE(before, 1'300u);
  cache_->Insert("a", nullptr, MakePerception(2'000, false));
  EXPECT_GE(cache_->stats().size_bytes, before + 2'000u);
  EXPECT_TRUE(cache_->Erase("a"));
  EXPECT_EQ(cache_->stats().size_bytes, 0u);
}

TEST_F(FeatureCacheTest, CapacityOfNothingKeepsNothing) {
  cache_ = FeatureCache::Create({.capacity_bytes = 0}, &clock_);
  cache_->Insert("a", MakeImage(1, 1), MakePerception(1));
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(cache_->stats().entries, 0u);
}

}  // namespace
}  // namespace mrmllm
