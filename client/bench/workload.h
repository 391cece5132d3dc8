// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_WORKLOAD_H_
#define MRMLLM_CLIENT_BENCH_WORKLOAD_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bench/caller.h"
#include "client/bench/rpc_mix.h"

namespace mrmllm {

// Questions for who brings none: short and long answers, about one thing and about everything.
const std::vector<std::string>& BuiltInQuestions();

// The questions of a file, one a line; empty lines do not count. NOT_FOUND or INVALID_ARGUMENT
// names the file.
absl::StatusOr<std::vector<std::string>> ReadQuestions(const std::string& path);

// The requests of a load, one after the other, chosen by a seed: the same for every server that is
// measured with it.
//
//   Workload workload({.mix = mix, .images = images, .questions = BuiltInQuestions()});
//   workload.Restart();
//   caller.Start(workload.Next(), done);
//
// Thread-safety: not safe.
class Workload {
 public:
  struct Options {
    RpcMix mix;
    std::vector<std::string> images;     // encoded; at least one
    std::vector<std::string> questions;  // at least one
    uint64_t seed = 1;
    // What makes every picture unlike every other one that a server has seen; empty: pictures are
    // sent as they are, again and again. Must differ from one run to the next.
    std::string cold_mark;
  };

  explicit Workload(Options options) : options_(std::move(options)) { Restart(); }

  // The same choices again, with pictures that are unique again.
  void Restart() { random_.seed(options_.seed); }

  Query Next();

 private:
  const std::string& Choose(const std::vector<std::string>& from);

  const Options options_;
  std::mt19937_64 random_;
  int64_t sent_ = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_WORKLOAD_H_
