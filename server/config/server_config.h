// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_
#define MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace mrmllm {

// Every setting of the server, with its default. Names, ranges and help stand in the table of
// settings_table.h; this struct is what the code reads.
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

  std::string second_look_mode = "off";
  int64_t second_look_max_crops = 4;

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

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_CONFIG_SERVER_CONFIG_H_
