// SPDX-License-Identifier: Apache-2.0
#include "model/answer.h"

#include "gtest/gtest.h"
#include "tests/model/language/tiny_model.h"

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

TEST_F(AnswerTest, AGreedyTokenMayBeChosenForIt) {
  Answer answer = Make();
  ASSERT_TRUE(answer.is_plain_greedy());
  EXPECT_FALSE(answer.SpeaksAfter(2));
  EXPECT_FALSE(answer.TakeGreedy(2, 1).produced_token);
  EXPECT_TRUE(answer.SpeaksAfter(1));
  const AnswerStep step = answer.TakeGreedy(1, 1);
  EXPECT_TRUE(step.produced_token);
  EXPECT_EQ(step.text, "b");
  EXPECT_EQ(answer.Peek(512), absl::MakeConstSpan({1}));
  EXPECT_FALSE(Make({.temperature = 1}).is_plain_greedy());
}

TEST_F(AnswerTest, WhatThePoolHoldsOfItsPromptCountsAsRead) {
  const auto pool = KvPool::Create(TinyLanguageConfig(), {.capacity_bytes = 1 << 20}).value();
  Answer::Parts parts;
  for (int i = 0; i < 40; ++i) parts.prompt.push_back(i % kEnd);
  const auto keys = PrefixKeys(RootPrefixKey({}), parts.prompt, KvPool::kBlockTokens);
  const auto published = pool->blocks().Take(2, {})->blocks;
  for (int i = 0; i < 2; ++i) pool->blocks().Publish(published[i], keys[i]);
  parts.cache = std::make_unique<KvCache>(pool, 50, keys);
  parts.tokenizer = SmallTokenizer();
  Answer answer(std::move(parts));
  EXPECT_EQ(answer.pending_prompt_tokens(), 40);
  ASSERT_TRUE(answer.Reserve());
  EXPECT_EQ(answer.usage().cached_tokens, 32);
  EXPECT_EQ(answer.pending_prompt_tokens(), 8);
  EXPECT_EQ(answer.Peek(512).front(), 32 % kEnd);
  answer.Take(8, LogitsOf(1));
  ASSERT_TRUE(answer.Reserve()) << "again, later: changes nothing";
  EXPECT_EQ(answer.Peek(512), absl::MakeConstSpan({1}));
}

TEST_F(AnswerTest, WaitsWhileThePoolHasNoRoom) {
  const auto pool = KvPool::Create(TinyLanguageConfig(), {.capacity_bytes = 1 << 20}).value();
  const auto others = pool->blocks().Take(pool->blocks().count(), {})->blocks;
  Answer::Parts parts;
  parts.prompt = {0, 1, 2};
  parts.cache = std::make_unique<KvCache>(pool, 10);
  parts.tokenizer = SmallTokenizer();
  Answer answer(std::move(parts));
  EXPECT_FALSE(answer.Reserve());
  pool->blocks().Return(others);
  EXPECT_TRUE(answer.Reserve());
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
