// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/sharing/fair_share.h"

#include <algorithm>
#include <limits>

namespace mrmllm {

void FairShare::SetContenders(const std::vector<const std::string*>& tenants) {
  double furthest_behind = std::numeric_limits<double>::infinity();
  double furthest_ahead = now_;
  for (auto& [tenant, account] : accounts_) {
    if (account.contends) furthest_behind = std::min(furthest_behind, account.virtual_time);
    furthest_ahead = std::max(furthest_ahead, account.virtual_time);
    account.contended = account.contends;
    account.contends = false;
  }
  // Nobody waited: what was used meanwhile was at nobody's cost.
  now_ = std::max(now_, furthest_behind < std::numeric_limits<double>::infinity() ? furthest_behind
                                                                                  : furthest_ahead);
  contending_weight_ = 0;
  for (const std::string* tenant : tenants) {
    Account& account = Open(*tenant);
    if (account.contends) continue;
    account.contends = true;
    contending_weight_ += Weight(*tenant);
    if (!account.contended) account.virtual_time = std::max(account.virtual_time, now_);
  }
  CloseIdleAccounts();
}

void FairShare::Charge(const std::string& tenant, absl::Duration engine_time) {
  const double seconds = absl::ToDoubleSeconds(engine_time);
  Account& account = Open(tenant);
  account.virtual_time += seconds / Weight(tenant);
  if (account.contends) now_ += seconds / contending_weight_;
}

double FairShare::Weight(const std::string& tenant) const {
  auto found = weights_.find(tenant);
  return found == weights_.end() ? 1.0 : found->second;
}

double FairShare::VirtualTime(const std::string& tenant) const {
  auto found = accounts_.find(tenant);
  return found == accounts_.end() ? now_ : found->second.virtual_time;
}

FairShare::Account& FairShare::Open(const std::string& tenant) {
  auto [account, is_new] = accounts_.try_emplace(tenant);
  if (is_new) account->second.virtual_time = now_;
  return account->second;
}

void FairShare::CloseIdleAccounts() {
  for (auto next = accounts_.begin(); next != accounts_.end();) {
    const Account& account = next->second;
    const auto current = next++;
    if (!account.contends && account.virtual_time <= now_) accounts_.erase(current);
  }
}

}  // namespace mrmllm
