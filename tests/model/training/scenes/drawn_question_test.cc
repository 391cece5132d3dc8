// SPDX-License-Identifier: Apache-2.0
#include "model/training/scenes/drawn_question.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "model/training/scenes/drawn_noun.h"
#include "tests/model/prompt/detections.h"
#include "tests/model/training/scenes/bundle_config.h"

namespace mrmllm {
namespace {

class DrawnQuestionTest : public testing::Test {
 protected:
  std::vector<Detection> detections_ = {Sure("dog"), Sure("couch"), Unsure("cat")};
  std::vector<std::vector<ClassObjects>> scenes_ = {GroupByClass(detections_)};
  ClassWords class_words_{BundleConfig().detector.labels};
  QuestionSubjects subjects_{class_words_, BundleConfig().detector.labels, scenes_};
  Random random_{3};
};

TEST_F(DrawnQuestionTest, FillsEveryPlaceholder) {
  for (const QuestionKind kind :
       {QuestionKind::kExistence, QuestionKind::kCount, QuestionKind::kPlace,
        QuestionKind::kRelation, QuestionKind::kRegion, QuestionKind::kSize, QuestionKind::kColor,
        QuestionKind::kFinerName, QuestionKind::kListing, QuestionKind::kUntellable,
        QuestionKind::kGeneral}) {
    for (int i = 0; i < 300; ++i) {
      const DrawnQuestion question = DrawQuestion(kind, subjects_, random_);
      EXPECT_EQ(question.meaning.kind, kind);
      EXPECT_FALSE(question.text.empty());
      EXPECT_FALSE(absl::StrContains(question.text, "{")) << question.text;
    }
  }
}

TEST_F(DrawnQuestionTest, MostWordingsAreUnderstoodAsMeant) {
  for (const QuestionKind kind :
       {QuestionKind::kRelation, QuestionKind::kRegion, QuestionKind::kSize, QuestionKind::kColor,
        QuestionKind::kPlace}) {
    int understood = 0;
    constexpr int kQuestions = 500;
    for (int i = 0; i < kQuestions; ++i) {
      const DrawnQuestion question = DrawQuestion(kind, subjects_, random_);
      understood += Understand(question.text, class_words_).kind == kind ? 1 : 0;
    }
    EXPECT_GT(understood, kQuestions * 3 / 4) << static_cast<int>(kind);
  }
}

TEST_F(DrawnQuestionTest, NamesWhatIsThereAndWhatIsNot) {
  int there = 0;
  constexpr int kNouns = 1000;
  for (int i = 0; i < kNouns; ++i) {
    const ClassMeaning meaning = DrawNoun(subjects_, {0.5, 0.2}, random_).meaning;
    there +=
        std::any_of(meaning.labels.begin(), meaning.labels.end(),
                    [](const std::string& label) { return label == "dog" || label == "couch"; });
  }
  EXPECT_GT(there, kNouns * 4 / 10);
  EXPECT_LT(there, kNouns * 7 / 10);
}

TEST_F(DrawnQuestionTest, DrawsTwoDifferentClasses) {
  for (int i = 0; i < 200; ++i) {
    const std::vector<KnownPhrase> nouns = DrawTwoNouns(subjects_, {0.9, 0.05}, random_);
    ASSERT_EQ(nouns.size(), 2u);
    EXPECT_NE(nouns[0].meaning.noun, nouns[1].meaning.noun);
  }
}

TEST_F(DrawnQuestionTest, FollowsUp) {
  AskedQuestion meaning;
  meaning.kind = QuestionKind::kCount;
  meaning.asked = {{"dog", {"dog"}, false}};
  const DrawnQuestion question = DrawFollowUp(meaning, subjects_, random_);
  EXPECT_EQ(question.meaning.kind, QuestionKind::kCount);
  ASSERT_EQ(question.meaning.asked.size(), 1u);
}

}  // namespace
}  // namespace mrmllm
