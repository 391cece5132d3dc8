// SPDX-License-Identifier: Apache-2.0
#include "server/security/file_text.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace mrmllm {

absl::StatusOr<std::string> ReadFileText(const std::string& path, size_t max_bytes) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  // One byte more than allowed tells that there is more, whatever the file system says of its size.
  std::string text(max_bytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ",
                                            errno != 0 ? std::strerror(errno) : "unknown error"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": expected at most ", max_bytes, " bytes, got more"));
  }
  return text;
}

}  // namespace mrmllm
