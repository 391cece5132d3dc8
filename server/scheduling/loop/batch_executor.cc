// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_executor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "server/scheduling/loop/request_ranking.h"

namespace mrmllm {
namespace {

absl::string_view Doing(ActiveRequest::Stage stage) {
  switch (stage) {
    case ActiveRequest::Stage::kPerceiveQueue:
      return "waiting to look at the images";
    case ActiveRequest::Stage::kPerceive:
      return "looking at the images";
    case ActiveRequest::Stage::kPrefillQueue:
      return "waiting to begin the answer";
    case ActiveRequest::Stage::kPrefill:
      return "reading the prompt";
    case ActiveRequest::Stage::kDecode:
      break;
  }
  return "writing the answer";
}

// An engine that loses count must not take the executor with it.
template <typename T>
void RequireOneForEach(size_t items, std::vector<absl::StatusOr<T>>& results) {
  if (results.size() == items) return;
  const absl::Status status = absl::InternalError(
      absl::StrCat("the engine gave ", results.size(), " results for ", items, " items"));
  results.assign(items, status);
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
  BatchSnapshot snapshot{.perceived_last = perceived_last_, .prefilled_last = prefilled_last_};
  for (const WantedImage& wanted : WantedImages(order_, options_.max_batch_images + 1)) {
    const ImageInput& input = *wanted.image().input;
    snapshot.images.push_back({.pixels = int64_t{input.width} * input.height,
                               .since = wanted.waiters.front().request->submitted()});
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
    RunPerceive(perceive->image_count);
  } else if (const auto* prefill = std::get_if<PrefillStep>(&step)) {
    RunPrefill(prefill->tokens);
  } else if (std::holds_alternative<DecodeStep>(step)) {
    RunDecode();
  }
}

void BatchExecutor::RunPerceive(int image_count) {
  const absl::Time began = clock_.Now();
  const std::vector<WantedImage> wanted = WantedImages(order_, image_count);
  std::vector<PerceiveItem> items;
  std::vector<ActiveRequest*> requests;  // that take part, each once
  int shared = 0;
  for (const WantedImage& image : wanted) {
    shared += static_cast<int>(image.waiters.size()) - 1;
    items.push_back({image.image().input, image.request().query_fusion});
    for (const WantedImage::Waiter& waiter : image.waiters) {
      LeaveQueue(*waiter.request, StepKind::kPerceive, began);
      if (std::find(requests.begin(), requests.end(), waiter.request) == requests.end()) {
        requests.push_back(waiter.request);
      }
    }
  }

  auto results = engine_.Perceive(items);
  RequireOneForEach(items.size(), results);
  const absl::Duration took = FinishStep(StepKind::kPerceive, image_count, image_count, began);
  const absl::Time ended = began + took;
  if (shared > 0) observer_.OnSharedPerceptions(shared);
  absl::flat_hash_map<const ActiveRequest*, absl::Status> failures;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (results[i].ok() && *results[i] == nullptr) {
      results[i] = absl::InternalError("the engine made no perception");
    }
    if (results[i].ok()) recent_.Keep(wanted[i].image().key, *results[i]);
    const absl::Duration charge = took / (items.size() * wanted[i].waiters.size());
    for (const WantedImage::Waiter& waiter : wanted[i].waiters) {
      share_.Charge(waiter.request->request().tenant, charge);
      if (results[i].ok()) {
        waiter.request->SetPerception(waiter.image, *results[i]);
      } else {
        failures.try_emplace(waiter.request, results[i].status());
      }
    }
  }
  for (ActiveRequest* request : requests) {
    auto failure = failures.find(request);
    if (failure == failures.end()) {
      GoOnIfPerceived(*request, ended);
    } else {
      Fail(*request, failure->second, ended);
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
  perceived_last_ = kind == StepKind::kPerceive;
  if (!perceived_last_) prefilled_last_ = kind == StepKind::kPrefill;
  forecast_.ObserveStep(kind, units, took);
  observer_.OnStep(kind, batch_size, units, took);
  return took;
}

void BatchExecutor::GoOnIfPerceived(ActiveRequest& request, absl::Time now) {
  if (!request.Perceiving() || !request.EveryImagePerceived()) return;
  request.HandOverPerceptions(now);
  if (!request.request().answer) End(request, absl::OkStatus(), now);
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
