// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_text.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/output/json_output.h"
#include "client/output/table.h"

namespace mrmllm {
namespace {

constexpr auto kRight = Table::Align::kRight;
constexpr Color kFailedColor = {.red = 215, .green = 50, .blue = 50};

// Three digits that tell something, in milliseconds: "0.42", "5.31", "87.3", "1,240" without the
// comma.
std::string MillisecondsText(absl::Duration duration) {
  const double ms = absl::ToDoubleMilliseconds(duration);
  if (ms < 10) return absl::StrFormat("%.2f", ms);
  return ms < 100 ? absl::StrFormat("%.1f", ms) : absl::StrFormat("%.0f", ms);
}

std::string RateText(double per_second) {
  return per_second < 100 ? absl::StrFormat("%.2f", per_second)
                          : absl::StrFormat("%.0f", per_second);
}

// Nothing where nothing was measured.
std::string Or(bool measured, std::string text) { return measured ? std::move(text) : "-"; }

std::vector<Table::Cell> Row(const LevelSummary& level, const std::string& what,
                             const RequestSummary& those) {
  const bool any = those.ok > 0;
  const Distribution& latency = those.latency;
  const bool token = those.first_token.count > 0;
  const bool several_tokens = those.per_token.count > 0;
  Table::Cell failed{absl::StrCat(those.failed())};
  if (those.failed() > 0) failed.color = kFailedColor;
  return {{level.LevelText()},
          {what},
          {absl::StrCat(those.ended)},
          std::move(failed),
          {RateText(those.per_second)},
          {Or(any, MillisecondsText(latency.p50))},
          {Or(any, MillisecondsText(latency.p90))},
          {Or(any, MillisecondsText(latency.p95))},
          {Or(any, MillisecondsText(latency.p99))},
          {Or(any, MillisecondsText(latency.max))},
          {Or(token, MillisecondsText(those.first_token.p50))},
          {Or(token, MillisecondsText(those.first_token.p99))},
          {Or(several_tokens, MillisecondsText(those.per_token.p50))},
          {Or(several_tokens, MillisecondsText(those.per_token.p99))},
          {Or(token, RateText(those.answer_tokens_per_second))}};
}

// What a reader must know before believing the row, one line each.
std::string RemarksText(const LevelSummary& level, const Style& style) {
  std::vector<std::string> remarks;
  for (const auto& [code, count] : level.all.codes) {
    if (code != absl::StatusCode::kOk) remarks.push_back(absl::StrCat(count, " ", CodeName(code)));
  }
  if (level.all.degraded > 0)
    remarks.push_back(absl::StrCat(level.all.degraded, " without answer"));
  if (level.not_sent > 0) {
    remarks.push_back(absl::StrCat(level.not_sent, " not sent: ", level.plan.max_in_flight,
                                   " were in flight (--max-in-flight)"));
  }
  if (level.stopped) remarks.push_back(absl::StrCat("stopped, ", level.unfinished, " unfinished"));
  if (remarks.empty()) return "";
  std::string text =
      absl::StrCat("  ", level.LevelText(), level.open_loop() ? " a second" : " clients", ": ",
                   absl::StrJoin(remarks, ", "));
  if (!level.first_error.ok()) {
    absl::StrAppend(&text, "; the first: ", Printable(level.first_error.message()));
  }
  return style.Red(text) + "\n";
}

}  // namespace

std::string BenchText(const BenchSetting& setting, const std::vector<LevelSummary>& levels,
                      const Style& style) {
  const bool open = !levels.empty() && levels[0].open_loop();
  std::string head = style.Bold(Printable(setting.server));
  if (!setting.model.empty()) absl::StrAppend(&head, "  ", Printable(setting.model));
  const std::string facts =
      absl::StrCat("\n  ", open ? "open loop, Poisson arrivals" : "closed loop", "; ", setting.mix,
                   "; ", setting.images, setting.images == 1 ? " picture, " : " pictures, ",
                   setting.cold ? "every copy unlike the others" : "sent again and again",
                   "; at most ", setting.max_new_tokens, " tokens; seed ", setting.seed,
                   "; times in ms\n  1ST: until the first token, TOK: for each one after it\n\n");
  Table table({{open ? "RATE" : "CLIENTS", kRight},
               {"RPC"},
               {"ENDED", kRight},
               {"FAILED", kRight},
               {"OK/S", kRight},
               {"P50", kRight},
               {"P90", kRight},
               {"P95", kRight},
               {"P99", kRight},
               {"MAX", kRight},
               {"1ST P50", kRight},
               {"1ST P99", kRight},
               {"TOK P50", kRight},
               {"TOK P99", kRight},
               {"TOK/S", kRight}});
  std::string remarks;
  for (const LevelSummary& level : levels) {
    for (const auto& [rpc, those] : level.rpcs) table.AddRow(Row(level, NameOf(rpc), those));
    if (level.rpcs.size() != 1) table.AddRow(Row(level, "all", level.all));
    remarks += RemarksText(level, style);
  }
  return head + style.Dim(facts) + table.Render(style) + (remarks.empty() ? "" : "\n") + remarks;
}

}  // namespace mrmllm
