// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_parameters.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/string_views.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {
namespace {

using inference::InferParameter;

// The parameters as messages of our own contract, whose checks are then the same.
struct Draft {
  v1::PerceptionSettings perception;
  v1::GenerationSettings generation;
  v1::SchedulingSettings scheduling;
  bool allow_degraded = false;
  int64_t timeout_us = 0;
};

std::optional<int64_t> WholeNumber(const InferParameter& value) {
  if (value.has_int64_param()) return value.int64_param();
  if (!value.has_uint64_param()) return std::nullopt;
  return static_cast<int64_t>(
      std::min<uint64_t>(value.uint64_param(), std::numeric_limits<int64_t>::max()));
}

std::optional<float> Number(const InferParameter& value) {
  if (value.has_double_param()) return static_cast<float>(value.double_param());
  if (const auto whole = WholeNumber(value)) return static_cast<float>(*whole);
  return std::nullopt;
}

// What does not fit is out of range, which stays so.
int32_t Saturated(int64_t number) {
  return static_cast<int32_t>(std::clamp<int64_t>(number, std::numeric_limits<int32_t>::min(),
                                                  std::numeric_limits<int32_t>::max()));
}

template <typename Set>
bool SetWhole(const InferParameter& value, Set set) {
  const std::optional<int64_t> number = WholeNumber(value);
  if (number.has_value()) set(*number);
  return number.has_value();
}

template <typename Set>
bool SetNumber(const InferParameter& value, Set set) {
  const std::optional<float> number = Number(value);
  if (number.has_value()) set(*number);
  return number.has_value();
}

// Triton's numbers, 1 the most urgent, are those of our Priority.
bool SetPriority(const InferParameter& value, Draft* draft) {
  const std::string& text = value.string_param();
  if (const auto number = WholeNumber(value)) {
    draft->scheduling.set_priority(static_cast<v1::Priority>(Saturated(*number)));
    return true;
  }
  if (text == "high") draft->scheduling.set_priority(v1::PRIORITY_HIGH);
  if (text == "normal") draft->scheduling.set_priority(v1::PRIORITY_NORMAL);
  if (text == "low") draft->scheduling.set_priority(v1::PRIORITY_LOW);
  return draft->scheduling.priority() != v1::PRIORITY_UNSPECIFIED;
}

bool SetClasses(const InferParameter& value, Draft* draft) {
  if (!value.has_string_param()) return false;
  // One more than may be is enough to be refused.
  const std::vector<std::string> labels =
      absl::StrSplit(value.string_param(), absl::MaxSplits(',', kMaxClasses));
  draft->perception.mutable_classes()->Add(labels.begin(), labels.end());
  return true;
}

bool SetSecondLook(const InferParameter& value, Draft* draft) {
  const std::string& text = value.string_param();
  v1::SecondLookMode mode = v1::SECOND_LOOK_MODE_UNSPECIFIED;
  if (text == "off") mode = v1::SECOND_LOOK_MODE_OFF;
  if (text == "automatic") mode = v1::SECOND_LOOK_MODE_AUTOMATIC;
  if (text == "always") mode = v1::SECOND_LOOK_MODE_ALWAYS;
  draft->perception.mutable_second_look()->set_mode(mode);
  return mode != v1::SECOND_LOOK_MODE_UNSPECIFIED;
}

struct ParameterSpec {
  std::string_view name;
  std::string_view expected;
  bool (*set)(const InferParameter&, Draft*);  // false: the type is wrong
};

constexpr std::string_view kWhole = "a whole number";
constexpr std::string_view kNumber = "a number";
constexpr std::string_view kText = "a string";
constexpr std::string_view kYesOrNo = "true or false";

bool SetMaxNewTokens(const InferParameter& value, Draft* draft) {
  return SetWhole(value,
                  [&](int64_t n) { draft->generation.set_max_new_token_count(Saturated(n)); });
}

constexpr ParameterSpec kParameters[] = {
    {"score_threshold", kNumber,
     [](const InferParameter& value, Draft* draft) {
       return SetNumber(value, [&](float n) { draft->perception.set_score_threshold(n); });
     }},
    {"max_object_count", kWhole,
     [](const InferParameter& value, Draft* draft) {
       return SetWhole(value,
                       [&](int64_t n) { draft->perception.set_max_object_count(Saturated(n)); });
     }},
    {"classes", "labels with commas between them", SetClasses},
    {"second_look", "'off', 'automatic' or 'always'", SetSecondLook},
    {"max_new_token_count", kWhole, SetMaxNewTokens},
    {"max_new_tokens", kWhole, SetMaxNewTokens},  // as most other servers call it
    {"temperature", kNumber,
     [](const InferParameter& value, Draft* draft) {
       return SetNumber(value, [&](float n) { draft->generation.set_temperature(n); });
     }},
    {"top_p", kNumber,
     [](const InferParameter& value, Draft* draft) {
       return SetNumber(value, [&](float n) { draft->generation.set_top_p(n); });
     }},
    {"top_k", kWhole,
     [](const InferParameter& value, Draft* draft) {
       return SetWhole(value, [&](int64_t n) { draft->generation.set_top_k(Saturated(n)); });
     }},
    {"repetition_penalty", kNumber,
     [](const InferParameter& value, Draft* draft) {
       return SetNumber(value, [&](float n) { draft->generation.set_repetition_penalty(n); });
     }},
    {"seed", kWhole,
     [](const InferParameter& value, Draft* draft) {
       return SetWhole(value, [&](int64_t n) { draft->generation.set_seed(n); });
     }},
    {"stop", kText,
     [](const InferParameter& value, Draft* draft) {
       if (value.has_string_param()) draft->generation.add_stop(value.string_param());
       return value.has_string_param();
     }},
    {"priority", "1, 2 or 3, or 'high', 'normal' or 'low'", SetPriority},
    {"timeout", "a whole number of microseconds",
     [](const InferParameter& value, Draft* draft) {
       return SetWhole(value, [&](int64_t n) { draft->timeout_us = n; });
     }},
    {"allow_degraded", kYesOrNo,
     [](const InferParameter& value, Draft* draft) {
       draft->allow_degraded = value.bool_param();
       return value.has_bool_param();
     }},
};

std::string TextOf(const InferParameter& value) {
  switch (value.parameter_choice_case()) {
    case InferParameter::kBoolParam:
      return value.bool_param() ? "true" : "false";
    case InferParameter::kInt64Param:
      return absl::StrCat(value.int64_param());
    case InferParameter::kUint64Param:
      return absl::StrCat(value.uint64_param());
    case InferParameter::kDoubleParam:
      return absl::StrCat(value.double_param());
    case InferParameter::kStringParam:
      return Quoted(value.string_param());
    case InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return "nothing";
}

std::string FieldOf(std::string_view name) { return absl::StrCat("parameters.", AbslView(name)); }

void RefuseUnknown(const InferParameters& parameters, FieldChecks* checks) {
  // A map has no order; messages do.
  std::set<std::string_view> unknown;
  for (const auto& [name, value] : parameters) {
    const bool known = std::ranges::any_of(
        kParameters, [&](const ParameterSpec& spec) { return spec.name == name; });
    if (!known) unknown.insert(name);
  }
  if (unknown.empty()) return;
  const std::string names =
      absl::StrJoin(kParameters, ", ", [](std::string* out, const ParameterSpec& spec) {
        absl::StrAppend(out, AbslView(spec.name));
      });
  for (const std::string_view name : unknown) {
    checks->Add(absl::StrCat("parameters[", Quoted(name), "]"),
                absl::StrCat("expected one of ", names));
  }
}

}  // namespace

InferSettings ReadParameters(const InferParameters& parameters, const ValidationRules& rules,
                             FieldChecks* checks) {
  Draft draft;
  for (const ParameterSpec& spec : kParameters) {
    const auto entry = parameters.find(std::string(spec.name));
    if (entry == parameters.end() || spec.set(entry->second, &draft)) continue;
    checks->Add(FieldOf(spec.name), absl::StrCat("expected ", AbslView(spec.expected), ", got ",
                                                 TextOf(entry->second)));
  }
  RefuseUnknown(parameters, checks);
  checks->InRange("parameters.timeout", draft.timeout_us, 0, std::numeric_limits<int64_t>::max());
  InferSettings settings;
  settings.perception = CheckPerception("parameters", draft.perception, rules, checks);
  settings.generation = CheckGeneration("parameters", draft.generation, checks);
  settings.priority = CheckScheduling("parameters", draft.scheduling, checks);
  settings.may_degrade = draft.allow_degraded;
  if (draft.timeout_us > 0) settings.timeout = absl::Microseconds(draft.timeout_us);
  return settings;
}

}  // namespace mrmllm
