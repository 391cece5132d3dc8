// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_ADMISSION_H_
#define MRMLLM_SERVER_SCHEDULING_ADMISSION_H_

#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace mrmllm {

// What a request will cost, known before anything is decoded.
struct Cost {
  int64_t pixels = 0;  // of all images that need decoding, from their headers
  int64_t tokens = 0;  // prompt (estimated) and answer (its limit)

  bool operator==(const Cost&) const = default;
};

class Admission;

// A place in the ledger; destroying it gives the place back. Movable; an empty one holds nothing.
// Ownership: must be destroyed before its Admission.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept
      : admission_(std::exchange(other.admission_, nullptr)), cost_(other.cost_) {}
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { Release(); }

  void Release();

 private:
  friend class Admission;
  Reservation(Admission* admission, Cost cost) : admission_(admission), cost_(cost) {}

  Admission* admission_ = nullptr;
  Cost cost_;
};

// The ledger of all requests between arrival and their end: how many, how many pixels, how many
// tokens.
//
//   ASSIGN_OR_RETURN(Reservation reservation, admission.Reserve({.pixels = w * h, .tokens = 400}));
//
// A request that is alone is always admitted when its own cost is within the limits.
// Thread-safety: safe for concurrent use.
// Errors: Reserve: RESOURCE_EXHAUSTED when there is no room now (names what is full, the limit and
// what was asked); INVALID_ARGUMENT when the request could never fit.
class Admission {
 public:
  struct Limits {
    int64_t requests = 256;
    int64_t pixels = 200'000'000;
    int64_t tokens = 262'144;
  };
  struct Usage {
    int64_t requests = 0;
    int64_t pixels = 0;
    int64_t tokens = 0;

    bool operator==(const Usage&) const = default;
  };

  explicit Admission(Limits limits) : limits_(limits) {}

  absl::StatusOr<Reservation> Reserve(Cost cost);
  Usage usage() const;

 private:
  friend class Reservation;
  void GiveBack(const Cost& cost);

  const Limits limits_;
  mutable absl::Mutex mutex_;
  Usage usage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_ADMISSION_H_
