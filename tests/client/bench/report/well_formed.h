// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_BENCH_REPORT_WELL_FORMED_H_
#define MRMLLM_TESTS_CLIENT_BENCH_REPORT_WELL_FORMED_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mrmllm {

// What keeps `text` from being well-formed XML of elements and words, without comments or CDATA;
// empty when nothing does.
inline std::string WhyNotWellFormed(absl::string_view text) {
  std::vector<std::string> open;
  while (!text.empty()) {
    const size_t tag = text.find('<');
    const absl::string_view words = text.substr(0, tag);
    if (words.find('>') != words.npos) return absl::StrCat("a bare > in '", words, "'");
    for (size_t at = words.find('&'); at != words.npos; at = words.find('&', at + 1)) {
      const absl::string_view rest = words.substr(at);
      if (!absl::StartsWith(rest, "&amp;") && !absl::StartsWith(rest, "&lt;") &&
          !absl::StartsWith(rest, "&gt;") && !absl::StartsWith(rest, "&quot;")) {
        return absl::StrCat("a bare & in '", words, "'");
      }
    }
    if (tag == text.npos) break;
    const size_t end = text.find('>', tag);
    if (end == text.npos) return "a tag without its end";
    absl::string_view inside = text.substr(tag + 1, end - tag - 1);
    text.remove_prefix(end + 1);
    int quotes = 0;
    for (const char c : inside) quotes += c == '"';
    if (quotes % 2 != 0 || inside.find('<') != inside.npos) {
      return absl::StrCat("a broken tag: ", inside);
    }
    const bool closes = absl::StartsWith(inside, "/");
    const bool empty = absl::EndsWith(inside, "/");
    if (closes) inside.remove_prefix(1);
    const std::string name(inside.substr(0, inside.find_first_of(" /\n")));
    if (closes) {
      if (open.empty() || open.back() != name) return absl::StrCat("</", name, "> closes nothing");
      open.pop_back();
    } else if (!empty) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : absl::StrCat("<", open.back(), "> is not closed");
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_BENCH_REPORT_WELL_FORMED_H_
