// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_METRICS_H_
#define MRMLLM_SERVER_TELEMETRY_METRICS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "prometheus/collectable.h"
#include "server/engine.h"
#include "server/scheduling/admission.h"
#include "server/scheduling/feature_cache.h"
#include "server/scheduling/observer.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// Values that are read when Prometheus asks, not counted along the way.
struct LoadSnapshot {
  Admission::Usage admitted;
  FeatureCache::Stats cache;
  KvUsage kv;  // of all engines together
  absl::Duration predicted_queue_wait;
  int engines_in_service = 0;
  int models = 0;  // that hold memory: those that drain too
};

// Every metric of the server. Updated through verbs, so that no other file knows a metric's name.
//
// Thread-safety: safe for concurrent use. Ownership: owns its registry; collectable() lives as long
// as this object.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `method` and `code` come from closed sets: "Detect", "INVALID_ARGUMENT".
  void RecordRequest(std::string_view method, std::string_view code, absl::Duration duration);
  void RecordRejection(std::string_view reason);
  void RecordAuthFailure(std::string_view reason);
  void RecordImageDecode(absl::Duration duration);
  void RecordCacheLookup(int hits, int misses);
  void RecordTokens(const TokenUsage& usage);
  void RecordDegraded();
  // Of an answer that claims something of objects: the share that the boxes bear out.
  void RecordAgreement(double ratio);
  // `kind`: of ConflictName.
  void RecordConflict(std::string_view kind);
  // `outcome`: "exported", "dropped" or "failed".
  void RecordTraceSpans(std::string_view outcome, int64_t spans);
  // Of one request, all its waits together.
  void RecordPriorityWait(Priority priority, absl::Duration wait);

  // `occupancy`: share of the step's bound that was used, [0, 1].
  void RecordStep(StepKind kind, int batch_size, double occupancy, absl::Duration duration);
  void RecordQueueWait(StepKind kind, absl::Duration wait);
  void RecordFirstToken(absl::Duration since_arrival);
  void RecordTimePerOutputToken(absl::Duration duration);
  void RecordSharedPerceptions(int images);
  // Of one step: parts that were looked at again, and what that changed.
  void RecordSecondLook(int parts, int added, int changed);
  void SetLoad(int waiting, int running_sequences, int64_t key_value_bytes);

  // When the listener's certificate holds no more.
  void SetCertificateExpiry(absl::Time not_after);
  void SetStartupPhase(std::string_view phase, absl::Duration duration);
  // One series for each loaded model.
  void AddBuildInfo(std::string_view version, const EngineInfo& engine);
  void RemoveBuildInfo(std::string_view version, const EngineInfo& engine);

  // `outcome`: "ok", "failed".
  void RecordModelLoad(std::string_view outcome);

  // Called at every scrape, from the scraping thread. Set it before the exposer starts; reset with
  // an empty one before what it reads is gone.
  void SetSnapshotSource(std::function<LoadSnapshot()> source);

  // What an exposer serves. It refreshes the snapshot values first.
  std::shared_ptr<prometheus::Collectable> collectable();

 private:
  struct Families;
  class Refresher;
  std::unique_ptr<Families> families_;
  std::shared_ptr<Refresher> refresher_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_METRICS_H_
