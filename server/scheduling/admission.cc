// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/admission.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "base/status_macros.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using Usage = Admission::Usage;

struct Row {
  absl::string_view what;
  int64_t Usage::*amount;
};

constexpr Row kRows[] = {
    {"requests", &Usage::requests},          {"pixels", &Usage::pixels},
    {"image tokens", &Usage::image_tokens},  {"tokens", &Usage::tokens},
    {"key-value blocks", &Usage::kv_blocks},
};

Usage Asked(const Cost& cost) {
  return {.requests = 1,
          .pixels = cost.pixels,
          .image_tokens = cost.image_tokens,
          .tokens = cost.tokens,
          .kv_blocks = cost.kv_blocks};
}

// Of all requests together; 0 means none, as in Limits::tenant.
Usage OfAll(const Admission::Limits& limits) {
  return {.requests = limits.requests,
          .pixels = limits.pixels,
          .image_tokens = limits.image_tokens,
          .tokens = limits.tokens,
          .kv_blocks = limits.kv_blocks};
}

int64_t LimitOf(const Row& row, const Usage& limits) {
  const int64_t limit = limits.*row.amount;
  return limit == 0 ? std::numeric_limits<int64_t>::max() : limit;
}

// `whose`: "", or " for tenant 'a'".
absl::Status CheckPossible(const Usage& asked, const Usage& limits, absl::string_view whose) {
  for (const Row& row : kRows) {
    const int64_t amount = asked.*row.amount;
    const int64_t limit = LimitOf(row, limits);
    if (amount >= 0 && amount <= limit) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("expected a request of 0 to ", limit, " ", row.what, whose, ", got ", amount));
  }
  return absl::OkStatus();
}

// REQUIRES: CheckPossible.
absl::Status CheckRoom(const Usage& asked, const Usage& used, const Usage& limits,
                       absl::string_view whose) {
  for (const Row& row : kRows) {
    const int64_t amount = asked.*row.amount;
    const int64_t limit = LimitOf(row, limits);
    if (amount <= limit - used.*row.amount) continue;
    return absl::ResourceExhaustedError(absl::StrCat("no room for ", amount, " more ", row.what,
                                                     whose, ": ", used.*row.amount, " of ", limit,
                                                     " are in use"));
  }
  return absl::OkStatus();
}

void Add(const Usage& amounts, int64_t times, Usage& sum) {
  for (const Row& row : kRows) sum.*row.amount += times * amounts.*row.amount;
}

}  // namespace

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    Release();
    admission_ = std::exchange(other.admission_, nullptr);
    cost_ = other.cost_;
    tenant_ = std::move(other.tenant_);
  }
  return *this;
}

void Reservation::Release() {
  if (Admission* admission = std::exchange(admission_, nullptr)) {
    admission->GiveBack(cost_, tenant_);
  }
}

absl::StatusOr<Reservation> Admission::Reserve(Cost cost, std::string_view tenant) {
  const Usage asked = Asked(cost);
  const Usage of_all = OfAll(limits_);
  const std::string whose = tenant.empty() ? " for callers without a tenant"
                                           : absl::StrCat(" for tenant '", AbslView(tenant), "'");
  const Usage of_each =
      limits_.quotas ? limits_.quotas->Of(tenant, limits_.tenant) : limits_.tenant;
  // What can never fit comes first: coming back later would not help.
  RETURN_IF_ERROR(CheckPossible(asked, of_all, ""));
  RETURN_IF_ERROR(CheckPossible(asked, of_each, whose));

  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckRoom(asked, usage_, of_all, ""));
  const auto found = tenants_.find(AbslView(tenant));
  const Usage of_tenant = found == tenants_.end() ? Usage{} : found->second;
  RETURN_IF_ERROR(CheckRoom(asked, of_tenant, of_each, whose));
  Add(asked, 1, usage_);
  Add(asked, 1, tenants_[AbslView(tenant)]);
  return Reservation(this, cost, std::string(tenant));
}

Admission::Usage Admission::usage() const {
  absl::MutexLock lock(&mutex_);
  return usage_;
}

Admission::Usage Admission::usage(std::string_view tenant) const {
  absl::MutexLock lock(&mutex_);
  const auto found = tenants_.find(AbslView(tenant));
  return found == tenants_.end() ? Usage{} : found->second;
}

void Admission::GiveBack(const Cost& cost, const std::string& tenant) {
  const Usage given = Asked(cost);
  absl::MutexLock lock(&mutex_);
  Add(given, -1, usage_);
  const auto found = tenants_.find(tenant);
  Add(given, -1, found->second);
  if (found->second.requests == 0) tenants_.erase(found);
}

}  // namespace mrmllm
