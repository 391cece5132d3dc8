// SPDX-License-Identifier: Apache-2.0
#include "model/checkpoint/safetensors_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

using nlohmann::json;

const char* DtypeName(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "F32";
    case at::kHalf:
      return "F16";
    case at::kBFloat16:
      return "BF16";
    case at::kDouble:
      return "F64";
    case at::kLong:
      return "I64";
    case at::kInt:
      return "I32";
    case at::kByte:
      return "U8";
    default:
      return nullptr;
  }
}

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::InternalError(absl::StrCat(path, ": ", what, ": ", std::strerror(errno)));
}

bool WriteAll(int file, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(file, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data += written;
    size -= written;
  }
  return true;
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, const std::string& content) {
  const std::string fresh = absl::StrCat(path, ".new");
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return SystemError(fresh, "open");
  const bool whole = WriteAll(file, content.data(), content.size()) && ::fsync(file) == 0;
  const absl::Status status = whole ? absl::OkStatus() : SystemError(fresh, "write");
  ::close(file);
  if (status.ok() && ::rename(fresh.c_str(), path.c_str()) != 0) return SystemError(path, "rename");
  if (!status.ok()) ::unlink(fresh.c_str());
  return status;
}

absl::Status WriteSafetensors(const std::string& path, const TensorMap& tensors) {
  json header = json::object();
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const char* dtype = DtypeName(tensor.scalar_type());
    if (dtype == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": tensor '", name, "': dtype: no use for ", at::toString(tensor.scalar_type())));
    }
    const at::Tensor dense = tensor.detach().cpu().contiguous();
    const size_t begin = data.size();
    data.append(static_cast<const char*>(dense.const_data_ptr()), dense.nbytes());
    header[name] = {
        {"dtype", dtype}, {"shape", dense.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  // The data begins on a multiple of 64 bytes.
  text.append((64 - (8 + text.size()) % 64) % 64, ' ');
  const auto length = static_cast<uint64_t>(text.size());
  std::string content(8, '\0');
  std::memcpy(content.data(), &length, 8);
  return WriteFileAtomically(path, absl::StrCat(content, text, data));
}

}  // namespace mrmllm
