// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_BUNDLE_H_
#define MRMLLM_MODEL_CHECKPOINT_BUNDLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/checkpoint/safetensors.h"
#include "model/config.h"

namespace mrmllm {

// A bundle directory, read: config.json, model.safetensors (or its shards), adapters.safetensors
// where the configuration has adapters, tokenizer.json, MODEL_CARD.md, checksums.txt.
//
//   ASSIGN_OR_RETURN(Bundle bundle, Bundle::Load("bundles/coco-135m", {.verify_checksums = true}));
//
// Thread-safety: a plain value. Ownership: tensors share the mapped files.
// Errors: NOT_FOUND names the missing file; INVALID_ARGUMENT the file and what is wrong with it;
// DATA_LOSS the file whose checksum differs.
struct Bundle {
  struct Options {
    bool verify_checksums = true;  // reads every file once
  };

  ModelConfig config;
  TensorMap tensors;
  TensorMap adapters;  // empty where the configuration has none
  std::string tokenizer_path;

  static absl::StatusOr<Bundle> Load(const std::string& directory, const Options& options);
};

// Compares every file that `checksums.txt` names (lines of `sha256sum`) with its content.
absl::Status VerifyChecksums(const std::string& directory);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_BUNDLE_H_
