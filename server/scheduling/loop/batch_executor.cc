// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_executor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "server/scheduling/estimates/second_look_budget.h"
#include "server/scheduling/loop/request_ranking.h"
#include "server/scheduling/loop/result_count.h"

namespace mrmllm {
namespace {

absl::string_view Doing(ActiveRequest::Stage stage) {
  switch (stage) {
    case ActiveRequest::Stage::kPerceiveQueue:
      return "waiting to look at the images";
    case ActiveRequest::Stage::kPerceive:
      return "looking at the images";
    case ActiveRequest::Stage::kLookAgainQueue:
    case ActiveRequest::Stage::kLookAgain:
      return "looking at parts of the images again";
    case ActiveRequest::Stage::kPrefillQueue:
      return "waiting to begin the answer";
    case ActiveRequest::Stage::kPrefill:
      return "reading the prompt";
    case ActiveRequest::Stage::kDecode:
      break;
  }
  return "writing the answer";
}

// Visits every request; `visit` may end the one it is given.
template <typename Requests, typename Visit>
void VisitEach(Requests& requests, Visit visit) {
  for (auto next = requests.begin(); next != requests.end();) visit(*(next++)->second);
}

}  // namespace

void BatchExecutor::Add(SubmittedRequest submitted) {
  forecast_.TakeIn(submitted.handle);
  const WorkLeft work = WorkOf(submitted.request, engine_, options_);
  auto added = std::make_unique<ActiveRequest>(std::move(submitted), work);
  const Request& request = added->request();
  for (size_t i = 0; i < request.images.size(); ++i) {
    if (request.images[i].perception) continue;
    auto known = recent_.Find(request.images[i].key, request.query_fusion);
    if (!known) continue;
    added->SetPerception(i, std::move(known));
    observer_.OnSharedPerceptions(1);
  }
  requests_.emplace(added->handle(), std::move(added));
}

void BatchExecutor::Cancel(RequestHandle handle) {
  auto found = requests_.find(handle);
  if (found == requests_.end()) return;
  End(*found->second, absl::CancelledError("the caller cancelled the request"), clock_.Now());
}

void BatchExecutor::EndAll(const absl::Status& status) {
  const absl::Time now = clock_.Now();
  VisitEach(requests_, [&](ActiveRequest& request) { End(request, status, now); });
}

std::vector<SubmittedRequest> BatchExecutor::TakeUntold() {
  std::vector<SubmittedRequest> untold;
  VisitEach(requests_, [&](ActiveRequest& request) {
    if (request.has_told()) return;
    untold.push_back(request.TakeBack());
    Remove(request);
  });
  return untold;
}

void BatchExecutor::PrepareStep(absl::Time now) {
  recent_.EndStep();
  VisitEach(requests_, [&](ActiveRequest& request) {
    if (!EndIfTooLate(request, now)) GoOnIfPerceived(request, now);
  });
  std::vector<ActiveRequest*> all;
  for (const auto& [handle, request] : requests_) all.push_back(request.get());
  order_ = RankRequests(all, options_, room_is_short_, now, forecast_, share_);
  BeginAnswers(now);
}

bool BatchExecutor::EndIfTooLate(ActiveRequest& request, absl::Time now) {
  const absl::Time deadline = request.request().deadline;
  if (deadline == absl::InfiniteFuture()) return false;
  if (request.CanDegrade() &&
      (deadline <= now || !forecast_.AnswerFits(request.Left(), deadline - now))) {
    request.EndDegraded(now);
    Remove(request);
    return true;
  }
  if (deadline > now) return false;
  End(request,
      absl::DeadlineExceededError(
          absl::StrCat("the deadline passed while ", Doing(request.stage()))),
      now);
  return true;
}

void BatchExecutor::BeginAnswers(absl::Time now) {
  int running = 0;
  int64_t pending_prompt_tokens = 0;
  for (const auto& [handle, request] : requests_) {
    if (!request->Running()) continue;
    ++running;
    pending_prompt_tokens += request->sequence()->pending_prompt_tokens();
  }
  room_is_short_ = false;
  for (ActiveRequest*& request : order_) {
    if (!request->WaitsToAnswer()) continue;
    if (!MayBeginAnswer(options_, running, pending_prompt_tokens)) break;
    absl::StatusOr<bool> begun = request->BeginAnswer(engine_);
    if (begun.ok() && !*begun && running == 0) {
      begun = absl::InternalError("the engine has no room for the answer though none is running");
    }
    if (!begun.ok()) {
      Fail(*std::exchange(request, nullptr), begun.status(), now);
      if (!engine_failure_.ok()) break;
    } else if (*begun) {
      ++running;
      pending_prompt_tokens += request->sequence()->pending_prompt_tokens();
      forecast_.ObservePrompt(request->sequence()->pending_prompt_tokens(),
                              request->estimated_prompt_tokens());
    } else {
      // Nobody passes the one whose turn it is, or small answers would keep a big one out for ever.
      room_is_short_ = true;
      break;
    }
  }
  std::erase(order_, nullptr);
}

BatchSnapshot BatchExecutor::Snapshot() const {
  BatchSnapshot snapshot{.perceived_last = perceived_last_,
                         .looked_again_last = looked_again_last_,
                         .prefilled_last = prefilled_last_};
  for (const WantedImage& wanted : WantedImages(order_, options_.max_batch_images + 1)) {
    const ImageInput& input = *wanted.image().input;
    snapshot.images.push_back({.pixels = int64_t{input.width} * input.height,
                               .since = wanted.waiters.front().request->submitted()});
  }
  for (const WantedImage& wanted : WantedSecondLooks(order_, options_.max_batch_images)) {
    snapshot.parts.push_back(static_cast<int>(wanted.parts().size()));
  }
  for (const ActiveRequest* request : order_) {
    if (!request->Prefilling()) continue;
    snapshot.prompt_tokens.push_back(request->sequence()->pending_prompt_tokens());
  }
  for (const auto& [handle, request] : requests_) snapshot.decoding += request->Decoding() ? 1 : 0;
  return snapshot;
}

void BatchExecutor::Run(const BatchStep& step) {
  if (const auto* perceive = std::get_if<PerceiveStep>(&step)) {
    RunForImages(ImageStep::FirstLook(WantedImages(order_, perceive->image_count)));
  } else if (const auto* again = std::get_if<LookAgainStep>(&step)) {
    RunForImages(ImageStep::SecondLook(WantedSecondLooks(order_, again->image_count)));
  } else if (const auto* prefill = std::get_if<PrefillStep>(&step)) {
    RunPrefill(prefill->tokens);
  } else if (std::holds_alternative<DecodeStep>(step)) {
    RunDecode();
  }
}

void BatchExecutor::RunForImages(const ImageStep& step) {
  const absl::Time began = clock_.Now();
  for (ActiveRequest* request : step.requests()) LeaveQueue(*request, step.kind(), began);

  const ImageStep::Results results = step.Run(engine_);
  const absl::Duration took = FinishStep(step.kind(), step.units(), step.units(), began);
  step.Report(results, observer_);
  if (step.kind() == StepKind::kPerceive) {
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].ok()) recent_.Keep(step.wanted()[i].image().key, *results[i]);
    }
  }
  const auto failures = step.Give(results, took, share_);
  for (ActiveRequest* request : step.requests()) {
    auto failure = failures.find(request);
    if (failure == failures.end()) {
      GoOnIfPerceived(*request, began + took);
    } else {
      Fail(*request, failure->second, began + took);
    }
  }
}

