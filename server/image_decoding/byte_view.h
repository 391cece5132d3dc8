// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_BYTE_VIEW_H_
#define MRMLLM_SERVER_IMAGE_DECODING_BYTE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mrmllm {

// Integers out of bytes that nobody vouches for: what lies beyond the end reads as 0, so a parser
// needs Has() only where absence differs from 0.
//
//   ByteView view(bytes);
//   if (view.Has(16, 8)) { width = view.BigEndian32(16); height = view.BigEndian32(20); }
//
// Thread-safety: const after construction.
// Ownership: views `bytes`, which must outlive it.
class ByteView {
 public:
  explicit ByteView(std::string_view bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size(); }

  // Whether `count` bytes follow from `position`. Cannot overflow.
  bool Has(size_t position, size_t count) const {
    return position <= bytes_.size() && count <= bytes_.size() - position;
  }
  bool HasText(size_t position, std::string_view text) const {
    return Has(position, text.size()) && bytes_.substr(position, text.size()) == text;
  }

  uint8_t Byte(size_t position) const {
    return position < bytes_.size() ? static_cast<uint8_t>(bytes_[position]) : 0;
  }
  uint32_t BigEndian16(size_t position) const {
    return static_cast<uint32_t>(Byte(position)) << 8 | Byte(position + 1);
  }
  uint32_t BigEndian32(size_t position) const {
    return BigEndian16(position) << 16 | BigEndian16(position + 2);
  }
  uint32_t LittleEndian16(size_t position) const {
    return static_cast<uint32_t>(Byte(position + 1)) << 8 | Byte(position);
  }
  uint32_t LittleEndian24(size_t position) const {
    return static_cast<uint32_t>(Byte(position + 2)) << 16 | LittleEndian16(position);
  }
  uint32_t LittleEndian32(size_t position) const {
    return LittleEndian16(position + 2) << 16 | LittleEndian16(position);
  }

 private:
  std::string_view bytes_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_BYTE_VIEW_H_
