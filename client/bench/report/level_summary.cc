// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/level_summary.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

// The samples for which `belongs`.
RequestSummary SummarizeThose(const LevelResult& result,
                              const std::function<bool(const Sample&)>& belongs) {
  RequestSummary summary;
  std::vector<absl::Duration> latency, first_boxes, first_token, per_token;
  const auto add = [](std::optional<absl::Duration> duration, std::vector<absl::Duration>* to) {
    if (duration.has_value()) to->push_back(*duration);
  };
  int in_window = 0;
  int64_t tokens = 0;
  for (const Sample& sample : result.samples) {
    if (!belongs(sample)) continue;
    ++summary.ended;
    ++summary.codes[sample.code];
    if (sample.code != absl::StatusCode::kOk) continue;
    ++summary.ok;
    summary.cached += sample.cached ? 1 : 0;
    summary.degraded += sample.degraded ? 1 : 0;
    latency.push_back(sample.latency);
    add(sample.first_boxes, &first_boxes);
    add(sample.first_token, &first_token);
    add(sample.per_token, &per_token);
    if (sample.in_window) {
      ++in_window;
      tokens += sample.answer_tokens;
    }
  }
  if (const double seconds = absl::ToDoubleSeconds(result.window); seconds > 0) {
    summary.per_second = in_window / seconds;
    summary.answer_tokens_per_second = static_cast<double>(tokens) / seconds;
  }
  summary.latency = DistributionOf(std::move(latency));
  summary.first_boxes = DistributionOf(std::move(first_boxes));
  summary.first_token = DistributionOf(std::move(first_token));
  summary.per_token = DistributionOf(std::move(per_token));
  return summary;
}

}  // namespace

std::string LevelSummary::LevelText() const {
  return open_loop() ? absl::StrCat(plan.rate) : absl::StrCat(plan.clients);
}

LevelSummary Summarize(const LevelResult& result) {
  LevelSummary summary{.plan = result.plan,
                       .window = result.window,
                       .latest_start = result.latest_start,
                       .not_sent = result.not_sent,
                       .unfinished = result.unfinished,
                       .stopped = result.stopped,
                       .first_error = result.first_error};
  summary.all = SummarizeThose(result, [](const Sample&) { return true; });
  for (const Rpc rpc : kAllRpcs) {
    RequestSummary those =
        SummarizeThose(result, [rpc](const Sample& sample) { return sample.rpc == rpc; });
    if (those.ended > 0) summary.rpcs.emplace_back(rpc, std::move(those));
  }
  return summary;
}

}  // namespace mrmllm
