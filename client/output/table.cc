// SPDX-License-Identifier: Apache-2.0
#include "client/output/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace mrmllm {
namespace {

constexpr int kGap = 2;
constexpr int kIndent = 2;

}  // namespace

std::string Table::Render(const Style& style) const {
  std::vector<int> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    int width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i].text));
    widths.push_back(width);
  }
  // `decorate(i)`: the text of column i as it is printed; colours take no columns.
  const auto line = [&](const auto& text_of, const auto& decorate) {
    std::string result(kIndent, ' ');
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string padding(widths[i] - DisplayWidth(text_of(i)), ' ');
      const bool right = columns_[i].align == Align::kRight;
      result += right ? padding + decorate(i) : decorate(i) + padding;
      result.append(kGap, ' ');
    }
    absl::StripTrailingAsciiWhitespace(&result);
    return result + "\n";
  };
  std::string result = line([&](size_t i) { return columns_[i].title; },
                            [&](size_t i) { return style.Dim(columns_[i].title); });
  for (const auto& row : rows_) {
    result += line([&](size_t i) { return row[i].text; },
                   [&](size_t i) {
                     return row[i].color.has_value() ? style.Colored(row[i].text, *row[i].color)
                                                     : row[i].text;
                   });
  }
  return result;
}

}  // namespace mrmllm
