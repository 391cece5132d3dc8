// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_policy.h"

#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace mrmllm {

// Found by GoogleTest when an expectation fails.
void PrintTo(const BatchStep& step, std::ostream* out) {
  if (const auto* wait = std::get_if<WaitStep>(&step)) {
    *out << "wait until " << wait->until;
  } else if (const auto* perceive = std::get_if<PerceiveStep>(&step)) {
    *out << "perceive " << perceive->image_count;
  } else if (const auto* again = std::get_if<LookAgainStep>(&step)) {
    *out << "look again at " << again->image_count;
  } else if (const auto* prefill = std::get_if<PrefillStep>(&step)) {
    *out << "prefill " << testing::PrintToString(prefill->tokens);
  } else {
    *out << "decode";
  }
}

namespace {

const absl::Time kNow = absl::FromUnixSeconds(1000);
const BatchStep kWaitForNews = WaitStep{absl::InfiniteFuture()};

// Images of `pixels`, submitted now.
std::vector<BatchSnapshot::WaitingImage> Images(const std::vector<int64_t>& pixels) {
  std::vector<BatchSnapshot::WaitingImage> images;
  for (int64_t count : pixels) images.push_back({.pixels = count, .since = kNow});
  return images;
}

TEST(BatchPolicyTest, AlternatesTheKindsThatHaveWork) {
  struct Row {
    bool images, prompts, decoding;       // what has work
    bool perceived_last, prefilled_last;  // what ran
    BatchStep expected;
  };
  const BatchStep perceive = PerceiveStep{1};
  const BatchStep prefill = PrefillStep{{7}};
  const BatchStep decode = DecodeStep{};
  const Row rows[] = {
      {false, false, false, false, false, kWaitForNews},
      {false, false, false, true, true, kWaitForNews},
      // One kind only: it runs, whatever ran before.
      {true, false, false, false, false, perceive},
      {true, false, false, true, false, perceive},
      {false, true, false, false, true, prefill},
      {false, false, true, false, false, decode},
      // Images and answers take turns.
      {true, true, false, false, true, perceive},
      {true, true, false, true, true, prefill},
      {true, false, true, false, false, perceive},
      {true, false, true, true, false, decode},
      // Prefill and decode take turns, also with perceive steps between them.
      {false, true, true, false, false, prefill},
      {false, true, true, false, true, decode},
      {true, true, true, true, false, prefill},
      {true, true, true, true, true, decode},
      {true, true, true, false, false, perceive},
      {true, true, true, false, true, perceive},
  };
  for (const Row& row : rows) {
    BatchSnapshot snapshot{.decoding = row.decoding ? 3 : 0,
                           .perceived_last = row.perceived_last,
                           .prefilled_last = row.prefilled_last};
    if (row.images) snapshot.images = Images({100});
    if (row.prompts) snapshot.prompt_tokens = {7};
    EXPECT_EQ(DecideStep({}, snapshot, kNow), row.expected) << "row " << (&row - rows);
  }
}

TEST(BatchPolicyTest, FirstAndSecondLooksAlternateAndTogetherWithAnswers) {
  struct Row {
    bool images, parts, decoding;            // what has work
    bool perceived_last, looked_again_last;  // what ran
    BatchStep expected;
  };
  const BatchStep perceive = PerceiveStep{1};
  const BatchStep again = LookAgainStep{2};
  const BatchStep decode = DecodeStep{};
  const Row rows[] = {
      {false, true, false, false, false, again}, {false, true, false, true, true, again},
      {true, true, false, true, false, again},   {true, true, false, true, true, perceive},
      {false, true, true, true, true, decode},   {false, true, true, false, true, again},
      {true, true, true, true, false, decode},   {true, true, true, false, false, again},
      {true, true, true, false, true, perceive},
  };
  for (const Row& row : rows) {
    BatchSnapshot snapshot{.decoding = row.decoding ? 3 : 0,
                           .perceived_last = row.perceived_last,
                           .looked_again_last = row.looked_again_last};
    if (row.images) snapshot.images = Images({100});
    if (row.parts) snapshot.parts = {2, 1};
    EXPECT_EQ(DecideStep({}, snapshot, kNow), row.expected) << "row " << (&row - rows);
  }
}

TEST(BatchPolicyTest, SecondLooksAreBoundedByTheirPartsAndNoImagesAreDivided) {
  struct Row {
    std::vector<int> parts;
    int expected;
  };
  for (const Row& row : std::vector<Row>{
           {{1}, 1}, {{4}, 1}, {{2, 2}, 2}, {{2, 2, 1}, 2}, {{3, 2}, 1}, {{1, 1, 1, 1, 1}, 4}}) {
    EXPECT_EQ(DecideStep({.max_batch_images = 4}, {.parts = row.parts}, kNow),
              BatchStep(LookAgainStep{row.expected}))
        << testing::PrintToString(row.parts);
  }
}

TEST(BatchPolicyTest, UnderfullBatchDoesNotWaitBesidesSecondLooks) {
  const Scheduler::Options options{.max_queue_delay = absl::Hours(1)};
  const BatchSnapshot snapshot{.images = Images({1}), .parts = {1}, .looked_again_last = true};
  EXPECT_EQ(DecideStep(options, snapshot, kNow), BatchStep(PerceiveStep{1}));
}

TEST(BatchPolicyTest, PerceiveBatchIsBoundedByCountAndPixels) {
  const Scheduler::Options options{.max_batch_images = 3, .max_batch_pixels = 100};
  struct Row {
    std::vector<int64_t> pixels;
    int expected;
  };
  for (const Row& row : std::vector<Row>{{{1}, 1},
                                         {{1, 1, 1}, 3},
                                         {{1, 1, 1, 1}, 3},
                                         {{50, 50, 1}, 2},
                                         {{50, 51}, 1},
                                         {{101}, 1},  // one image always goes
                                         {{500, 1}, 1},
                                         {{99, 2, 1}, 1},  // in order: none is passed by
                                         {{0, 0, 100}, 3}}) {
    const BatchSnapshot snapshot{.images = Images(row.pixels)};
    EXPECT_EQ(DecideStep(options, snapshot, kNow), BatchStep(PerceiveStep{row.expected}))
        << testing::PrintToString(row.pixels);
  }
}

TEST(BatchPolicyTest, UnderfullBatchWaitsForTheRestOfTheDelay) {
  const Scheduler::Options options{.max_queue_delay = absl::Milliseconds(5)};
  const BatchSnapshot snapshot{.images = Images({1, 1})};
  EXPECT_EQ(DecideStep(options, snapshot, kNow + absl::Milliseconds(2)),
            BatchStep(WaitStep{kNow + absl::Milliseconds(5)}));
}

TEST(BatchPolicyTest, CutsAtMaxDelayEvenWhenUnderfull) {
  const Scheduler::Options options{.max_queue_delay = absl::Milliseconds(5)};
  const BatchSnapshot snapshot{.images = Images({1, 1})};
  EXPECT_EQ(DecideStep(options, snapshot, kNow + absl::Milliseconds(5)),
            BatchStep(PerceiveStep{2}));
}

TEST(BatchPolicyTest, FullBatchDoesNotWait) {
  const Scheduler::Options options{
      .max_batch_images = 3, .max_batch_pixels = 100, .max_queue_delay = absl::Hours(1)};
  for (const auto& pixels : std::vector<std::vector<int64_t>>{{1, 1, 1}, {50, 50}, {60, 60}}) {
    const BatchStep step = DecideStep(options, {.images = Images(pixels)}, kNow);
    EXPECT_TRUE(std::holds_alternative<PerceiveStep>(step)) << testing::PrintToString(pixels);
  }
}

TEST(BatchPolicyTest, DelayDoesNotHoldUpImagesWhileAnswersRun) {
  const Scheduler::Options options{.max_queue_delay = absl::Hours(1)};
  const BatchSnapshot snapshot{.images = Images({1}), .decoding = 1};
  EXPECT_EQ(DecideStep(options, snapshot, kNow), BatchStep(PerceiveStep{1}));
}

TEST(BatchPolicyTest, PrefillIsBoundedByTokensInAll) {
  const Scheduler::Options options{.max_prefill_tokens = 100};
  struct Row {
    std::vector<int> pending, expected;
  };
  for (const Row& row : std::vector<Row>{{{30}, {30}},
                                         {{300}, {100}},
                                         {{30, 30, 30, 30}, {30, 30, 30, 10}},
                                         {{100, 1}, {100}},
                                         {{99, 5}, {99, 1}}}) {
    const BatchSnapshot snapshot{.prompt_tokens = row.pending};
    EXPECT_EQ(DecideStep(options, snapshot, kNow), BatchStep(PrefillStep{row.expected}));
  }
}

TEST(BatchPolicyTest, AnswerBeginsWhenThereIsRoomAndThePrefillCouldTakeIt) {
  const Scheduler::Options options{.max_running_sequences = 2, .max_prefill_tokens = 100};
  EXPECT_TRUE(MayBeginAnswer(options, 0, 0));
  EXPECT_TRUE(MayBeginAnswer(options, 1, 99));
  EXPECT_FALSE(MayBeginAnswer(options, 1, 100));
  EXPECT_FALSE(MayBeginAnswer(options, 2, 0));
}

}  // namespace
}  // namespace mrmllm
