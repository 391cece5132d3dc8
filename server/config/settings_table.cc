// SPDX-License-Identifier: Apache-2.0
#include "server/config/settings_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "base/string_views.h"
#include "server/config/tenant_weights.h"

namespace mrmllm {
namespace {

using C = ServerConfig;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr int64_t kTera = int64_t{1} << 40;

// gRPC keeps "grpc-" for itself, and values of "-bin" keys are not text.
absl::Status CheckMetadataKey(std::string_view key) {
  const bool plain = std::ranges::all_of(key, [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
  });
  if (plain && !key.starts_with("grpc-") && !key.ends_with("-bin")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a key is made of [a-z0-9._-], does not begin with grpc- nor end with -bin");
}

absl::Status CheckCollector(std::string_view endpoint) {
  if (endpoint.empty()) return absl::OkStatus();
  absl::string_view address = AbslView(endpoint);
  if (!absl::ConsumePrefix(&address, "http://")) absl::ConsumePrefix(&address, "https://");
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon != absl::string_view::npos && colon > 0 &&
      absl::SimpleAtoi(address.substr(colon + 1), &port) && port > 0 && port < 65'536) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("for example localhost:4317");
}

absl::Status CheckTenantWeights(std::string_view text) { return ParseTenantWeights(text).status(); }

std::vector<Setting> MakeSettings() {
  return {
      {"server.address", &C::server_address,
       "Where gRPC listens, host:port; port 0 takes a free one."},
      {"server.port_file", &C::server_port_file,
       "Where to write the bound gRPC port once listening; empty: nowhere."},
      {"server.max_message_bytes", &C::server_max_message_bytes, "Largest message received.", 1024,
       1 << 30},
      {"server.max_concurrent_streams", &C::server_max_concurrent_streams,
       "Calls in flight on one connection.", 1, 65'536},
      {"server.max_connection_age", &C::server_max_connection_age,
       "After this a connection is asked to reconnect, so that balancers can spread it; inf: "
       "never.",
       1'000, kNoLimit},
      {"server.max_connection_idle", &C::server_max_connection_idle,
       "After this long without a call a connection is closed; inf: never.", 1'000, kNoLimit},
      {"server.handshake_timeout", &C::server_handshake_timeout,
       "How long a client may take from connecting to its first HTTP/2 frame, TLS included.", 100,
       600'000},
      {"server.min_ping_interval", &C::server_min_ping_interval,
       "Clients that ping more often than this, while no data comes, lose their connection.", 0,
       3'600'000},
      {"server.max_connections", &C::server_max_connections,
       "Connections at the same time, further ones are closed at once; 0: what the limit of open "
       "files leaves.",
       0, 1'000'000},
      {"server.max_metadata_bytes", &C::server_max_metadata_bytes, "Metadata of one call, at most.",
       1024, 1 << 20},
      {"server.memory_quota_bytes", &C::server_memory_quota_bytes,
       "Memory that gRPC may use for connections and messages; 0: no limit.", 0, kTera},
      {"server.max_threads", &C::server_max_threads,
       "Threads that gRPC may start for its synchronous half; 0: no limit.", 0, 65'536},
      {"server.reflection",
       &C::server_reflection,
       "Whether grpcurl and its like may ask for the services, with a key where calls need one; "
       "auto: on.",
       0,
       kNoLimit,
       {"auto", "on", "off"}},
      {"tls.certificate_file", &C::tls_certificate_file,
       "PEM file of the listener's certificate and its chain; empty: no TLS."},
      {"tls.key_file", &C::tls_key_file, "PEM file of its private key."},
      {"tls.client_ca_file", &C::tls_client_ca_file,
       "PEM file of those who may sign clients; empty: clients are not asked for a certificate."},
      {"tls.require_client_certificate", &C::tls_require_client_certificate,
       "With tls.client_ca_file: whether a client must show a certificate, or may."},
      {"tls.reload_interval", &C::tls_reload_interval,
       "How often the TLS files are read again; a new certificate serves new connections.", 100,
       86'400'000},
      {"auth.callers_file", &C::auth_callers_file,
       "YAML file of those who may call, and what they may; empty: everyone may do everything."},
      {"auth.reload_interval", &C::auth_reload_interval, "How often that file is read again.", 100,
       86'400'000},
      {"auth.open_health", &C::auth_open_health, "Health checks need no key, so that probes work."},
      {"metrics.address", &C::metrics_address,
       "Where Prometheus scrapes /metrics over HTTP, host:port; empty: nowhere."},
      {"metrics.port_file", &C::metrics_port_file,
       "Where to write the bound metrics port; empty: nowhere."},
      {"bundle.directory", &C::bundle_directory,
       "The model bundle to serve where models.repository is empty."},
      {"bundle.verify_checksums", &C::bundle_verify_checksums,
       "Compare every file of a bundle with its checksums.txt before it is loaded."},
      {"models.repository", &C::models_repository,
       "Directory of bundles, NAME/VERSION/, which LoadModel loads from; empty: bundle.directory "
       "alone is served."},
      {"models.load", &C::models_load,
       "What is loaded from it at start: NAME or NAME@VERSION, with commas between them; empty: "
       "the "
       "newest version of every name."},
      {"models.default", &C::models_default,
       "Name of the model of requests that name none; empty: the only one that is loaded at "
       "start."},
      {"models.open_admin", &C::models_open_admin,
       "While auth.callers_file is empty: whether everyone may load and unload models, or nobody."},
      {"device.name", &C::device_name,
       "cpu, cuda:N, or several with commas between them: one executor each. libtorch's CUDA half "
       "is loaded only when asked for."},
      {"device.dtype",
       &C::device_dtype,
       "Number format of the language model's weights; auto: what the bundle was made for where "
       "the "
       "CPU is fast in it, else bfloat16 where the device computes in it, else float32.",
       0,
       kNoLimit,
       {"auto", "float32", "bfloat16", "int8", "int4"}},
      {"device.vision_dtype",
       &C::device_vision_dtype,
       "Number format of the vision encoder's and the detector's weights; auto: bfloat16 where the "
       "device computes in it fast, else float32.",
       0,
       kNoLimit,
       {"auto", "float32", "bfloat16"}},
      {"device.threads", &C::device_threads,
       "Threads of one engine step on a CPU; 0: the cores are divided between the devices, and of "
       "eight or more an eighth is left for everything else.",
       0, 1'024},
      {"device.pin_threads",
       &C::device_pin_threads,
       "auto: where at least two cores are left over, gRPC and decoding keep off those of the "
       "engine's steps.",
       0,
       kNoLimit,
       {"auto", "off"}},
      {"limits.max_image_bytes", &C::limits_max_image_bytes,
       "Largest encoded or raw image, in bytes.", 1, 1 << 30},
      {"limits.max_image_pixels", &C::limits_max_image_pixels,
       "Most pixels of an image, by its header.", 1, 1'000'000'000},
      {"limits.max_image_side", &C::limits_max_image_side, "Longest side of an image, in pixels.",
       1, 65'500},
      {"limits.max_images_per_request", &C::limits_max_images_per_request,
       "Most images in one request.", 1, 256},
      {"limits.requests_per_second", &C::limits_requests_per_second,
       "Calls a second, for each tenant; 0: no limit.", 0, 1'000'000},
      {"admission.max_requests", &C::admission_max_requests,
       "Requests between arrival and end, at most.", 1, 1'000'000},
      {"admission.max_pixels", &C::admission_max_pixels,
       "Pixels of all images in those requests, at most.", 1, kTera},
      {"admission.max_tokens", &C::admission_max_tokens,
       "Prompt and answer tokens of all those requests, at most.", 1, kTera},
      {"tenancy.metadata_key",
       &C::tenancy_metadata_key,
       "Metadata key that names a call's tenant; empty: everyone is one tenant.",
       0,
       kNoLimit,
       {},
       "a gRPC metadata key, or nothing",
       CheckMetadataKey},
      {"tenancy.weights",
       &C::tenancy_weights,
       "Shares of the device while tenants compete for it; a tenant without one weighs 1.",
       0,
       kNoLimit,
       {},
       "pairs like a=3,b=0.5, or nothing",
       CheckTenantWeights},
      {"tenancy.max_requests", &C::tenancy_max_requests,
       "As admission.max_requests, for each tenant; 0: no limit of its own.", 0, 1'000'000},
      {"tenancy.max_pixels", &C::tenancy_max_pixels,
       "As admission.max_pixels, for each tenant; 0: no limit of its own.", 0, kTera},
      {"tenancy.max_tokens", &C::tenancy_max_tokens,
       "As admission.max_tokens, for each tenant; 0: no limit of its own.", 0, kTera},
      {"decode.threads", &C::decode_threads, "Threads that decode and resize images.", 1, 256},
      {"scheduler.max_batch_images", &C::scheduler_max_batch_images,
       "Images in one perceive step, at most.", 1, 256},
      {"scheduler.max_batch_pixels", &C::scheduler_max_batch_pixels,
       "Displayed pixels in one perceive step, at most; one image always goes.", 1, kTera},
      {"scheduler.max_queue_delay", &C::scheduler_max_queue_delay,
       "How long an underfull perceive batch waits for more when nothing else runs.", 0, 60'000},
      {"scheduler.max_running_sequences", &C::scheduler_max_running_sequences,
       "Answers generated at the same time, at most.", 1, 4'096},
      {"scheduler.max_prefill_tokens", &C::scheduler_max_prefill_tokens,
       "Prompt tokens in one prefill step, at most.", 1, 65'536},
      {"scheduler.priority_ageing", &C::scheduler_priority_ageing,
       "A request that has waited this long counts as one priority class higher.", 1, 3'600'000},
      {"second_look.mode",
       &C::second_look_mode,
       "Whether parts of an image are looked at again, larger, where a request does not say: "
       "automatic, where a question or classes name what to look for and there is time; frames of "
       "a DetectStream never are.",
       0,
       kNoLimit,
       {"off", "automatic", "always"}},
      {"second_look.max_crops", &C::second_look_max_crops,
       "Parts of one image that are looked at again, at most, where a request does not say; no "
       "more than scheduler.max_batch_images.",
       1, 16},
      {"kv_cache.capacity_bytes", &C::kv_cache_capacity_bytes,
       "Memory of the pool of key-value blocks of one device.", 1 << 20, kTera},
      {"kv_cache.share_prefixes", &C::kv_cache_share_prefixes,
       "Keep what was computed for the beginnings of prompts, for those that begin alike."},
      {"cache.capacity_bytes", &C::cache_capacity_bytes,
       "Memory for what was seen in images, for follow-up questions; 0: off.", 0, kTera},
      {"cache.time_to_live", &C::cache_time_to_live, "How long an unused image_id stays valid.",
       1'000, kNoLimit},
      {"health.stall_timeout", &C::health_stall_timeout,
       "Liveness fails when the executor has work but made no progress for this long.", 100,
       86'400'000},
      {"drain.delay", &C::drain_delay,
       "After SIGTERM: how long requests are still taken while health already says NOT_SERVING.", 0,
       3'600'000},
      {"drain.timeout", &C::drain_timeout,
       "After that: how long requests in flight may take before they are cancelled.", 0,
       86'400'000},
      {"tracing.endpoint",
       &C::tracing_endpoint,
       "Collector that takes spans by OTLP over gRPC; plain text unless https:// stands before it; "
       "empty: no tracing.",
       0,
       kNoLimit,
       {},
       "host:port, with http:// or https:// before it or not, or nothing",
       CheckCollector},
      {"tracing.sample_ratio", &C::tracing_sample_ratio,
       "Share of the traces that begin here which make spans; a caller's trace does as the caller "
       "says.",
       0, 1},
      {"tracing.max_queued_spans", &C::tracing_max_queued_spans,
       "Spans that wait for the collector, at most; more are dropped, and counted.", 16, 1'000'000},
      {"tracing.export_timeout", &C::tracing_export_timeout,
       "How long one export may take, and at the end of a drain all that is left.", 10, 60'000},
      {"tracing.service_name", &C::tracing_service_name, "The service's name in traces."},
      {"log.level",
       &C::log_level,
       "Lowest level logged.",
       0,
       kNoLimit,
       {"debug", "info", "warning", "error"}},
      {"log.format",
       &C::log_format,
       "One line an event, as text for people or as JSON for programs.",
       0,
       kNoLimit,
       {"text", "json"}},
  };
}

}  // namespace

const std::vector<Setting>& AllSettings() {
  static const auto& settings = *new std::vector<Setting>(MakeSettings());
  return settings;
}

}  // namespace mrmllm
