// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/metrics.h"

#include <unistd.h>

#include <fstream>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/labels.h"
#include "prometheus/registry.h"
#include "server/telemetry/logging.h"

namespace mrmllm {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// Half a millisecond to five seconds: steps, waits and whole Detect calls.
const Buckets kFast = {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5};
// Requests: from a cached Detect to a long answer.
const Buckets kRequest = {.001, .0025, .005, .01, .025, .05, .1, .2, .3, .5, .8,  1,
                          1.5,  2,     2.5,  5,   10,   15,  20, 30, 40, 60, 120, 240};
const Buckets kFirstToken = {.01, .02, .04, .06, .08, .1, .15, .2, .25, .5,
                             .75, 1,   2.5, 5,   7.5, 10, 20,  40, 80,  160};
const Buckets kPerToken = {.001, .0025, .005, .01, .015, .02, .025, .03, .04, .05,
                           .075, .1,    .15,  .2,  .3,   .4,  .5,   .75, 1,   2.5};
const Buckets kBatch = {1, 2, 4, 8, 16, 32, 64, 128, 256};
const Buckets kRatio = {.1, .2, .3, .4, .5, .6, .7, .8, .9, 1};

std::string StepName(StepKind kind) {
  switch (kind) {
    case StepKind::kPerceive:
      return "perceive";
    case StepKind::kLookAgain:
      return "look_again";
    case StepKind::kPrefill:
      return "prefill";
    case StepKind::kDecode:
      return "decode_step";
  }
  return "unknown";
}

prometheus::Labels BuildLabels(std::string_view version, const EngineInfo& engine) {
  return {{"version", std::string(version)},
          {"model", engine.model_name},
          {"model_version", engine.model_version},
          {"device", engine.device},
          {"dtype", engine.dtype}};
}

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

int64_t ResidentBytes() {
  int64_t total = 0;
  int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

struct Metrics::Families {
  Family<Counter>& MakeCounter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry);
  }
  Family<Gauge>& MakeGauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry);
  }
  Family<Histogram>& MakeHistogram(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry);
  }

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();

  Family<Counter>& requests = MakeCounter(
      "mrmllm_requests_total",
      "Requests that ended, by method and gRPC code; each frame of a DetectStream is one.");
  Family<Histogram>& request_duration = MakeHistogram(
      "mrmllm_request_duration_seconds", "From a request's arrival to its end, by method.");
  Family<Counter>& rejections =
      MakeCounter("mrmllm_rejections_total",
                  "Requests turned away before the model's work, by reason: invalid, overload, "
                  "deadline (the scheduler's estimate is that it would pass), not_accepting, "
                  "denied.");
  Family<Counter>& auth_failures =
      MakeCounter("mrmllm_auth_failures_total",
                  "Calls that were not let in, by reason: no_credentials, malformed, unknown_key, "
                  "unknown_certificate, method_not_allowed, tenant_not_allowed.");
  Family<Gauge>& certificate_expiry =
      MakeGauge("mrmllm_tls_certificate_expiry_timestamp_seconds",
                "Unix time at which the listener's certificate expires; absent without TLS.");
  Family<Histogram>& stage_duration =
      MakeHistogram("mrmllm_stage_duration_seconds",
                    "Duration of one run of a stage: image_decode (a request's images decoded and "
                    "resized), perceive, look_again, prefill, decode_step (one engine step).");
  Family<Histogram>& queue_wait = MakeHistogram(
      "mrmllm_queue_wait_seconds", "How long a request waited for its first step of a stage.");
  Family<Histogram>& priority_wait = MakeHistogram(
      "mrmllm_priority_wait_seconds", "How long a request waited for steps in all, by priority.");
  Histogram& first_token =
      MakeHistogram("mrmllm_time_to_first_token_seconds",
                    "From a request's arrival to the first token of its answer.")
          .Add({}, kFirstToken);
  Histogram& per_token = MakeHistogram("mrmllm_time_per_output_token_seconds",
                                       "Mean time per token after the first, of one answer.")
                             .Add({}, kPerToken);
  Family<Histogram>& batch_size = MakeHistogram(
      "mrmllm_batch_size", "Images, parts of images or sequences in one engine step.");
  Family<Histogram>& batch_occupancy =
      MakeHistogram("mrmllm_batch_occupancy_ratio",
                    "Share of the bound of an engine step (images or parts of them, prompt tokens, "
                    "sequences) that "
                    "was used.");
  Gauge& predicted_wait =
      MakeGauge("mrmllm_predicted_queue_wait_seconds",
                "How long a request of normal priority that came now would wait before its answer "
                "began, by the measured cost of the work ahead: what an autoscaler needs.")
          .Add({});
  Gauge& engines =
      MakeGauge("mrmllm_engines_in_service", "Engines whose device has not failed.").Add({});
  Gauge& models =
      MakeGauge("mrmllm_models_loaded", "Bundle versions in memory, those that drain too.").Add({});
  Gauge& queue_depth =
      MakeGauge("mrmllm_queue_depth", "Requests waiting for their first engine step.").Add({});
  Gauge& running = MakeGauge("mrmllm_running_sequences", "Answers being generated.").Add({});
  Gauge& key_value_bytes =
      MakeGauge("mrmllm_kv_cache_bytes",
                "Memory of the key-value caches of the answers being generated.")
          .Add({});
  Family<Gauge>& kv_blocks = MakeGauge(
      "mrmllm_kv_blocks",
      "Key-value blocks by state: total, reserved by answers, cached (of no answer, kept for "
      "prompts that begin alike).");
  Counter& cache_hits =
      MakeCounter("mrmllm_cache_hits_total", "Images found in the feature cache.").Add({});
  Counter& cache_misses =
      MakeCounter("mrmllm_cache_misses_total", "Images not found in the feature cache.").Add({});
  Counter& perceive_shared =
      MakeCounter("mrmllm_perceive_shared_total",
                  "Images that needed no run of the model, because an equal one had one in the "
                  "same step or just before.")
          .Add({});
  Counter& second_look_crops =
      MakeCounter("mrmllm_second_look_crops_total", "Parts of images that were looked at again.")
          .Add({});
  Family<Counter>& second_look_boxes =
      MakeCounter("mrmllm_second_look_boxes_total",
                  "Objects that second looks brought, by outcome: added (the first look did not "
                  "have it), changed (it replaced one).");
  Counter& cache_evictions =
      MakeCounter("mrmllm_cache_evictions_total",
                  "Images that left the feature cache for want of room, or of age.")
          .Add({});
  Gauge& cache_bytes = MakeGauge("mrmllm_cache_bytes", "Memory of the feature cache.").Add({});
  Gauge& cache_entries = MakeGauge("mrmllm_cache_entries", "Images in the feature cache.").Add({});
  Family<Counter>& tokens = MakeCounter(
      "mrmllm_tokens_total", "Tokens of ended requests: prompt (of these, perception), answer.");
  Counter& prefix_cached =
      MakeCounter("mrmllm_prefix_cached_tokens_total",
                  "Prompt tokens of ended requests that were taken from an earlier prompt that "
                  "began alike.")
          .Add({});
  Counter& degraded =
      MakeCounter("mrmllm_degraded_total",
                  "Requests that ended with their boxes alone, for want of time to answer.")
          .Add({});
  Histogram& agreement =
      MakeHistogram("mrmllm_agreement_ratio",
                    "Share of an answer's claims about objects that the boxes bear out; answers "
                    "without a claim are not counted.")
          .Add({}, kRatio);
  Family<Counter>& conflicts =
      MakeCounter("mrmllm_conflicts_total",
                  "Claims of answers that the boxes contradict, by kind: count, absent, present, "
                  "place, color.");
  Family<Counter>& trace_spans = MakeCounter(
      "mrmllm_trace_spans_total",
      "Spans of sampled requests, by outcome: exported, dropped (no room in the queue), "
      "failed (the collector refused them or was away too long).");
  Counter& log_lines_lost =
      MakeCounter(
          "mrmllm_log_lines_lost_total",
          "Log lines that were lost: standard error is closed, its disk full, or nobody reads it.")
          .Add({});
  Family<Counter>& model_loads =
      MakeCounter("mrmllm_model_loads_total",
                  "Bundles that were opened, at start or by LoadModel, by outcome: ok, failed.");
  Family<Gauge>& admitted =
      MakeGauge("mrmllm_admitted",
                "What the admission ledger holds: requests, pixels, image_tokens, tokens, "
                "kv_blocks.");
  Gauge& resident =
      MakeGauge("mrmllm_resident_memory_bytes", "Resident memory of the process.").Add({});
  Family<Gauge>& startup =
      MakeGauge("mrmllm_startup_phase_seconds", "How long each phase of the start took.");
  Family<Gauge>& build_info =
      MakeGauge("mrmllm_build_info",
                "Always 1; its labels tell what runs: one series for each loaded model.");
};

