// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/active_request.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace mrmllm {
namespace {

absl::Duration& TimeOf(ActiveRequest::Stage stage, ExecutionTimings& timings) {
  switch (stage) {
    case ActiveRequest::Stage::kPerceiveQueue:
      return timings.perceive_queue;
    case ActiveRequest::Stage::kPerceive:
      return timings.perceive;
    case ActiveRequest::Stage::kLookAgainQueue:
    case ActiveRequest::Stage::kLookAgain:
      return timings.look_again;
    case ActiveRequest::Stage::kPrefillQueue:
      return timings.prefill_queue;
    case ActiveRequest::Stage::kPrefill:
      return timings.prefill;
    case ActiveRequest::Stage::kDecode:
      break;
  }
  return timings.decode;
}

}  // namespace

ActiveRequest::ActiveRequest(SubmittedRequest submitted, WorkLeft work)
    : handle_(submitted.handle),
      submitted_(submitted.submitted),
      work_(work),
      request_(std::move(submitted.request)),
      place_(std::move(submitted.place)),
      stage_began_(submitted.submitted) {
  result_.timings.submitted = submitted_;
}

WorkLeft ActiveRequest::Left() const {
  WorkLeft left = work_;
  left.images = static_cast<int>(
      std::count_if(request_.images.begin(), request_.images.end(),
                    [](const RequestImage& image) { return image.perception == nullptr; }));
  // Until they are planned: those that are sure to come.
  if (stage_ >= Stage::kLookAgainQueue) left.parts = CountPartsLeft();
  left.running = has_room_;
  if (has_room_) left.prompt_tokens = sequence_->pending_prompt_tokens();
  left.answer_tokens = tokens_;
  return left;
}

void ActiveRequest::EnterStage(Stage stage, absl::Time now) {
  TimeOf(stage_, result_.timings) += now - stage_began_;
  stage_ = stage;
  stage_began_ = now;
}

std::optional<absl::Duration> ActiveRequest::LeaveQueue(absl::Time now) {
  has_begun_ = true;
  const absl::Duration waited = now - stage_began_;
  if (stage_ == Stage::kPerceiveQueue) {
    EnterStage(Stage::kPerceive, now);
  } else if (stage_ == Stage::kLookAgainQueue) {
    EnterStage(Stage::kLookAgain, now);
  } else if (stage_ == Stage::kPrefillQueue) {
    EnterStage(Stage::kPrefill, now);
  } else {
    return std::nullopt;
  }
  return waited;
}

bool ActiveRequest::EveryImagePerceived() const {
  return std::all_of(request_.images.begin(), request_.images.end(),
                     [](const RequestImage& image) { return image.perception != nullptr; });
}

void ActiveRequest::SetPerception(size_t image, std::shared_ptr<const Perception> perception) {
  request_.images[image].perception = std::move(perception);
}

std::vector<std::shared_ptr<const Perception>> ActiveRequest::Perceptions() const {
  std::vector<std::shared_ptr<const Perception>> perceptions;
  for (const RequestImage& image : request_.images) perceptions.push_back(image.perception);
  return perceptions;
}

void ActiveRequest::BeginSecondLook(PartsOfImages parts, absl::Time now) {
  parts_ = std::move(parts);
  EnterStage(Stage::kLookAgainQueue, now);
  // This does not bind it to its engine: another one may tell of a first look once more.
  request_.listener->OnFirstLook(Perceptions());
}

void ActiveRequest::SetSecondLook(size_t image, std::shared_ptr<const Perception> merged) {
  request_.images[image].perception = std::move(merged);
  parts_[image].clear();
}

void ActiveRequest::HandOverPerceptions(absl::Time now) {
  parts_.clear();
  if (!request_.images.empty()) {
    std::vector<std::shared_ptr<const Perception>> perceptions = Perceptions();
    for (RequestImage& image : request_.images) image.input.reset();  // not needed any more
    has_told_ = true;
    request_.listener->OnPerceived(perceptions);
    if (request_.answer) request_.answer->images = std::move(perceptions);
  }
  EnterStage(Stage::kPrefillQueue, now);
}

absl::StatusOr<bool> ActiveRequest::BeginAnswer(Engine& engine) {
  if (!sequence_) {
    ASSIGN_OR_RETURN(sequence_, engine.StartSequence(*request_.answer));
    if (!sequence_) return absl::InternalError("the engine began no sequence");
  }
  has_room_ = sequence_->Reserve();
  return has_room_;
}

bool ActiveRequest::TakeStepResult(const StepResult& step, absl::Time now) {
  bool is_first = false;
  if (step.produced_token) {
    is_first = tokens_++ == 0;
    last_token_ = now;
  }
  if (is_first) {
    first_token_ = now;
    result_.timings.time_to_first_token = now - request_.arrival;
    EnterStage(Stage::kDecode, now);
  }
  if (!step.text.empty()) {
    result_.answer += step.text;
    has_told_ = true;
    request_.listener->OnText(step.text);
  }
  result_.finish = step.finish;
  return is_first;
}

std::optional<absl::Duration> ActiveRequest::TimePerOutputToken() const {
  if (tokens_ < 2) return std::nullopt;
  return (last_token_ - first_token_) / (tokens_ - 1);
}

bool ActiveRequest::CanDegrade() const {
  return request_.may_degrade && request_.answer && !request_.images.empty() && !Perceiving() &&
         result_.answer.empty();
}

void ActiveRequest::EndDegraded(absl::Time now) {
  result_.degraded = true;
  End(absl::OkStatus(), now);
}

SubmittedRequest ActiveRequest::TakeBack() {
  sequence_.reset();
  for (RequestImage& image : request_.images) {
    if (image.input) image.perception.reset();  // it lies on the engine that is left
  }
  return {.handle = handle_,
          .request = std::move(request_),
          .place = std::move(place_),
          .submitted = submitted_};
}

void ActiveRequest::End(absl::Status status, absl::Time now) {
  EnterStage(stage_, now);
  if (sequence_) result_.usage = sequence_->usage();
  sequence_.reset();
  place_.Release();
  request_.listener->OnDone(std::move(status), result_);
}

}  // namespace mrmllm
