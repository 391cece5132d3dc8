// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/estimates/forecast.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

constexpr double kBenefitOfTheDoubt = 1.25;
// Of one unit, before it was measured: an order among unknowns.
constexpr double kGuessedSeconds = 1e-3;

double SecondsOf(const StepCosts& costs, StepKind kind, double units) {
  return absl::ToDoubleSeconds(costs.Of(kind, units));
}

// Of one unit, in steps of at most `most` while there are `units`.
double SecondsOfOne(const StepCosts& costs, StepKind kind, double units, int most) {
  if (!costs.Knows(kind)) return kGuessedSeconds;
  const double in_step = std::clamp<double>(units, 1, most);
  return SecondsOf(costs, kind, in_step) / in_step;
}

// Of all of them, in steps of at most `most`.
double SecondsOfAll(const StepCosts& costs, StepKind kind, double units, int most) {
  double seconds = 0;
  for (; units >= most + 1; units -= most) seconds += SecondsOf(costs, kind, most);
  return units > 0 ? seconds + SecondsOf(costs, kind, units) : seconds;
}

// Seconds until the work of `mine` is done when the engine is shared fairly: what has a higher
// class goes first, what the same tenant has that is due first goes first, and each other tenant
// gets as much as its weight allows meanwhile. `seconds_of` says what of each piece of work counts.
template <typename Opens, typename SecondsOfWork>
double UntilServed(const WorkLeft& mine, const Opens& open, SecondsOfWork seconds_of) {
  double first = 0;
  double own = seconds_of(mine);
  absl::flat_hash_map<size_t, std::pair<double, double>> others;  // seconds and weight
  for (const auto& [work, accepted] : open) {
    const double seconds = seconds_of(work);
    if (work.running || work.priority < mine.priority) {
      first += seconds;
    } else if (work.priority > mine.priority) {
      continue;
    } else if (work.tenant != mine.tenant) {
      auto& [sum, weight] = others[work.tenant];
      sum += seconds;
      weight = work.weight;
    } else if (work.deadline <= mine.deadline) {
      own += seconds;
    }
  }
  double until = first + own;
  for (const auto& [tenant, other] : others) {
    until += std::min(other.first, own * other.second / mine.weight);
  }
  return until;
}

bool IsTooLate(double seconds, absl::Duration left) {
  return seconds > kBenefitOfTheDoubt * absl::ToDoubleSeconds(left);
}

std::string InSeconds(double seconds) {
  return absl::FormatDuration(absl::Milliseconds(std::llround(std::max(1.0, seconds * 1e3))));
}

}  // namespace

WorkLeft WorkOf(const Request& request, const Engine& engine, const Scheduler::Options& options) {
  WorkLeft work{.tenant = std::hash<std::string>()(request.tenant),
                .priority = request.priority,
                .deadline = request.deadline};
  const auto weight = options.tenant_weights.find(request.tenant);
  if (weight != options.tenant_weights.end()) work.weight = weight->second;
  const SecondLookSettings& second_look = request.second_look.settings;
  for (const RequestImage& image : request.images) {
    work.images += image.perception ? 0 : 1;
    if (second_look.mode == SecondLookMode::kAlways && image.look_again && image.input) {
      work.parts += std::min(second_look.max_crops, options.max_batch_images);
    }
  }
  if (!request.answer) return work;
  size_t text_bytes = request.answer->question.size();
  for (const Turn& turn : request.answer->turns) text_bytes += turn.text.size();
  work.prompt_tokens =
      engine.EstimatePromptTokens(static_cast<int>(request.images.size()), text_bytes);
  work.max_answer_tokens = request.answer->generation.max_new_tokens;
  return work;
}

Forecast::Forecast(const Scheduler::Options& options)
    : max_batch_images_(options.max_batch_images),
      max_prefill_tokens_(options.max_prefill_tokens),
      slots_(options.max_running_sequences) {}

