// SPDX-License-Identifier: Apache-2.0
#include "server/image_decoding/jpeg_markers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

#include "server/image_decoding/byte_view.h"
#include "server/image_decoding/exif_orientation.h"

namespace mrmllm {
namespace {

constexpr uint8_t kEndOfImage = 0xD9;
constexpr uint8_t kStartOfScan = 0xDA;
constexpr uint8_t kApp1 = 0xE1;
constexpr int64_t kMaxScans = 100;
constexpr int64_t kMinScans = 20;
constexpr int64_t kMaxScannedPixels = 400'000'000;
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

struct Segment {
  uint8_t marker = 0;
  std::string_view payload;  // without the two bytes of its length
};

bool IsStartOfFrame(uint8_t marker) {
  // C4, C8 and CC are tables, not frames.
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Stuffed zeros and restart markers belong to the coded data around them.
bool InsideCodedData(uint8_t marker) {
  return marker == 0x00 || (marker >= 0xD0 && marker <= 0xD7);
}

bool HasPayload(uint8_t marker) {
  return !InsideCodedData(marker) && marker != 0x01 && marker != 0xD8 && marker != kEndOfImage;
}

// Walks the segments of a JPEG file in order, jumping over coded data.
class SegmentReader {
 public:
  explicit SegmentReader(std::string_view bytes) : bytes_(bytes) {}

  // False where the bytes end.
  bool Next(Segment* segment) {
    while (true) {
      position_ = bytes_.find('\xFF', position_);
      if (position_ == std::string_view::npos) return false;
      while (position_ < bytes_.size() && bytes_[position_] == '\xFF') ++position_;
      if (position_ >= bytes_.size()) return false;
      segment->marker = static_cast<uint8_t>(bytes_[position_++]);
      if (!InsideCodedData(segment->marker)) break;
    }
    segment->payload = {};
    if (!HasPayload(segment->marker)) return true;
    const ByteView view(bytes_);
    const size_t length = view.BigEndian16(position_);
    if (length < 2 || !view.Has(position_, length)) return false;
    segment->payload = bytes_.substr(position_ + 2, length - 2);
    position_ += length;
    return true;
  }

 private:
  std::string_view bytes_;
  size_t position_ = 2;  // after FF D8
};

}  // namespace

absl::StatusOr<JpegFrame> ReadJpegFrame(std::string_view bytes) {
  JpegFrame frame;
  SegmentReader reader(bytes);
  Segment segment;
  while (reader.Next(&segment)) {
    const ByteView payload(segment.payload);
    if (IsStartOfFrame(segment.marker) && frame.width == 0) {
      frame.height = static_cast<int>(payload.BigEndian16(1));
      frame.width = static_cast<int>(payload.BigEndian16(3));
      if (frame.width == 0 || frame.height == 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("expected a JPEG with sides of at least 1 pixel, got ", frame.width, " x ",
                         frame.height));
      }
    } else if (segment.marker == kApp1 && payload.HasText(0, kExifPrefix) &&
               frame.orientation == 1) {
      frame.orientation = ReadExifOrientation(segment.payload.substr(kExifPrefix.size()));
    } else if (segment.marker == kStartOfScan || segment.marker == kEndOfImage) {
      if (frame.width == 0) break;
      return frame;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a JPEG header, got one that is broken or cut off in ", bytes.size(), " bytes"));
}

int MaxJpegScans(const JpegFrame& frame) {
  const int64_t pixels = int64_t{frame.width} * frame.height;
  return static_cast<int>(std::clamp(kMaxScannedPixels / pixels, kMinScans, kMaxScans));
}

absl::Status CheckJpegComplete(std::string_view bytes, const JpegFrame& frame) {
  const int max_scans = MaxJpegScans(frame);
  SegmentReader reader(bytes);
  Segment segment;
  int scans = 0;
  while (reader.Next(&segment)) {
    if (segment.marker == kEndOfImage && scans > 0) return absl::OkStatus();
    if (segment.marker == kStartOfScan && ++scans > max_scans) {
      return absl::InvalidArgumentError(absl::StrCat("expected a JPEG of at most ", max_scans,
                                                     " scans for ", frame.width, " x ",
                                                     frame.height, " pixels, got more"));
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected a whole JPEG, got one that is cut off after ", bytes.size(),
                   " bytes (no end marker)"));
}

}  // namespace mrmllm