// Fills in the values that nobody counts, then collects.
class Metrics::Refresher : public prometheus::Collectable {
 public:
  explicit Refresher(Families* families) : families_(*families), registry_(families->registry) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    {
      absl::MutexLock lock(&mutex_);
      if (source_) Refresh(source_());
    }
    return registry_->Collect();
  }

  void SetSource(std::function<LoadSnapshot()> source) {
    absl::MutexLock lock(&mutex_);
    source_ = std::move(source);
  }

 private:
  void Refresh(const LoadSnapshot& load) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto set = [](Family<Gauge>& family, const char* label, const char* value, int64_t now) {
      family.Add({{label, value}}).Set(static_cast<double>(now));
    };
    set(families_.admitted, "what", "requests", load.admitted.requests);
    set(families_.admitted, "what", "pixels", load.admitted.pixels);
    set(families_.admitted, "what", "image_tokens", load.admitted.image_tokens);
    set(families_.admitted, "what", "tokens", load.admitted.tokens);
    set(families_.admitted, "what", "kv_blocks", load.admitted.kv_blocks);
    set(families_.kv_blocks, "state", "total", load.kv.total_blocks);
    set(families_.kv_blocks, "state", "reserved", load.kv.reserved_blocks);
    set(families_.kv_blocks, "state", "cached", load.kv.cached_blocks);
    families_.predicted_wait.Set(Seconds(load.predicted_queue_wait));
    families_.engines.Set(load.engines_in_service);
    families_.models.Set(load.models);
    families_.cache_bytes.Set(static_cast<double>(load.cache.size_bytes));
    families_.cache_entries.Set(static_cast<double>(load.cache.entries));
    families_.cache_evictions.Increment(static_cast<double>(load.cache.evictions) -
                                        families_.cache_evictions.Value());
    families_.log_lines_lost.Increment(static_cast<double>(LostLogLines()) -
                                       families_.log_lines_lost.Value());
    families_.resident.Set(ResidentBytes());
  }

  Families& families_;
  const std::shared_ptr<prometheus::Registry> registry_;
  mutable absl::Mutex mutex_;
  std::function<LoadSnapshot()> source_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics()
    : families_(std::make_unique<Families>()),
      refresher_(std::make_shared<Refresher>(families_.get())) {}

