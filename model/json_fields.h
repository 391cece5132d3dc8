// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_JSON_FIELDS_H_
#define MRMLLM_MODEL_JSON_FIELDS_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace mrmllm {

// Reads the fields of one JSON object strictly. The first error is kept; after it every read
// returns an empty value, so that a caller reads all its fields and asks once.
//
//   JsonFields fields(json["detector"], "detector", &status);
//   config.input_size = fields.Int("input_size", 32, 4096);
//   fields.Finish();     // a key that nobody read is an error
//
// Thread-safety: none. Ownership: refers to the JSON and the status, which must outlive it.
// Errors: INVALID_ARGUMENT "detector.input_size: expected a whole number in [32, 4096], got 7".
class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, std::string path, absl::Status* status);

  int64_t Int(std::string_view key, int64_t lowest, int64_t highest);
  double Number(std::string_view key, double lowest, double highest);
  bool Bool(std::string_view key);
  std::string String(std::string_view key);
  // One of `allowed`.
  std::string Choice(std::string_view key, const std::vector<std::string>& allowed);
  std::vector<int64_t> Ints(std::string_view key, int64_t lowest, int64_t highest);
  std::vector<double> Numbers(std::string_view key, size_t count, double lowest, double highest);
  std::vector<std::string> Strings(std::string_view key);
  // The member itself, an object; an empty one after an error.
  const nlohmann::json& Object(std::string_view key);

  // The member itself, an array; an empty one after an error.
  const nlohmann::json& Array(std::string_view key);

  std::string Path(std::string_view key) const;
  void Fail(std::string_view key, std::string_view expected, const nlohmann::json& got);
  void Finish();

 private:
  const nlohmann::json& Get(std::string_view key, std::string_view expected);

  const nlohmann::json& object_;
  const std::string path_;
  absl::Status* const status_;
  std::set<std::string> read_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_JSON_FIELDS_H_