absl::Status Forecast::Accept(RequestHandle handle, const WorkLeft& work, bool may_degrade,
                              absl::Time now) {
  absl::MutexLock lock(&mutex_);
  costs_.Fade(now);
  const absl::Duration left = work.deadline - now;
  if (work.deadline < absl::InfiniteFuture() && Knows(work)) {
    const double until = may_degrade ? UntilPerceived(work) : UntilDone(work);
    const double alone = may_degrade ? PerceivedAlone(work) : DoneAlone(work);
    const auto message = [&](double seconds, const char* how) {
      return absl::StrCat("the deadline is in ", absl::FormatDuration(left),
                          ", the request would take about ", InSeconds(seconds), how);
    };
    if (IsTooLate(alone, left)) return absl::DeadlineExceededError(message(alone, " even alone"));
    if (IsTooLate(until, left)) {
      return absl::ResourceExhaustedError(message(until, " with the work that is ahead of it"));
    }
  }
  open_.push_back({work, handle});
  return absl::OkStatus();
}

void Forecast::Withdraw(RequestHandle handle) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(open_, [handle](const Open& open) { return open.accepted == handle; });
}

void Forecast::TakeIn(RequestHandle handle) {
  absl::MutexLock lock(&mutex_);
  for (Open& open : open_) {
    if (open.accepted == handle) open.accepted.reset();
  }
}

absl::Duration Forecast::QueueWait() const {
  absl::MutexLock lock(&mutex_);
  const UnitCosts costs = CostsBeside({});
  double first_steps = 0;  // perceiving and reading the prompts of all that is open
  double answers = 0;
  int answer_count = 0;
  for (const auto& [work, accepted] : open_) {
    if (!Knows(work)) continue;
    first_steps += work.images * costs.image + work.parts * costs.part +
                   PromptTokens(work) * costs.prompt_token;
    answers += AnswerTokens(work) * costs.answer_token;
    if (work.max_answer_tokens > 0) ++answer_count;
  }
  // So many answers must end before there is room for one more.
  const int too_many = std::max(0, answer_count + 1 - slots_);
  const double until_room = answer_count == 0 ? 0 : answers * too_many / answer_count;
  return absl::Seconds(first_steps + until_room);
}

void Forecast::ObserveStep(StepKind kind, int units, absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  costs_.ObserveStep(kind, units, duration);
}

void Forecast::ObservePrompt(int tokens, int estimated) {
  absl::MutexLock lock(&mutex_);
  costs_.ObservePrompt(tokens, estimated);
}

void Forecast::ObserveAnswer(int tokens, int limit) {
  absl::MutexLock lock(&mutex_);
  costs_.ObserveAnswer(tokens, limit);
}

std::vector<absl::Duration> Forecast::Publish(const std::vector<WorkLeft>& open, int slots,
                                              absl::Time now) {
  absl::MutexLock lock(&mutex_);
  costs_.Fade(now);
  std::erase_if(open_, [](const Open& known) { return !known.accepted.has_value(); });
  for (const WorkLeft& work : open) open_.push_back({work, std::nullopt});
  slots_ = std::max(1, slots);
  const UnitCosts unit_costs = CostsBeside({});
  std::vector<absl::Duration> costs;
  costs.reserve(open.size());
  for (const WorkLeft& work : open) {
    costs.push_back(absl::Seconds(std::max(Seconds(work, unit_costs), 1e-6)));
  }
  return costs;
}

bool Forecast::AnswerFits(const WorkLeft& work, absl::Duration left) const {
  absl::MutexLock lock(&mutex_);
  return !costs_.KnowsAnswers() || !IsTooLate(SecondsOfAnswer(work), left);
}

int Forecast::PartsThatFit(const WorkLeft& work, absl::Duration left) const {
  absl::MutexLock lock(&mutex_);
  const StepKind kind =
      costs_.Knows(StepKind::kLookAgain) ? StepKind::kLookAgain : StepKind::kPerceive;
  if (!costs_.Knows(kind)) return work.parts;
  const bool answers = work.max_answer_tokens > 0 && costs_.KnowsAnswers();
  const double rest = answers ? SecondsOfAnswer(work) : 0;
  int parts = work.parts;
  while (parts > 0 &&
         kBenefitOfTheDoubt * (SecondsOfAll(costs_, kind, parts, max_batch_images_) + rest) >
             absl::ToDoubleSeconds(left)) {
    --parts;
  }
  return parts;
}

bool Forecast::Knows(const WorkLeft& work) const {
  return (work.images == 0 || costs_.Knows(StepKind::kPerceive)) &&
         (work.parts == 0 || costs_.Knows(StepKind::kLookAgain)) &&
         (work.max_answer_tokens == 0 || costs_.KnowsAnswers());
}

