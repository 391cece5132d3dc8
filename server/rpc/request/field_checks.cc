// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/field_checks.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {}  // namespace

void FieldChecks::Add(std::string_view field, std::string_view description) {
  violations_.push_back({absl::StrCat(prefix_, AbslView(field)), std::string(description)});
}

int64_t FieldChecks::InRange(std::string_view field, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max) {
    Add(field, absl::StrFormat("expected %d to %d, got %d", min, max, value));
  }
  return value;
}

float FieldChecks::NumberInRange(std::string_view field, float value, float min, float max,
                                 bool open) {
  const bool inside = (open ? value > min : value >= min) && value <= max;
  if (!inside) {
    Add(field, absl::StrFormat("expected a number in %s%g, %g], got %g", open ? "(" : "[", min, max,
                               value));
  }
  return value;
}

const std::string& FieldChecks::LengthInRange(std::string_view field, const std::string& text,
                                              int min, int max) {
  const auto length = static_cast<int64_t>(text.size());
  if (length < min || length > max) {
    Add(field, absl::StrFormat("expected %d to %d bytes, got %d", min, max, length));
  }
  return text;
}

void FieldChecks::CountInRange(std::string_view field, int count, int min, int max,
                               std::string_view what) {
  if (count >= min && count <= max) return;
  const std::string range =
      min == 0 ? absl::StrCat("at most ", max) : absl::StrCat(min, " to ", max);
  Add(field, absl::StrCat("expected ", range, " ", AbslView(what), ", got ", count));
}

absl::Status FieldChecks::ToStatus() const {
  return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
}

}  // namespace mrmllm
