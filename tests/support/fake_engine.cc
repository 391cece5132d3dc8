// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_engine.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"

#include "tests/support/fake_sequence.h"

namespace mrmllm {
namespace {

constexpr size_t kFeatureBytes = 1024;

absl::Status DeviceFailure() { return absl::UnavailableError("the device has failed"); }

class FakeFeatures : public ImageFeatures {
 public:
  size_t size_bytes() const override { return kFeatureBytes; }
};

}  // namespace

FakeEngine::FakeEngine(int label_count)
    : info_{.model_name = "fake",
            .model_version = "1",
            .candidate_threshold = 0.1f,
            .unsure_threshold = 0.3f,
            .sure_threshold = 0.5f,
            .context_tokens = 4096,
            .max_detail_side = 640,
            .detector_input = {.size = 32, .resize = ImageSpec::Resize::kLetterbox},
            .encoder_input = {.size = 16, .resize = ImageSpec::Resize::kStretch},
            .device = "fake",
            .dtype = "float32"} {
  for (int i = 0; i < label_count; ++i) info_.labels.push_back(absl::StrCat("label", i));
}

FakeEngine::~FakeEngine() = default;

void FakeEngine::SetDetections(int width, int height, std::vector<Detection> detections) {
  absl::MutexLock lock(&mutex_);
  detections_[{width, height}] = std::move(detections);
}

void FakeEngine::SetLabels(std::vector<std::string> labels) {
  absl::MutexLock lock(&mutex_);
  info_.labels = std::move(labels);
}

void FakeEngine::SetAnswer(const std::string& question, std::vector<std::string> tokens) {
  absl::MutexLock lock(&mutex_);
  answers_[question] = std::move(tokens);
}

void FakeEngine::SetPromptTokens(const std::string& question, int tokens) {
  absl::MutexLock lock(&mutex_);
  prompt_tokens_[question] = tokens;
}

void FakeEngine::FailImage(int width, int height, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  image_faults_[{width, height}] = std::move(status);
}

void FakeEngine::FailQuestion(const std::string& question, StepKind kind, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  question_faults_[{question, kind}] = std::move(status);
}

void FakeEngine::FailDevice() {
  absl::MutexLock lock(&mutex_);
  device_failed_ = true;
}

void FakeEngine::SetStepDuration(FakeClock* clock, absl::Duration duration) {
  for (StepKind kind :
       {StepKind::kPerceive, StepKind::kLookAgain, StepKind::kPrefill, StepKind::kDecode}) {
    SetStepDuration(clock, kind, duration, absl::ZeroDuration());
  }
}

void FakeEngine::SetStepDuration(FakeClock* clock, StepKind kind, absl::Duration base,
                                 absl::Duration each) {
  absl::MutexLock lock(&mutex_);
  clock_ = clock;
  step_times_[kind] = {base, each};
}

void FakeEngine::SetKvPool(int64_t blocks, int block_tokens) {
  absl::MutexLock lock(&mutex_);
  info_.kv_blocks = kv_.total_blocks = blocks;
  info_.kv_block_tokens = block_tokens;
}

void FakeEngine::SetBounds(Bounds bounds) {
  absl::MutexLock lock(&mutex_);
  bounds_ = bounds;
}

void FakeEngine::Hold() {
  absl::MutexLock lock(&mutex_);
  holding_ = true;
  passes_ = 0;
}

void FakeEngine::AwaitHeld() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &FakeEngine::StepIsHeld));
}

void FakeEngine::LetOnePass() {
  absl::MutexLock lock(&mutex_);
  if (!step_is_held_) violations_.push_back("LetOnePass while no step is held");
  step_is_held_ = false;  // so that AwaitHeld waits for the next one
  ++passes_;
}

void FakeEngine::Release() {
  absl::MutexLock lock(&mutex_);
  holding_ = false;
}

std::vector<FakeEngine::Step> FakeEngine::steps() const {
  absl::MutexLock lock(&mutex_);
  return steps_;
}

FakeEngine::Step FakeEngine::last_step() const {
  absl::MutexLock lock(&mutex_);
  return steps_.back();
}

std::vector<std::string> FakeEngine::started() const {
  absl::MutexLock lock(&mutex_);
  return started_;
}

int FakeEngine::live_sequences() const {
  absl::MutexLock lock(&mutex_);
  return live_sequences_;
}

int FakeEngine::peak_sequences() const {
  absl::MutexLock lock(&mutex_);
  return peak_sequences_;
}

