// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/device_turn.h"

#include <utility>
#include <vector>

namespace mrmllm {
namespace {

class TurnTakingEngine : public Engine {
 public:
  TurnTakingEngine(std::unique_ptr<Engine> engine, DeviceTurn* turn)
      : engine_(std::move(engine)), turn_(turn) {}

  const EngineInfo& info() const override { return engine_->info(); }
  KvUsage kv_usage() const override { return engine_->kv_usage(); }
  int EstimatePromptTokens(int image_count, size_t text_bytes) const override {
    return engine_->EstimatePromptTokens(image_count, text_bytes);
  }
  absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput& input) override {
    return engine_->StartSequence(input);
  }
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override {
    const DeviceTurn::Step step(turn_);
    return engine_->Perceive(items);
  }
  std::vector<NormalizedBox> PlanSecondLook(const Perception& first,
                                            const SecondLookGuide& guide) const override {
    return engine_->PlanSecondLook(first, guide);
  }
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> LookAgain(
      absl::Span<const LookAgainItem> items) override {
    const DeviceTurn::Step step(turn_);
    return engine_->LookAgain(items);
  }
  std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) override {
    const DeviceTurn::Step step(turn_);
    return engine_->Prefill(items);
  }
  std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) override {
    const DeviceTurn::Step step(turn_);
    return engine_->Decode(sequences);
  }

 private:
  const std::unique_ptr<Engine> engine_;
  DeviceTurn* const turn_;
};

}  // namespace

void DeviceTurn::Begin() {
  absl::MutexLock lock(&mutex_);
  const int64_t ticket = next_ticket_++;
  const auto is_mine = [this, ticket]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return turn_of_ == ticket; };
  mutex_.Await(absl::Condition(&is_mine));
}

void DeviceTurn::End() {
  absl::MutexLock lock(&mutex_);
  ++turn_of_;
}

int64_t DeviceTurn::wanted() const {
  absl::MutexLock lock(&mutex_);
  return next_ticket_ - turn_of_;
}

std::unique_ptr<Engine> TakeTurns(std::unique_ptr<Engine> engine, DeviceTurn* turn) {
  return std::make_unique<TurnTakingEngine>(std::move(engine), turn);
}

}  // namespace mrmllm
