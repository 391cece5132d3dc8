// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_SHARING_FAIR_SHARE_H_
#define MRMLLM_SERVER_SCHEDULING_SHARING_FAIR_SHARE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace mrmllm {

// Who has had how much of an engine's time. A tenant's virtual time is the engine time it was
// charged, divided by its weight: serving the one that is furthest behind gives each its share.
//
//   share.SetContenders({"a", "b"});                     // both have work that waits
//   share.Charge("a", absl::Milliseconds(12));           // a step was a's
//   share.VirtualTime("b") < share.VirtualTime("a");     // b's turn
//
// Only those who compete count: who had nothing waiting starts where a tenant stands that has had
// exactly its share, so nobody saves up time by being idle, and time that nobody else wanted costs
// nothing. That point moves on with every charge, so newcomers cannot keep others out for ever.
//
// Thread-safety: none; the executor thread's.
class FairShare {
 public:
  using Weights = absl::flat_hash_map<std::string, double>;  // each > 0; 1 for who is not named

  explicit FairShare(const Weights& weights) : weights_(weights) {}

  // The tenants that have work waiting from now on; one may be named several times.
  void SetContenders(const std::vector<const std::string*>& tenants);

  void Charge(const std::string& tenant, absl::Duration engine_time);

  double Weight(const std::string& tenant) const;       // > 0
  double VirtualTime(const std::string& tenant) const;  // seconds by weight
  size_t accounts() const { return accounts_.size(); }

 private:
  struct Account {
    double virtual_time = 0;
    bool contends = false;
    bool contended = false;  // before the last SetContenders
  };

  Account& Open(const std::string& tenant);
  // Forgets those who would start at now_ anyway.
  void CloseIdleAccounts();

  const Weights weights_;
  absl::flat_hash_map<std::string, Account> accounts_;
  double now_ = 0;  // virtual time of a contender that has had its share; never goes back
  double contending_weight_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_SHARING_FAIR_SHARE_H_