std::vector<std::string> FakeEngine::violations() const {
  absl::MutexLock lock(&mutex_);
  return violations_;
}

KvUsage FakeEngine::kv_usage() const {
  absl::MutexLock lock(&mutex_);
  return kv_;
}

void FakeEngine::CheckBounds(const Step& step) {
  const bool again = step.kind == StepKind::kLookAgain;
  const int parts = std::accumulate(step.parts.begin(), step.parts.end(), 0);
  int64_t pixels = 0;
  for (const auto& [width, height] : step.images) pixels += int64_t{width} * height;
  int prompt_tokens = 0;
  for (int tokens : step.prompt_tokens) prompt_tokens += tokens;
  const auto check = [&](int64_t value, int64_t bound, const char* of) {
    mutex_.AssertHeld();  // said anew: the analysis does not look out of a lambda
    if (value > bound) {
      violations_.push_back(absl::StrCat("a step of ", value, " ", of, ", bound ", bound));
    }
  };
  check(again ? parts : static_cast<int64_t>(step.images.size()), bounds_.images, "images");
  if (step.images.size() > 1 && !again) check(pixels, bounds_.pixels, "pixels");
  check(prompt_tokens, bounds_.prompt_tokens, "prompt tokens");
  check(static_cast<int64_t>(step.questions.size()), bounds_.sequences, "sequences");
}

void FakeEngine::BeginStep(Step step, int units) {
  FakeClock* clock = nullptr;
  absl::Duration duration;
  {
    absl::MutexLock lock(&mutex_);
    if (in_step_) violations_.push_back("two steps at a time");
    if (units == 0) violations_.push_back("a step of nothing");
    in_step_ = true;
    CheckBounds(step);
    const StepTime time = step_times_[step.kind];
    steps_.push_back(std::move(step));
    step_is_held_ = !MayPass();
    mutex_.Await(absl::Condition(this, &FakeEngine::MayPass));
    step_is_held_ = false;
    if (holding_) --passes_;
    clock = clock_;
    duration = time.base + units * time.each;
  }
  if (clock != nullptr) clock->Advance(duration);
}

void FakeEngine::EndStep() {
  absl::MutexLock lock(&mutex_);
  in_step_ = false;
}

int FakeEngine::EstimatePromptTokens(int image_count, size_t text_bytes) const {
  return 8 + 16 * image_count + static_cast<int>(text_bytes / 4);
}

std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> FakeEngine::Perceive(
    absl::Span<const PerceiveItem> items) {
  Step step{.kind = StepKind::kPerceive};
  for (const auto& item : items) step.images.emplace_back(item.image->width, item.image->height);
  BeginStep(std::move(step), static_cast<int>(items.size()));
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> results;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& item : items) {
      const ImageSize size{item.image->width, item.image->height};
      if (device_failed_) {
        results.push_back(DeviceFailure());
        continue;
      }
      if (auto fault = image_faults_.find(size); fault != image_faults_.end()) {
        results.push_back(fault->second);
        continue;
      }
      auto perception = std::make_shared<Perception>();
      perception->width = size.first;
      perception->height = size.second;
      perception->query_fusion = item.query_fusion;
      if (auto found = detections_.find(size); found != detections_.end()) {
        perception->detections = found->second;
      } else {
        perception->detections = {{.box = {0.25f, 0.25f, 0.75f, 0.75f},
                                   .class_id = 0,
                                   .label = info_.labels.empty() ? "" : info_.labels.front(),
                                   .score = 0.9f,
                                   .sure = true}};
      }
      perception->features = std::make_shared<FakeFeatures>();
      results.push_back(std::move(perception));
    }
  }
  EndStep();
  return results;
}

