// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_REPORT_BENCH_TEXT_H_
#define MRMLLM_CLIENT_BENCH_REPORT_BENCH_TEXT_H_

#include <string>
#include <vector>

#include "client/bench/report/level_summary.h"
#include "client/output/terminal.h"

namespace mrmllm {

// What people read: what was measured, a table of the levels (a row for each RPC that occurred, and
// one for all together where there are several), and below it what went wrong.
std::string BenchText(const BenchSetting& setting, const std::vector<LevelSummary>& levels,
                      const Style& style);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_REPORT_BENCH_TEXT_H_
