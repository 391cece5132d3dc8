// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace mrmllm {

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  absl::Cleanup close_file = [file] { close(file); };
  struct stat info {};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": expected a regular file"));
  }
  if (info.st_size == 0) return absl::FailedPreconditionError(absl::StrCat(path, ": is empty"));
  // PROT_WRITE on a private map: tensors over it look writable to libtorch, the file stays as it
  // is.
  void* memory = mmap(nullptr, info.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": mmap: ", std::strerror(errno)));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(
      std::string_view(static_cast<const char*>(memory), static_cast<size_t>(info.st_size))));
}

MappedFile::~MappedFile() { munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

}  // namespace mrmllm