Forecast::UnitCosts Forecast::CostsBeside(const WorkLeft& work) const {
  double images = work.images;
  double parts = work.parts;
  double prompt_tokens = PromptTokens(work);
  int answers = work.max_answer_tokens > 0 ? 1 : 0;
  for (const auto& [open, accepted] : open_) {
    images += open.images;
    parts += open.parts;
    prompt_tokens += PromptTokens(open);
    if (open.max_answer_tokens > 0) ++answers;
  }
  return {
      .image = SecondsOfOne(costs_, StepKind::kPerceive, images, max_batch_images_),
      .part = SecondsOfOne(costs_, StepKind::kLookAgain, parts, max_batch_images_),
      .prompt_token = SecondsOfOne(costs_, StepKind::kPrefill, prompt_tokens, max_prefill_tokens_),
      .answer_token = SecondsOfOne(costs_, StepKind::kDecode, answers, slots_)};
}

double Forecast::PromptTokens(const WorkLeft& work) const {
  return work.running ? work.prompt_tokens : work.prompt_tokens * costs_.prompt_share();
}

double Forecast::AnswerTokens(const WorkLeft& work) const {
  if (work.max_answer_tokens == 0) return 0;
  return std::max(1.0, work.max_answer_tokens * costs_.answer_share() - work.answer_tokens);
}

double Forecast::Seconds(const WorkLeft& work, const UnitCosts& costs) const {
  return work.images * costs.image + work.parts * costs.part +
         PromptTokens(work) * costs.prompt_token + AnswerTokens(work) * costs.answer_token;
}

double Forecast::SecondsOfAnswer(const WorkLeft& work) const {
  int batch = 0;
  for (const auto& [open, accepted] : open_) batch += open.running ? 1 : 0;
  batch = std::clamp(work.running ? batch : batch + 1, 1, slots_);
  const double prompt_tokens = PromptTokens(work);
  // The end of the prompt brings the first token.
  const double answer_tokens = AnswerTokens(work) - (prompt_tokens > 0 ? 1 : 0);
  return SecondsOfAll(costs_, StepKind::kPrefill, prompt_tokens, max_prefill_tokens_) +
         answer_tokens * SecondsOf(costs_, StepKind::kDecode, batch);
}

double Forecast::UntilPerceived(const WorkLeft& work) const {
  const UnitCosts costs = CostsBeside(work);
  const double until = UntilServed(work, open_, [&](const WorkLeft& any) {
    return any.images * costs.image + any.parts * costs.part;
  });
  return std::max(until, PerceivedAlone(work));
}

double Forecast::UntilDone(const WorkLeft& work) const {
  const UnitCosts costs = CostsBeside(work);
  const double mine = AnswerTokens(work);
  const double until = UntilServed(work, open_, [&](const WorkLeft& any) {
    mutex_.AssertReaderHeld();  // said anew: the analysis does not look out of a lambda
    if (work.max_answer_tokens == 0) return any.images * costs.image + any.parts * costs.part;
    // Those that run beside it share its steps, and no others.
    const double beside =
        any.running ? std::max(0.0, AnswerTokens(any) - mine) * costs.answer_token : 0;
    return Seconds(any, costs) - beside;
  });
  return std::max(until, DoneAlone(work));
}

double Forecast::PerceivedAlone(const WorkLeft& work) const {
  double seconds = 0;
  if (work.images > 0) {
    seconds += SecondsOfAll(costs_, StepKind::kPerceive, work.images, max_batch_images_);
  }
  if (work.parts > 0) {
    seconds += SecondsOfAll(costs_, StepKind::kLookAgain, work.parts, max_batch_images_);
  }
  return seconds;
}

double Forecast::DoneAlone(const WorkLeft& work) const {
  if (work.max_answer_tokens == 0) return PerceivedAlone(work);
  return PerceivedAlone(work) +
         SecondsOfAll(costs_, StepKind::kPrefill, PromptTokens(work), max_prefill_tokens_) +
         (AnswerTokens(work) - 1) * SecondsOf(costs_, StepKind::kDecode, 1);
}

}  // namespace mrmllm
