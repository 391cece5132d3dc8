// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ADMISSION_H_
#define MRMLLM_SERVER_SCHEDULING_ADMISSION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "server/scheduling/tenant_quotas.h"

namespace mrmllm {

// What a request will cost, known before anything is decoded.
struct Cost {
  int64_t pixels = 0;        // of all images that need decoding, from their headers
  int64_t image_tokens = 0;  // of `tokens`, those that its images bring (estimated)
  int64_t tokens = 0;        // prompt (estimated) and answer (its limit)
  int64_t kv_blocks = 0;     // key-value blocks that hold these tokens

  bool operator==(const Cost&) const = default;
};

class Admission;

// A place in the ledger; destroying it gives the place back. Movable; an empty one holds nothing.
// Ownership: must be destroyed before its Admission.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept
      : admission_(std::exchange(other.admission_, nullptr)),
        cost_(other.cost_),
        tenant_(std::move(other.tenant_)) {}
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { Release(); }

  void Release();

 private:
  friend class Admission;
  Reservation(Admission* admission, Cost cost, std::string tenant)
      : admission_(admission), cost_(cost), tenant_(std::move(tenant)) {}

  Admission* admission_ = nullptr;
  Cost cost_;
  std::string tenant_;
};

// The ledger of all requests between arrival and their end: how many, and how much of everything
// that they will need. Each row has a limit for all requests together, and may have one more that
// holds for every tenant.
//
//   ASSIGN_OR_RETURN(Reservation place,
//                    admission.Reserve({.pixels = w * h, .tokens = 400}, "tenant-a"));
//
// A request that is alone is always admitted when its own cost is within the limits.
// Thread-safety: safe for concurrent use.
// Errors: Reserve: RESOURCE_EXHAUSTED when there is no room now (names what is full, the limit,
// what is in use and what was asked, and the tenant if it is its own limit); INVALID_ARGUMENT when
// the request could never fit.
class Admission {
 public:
  using Usage = LedgerAmounts;
  struct Limits {
    int64_t requests = 256;
    int64_t pixels = 200'000'000;
    int64_t image_tokens = 0;  // 0: none of its own
    int64_t tokens = 262'144;
    int64_t kv_blocks = 0;  // 0: none
    Usage tenant;           // for each tenant, 0: none
    // Of single tenants, in place of the above; outlives the ledger, may be null.
    const TenantQuotas* quotas = nullptr;
  };

  explicit Admission(Limits limits) : limits_(limits) {}

  // Requests that name no tenant are the tenant "" together.
  absl::StatusOr<Reservation> Reserve(Cost cost, std::string_view tenant = "");
  Usage usage() const;
  Usage usage(std::string_view tenant) const;

 private:
  friend class Reservation;
  void GiveBack(const Cost& cost, const std::string& tenant);

  const Limits limits_;
  mutable absl::Mutex mutex_;
  Usage usage_ ABSL_GUARDED_BY(mutex_);
  // Only those that hold a place.
  absl::flat_hash_map<std::string, Usage> tenants_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ADMISSION_H_