void BatchExecutor::RunPrefill(absl::Span<const int> tokens) {
  const absl::Time began = clock_.Now();
  std::vector<ActiveRequest*> targets;
  std::vector<PrefillItem> items;
  int token_count = 0;
  for (ActiveRequest* request : order_) {
    if (items.size() == tokens.size()) break;
    if (!request->Prefilling()) continue;
    LeaveQueue(*request, StepKind::kPrefill, began);
    targets.push_back(request);
    token_count += tokens[items.size()];
    items.push_back({request->sequence(), tokens[items.size()]});
  }

  auto results = engine_.Prefill(items);
  RequireOneForEach(items.size(), results);
  const absl::Duration took =
      FinishStep(StepKind::kPrefill, static_cast<int>(items.size()), token_count, began);
  for (size_t i = 0; i < targets.size(); ++i) {
    share_.Charge(targets[i]->request().tenant, took * tokens[i] / token_count);
    TakeStepResult(*targets[i], results[i], began + took);
  }
}

void BatchExecutor::RunDecode() {
  const absl::Time began = clock_.Now();
  std::vector<ActiveRequest*> targets;
  std::vector<Sequence*> sequences;
  for (const auto& [handle, request] : requests_) {
    if (!request->Decoding()) continue;
    targets.push_back(request.get());
    sequences.push_back(request->sequence());
  }

  auto results = engine_.Decode(sequences);
  RequireOneForEach(sequences.size(), results);
  const int batch_size = static_cast<int>(sequences.size());
  const absl::Duration took = FinishStep(StepKind::kDecode, batch_size, batch_size, began);
  for (size_t i = 0; i < targets.size(); ++i) {
    share_.Charge(targets[i]->request().tenant, took / batch_size);
    TakeStepResult(*targets[i], results[i], began + took);
  }
}

