// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/tensor_reading.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace mrmllm {
namespace {

constexpr size_t kLengthBytes = 4;  // before each raw BYTES element
constexpr int kChannels = 3;
// Far above any side that a server allows, and small enough for products in 64 bits.
constexpr int64_t kMaxSide = 1 << 20;
constexpr size_t kMaxNamedSides = 6;

std::string ShapeText(const InputTensor& input) {
  const auto& shape = input.tensor->shape();
  const auto sides = absl::MakeConstSpan(shape.data(), shape.size());
  return absl::StrCat("[", absl::StrJoin(sides.subspan(0, kMaxNamedSides), ", "),
                      sides.size() > kMaxNamedSides ? ", ...]" : "]");
}

void AddShapeFault(const InputTensor& input, const std::string& expected, FieldChecks* checks) {
  checks->Add(absl::StrCat(input.field, ".shape"),
              absl::StrCat("expected ", expected, ", got ", ShapeText(input)));
}

void AddContentsFault(const InputTensor& input, const std::string& text, FieldChecks* checks) {
  checks->Add(absl::StrCat(input.field, input.raw != nullptr ? ".raw_input_contents" : ".contents"),
              text);
}

std::optional<int> CountOf(const InputTensor& input, int max_count, FieldChecks* checks) {
  const auto& shape = input.tensor->shape();
  const bool list = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
  if (list && shape[0] >= 1 && shape[0] <= max_count) return static_cast<int>(shape[0]);
  AddShapeFault(input, max_count == 1 ? "[1]" : absl::StrCat("[n], n from 1 to ", max_count),
                checks);
  return std::nullopt;
}

uint32_t LittleEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    value |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

// Cuts the next element off `rest`; nothing when it reaches beyond the end.
std::optional<std::string_view> CutElement(std::string_view* rest) {
  if (rest->size() < kLengthBytes) return std::nullopt;
  const uint32_t length = LittleEndian32(*rest);
  rest->remove_prefix(kLengthBytes);
  if (rest->size() < length) return std::nullopt;
  const std::string_view element = rest->substr(0, length);
  rest->remove_prefix(length);
  return element;
}

std::vector<std::string_view> ReadRawBytes(const InputTensor& input, int count,
                                           FieldChecks* checks) {
  std::vector<std::string_view> elements;
  std::string_view rest = *input.raw;
  while (static_cast<int>(elements.size()) < count) {
    const std::optional<std::string_view> element = CutElement(&rest);
    if (!element.has_value()) {
      AddContentsFault(input,
                       absl::StrCat("expected ", count,
                                    " elements, each its length in 4 bytes (little-endian) and "
                                    "itself, got bytes that end within element ",
                                    elements.size()),
                       checks);
      return {};
    }
    elements.push_back(*element);
  }
  if (!rest.empty()) {
    AddContentsFault(
        input, absl::StrCat("expected ", count, " elements, got ", rest.size(), " bytes more"),
        checks);
    return {};
  }
  return elements;
}

struct PixelShape {
  int count = 0;
  int height = 0;
  int width = 0;
};

std::optional<PixelShape> PixelShapeOf(const InputTensor& input, int max_count,
                                       FieldChecks* checks) {
  const auto& shape = input.tensor->shape();
  const auto sides = absl::MakeConstSpan(shape.data(), shape.size());
  const bool several = sides.size() == 4;
  const auto in_range = [](int64_t side) { return side >= 1 && side <= kMaxSide; };
  if ((sides.size() == 3 || several) && sides.back() == kChannels &&
      std::all_of(sides.begin(), sides.end(), in_range) && (!several || sides[0] <= max_count)) {
    const auto last = sides.subspan(sides.size() - 3);
    return PixelShape{several ? static_cast<int>(sides[0]) : 1, static_cast<int>(last[0]),
                      static_cast<int>(last[1])};
  }
  AddShapeFault(input,
                absl::StrCat("[height, width, 3] or [n, height, width, 3], n from 1 to ", max_count,
                             ", sides from 1 to ", kMaxSide),
                checks);
  return std::nullopt;
}

}  // namespace

std::vector<InputTensor> PairInputs(const inference::ModelInferRequest& request,
                                    FieldChecks* checks) {
  const int raw_count = request.raw_input_contents_size();
  if (raw_count != 0 && raw_count != request.inputs_size()) {
    checks->Add("raw_input_contents",
                absl::StrCat("expected one entry for each of the ", request.inputs_size(),
                             " inputs, got ", raw_count));
    return {};
  }
  std::vector<InputTensor> inputs;
  for (int i = 0; i < request.inputs_size(); ++i) {
    const auto& tensor = request.inputs(i);
    InputTensor input{.tensor = &tensor,
                      .raw = raw_count == 0 ? nullptr : &request.raw_input_contents(i),
                      .field = absl::StrCat("inputs[", Quoted(tensor.name()), "]")};
    if (input.raw != nullptr && tensor.has_contents()) {
      checks->Add(absl::StrCat(input.field, ".contents"),
                  "expected none beside raw_input_contents, got some");
    }
    if (!tensor.parameters().empty()) {
      checks->Add(absl::StrCat(input.field, ".parameters"),
                  absl::StrCat("expected none, got ", Quoted(tensor.parameters().begin()->first)));
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<std::string_view> ReadBytes(const InputTensor& input, int max_count,
                                        FieldChecks* checks) {
  const std::optional<int> count = CountOf(input, max_count, checks);
  if (!count.has_value()) return {};
  if (input.raw != nullptr) return ReadRawBytes(input, *count, checks);
  const auto& contents = input.tensor->contents().bytes_contents();
  if (contents.size() != *count) {
    AddContentsFault(
        input, absl::StrCat("expected ", *count, " bytes_contents, got ", contents.size()), checks);
    return {};
  }
  return {contents.begin(), contents.end()};
}

std::vector<RawPixels> ReadPixels(const InputTensor& input, int max_count, FieldChecks* checks) {
  const std::optional<PixelShape> shape = PixelShapeOf(input, max_count, checks);
  if (!shape.has_value()) return {};
  if (input.raw == nullptr) {
    AddContentsFault(input, "expected pixels in raw_input_contents, got none there", checks);
    return {};
  }
  const int64_t picture_bytes = int64_t{shape->height} * shape->width * kChannels;
  const int64_t wanted = picture_bytes * shape->count;
  if (static_cast<int64_t>(input.raw->size()) != wanted) {
    AddContentsFault(
        input, absl::StrCat("expected ", wanted, " bytes by its shape, got ", input.raw->size()),
        checks);
    return {};
  }
  std::vector<RawPixels> pictures;
  for (int i = 0; i < shape->count; ++i) {
    pictures.push_back(
        {.pixels = std::string_view(*input.raw).substr(i * picture_bytes, picture_bytes),
         .width = shape->width,
         .height = shape->height});
  }
  return pictures;
}

}  // namespace mrmllm
