// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_TENANT_QUOTAS_H_
#define MRMLLM_SERVER_SCHEDULING_TENANT_QUOTAS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "base/string_views.h"

namespace mrmllm {

// One amount for each row of the ledger of requests (see admission.h).
struct LedgerAmounts {
  int64_t requests = 0;
  int64_t pixels = 0;
  int64_t image_tokens = 0;
  int64_t tokens = 0;
  int64_t kv_blocks = 0;

  bool operator==(const LedgerAmounts&) const = default;
};

// What some tenants may have in use, apart from the limits that hold for every tenant. Shared by
// all ledgers of a server, and may change at any time: what is in use stays in use.
//
// Thread-safety: safe for concurrent use.
class TenantQuotas {
 public:
  using Table = absl::flat_hash_map<std::string, LedgerAmounts>;

  void Set(Table table) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    table_ = std::move(table);
  }

  // `usual`, with the rows replaced that the tenant has a quota of its own for (not 0).
  LedgerAmounts Of(std::string_view tenant, LedgerAmounts usual) const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::ReaderMutexLock lock(&mutex_);
    const auto own = table_.find(AbslView(tenant));
    if (own == table_.end()) return usual;
    for (int64_t LedgerAmounts::*row :
         {&LedgerAmounts::requests, &LedgerAmounts::pixels, &LedgerAmounts::image_tokens,
          &LedgerAmounts::tokens, &LedgerAmounts::kv_blocks}) {
      if (own->second.*row != 0) usual.*row = own->second.*row;
    }
    return usual;
  }

 private:
  mutable absl::Mutex mutex_;
  Table table_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_TENANT_QUOTAS_H_