absl::Duration BatchExecutor::FinishStep(StepKind kind, int batch_size, int units,
                                         absl::Time began) {
  const absl::Duration took = clock_.Now() - began;
  perceived_last_ = kind == StepKind::kPerceive || kind == StepKind::kLookAgain;
  if (perceived_last_) {
    looked_again_last_ = kind == StepKind::kLookAgain;
  } else {
    prefilled_last_ = kind == StepKind::kPrefill;
  }
  forecast_.ObserveStep(kind, units, took);
  observer_.OnStep(kind, batch_size, units, took);
  return took;
}

void BatchExecutor::GoOnIfPerceived(ActiveRequest& request, absl::Time now) {
  if (!request.Perceiving() || !request.EveryImagePerceived()) return;
  if (LooksAgain(request, now)) return;
  request.HandOverPerceptions(now);
  if (!request.request().answer) End(request, absl::OkStatus(), now);
}

bool BatchExecutor::LooksAgain(ActiveRequest& request, absl::Time now) {
  const bool yields = request.request().second_look.settings.mode == SecondLookMode::kAutomatic;
  if (!request.LookingAgain()) {
    PartsOfImages parts = PlanParts(request.request(), engine_, options_);
    if (yields && CountParts(parts) > 0) KeepBest(PartsBesides(CountWaiting(), options_), &parts);
    if (yields) KeepBest(PartsInTime(request, CountParts(parts), now), &parts);
    if (CountParts(parts) == 0) return false;
    request.BeginSecondLook(std::move(parts), now);
  } else if (yields) {
    request.KeepBestParts(PartsInTime(request, request.CountPartsLeft(), now));
  }
  return request.CountPartsLeft() > 0;
}

int BatchExecutor::PartsInTime(const ActiveRequest& request, int parts, absl::Time now) const {
  const absl::Time deadline = request.request().deadline;
  if (parts == 0 || deadline == absl::InfiniteFuture()) return parts;
  WorkLeft work = request.Left();
  work.parts = parts;
  return forecast_.PartsThatFit(work, deadline - now);
}

int BatchExecutor::CountWaiting() const {
  int waiting = 0;
  for (const auto& [handle, request] : requests_) {
    const WorkLeft left = request->Left();
    waiting += left.images + left.parts + (request->WaitsToAnswer() ? 1 : 0);
  }
  return waiting;
}

void BatchExecutor::LeaveQueue(ActiveRequest& request, StepKind kind, absl::Time now) {
  if (auto waited = request.LeaveQueue(now)) observer_.OnQueueWait(kind, *waited);
}

void BatchExecutor::TakeStepResult(ActiveRequest& request, const absl::StatusOr<StepResult>& step,
                                   absl::Time now) {
  if (!step.ok()) {
    Fail(request, step.status(), now);
    return;
  }
  if (request.TakeStepResult(*step, now)) {
    observer_.OnFirstToken(request.result().timings.time_to_first_token);
  }
  if (step->finish == FinishReason::kNone) return;
  if (auto pace = request.TimePerOutputToken()) observer_.OnTimePerOutputToken(*pace);
  const WorkLeft work = request.Left();
  forecast_.ObserveAnswer(work.answer_tokens, work.max_answer_tokens);
  End(request, absl::OkStatus(), now);
}

void BatchExecutor::Fail(ActiveRequest& request, const absl::Status& status, absl::Time now) {
  if (absl::IsUnavailable(status)) {
    engine_failure_.Update(status);
  } else {
    End(request, status, now);
  }
}

void BatchExecutor::End(ActiveRequest& request, const absl::Status& status, absl::Time now) {
  request.End(status, now);
  Remove(request);
}

void BatchExecutor::Remove(const ActiveRequest& request) {
  ++ended_count_;
  requests_.erase(request.handle());
}

void BatchExecutor::ReportLoad() {
  Load load;
  for (const auto& [handle, request] : requests_) {
    if (!request->has_begun()) ++load.waiting;
    if (request->Running()) {
      ++load.running_sequences;
      load.cache_bytes += static_cast<int64_t>(request->sequence()->cache_bytes());
    }
  }
  if (load == reported_) return;
  reported_ = load;
  observer_.OnLoad(load.waiting, load.running_sequences, load.cache_bytes);
}

int BatchExecutor::TakeEndedCount() { return std::exchange(ended_count_, 0); }

absl::Time BatchExecutor::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [handle, request] : requests_)
    next = std::min(next, request->request().deadline);
  return next;
}

}  // namespace mrmllm
