// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_REPORT_BENCH_JSON_H_
#define MRMLLM_CLIENT_BENCH_REPORT_BENCH_JSON_H_

#include <string>
#include <vector>

#include "client/bench/report/level_summary.h"

namespace mrmllm {

// What programs read: one JSON object on one line, without the line break; client/README.md
// describes it. Keys keep their names and order; new ones may be added.
std::string BenchJson(const BenchSetting& setting, const std::vector<LevelSummary>& levels);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_REPORT_BENCH_JSON_H_