Metrics::~Metrics() = default;

void Metrics::RecordRequest(std::string_view method, std::string_view code,
                            absl::Duration duration) {
  families_->requests.Add({{"method", std::string(method)}, {"code", std::string(code)}})
      .Increment();
  families_->request_duration.Add({{"method", std::string(method)}}, kRequest)
      .Observe(Seconds(duration));
}

void Metrics::RecordRejection(std::string_view reason) {
  families_->rejections.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::RecordAuthFailure(std::string_view reason) {
  families_->auth_failures.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::RecordImageDecode(absl::Duration duration) {
  families_->stage_duration.Add({{"stage", "image_decode"}}, kFast).Observe(Seconds(duration));
}

void Metrics::RecordCacheLookup(int hits, int misses) {
  families_->cache_hits.Increment(hits);
  families_->cache_misses.Increment(misses);
}

void Metrics::RecordTokens(const TokenUsage& usage) {
  families_->tokens.Add({{"kind", "prompt"}}).Increment(usage.prompt_tokens);
  families_->tokens.Add({{"kind", "perception"}}).Increment(usage.perception_tokens);
  families_->tokens.Add({{"kind", "answer"}}).Increment(usage.answer_tokens);
  families_->prefix_cached.Increment(usage.cached_tokens);
}

void Metrics::RecordDegraded() { families_->degraded.Increment(); }

void Metrics::RecordAgreement(double ratio) { families_->agreement.Observe(ratio); }

void Metrics::RecordConflict(std::string_view kind) {
  families_->conflicts.Add({{"kind", std::string(kind)}}).Increment();
}

void Metrics::RecordTraceSpans(std::string_view outcome, int64_t spans) {
  families_->trace_spans.Add({{"outcome", std::string(outcome)}})
      .Increment(static_cast<double>(spans));
}

void Metrics::RecordPriorityWait(Priority priority, absl::Duration wait) {
  families_->priority_wait.Add({{"priority", std::string(PriorityName(priority))}}, kFast)
      .Observe(Seconds(wait));
}

void Metrics::RecordStep(StepKind kind, int batch_size, double occupancy, absl::Duration duration) {
  const std::string step = StepName(kind);
  families_->stage_duration.Add({{"stage", step}}, kFast).Observe(Seconds(duration));
  families_->batch_size.Add({{"stage", step}}, kBatch).Observe(batch_size);
  families_->batch_occupancy.Add({{"stage", step}}, kRatio).Observe(occupancy);
}

void Metrics::RecordQueueWait(StepKind kind, absl::Duration wait) {
  families_->queue_wait.Add({{"stage", StepName(kind)}}, kFast).Observe(Seconds(wait));
}

void Metrics::RecordFirstToken(absl::Duration since_arrival) {
  families_->first_token.Observe(Seconds(since_arrival));
}

void Metrics::RecordTimePerOutputToken(absl::Duration duration) {
  families_->per_token.Observe(Seconds(duration));
}

void Metrics::RecordSharedPerceptions(int images) { families_->perceive_shared.Increment(images); }

void Metrics::RecordSecondLook(int parts, int added, int changed) {
  families_->second_look_crops.Increment(parts);
  families_->second_look_boxes.Add({{"outcome", "added"}}).Increment(added);
  families_->second_look_boxes.Add({{"outcome", "changed"}}).Increment(changed);
}

void Metrics::SetLoad(int waiting, int running_sequences, int64_t key_value_bytes) {
  families_->queue_depth.Set(waiting);
  families_->running.Set(running_sequences);
  families_->key_value_bytes.Set(static_cast<double>(key_value_bytes));
}

void Metrics::SetCertificateExpiry(absl::Time not_after) {
  families_->certificate_expiry.Add({}).Set(static_cast<double>(absl::ToUnixSeconds(not_after)));
}

void Metrics::SetStartupPhase(std::string_view phase, absl::Duration duration) {
  families_->startup.Add({{"phase", std::string(phase)}}).Set(Seconds(duration));
}

void Metrics::AddBuildInfo(std::string_view version, const EngineInfo& engine) {
  families_->build_info.Add(BuildLabels(version, engine)).Set(1);
}

void Metrics::RemoveBuildInfo(std::string_view version, const EngineInfo& engine) {
  families_->build_info.Remove(&families_->build_info.Add(BuildLabels(version, engine)));
}

void Metrics::RecordModelLoad(std::string_view outcome) {
  families_->model_loads.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::SetSnapshotSource(std::function<LoadSnapshot()> source) {
  refresher_->SetSource(std::move(source));
}

std::shared_ptr<prometheus::Collectable> Metrics::collectable() { return refresher_; }

}  // namespace mrmllm
