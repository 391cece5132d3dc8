// SPDX-License-Identifier: Apache-2.0
#include "model/text/trim_white_space.h"

#include <array>
#include <cstddef>

namespace mrmllm {
namespace {

// str.isspace() is true for these and no others.
constexpr std::array<std::string_view, 29> kWhiteSpace = {
    "\t",     "\n",     "\v",     "\f",     "\r",     "\x1C",   "\x1D",   "\x1E",
    "\x1F",   " ",      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
    "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

// The bytes of the white space that `text` begins with (or ends with), one character of it.
size_t SpaceAtBegin(std::string_view text) {
  for (const std::string_view space : kWhiteSpace) {
    if (text.substr(0, space.size()) == space) return space.size();
  }
  return 0;
}

size_t SpaceAtEnd(std::string_view text) {
  for (const std::string_view space : kWhiteSpace) {
    if (text.size() >= space.size() && text.substr(text.size() - space.size()) == space) {
      return space.size();
    }
  }
  return 0;
}

}  // namespace

std::string_view TrimWhiteSpace(std::string_view text) {
  while (const size_t size = SpaceAtBegin(text)) text.remove_prefix(size);
  while (const size_t size = SpaceAtEnd(text)) text.remove_suffix(size);
  return text;
}

}  // namespace mrmllm
