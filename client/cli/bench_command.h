// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_BENCH_COMMAND_H_
#define MRMLLM_CLIENT_CLI_BENCH_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/bench/load_runner.h"
#include "client/bench/report/level_summary.h"
#include "client/bench/workload.h"
#include "client/cli/command.h"

namespace mrmllm {

// `mrmllm bench`: puts one load after the other on a server and reports what its callers see.
class BenchCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  void AddLoadOptions(CLI::App& command);
  void AddRequestOptions(CLI::App& command);

  // The plan of each level.
  std::vector<LevelPlan> MakePlans() const;
  absl::StatusOr<Workload::Options> MakeWorkload(const CommandContext& context) const;
  BenchSetting MakeSetting(const CommandContext& context, const std::string& model,
                           int image_count) const;
  std::vector<LevelSummary> RunLevels(const CommandContext& context, LoadRunner* runner) const;
  absl::Status Report(const CommandContext& context, const BenchSetting& setting,
                      const std::vector<LevelSummary>& levels) const;

  // Load.
  std::vector<int> clients_ = {1};
  std::vector<double> rates_;
  int requests_ = 0;
  absl::Duration duration_ = absl::Seconds(10);
  std::optional<int> warmup_;
  int max_in_flight_ = 1000;
  int connections_ = 4;
  uint64_t seed_ = 1;
  // Requests.
  std::vector<std::string> inputs_ = {"docs/photos"};
  std::string questions_file_;
  RpcMix mix_ = *RpcMix::Parse("perceive");
  int max_new_tokens_ = 64;
  v1::SchedulingSettings scheduling_;
  bool allow_degraded_ = false;
  bool warm_ = false;
  // Report.
  std::string json_file_;
  std::string chart_file_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_BENCH_COMMAND_H_