absl::StatusOr<std::unique_ptr<Sequence>> FakeEngine::StartSequence(const AnswerInput& input) {
  absl::MutexLock lock(&mutex_);
  if (in_step_) violations_.push_back("StartSequence during a step");
  if (device_failed_) return DeviceFailure();
  started_.push_back(input.question);
  if (absl::Status fault = Fault(input.question, StepKind::kPerceive); !fault.ok()) return fault;
  size_t text_bytes = input.question.size();
  for (const Turn& turn : input.turns) text_bytes += turn.text.size();
  int prompt_tokens = EstimatePromptTokens(static_cast<int>(input.images.size()), text_bytes);
  if (auto set = prompt_tokens_.find(input.question); set != prompt_tokens_.end()) {
    prompt_tokens = set->second;
  }
  if (prompt_tokens + input.generation.max_new_tokens > info_.context_tokens) {
    return absl::InvalidArgumentError(
        absl::StrCat("question: expected prompt and answer to fit into ", info_.context_tokens,
                     " tokens, got ", prompt_tokens, " + ", input.generation.max_new_tokens));
  }
  const int tokens = prompt_tokens + input.generation.max_new_tokens;
  const int64_t blocks =
      info_.kv_blocks == 0 ? 0 : (tokens + info_.kv_block_tokens - 1) / info_.kv_block_tokens;
  if (blocks > info_.kv_blocks) {
    return absl::InvalidArgumentError(absl::StrCat("question: expected at most ", info_.kv_blocks,
                                                   " key-value blocks, got ", blocks));
  }
  std::vector<std::string> answer{"You", " asked", ": ", input.question};
  if (auto set = answers_.find(input.question); set != answers_.end()) answer = set->second;
  ++live_sequences_;
  return std::make_unique<FakeSequence>(this, input.question, prompt_tokens, std::move(answer),
                                        input.generation.max_new_tokens, blocks);
}

std::vector<absl::StatusOr<StepResult>> FakeEngine::Prefill(absl::Span<const PrefillItem> items) {
  Step step{.kind = StepKind::kPrefill};
  for (const PrefillItem& item : items) {
    auto& sequence = static_cast<FakeSequence&>(*item.sequence);
    step.questions.push_back(sequence.question);
    step.prompt_tokens.push_back(std::min(item.max_tokens, sequence.pending_prompt_tokens()));
  }
  const std::vector<int> tokens = step.prompt_tokens;
  BeginStep(std::move(step), std::accumulate(tokens.begin(), tokens.end(), 0));
  std::vector<absl::StatusOr<StepResult>> results;
  {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < items.size(); ++i) {
      auto& sequence = static_cast<FakeSequence&>(*items[i].sequence);
      if (tokens[i] < 1) violations_.push_back("Prefill of no tokens");
      if (!sequence.reserved) violations_.push_back("Prefill before Reserve");
      sequence.pending -= tokens[i];
      if (sequence.pending == 0) {
        results.push_back(NextToken(sequence, StepKind::kPrefill));
        continue;
      }
      absl::Status fault = Fault(sequence.question, StepKind::kPrefill);
      results.push_back(fault.ok() ? absl::StatusOr<StepResult>(StepResult{}) : fault);
    }
  }
  EndStep();
  return results;
}

std::vector<absl::StatusOr<StepResult>> FakeEngine::Decode(absl::Span<Sequence* const> sequences) {
  Step step{.kind = StepKind::kDecode};
  for (Sequence* item : sequences) {
    step.questions.push_back(static_cast<FakeSequence&>(*item).question);
  }
  BeginStep(std::move(step), static_cast<int>(sequences.size()));
  std::vector<absl::StatusOr<StepResult>> results;
  {
    absl::MutexLock lock(&mutex_);
    for (Sequence* item : sequences) {
      auto& sequence = static_cast<FakeSequence&>(*item);
      if (sequence.pending > 0) violations_.push_back("Decode before the prompt's end");
      if (sequence.finished) violations_.push_back("Decode after the answer's end");
      results.push_back(NextToken(sequence, StepKind::kDecode));
    }
  }
  EndStep();
  return results;
}

absl::Status FakeEngine::Fault(const std::string& question, StepKind kind) const {
  if (device_failed_) return DeviceFailure();
  auto fault = question_faults_.find({question, kind});
  return fault == question_faults_.end() ? absl::OkStatus() : fault->second;
}

absl::StatusOr<StepResult> FakeEngine::NextToken(FakeSequence& sequence, StepKind kind) {
  if (absl::Status fault = Fault(sequence.question, kind); !fault.ok()) return fault;
  StepResult result{.produced_token = true};
  const int index = sequence.produced++;
  if (index < static_cast<int>(sequence.answer.size())) result.text = sequence.answer[index];
  if (sequence.produced >= static_cast<int>(sequence.answer.size())) {
    result.finish = FinishReason::kStop;
  } else if (sequence.produced >= sequence.max_new_tokens) {
    result.finish = FinishReason::kLength;
  }
  sequence.finished = result.finish != FinishReason::kNone;
  return result;
}

std::shared_ptr<const ImageInput> MakeImage(int width, int height) {
  auto image = std::make_shared<ImageInput>();
  image->width = width;
  image->height = height;
  return image;
}

}  // namespace mrmllm
