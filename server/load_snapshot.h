// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_LOAD_SNAPSHOT_H_
#define MRMLLM_SERVER_LOAD_SNAPSHOT_H_

#include "server/models/model_registry.h"
#include "server/telemetry/metrics.h"

namespace mrmllm {

// What all models hold at this moment, those that drain too: sums, and of the predicted waits the
// longest. Thread-safety: from any thread.
LoadSnapshot SnapshotOf(const ModelRegistry& models);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_LOAD_SNAPSHOT_H_
