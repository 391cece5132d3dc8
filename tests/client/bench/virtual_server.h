// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_BENCH_VIRTUAL_SERVER_H_
#define MRMLLM_TESTS_CLIENT_BENCH_VIRTUAL_SERVER_H_

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "client/bench/caller.h"

namespace mrmllm {

// A server and its clock in virtual time: a number of workers that each take `service` for a
// request, first come, first served. Waiting on the clock makes the next end happen.
//
//   VirtualServer server(/*workers=*/1, absl::Milliseconds(100));
//   LoadRunner runner(&workload, &server, &server);
//
// Thread-safety: not safe; for tests with one thread.
class VirtualServer : public Caller, public Clock {
 public:
  VirtualServer(int workers, absl::Duration service) : service_(service), free_(workers, now_) {}

  // Runs before each request is served; may change what becomes of it.
  std::function<void(const Query&, Reply*)> on_request;
  // Called at each end.
  std::function<void()> on_end;

  // No request is served between the two.
  void Stall(absl::Duration from_start, absl::Duration length) {
    stall_begin_ = start_ + from_start;
    stall_end_ = stall_begin_ + length;
  }

  absl::Time Now() override { return now_; }

  bool AwaitWithDeadline(absl::Mutex* mutex, const absl::Condition& condition,
                         absl::Time deadline) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    while (!condition.Eval()) {
      if (ends_.empty() || ends_.begin()->first > deadline) {
        now_ = std::max(now_, deadline);
        return condition.Eval();
      }
      now_ = std::max(now_, ends_.begin()->first);
      const auto end = std::move(ends_.extract(ends_.begin()).mapped());
      mutex->Unlock();
      end();
      if (on_end) on_end();
      mutex->Lock();
    }
    return true;
  }

  void Start(Query query, std::function<void(Reply)> done) override {
    queries.push_back(query);
    starts.push_back(now_ - start_);
    const auto worker = std::min_element(free_.begin(), free_.end());
    absl::Time begin = std::max(now_, *worker);
    if (begin >= stall_begin_ && begin < stall_end_) begin = stall_end_;
    Reply reply{.ended = begin + service_};
    if (on_request) on_request(query, &reply);
    *worker = reply.ended;
    ends_.emplace(reply.ended, [reply, done = std::move(done)] { done(reply); });
    most_in_flight = std::max(most_in_flight, static_cast<int>(ends_.size()));
  }

  void CancelAll() override { cancelled = true; }

  std::vector<Query> queries;
  std::vector<absl::Duration> starts;  // since the beginning
  int most_in_flight = 0;
  bool cancelled = false;

 private:
  const absl::Duration service_;
  const absl::Time start_ = absl::FromUnixSeconds(1'000'000);
  absl::Time now_ = start_;
  std::vector<absl::Time> free_;
  absl::Time stall_begin_ = absl::InfiniteFuture();
  absl::Time stall_end_ = absl::InfiniteFuture();
  std::multimap<absl::Time, std::function<void()>> ends_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_BENCH_VIRTUAL_SERVER_H_
