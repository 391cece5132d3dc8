// SPDX-License-Identifier: Apache-2.0
#include "model/answer.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr int kVocabulary = 6;
constexpr int32_t kEnd = 5;

// Tokens: a b c, and the two bytes of "é" apart.
std::shared_ptr<const Tokenizer> SmallTokenizer() {
  return Tokenizer::
      Parse(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"Ã":3,"©":4},"merges":[]},)"
            R"("added_tokens":[{"id":5,"content":"<end>","special":true,"single_word":false,)"
            R"("lstrip":false,"rstrip":false,"normalized":false}],"normalizer":null,"decoder":{"type":"ByteLevel"},)"
            R"("pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}})",
            "small")
          .value();
}

at::Tensor LogitsOf(int32_t token) {
  at::Tensor logits = torch::zeros({kVocabulary});
  logits[token] = 1;
  return logits;
}

class AnswerTest : public testing::Test {
 protected:
  Answer Make(GenerationSettings generation = {}) {
    Answer::Parts parts;
    parts.prompt = {0, 1, 2};
    parts.perception_tokens = 2;
    parts.tokenizer = SmallTokenizer();
    parts.eos_token_ids = {kEnd};
    parts.generation = std::move(generation);
    return Answer(std::move(parts));
  }
};

TEST_F(AnswerTest, ReadsItsPromptInChunksBeforeItSpeaks) {
  Answer answer = Make();
  EXPECT_EQ(answer.Peek(2), absl::MakeConstSpan({0, 1}));
  EXPECT_FALSE(answer.Take(2, LogitsOf(0)).produced_token);
  EXPECT_EQ(answer.pending_prompt_tokens(), 1);
  const AnswerStep step = answer.Take(1, LogitsOf(1));
  EXPECT_TRUE(step.produced_token);
  EXPECT_EQ(step.text, "b");
  EXPECT_EQ(answer.pending_prompt_tokens(), 0);
  EXPECT_EQ(answer.Peek(512), absl::MakeConstSpan({1}));
}

TEST_F(AnswerTest, EndsAtTheEndTokenWithoutShowingIt) {
  Answer answer = Make();
  answer.Take(3, LogitsOf(0));
  const AnswerStep step = answer.Take(1, LogitsOf(kEnd));
  EXPECT_EQ(step.text, "");
  EXPECT_EQ(step.finish, FinishReason::kStop);
  EXPECT_EQ(answer.usage().answer_tokens, 2);
  EXPECT_EQ(answer.usage().prompt_tokens, 3);
  EXPECT_EQ(answer.usage().perception_tokens, 2);
}

TEST_F(AnswerTest, EndsAtItsLengthWithAllTextOut) {
  Answer answer = Make({.max_new_tokens = 2, .stop = {"bX"}});
  EXPECT_EQ(answer.Take(3, LogitsOf(0)).text, "a");
  const AnswerStep step =
      answer.Take(1, LogitsOf(1));  // "b" may begin the stop string, but nothing follows
  EXPECT_EQ(step.text, "b");
  EXPECT_EQ(step.finish, FinishReason::kLength);
}

TEST_F(AnswerTest, EndsBeforeAStopString) {
  Answer answer = Make({.stop = {"bc"}});
  EXPECT_EQ(answer.Take(3, LogitsOf(0)).text, "a");
  EXPECT_EQ(answer.Take(1, LogitsOf(1)).text, "");
  const AnswerStep step = answer.Take(1, LogitsOf(2));
  EXPECT_EQ(step.text, "");
  EXPECT_EQ(step.finish, FinishReason::kStop);
}

TEST_F(AnswerTest, HoldsBackHalfACharacter) {
  Answer answer = Make({.max_new_tokens = 3});
  EXPECT_EQ(answer.Take(3, LogitsOf(3)).text, "");
  EXPECT_EQ(answer.Take(1, LogitsOf(4)).text, "é");
  EXPECT_EQ(answer.Take(1, LogitsOf(3)).text, "\xef\xbf\xbd");  // the end: it never becomes whole
}

}  // namespace
}  // namespace mrmllm
