// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SUPPORT_FAKE_SEQUENCE_H_
#define MRMLLM_TESTS_SUPPORT_FAKE_SEQUENCE_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_engine.h"

namespace mrmllm {

// An answer of a FakeEngine, and its room in the pool. For fake_engine.cc alone.
// Thread-safety: what changes in it is guarded by its engine's mutex.
class FakeEngine::FakeSequence : public Sequence {
 public:
  FakeSequence(FakeEngine* engine, std::string question, int prompt_tokens,
               std::vector<std::string> answer, int max_new_tokens, int64_t blocks)
      : engine(engine),
        blocks(blocks),
        question(std::move(question)),
        answer(std::move(answer)),
        max_new_tokens(max_new_tokens),
        prompt_tokens(prompt_tokens),
        pending(prompt_tokens) {}
  ~FakeSequence() override {
    absl::MutexLock lock(&engine->mutex_);
    --engine->live_sequences_;
    if (!reserved) return;
    --engine->reserved_sequences_;
    engine->kv_.reserved_blocks -= blocks;
  }

  int64_t kv_blocks_needed() const override { return blocks; }
  bool Reserve() override {
    absl::MutexLock lock(&engine->mutex_);
    if (engine->in_step_) engine->violations_.push_back("Reserve during a step");
    if (reserved) return true;
    if (blocks > engine->kv_.total_blocks - engine->kv_.reserved_blocks) return false;
    reserved = true;
    engine->kv_.reserved_blocks += blocks;
    if (++engine->reserved_sequences_ > engine->bounds_.sequences) {
      engine->violations_.push_back("too many sequences have reserved room");
    }
    engine->peak_sequences_ = std::max(engine->peak_sequences_, engine->reserved_sequences_);
    return true;
  }

  int pending_prompt_tokens() const override {
    absl::MutexLock lock(&engine->mutex_);
    return pending;
  }
  TokenUsage usage() const override {
    absl::MutexLock lock(&engine->mutex_);
    return {.prompt_tokens = prompt_tokens, .answer_tokens = produced};
  }
  size_t cache_bytes() const override {
    absl::MutexLock lock(&engine->mutex_);
    constexpr size_t kBytesPerToken = 100;
    return kBytesPerToken * (prompt_tokens - pending + produced);
  }

  FakeEngine* const engine;
  const int64_t blocks;
  const std::string question;
  const std::vector<std::string> answer;
  const int max_new_tokens;
  const int prompt_tokens;
  int pending;
  bool reserved = false;
  int produced = 0;
  bool finished = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SUPPORT_FAKE_SEQUENCE_H_
