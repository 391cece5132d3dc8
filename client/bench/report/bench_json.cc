// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_json.h"

#include <cmath>

#include "client/output/json_output.h"
#include "nlohmann/json.hpp"

namespace mrmllm {
namespace {

using Json = nlohmann::ordered_json;

// To the microsecond, or to a millionth of what else is counted.
double Rounded(double value) { return std::round(value * 1e6) / 1e6; }
double Milliseconds(absl::Duration duration) {
  return std::round(absl::ToDoubleMicroseconds(duration)) / 1e3;
}

Json ToJson(const Distribution& distribution) {
  return {{"count", distribution.count},           {"mean", Milliseconds(distribution.mean)},
          {"min", Milliseconds(distribution.min)}, {"p50", Milliseconds(distribution.p50)},
          {"p90", Milliseconds(distribution.p90)}, {"p95", Milliseconds(distribution.p95)},
          {"p99", Milliseconds(distribution.p99)}, {"max", Milliseconds(distribution.max)}};
}

Json ToJson(const RequestSummary& those) {
  Json codes = Json::object();
  for (const auto& [code, count] : those.codes) codes[CodeName(code)] = count;
  Json json = {{"ended", those.ended},
               {"ok", those.ok},
               {"codes", std::move(codes)},
               {"cached", those.cached},
               {"degraded", those.degraded},
               {"requests_per_second", Rounded(those.per_second)},
               {"answer_tokens_per_second", Rounded(those.answer_tokens_per_second)},
               {"latency_ms", ToJson(those.latency)}};
  // Only where there is something to measure: Detect has no token.
  const auto add = [&](const char* name, const Distribution& distribution) {
    if (distribution.count > 0) json[name] = ToJson(distribution);
  };
  add("first_boxes_ms", those.first_boxes);
  add("first_token_ms", those.first_token);
  add("per_token_ms", those.per_token);
  return json;
}

Json ToJson(const LevelSummary& level) {
  Json json = Json::object();
  if (level.open_loop()) {
    json["rate"] = level.plan.rate;
  } else {
    json["clients"] = level.plan.clients;
  }
  json["seconds"] = Rounded(absl::ToDoubleSeconds(level.window));
  json["stopped"] = level.stopped;
  json["unfinished"] = level.unfinished;
  if (level.open_loop()) {
    json["not_sent"] = level.not_sent;
    json["latest_start_ms"] = Milliseconds(level.latest_start);
  }
  if (!level.first_error.ok()) {
    json["first_error"] = {{"code", CodeName(level.first_error.code())},
                           {"message", std::string(level.first_error.message())}};
  }
  json["all"] = ToJson(level.all);
  for (const auto& [rpc, those] : level.rpcs) json[NameOf(rpc)] = ToJson(those);
  return json;
}

}  // namespace

std::string BenchJson(const BenchSetting& setting, const std::vector<LevelSummary>& levels) {
  const bool open = !levels.empty() && levels[0].open_loop();
  Json json = {{"server", setting.server},
               {"model", setting.model},
               {"loop", open ? "open" : "closed"},
               {"mix", setting.mix},
               {"images", setting.images},
               {"cold", setting.cold},
               {"max_new_tokens", setting.max_new_tokens},
               {"connections", setting.connections},
               {"seed", setting.seed}};
  if (setting.timeout < absl::InfiniteDuration())
    json["timeout_ms"] = Milliseconds(setting.timeout);
  Json array = Json::array();
  for (const LevelSummary& level : levels) array.push_back(ToJson(level));
  json["levels"] = std::move(array);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mrmllm
