// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_REPORT_BENCH_CHART_H_
#define MRMLLM_CLIENT_BENCH_REPORT_BENCH_CHART_H_

#include <string>
#include <vector>

#include "client/bench/report/level_summary.h"

namespace mrmllm {

// The levels as a picture, SVG: throughput on the left, latency (p50 and p99) on the right, all
// RPCs together. Levels stand side by side in their order, whatever lies between them. Legible on
// light and dark pages.
std::string BenchChart(const BenchSetting& setting, const std::vector<LevelSummary>& levels);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_REPORT_BENCH_CHART_H_
