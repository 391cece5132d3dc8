// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_FIELD_CHECKS_H_
#define MRMLLM_SERVER_RPC_REQUEST_FIELD_CHECKS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "base/dialogue.h"
#include "base/generation.h"
#include "base/perception_settings.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "mrmllm/v1/generation.pb.h"
#include "mrmllm/v1/image.pb.h"
#include "mrmllm/v1/perception.pb.h"
#include "mrmllm/v1/scheduling.pb.h"
#include "server/engine.h"
#include "server/rpc/reply/error_details.h"
#include "server/rpc/request/parsed_request.h"

namespace mrmllm {

struct ValidationRules;

// Collects what is wrong with one request's fields.
//
//   FieldChecks checks("ask.");
//   settings.top_k = checks.InRange("generation.top_k", proto.top_k(), 0, kMaxTopK);
//   RETURN_IF_ERROR(checks.ToStatus());
//
// Thread-safety: one thread. Errors: each check returns its input, whatever it finds.
class FieldChecks {
 public:
  // `prefix` comes before every field's name.
  explicit FieldChecks(std::string prefix = "") : prefix_(std::move(prefix)) {}

  void Add(std::string_view field, std::string_view description);
  int64_t InRange(std::string_view field, int64_t value, int64_t min, int64_t max);
  // [min, max]; above min when `open` is set. NaN is outside.
  float NumberInRange(std::string_view field, float value, float min, float max, bool open = false);
  const std::string& LengthInRange(std::string_view field, const std::string& text, int min,
                                   int max);
  // At most `max` of `what`.
  void CountInRange(std::string_view field, int count, int min, int max, std::string_view what);

  bool ok() const { return violations_.empty(); }
  absl::Status ToStatus() const;

 private:
  const std::string prefix_;
  std::vector<FieldViolation> violations_;
};

// The messages that requests are made of. Names in violations begin with `field`.
ImageSource CheckImage(const std::string& field, const v1::Image& image, FieldChecks* checks);
PerceptionSettings CheckPerception(const std::string& field, const v1::PerceptionSettings& settings,
                                   const ValidationRules& rules, FieldChecks* checks);
GenerationSettings CheckGeneration(const std::string& field, const v1::GenerationSettings& settings,
                                   FieldChecks* checks);
std::vector<Turn> CheckTurns(const std::string& field,
                             const google::protobuf::RepeatedPtrField<v1::Turn>& turns,
                             FieldChecks* checks);
Priority CheckScheduling(const std::string& field, const v1::SchedulingSettings& settings,
                         FieldChecks* checks);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_FIELD_CHECKS_H_
