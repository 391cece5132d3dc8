// SPDX-License-Identifier: Apache-2.0
#include "model/text/mark_order.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/text/utf8.h"

namespace mrmllm {
namespace {

constexpr size_t kLongRun = 32;
constexpr char32_t kFirstMark = 0x300;

struct Mark {
  uint8_t combining_class;
  char32_t character;
};

// Appends the marks that `character` decomposes to; false, and nothing, if one of them is none.
bool AppendMarks(char32_t character, const icu::Normalizer2& form, std::vector<Mark>& marks) {
  if (character < kFirstMark) return false;
  icu::UnicodeString decomposed;
  if (!form.getDecomposition(static_cast<UChar32>(character), decomposed)) {
    decomposed.setTo(static_cast<UChar32>(character));
  }
  const size_t count = marks.size();
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 part = decomposed.char32At(i);
    const uint8_t combining_class = form.getCombiningClass(part);
    if (combining_class == 0) {
      marks.resize(count);
      return false;
    }
    marks.push_back({combining_class, static_cast<char32_t>(part)});
  }
  return true;
}

void AppendRun(std::string_view run, std::vector<Mark>& marks, std::string& ordered) {
  if (marks.size() <= kLongRun) {
    ordered.append(run);
  } else {
    std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return a.combining_class < b.combining_class;
    });
    for (const Mark& mark : marks) AppendUtf8(mark.character, ordered);
  }
  marks.clear();
}

}  // namespace

std::string OrderLongRunsOfMarks(std::string_view text, const icu::Normalizer2& form) {
  std::string ordered;
  ordered.reserve(text.size());
  std::vector<Mark> marks;
  size_t run_begin = 0;
  for (size_t offset = 0; offset < text.size();) {
    const size_t begin = offset;
    if (AppendMarks(DecodeUtf8(text, offset), form, marks)) continue;
    AppendRun(text.substr(run_begin, begin - run_begin), marks, ordered);
    ordered.append(text.substr(begin, offset - begin));
    run_begin = offset;
  }
  AppendRun(text.substr(run_begin), marks, ordered);
  return ordered;
}

}  // namespace mrmllm
