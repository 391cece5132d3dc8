// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_
#define MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mrmllm {

// Every setting of the server, with its default. Names, ranges and help stand in the table that
// AllSettings() returns; this struct is what the code reads.
//
// Thread-safety: a plain value.
struct ServerConfig {
  std::string server_address = "127.0.0.1:50051";
  std::string server_port_file;
  int64_t server_max_message_bytes = 32 << 20;
  int64_t server_max_concurrent_streams = 256;
  absl::Duration server_max_connection_age = absl::InfiniteDuration();
  absl::Duration server_max_connection_idle = absl::InfiniteDuration();
  absl::Duration server_handshake_timeout = absl::Seconds(20);
  absl::Duration server_min_ping_interval = absl::Seconds(10);
  int64_t server_max_connections = 0;
  int64_t server_max_metadata_bytes = 16 << 10;
  int64_t server_memory_quota_bytes = 0;
  int64_t server_max_threads = 0;
  std::string server_reflection = "auto";

  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;
  bool tls_require_client_certificate = true;
  absl::Duration tls_reload_interval = absl::Seconds(30);

  std::string auth_callers_file;
  absl::Duration auth_reload_interval = absl::Seconds(10);
  bool auth_open_health = true;

  std::string metrics_address = "127.0.0.1:9464";
  std::string metrics_port_file;

  std::string bundle_directory = "build/bundles/coco-135m";
  bool bundle_verify_checksums = true;

  std::string models_repository;
  std::string models_load;
  std::string models_default;
  bool models_open_admin = false;

  std::string device_name = "cpu";
  std::string device_dtype = "auto";
  std::string device_vision_dtype = "auto";
  int64_t device_threads = 0;
  std::string device_pin_threads = "auto";

  int64_t limits_max_image_bytes = 16 << 20;
  int64_t limits_max_image_pixels = 50'000'000;
  int64_t limits_max_image_side = 16'384;
  int64_t limits_max_images_per_request = 16;
  int64_t limits_requests_per_second = 0;

  int64_t admission_max_requests = 256;
  int64_t admission_max_pixels = 200'000'000;
  int64_t admission_max_tokens = 262'144;

  std::string tenancy_metadata_key = "x-tenant";
  std::string tenancy_weights;
  int64_t tenancy_max_requests = 0;
  int64_t tenancy_max_pixels = 0;
  int64_t tenancy_max_tokens = 0;

  int64_t decode_threads = 2;

  int64_t scheduler_max_batch_images = 8;
  int64_t scheduler_max_batch_pixels = 64'000'000;
  absl::Duration scheduler_max_queue_delay = absl::ZeroDuration();
  int64_t scheduler_max_running_sequences = 16;
  int64_t scheduler_max_prefill_tokens = 512;
  absl::Duration scheduler_priority_ageing = absl::Seconds(2);

  int64_t kv_cache_capacity_bytes = 256 << 20;
  bool kv_cache_share_prefixes = true;

  int64_t cache_capacity_bytes = 256 << 20;
  absl::Duration cache_time_to_live = absl::Minutes(10);

  absl::Duration health_stall_timeout = absl::Seconds(30);

  absl::Duration drain_delay = absl::Seconds(5);
  absl::Duration drain_timeout = absl::Seconds(30);

  std::string tracing_endpoint;
  double tracing_sample_ratio = 1;
  int64_t tracing_max_queued_spans = 2048;
  absl::Duration tracing_export_timeout = absl::Seconds(5);
  std::string tracing_service_name = "mrmllm";

  std::string log_level = "info";
  std::string log_format = "text";

  bool operator==(const ServerConfig&) const = default;
};

// One row of the table.
struct Setting {
  using Member =
      std::variant<std::string ServerConfig::*, int64_t ServerConfig::*, bool ServerConfig::*,
                   double ServerConfig::*, absl::Duration ServerConfig::*>;
  std::string name;  // "scheduler.max_batch_images": section, dot, key
  Member member;
  std::string help;
  int64_t lowest = 0;  // of a number; of a duration, in milliseconds
  int64_t highest = std::numeric_limits<int64_t>::max();
  std::vector<std::string> choices;  // of a string; empty: any
  // Of a string with a form of its own: what it expects, and the check that says what is wrong.
  std::string form;
  absl::Status (*check)(std::string_view text) = nullptr;
};

// The table, in the order of the struct.
const std::vector<Setting>& AllSettings();

// Sets one value from text: numbers as decimal digits, true or false, durations as absl writes them
// ("250ms", "5s", "inf"). Errors: INVALID_ARGUMENT "scheduler.max_batch_images: expected a whole
// number in [1, 256], got 'many'"; an unknown name lists the nearest known one.
absl::Status SetSetting(std::string_view name, std::string_view value, ServerConfig* config);

// One value as text, in the form that SetSetting reads.
std::string SettingText(const Setting& setting, const ServerConfig& config);

// "a whole number in [1, 256]", "one of info, debug", ...
std::string SettingRange(const Setting& setting);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_
