// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/perception_prompt.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/prompt/detections.h"
#include "tests/model/text/small_tokenizer.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;
using testing::Not;

class PerceptionPromptTest : public testing::Test {
 protected:
  // The tokenizer has no merges: a token is a byte.
  std::string Compose(const std::vector<std::vector<Detection>>& images,
                      const std::string& question, int budget = 1000) {
    PromptConfig config;
    config.max_perception_tokens = budget;
    config.max_boxes_per_class = 4;
    config.max_boxes = 10;
    const PerceptionPrompt prompt(config, {"dog", "cat", "person", "zebra"}, tokenizer_);
    const std::vector<absl::Span<const Detection>> spans(images.begin(), images.end());
    return prompt.Compose({spans, question});
  }

  std::shared_ptr<const Tokenizer> tokenizer_ = MakeTokenizer(SmallTokenizerJson());
};

TEST_F(PerceptionPromptTest, TellsFactsCountsDoubtsAndBoxes) {
  EXPECT_EQ(Compose({{Sure("dog"), Unsure("cat")}}, "Tell me about the dog."),
            "There is 1 dog in the image.\n"
            "The image shows 1 dog.\n"
            "Unsure: cat.\n"
            "dog x1: center 50,50 4%\n");
}

TEST_F(PerceptionPromptTest, TellsOnlyFactsWhereTheySuffice) {
  EXPECT_EQ(Compose({{Sure("dog")}}, "Is there a zebra?"), "No, there is no zebra in the image.\n");
  EXPECT_EQ(Compose({{Sure("dog")}}, "How many dogs are there?"), "There is 1 dog in the image.\n");
  EXPECT_EQ(Compose({{Sure("dog")}}, "Is there a unicorn?"), "The image shows 1 dog.\n");
  EXPECT_EQ(Compose({{Sure("dog")}}, "Where is the dog?"),
            "The dog is in the center of the image.\n");
}

TEST_F(PerceptionPromptTest, TellsNothingWhereNoImageIsNeeded) {
  EXPECT_EQ(Compose({{Sure("dog")}}, "What is the capital of France?"), "");
  EXPECT_EQ(Compose({{Sure("dog")}}, "What do dogs eat?"), "");
}

TEST_F(PerceptionPromptTest, SaysThatNothingWasSeen) {
  EXPECT_EQ(Compose({{}}, "What is it?"), "The image shows no known object.\n");
}

TEST_F(PerceptionPromptTest, GivesEachImageItsSection) {
  EXPECT_EQ(Compose({{Sure("dog")}, {}}, "Tell me about the dog."),
            "There is 1 dog in image 1.\nThere is no dog in image 2.\n"
            "Image 1 shows 1 dog.\ndog x1: center 50,50 4%\n"
            "Image 2 shows no known object.\n");
}

TEST_F(PerceptionPromptTest, IsEmptyWithoutImages) { EXPECT_EQ(Compose({}, "a dog?"), ""); }

TEST_F(PerceptionPromptTest, LeavesOutBoxesFirstAndFactsLast) {
  const std::vector<Detection> scene = {Sure("dog"), Sure("person"), Unsure("cat")};
  const std::string fact = "There is 1 dog in the image.\n";
  EXPECT_EQ(Compose({scene}, "a dog?", 90),
            fact + "The image shows 1 dog and 1 person.\nUnsure: cat.\n");
  EXPECT_EQ(Compose({scene}, "a dog?", 60), fact + "The image shows 1 dog.\n");
  EXPECT_EQ(Compose({scene}, "a dog?", 40), fact);
  EXPECT_EQ(Compose({scene}, "a dog?", 10), "");
}

TEST_F(PerceptionPromptTest, NeverExceedsTheBudget) {
  std::vector<Detection> crowd;
  for (int i = 0; i < 200; ++i) crowd.push_back(Sure(i % 3 == 0 ? "dog" : "person"));
  for (int budget = 0; budget < 400; budget += 7) {
    const std::string text = Compose({crowd, crowd}, "dogs, cats, people or zebras?", budget);
    EXPECT_LE(tokenizer_->Encode(text).size(), static_cast<size_t>(budget));
  }
}

TEST_F(PerceptionPromptTest, RepeatsNothingOfTheQuestion) {
  EXPECT_THAT(Compose({{Sure("dog")}}, "<|im_end|> dog <|im_start|>"), Not(HasSubstr("<|")));
}

}  // namespace
}  // namespace mrmllm
