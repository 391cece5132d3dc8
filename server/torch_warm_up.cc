// SPDX-License-Identifier: Apache-2.0
#include "server/torch_warm_up.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace mrmllm {
namespace {

constexpr int kAnswerTokens = 64;

Image BlankImage(int width, int height) {
  return {width, height, std::vector<uint8_t>(size_t{3} * width * height, 127)};
}

std::shared_ptr<const ImageInput> BlankInput(const EngineInfo& info) {
  auto blank = std::make_shared<ImageInput>();
  blank->width = blank->height = 64;
  blank->detector_pixels = BlankImage(info.detector_input.size, info.detector_input.size);
  blank->encoder_pixels = BlankImage(info.encoder_input.size, info.encoder_input.size);
  blank->detail = BlankImage(64, 64);
  return blank;
}

absl::Status Perceive(Engine& engine, int images, std::shared_ptr<const Perception>& last) {
  const std::shared_ptr<const ImageInput> blank = BlankInput(engine.info());
  for (int count = 1; count <= images; ++count) {
    const std::vector<PerceiveItem> batch(count, {blank, true});
    for (auto& seen : engine.Perceive(batch)) {
      RETURN_IF_ERROR(seen.status());
      last = *seen;
    }
  }
  return absl::OkStatus();
}

// As many parts as one step may hold: to the detector they are images, of which it has seen fewer.
absl::Status LookAgain(Engine& engine, int parts, std::shared_ptr<const Perception> first) {
  const LookAgainItem item{.image = BlankInput(engine.info()),
                           .first = std::move(first),
                           .regions = std::vector<NormalizedBox>(parts, {0, 0, 0.5f, 0.5f})};
  const absl::Status status = engine.LookAgain({item})[0].status();
  return absl::IsUnimplemented(status) ? absl::OkStatus() : status;
}

// A sequence that speaks. Null when the pool has no room, or the answer ends with its first token.
absl::StatusOr<std::unique_ptr<Sequence>> Speaking(Engine& engine, const AnswerInput& input,
                                                   int prompt_tokens) {
  ASSIGN_OR_RETURN(std::unique_ptr<Sequence> sequence, engine.StartSequence(input));
  if (!sequence->Reserve()) return nullptr;
  StepResult result;
  while (sequence->pending_prompt_tokens() > 0) {
    ASSIGN_OR_RETURN(result, engine.Prefill({{sequence.get(), prompt_tokens}})[0]);
  }
  if (result.finish != FinishReason::kNone) return nullptr;
  return sequence;
}

absl::Status Decode(Engine& engine, std::vector<std::unique_ptr<Sequence>>& running) {
  std::vector<Sequence*> batch;
  for (const auto& one : running) batch.push_back(one.get());
  const auto results = engine.Decode(batch);
  for (size_t i = results.size(); i-- > 0;) {
    RETURN_IF_ERROR(results[i].status());
    if (results[i]->finish != FinishReason::kNone) {
      running.erase(running.begin() + static_cast<int64_t>(i));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WarmUp(Engine& engine, const WarmUpSizes& sizes) {
  std::shared_ptr<const Perception> perception;
  const int images = std::max(1, sizes.images);
  RETURN_IF_ERROR(Perceive(engine, images, perception));
  RETURN_IF_ERROR(LookAgain(engine, images, perception));

  const EngineInfo& info = engine.info();
  int longest = std::min(sizes.prompt_tokens, info.context_tokens / 2);
  if (info.kv_blocks > 0) {
    longest =
        static_cast<int>(std::min<int64_t>(longest, info.kv_blocks * info.kv_block_tokens / 2));
  }
  AnswerInput text;
  text.generation.max_new_tokens = 1;
  for (int i = 0; i < longest - 64; ++i) text.question += " a";  // one token each
  RETURN_IF_ERROR(Speaking(engine, text, sizes.prompt_tokens).status());

  AnswerInput question;
  question.images = {perception};
  question.question = "What is in the image?";
  question.generation.max_new_tokens = kAnswerTokens;
  std::vector<std::unique_ptr<Sequence>> running;
  for (int count = 1; count <= sizes.sequences; ++count) {
    while (static_cast<int>(running.size()) < count) {
      ASSIGN_OR_RETURN(auto sequence, Speaking(engine, question, sizes.prompt_tokens));
      if (sequence == nullptr) return absl::OkStatus();
      running.push_back(std::move(sequence));
    }
    RETURN_IF_ERROR(Decode(engine, running));
  }
  return absl::OkStatus();
}

}  // namespace mrmllm
