// SPDX-License-Identifier: Apache-2.0
#include "client/output/terminal.h"

#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace mrmllm {
namespace {

int ColumnsOf(UChar32 character) {
  if (character < 0) return 1;
  const int category = u_charType(character);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR) {
    return 0;
  }
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// The nearest of the 6 x 6 x 6 colours that every terminal with 256 colours has.
int CubeIndex(Color color) {
  const auto level = [](uint8_t channel) { return (channel * 5 + 127) / 255; };
  return 16 + 36 * level(color.red) + 6 * level(color.green) + level(color.blue);
}

}  // namespace

int DisplayWidth(absl::string_view text) {
  int columns = 0;
  const int32_t length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    columns += ColumnsOf(character);
  }
  return columns;
}

std::string Printable(absl::string_view text) {
  std::string result;
  const int32_t length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    const int32_t start = i;
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    const bool line = character == '\n' || character == '\t';
    if (character < 0 || (u_charType(character) == U_CONTROL_CHAR && !line)) {
      result += "\xEF\xBF\xBD";
    } else {
      result.append(text.data() + start, i - start);
    }
  }
  return result;
}

Style Style::ForDescriptor(int descriptor) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return absl::string_view(value == nullptr ? "" : value);
  };
  return Style(isatty(descriptor) != 0 && variable("NO_COLOR").empty() &&
               variable("TERM") != "dumb");
}

std::string Style::Wrapped(absl::string_view code, absl::string_view text) const {
  if (!colors_ || text.empty()) return std::string(text);
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

std::string Style::Bold(absl::string_view text) const { return Wrapped("1", text); }
std::string Style::Dim(absl::string_view text) const { return Wrapped("2", text); }
std::string Style::Red(absl::string_view text) const { return Wrapped("1;31", text); }
std::string Style::Colored(absl::string_view text, Color color) const {
  return Wrapped(absl::StrCat("38;5;", CubeIndex(color)), text);
}

}  // namespace mrmllm
