// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/admission.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "base/status_macros.h"

namespace mrmllm {
namespace {

// One row of the ledger: whether `asked` more fits beside `used`.
absl::Status CheckRoom(absl::string_view what, int64_t asked, int64_t used, int64_t limit) {
  if (asked < 0 || asked > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a request of 0 to ", limit, " ", what, ", got ", asked));
  }
  if (asked > limit - used) {
    return absl::ResourceExhaustedError(absl::StrCat("no room for ", asked, " more ", what, ": ",
                                                     used, " of ", limit, " are in use"));
  }
  return absl::OkStatus();
}

}  // namespace

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    Release();
    admission_ = std::exchange(other.admission_, nullptr);
    cost_ = other.cost_;
  }
  return *this;
}

void Reservation::Release() {
  if (Admission* admission = std::exchange(admission_, nullptr)) admission->GiveBack(cost_);
}

absl::StatusOr<Reservation> Admission::Reserve(Cost cost) {
  absl::MutexLock lock(&mutex_);
  // What can never fit comes first: coming back later would not help.
  RETURN_IF_ERROR(CheckRoom("pixels", cost.pixels, 0, limits_.pixels));
  RETURN_IF_ERROR(CheckRoom("tokens", cost.tokens, 0, limits_.tokens));
  RETURN_IF_ERROR(CheckRoom("requests", 1, usage_.requests, limits_.requests));
  RETURN_IF_ERROR(CheckRoom("pixels", cost.pixels, usage_.pixels, limits_.pixels));
  RETURN_IF_ERROR(CheckRoom("tokens", cost.tokens, usage_.tokens, limits_.tokens));
  usage_.requests += 1;
  usage_.pixels += cost.pixels;
  usage_.tokens += cost.tokens;
  return Reservation(this, cost);
}

Admission::Usage Admission::usage() const {
  absl::MutexLock lock(&mutex_);
  return usage_;
}

void Admission::GiveBack(const Cost& cost) {
  absl::MutexLock lock(&mutex_);
  usage_.requests -= 1;
  usage_.pixels -= cost.pixels;
  usage_.tokens -= cost.tokens;
}

}  // namespace mrmllm
