// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/loop/batch_executor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

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
  auto request = std::make_unique<ActiveRequest>(std::move(submitted));
  requests_.emplace(request->handle(), std::move(request));
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

void BatchExecutor::PrepareStep(absl::Time now) {
  VisitEach(requests_, [&](ActiveRequest& request) {
    if (request.request().deadline <= now) {
      End(request,
          absl::DeadlineExceededError(
              absl::StrCat("the deadline passed while ", Doing(request.stage()))),
          now);
    } else {
      GoOnIfPerceived(request, now);
    }
  });
  BeginAnswers(now);
}

void BatchExecutor::BeginAnswers(absl::Time now) {
  int running = 0;
  int64_t pending_prompt_tokens = 0;
  for (const auto& [rank, request] : requests_) {
    if (const Sequence* sequence = request->sequence()) {
      ++running;
      pending_prompt_tokens += sequence->pending_prompt_tokens();
    }
  }
  VisitEach(requests_, [&](ActiveRequest& request) {
    if (!request.WaitsToAnswer()) return;
    if (!MayBeginAnswer(options_, running, pending_prompt_tokens)) return;
    if (absl::Status status = request.BeginAnswer(engine_); !status.ok()) {
      End(request, status, now);
      return;
    }
    ++running;
    pending_prompt_tokens += request.sequence()->pending_prompt_tokens();
  });
}

BatchSnapshot BatchExecutor::Snapshot() const {
  BatchSnapshot snapshot{.perceived_last = perceived_last_, .prefilled_last = prefilled_last_};
  for (const auto& [rank, request] : requests_) {
    if (request->Perceiving()) {
      for (const RequestImage& image : request->request().images) {
        if (image.perception) continue;
        if (static_cast<int>(snapshot.images.size()) > options_.max_batch_images) break;
        const int64_t pixels = int64_t{image.input->width} * image.input->height;
        snapshot.images.push_back({.pixels = pixels, .since = request->submitted()});
      }
    } else if (request->Prefilling()) {
      snapshot.prompt_tokens.push_back(request->sequence()->pending_prompt_tokens());
    } else if (request->Decoding()) {
      ++snapshot.decoding;
    }
  }
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
  struct Target {
    ActiveRequest* request;
    size_t image;
  };
  const absl::Time began = clock_.Now();
  std::vector<Target> targets;
  std::vector<PerceiveItem> items;
  for (const auto& [rank, request] : requests_) {
    if (!request->Perceiving()) continue;
    const std::vector<RequestImage>& images = request->request().images;
    for (size_t i = 0; i < images.size(); ++i) {
      if (images[i].perception || static_cast<int>(items.size()) == image_count) continue;
      LeaveQueue(*request, StepKind::kPerceive, began);
      targets.push_back({request.get(), i});
      items.push_back({images[i].input, request->request().query_fusion});
    }
  }

  auto results = engine_.Perceive(items);
  RequireOneForEach(items.size(), results);
  const absl::Time ended = clock_.Now();
  perceived_last_ = true;
  observer_.OnStep(StepKind::kPerceive, image_count, image_count, ended - began);

  // A request's images are neighbours in the batch; it is settled once, after its last one.
  absl::Status status;
  for (size_t i = 0; i < targets.size(); ++i) {
    ActiveRequest& request = *targets[i].request;
    if (results[i].ok() && *results[i] != nullptr) {
      request.SetPerception(targets[i].image, *std::move(results[i]));
    } else {
      status.Update(results[i].ok() ? absl::InternalError("the engine made no perception")
                                    : results[i].status());
    }
    if (i + 1 < targets.size() && targets[i + 1].request == &request) continue;
    if (status.ok()) {
      GoOnIfPerceived(request, ended);
    } else {
      End(request, std::exchange(status, absl::OkStatus()), ended);
    }
  }
}

void BatchExecutor::RunPrefill(absl::Span<const int> tokens) {
  const absl::Time began = clock_.Now();
  std::vector<ActiveRequest*> targets;
  std::vector<PrefillItem> items;
  int token_count = 0;
  for (const auto& [rank, request] : requests_) {
    if (items.size() == tokens.size()) break;
    if (!request->Prefilling()) continue;
    LeaveQueue(*request, StepKind::kPrefill, began);
    targets.push_back(request.get());
    token_count += tokens[items.size()];
    items.push_back({request->sequence(), tokens[items.size()]});
  }

  auto results = engine_.Prefill(items);
  RequireOneForEach(items.size(), results);
  const absl::Time ended = clock_.Now();
  perceived_last_ = false;
  prefilled_last_ = true;
  observer_.OnStep(StepKind::kPrefill, static_cast<int>(items.size()), token_count, ended - began);
  for (size_t i = 0; i < targets.size(); ++i) TakeStepResult(*targets[i], results[i], ended);
}

void BatchExecutor::RunDecode() {
  const absl::Time began = clock_.Now();
  std::vector<ActiveRequest*> targets;
  std::vector<Sequence*> sequences;
  for (const auto& [rank, request] : requests_) {
    if (!request->Decoding()) continue;
    targets.push_back(request.get());
    sequences.push_back(request->sequence());
  }

  auto results = engine_.Decode(sequences);
  RequireOneForEach(sequences.size(), results);
  const absl::Time ended = clock_.Now();
  perceived_last_ = false;
  prefilled_last_ = false;
  const int batch_size = static_cast<int>(sequences.size());
  observer_.OnStep(StepKind::kDecode, batch_size, batch_size, ended - began);
  for (size_t i = 0; i < targets.size(); ++i) TakeStepResult(*targets[i], results[i], ended);
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
    End(request, step.status(), now);
    return;
  }
  if (request.TakeStepResult(*step, now)) {
    observer_.OnFirstToken(request.result().timings.time_to_first_token);
  }
  if (step->finish == FinishReason::kNone) return;
  if (auto pace = request.TimePerOutputToken()) observer_.OnTimePerOutputToken(*pace);
  End(request, absl::OkStatus(), now);
}

void BatchExecutor::End(ActiveRequest& request, const absl::Status& status, absl::Time now) {
  request.End(status, now);
  ++ended_count_;
  requests_.erase(request.handle());
}

void BatchExecutor::ReportLoad() {
  Load load;
  for (const auto& [rank, request] : requests_) {
    if (!request->has_begun()) ++load.waiting;
    if (const Sequence* sequence = request->sequence()) {
      ++load.running_sequences;
      load.cache_bytes += static_cast<int64_t>(sequence->cache_bytes());
    }
  }
  if (load == reported_) return;
  reported_ = load;
  observer_.OnLoad(load.waiting, load.running_sequences, load.cache_bytes);
}

int BatchExecutor::TakeEndedCount() { return std::exchange(ended_count_, 0); }

absl::Time BatchExecutor::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [rank, request] : requests_) next = std::min(next, request->request().deadline);
  return next;
}

}  // namespace mrmllm
