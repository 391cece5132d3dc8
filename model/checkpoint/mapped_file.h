// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_CHECKPOINT_MAPPED_FILE_H_
#define MRMLLM_MODEL_CHECKPOINT_MAPPED_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace mrmllm {

// A file mapped privately into memory; its pages are read when they are touched.
//
// Thread-safety: immutable. Ownership: the bytes live as long as this object.
// Errors: Open: NOT_FOUND or FAILED_PRECONDITION with the path and the system's reason.
class MappedFile {
 public:
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  const std::string_view bytes_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_CHECKPOINT_MAPPED_FILE_H_
