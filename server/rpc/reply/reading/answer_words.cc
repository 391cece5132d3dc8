// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/reading/answer_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace mrmllm {
namespace {

// Bytes of the character of general punctuation (U+2000 to U+206F) that starts at `at`; 0: another.
size_t PunctuationLength(std::string_view text, size_t at) {
  if (text.size() - at < 3 || text[at] != '\xE2') return 0;
  return text[at + 1] == '\x80' || (text[at + 1] == '\x81' && text[at + 2] <= '\xAF') ? 3 : 0;
}

bool IsWordByte(char c) { return absl::ascii_isalnum(c) || c == '_' || (c & 0x80) != 0; }

size_t WordEnd(std::string_view text, size_t at) {
  while (at < text.size() && PunctuationLength(text, at) == 0) {
    const bool point = text[at] == '.' && at > 0 && absl::ascii_isdigit(text[at - 1]) &&
                       at + 1 < text.size() && absl::ascii_isdigit(text[at + 1]);
    if (!IsWordByte(text[at]) && !point) break;
    ++at;
  }
  return at;
}

// What stands between two words.
struct Gap {
  char mark = ' ';
  bool asks = false;  // the sentence before it was a question
};

// A line break ends a sentence where a blank line or an item of a list follows.
bool EndsLine(std::string_view rest) {
  const size_t next = rest.find_first_not_of(" \t\r");
  return next != std::string_view::npos && (rest[next] == '\n' || rest[next] == '-' ||
                                            rest[next] == '*' || absl::ascii_isdigit(rest[next]));
}

Gap ReadGap(std::string_view text, size_t begin, size_t end) {
  static constexpr std::string_view kOrder = " -,:.";  // each says more than those before
  Gap gap;
  const auto meet = [&gap](char mark) {
    if (kOrder.find(mark) > kOrder.find(gap.mark)) gap.mark = mark;
  };
  for (size_t at = begin; at < end; ++at) {
    const char c = text[at];
    const bool spaced = at + 1 >= text.size() || absl::ascii_isspace(text[at + 1]);
    if (c == '?') gap.asks = true;
    if (c == '?' || c == '!' || c == ';' || c == '.' ||
        (c == '\n' && EndsLine(text.substr(at + 1, end + 1 - at)))) {
      meet('.');
    } else if (c == ':') {
      meet(':');
    } else if (c == ',' || c == '(' || c == ')' || c == '[' || c == ']' ||
               (c == '-' && (spaced || at > begin)) ||
               text.substr(at).starts_with("\xE2\x80\x93") ||  // dashes
               text.substr(at).starts_with("\xE2\x80\x94")) {
      meet(',');
    } else if (c == '-') {
      meet('-');
    }
  }
  return gap;
}

}  // namespace

bool AnswerWord::is_one_of(std::initializer_list<std::string_view> words) const {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::vector<AnswerWord> WordsOfAnswer(std::string_view answer) {
  std::vector<AnswerWord> words;
  size_t gap_begin = 0;
  size_t sentence_begin = 0;  // its first word
  const auto end_sentence = [&](bool asks) {
    for (size_t i = sentence_begin; i < words.size(); ++i) words[i].in_question = asks;
    sentence_begin = words.size();
  };
  for (size_t at = 0; at < answer.size();) {
    const size_t end = WordEnd(answer, at);
    if (end == at) {
      at += std::max<size_t>(PunctuationLength(answer, at), 1);
      continue;
    }
    AnswerWord word{.text = std::string(answer.substr(at, end - at)),
                    .start_byte = static_cast<int>(at),
                    .end_byte = static_cast<int>(end)};
    absl::AsciiStrToLower(&word.text);
    if (!words.empty()) {
      const Gap gap = ReadGap(answer, gap_begin, at);
      word.before = gap.mark;
      const bool new_sentence = gap.mark == '.';
      const bool new_segment = gap.mark != ' ' && gap.mark != '-';
      word.sentence = words.back().sentence + (new_sentence ? 1 : 0);
      word.segment = words.back().segment + (new_segment ? 1 : 0);
      if (new_sentence) end_sentence(gap.asks);
    }
    words.push_back(std::move(word));
    at = end;
    gap_begin = end;
  }
  end_sentence(ReadGap(answer, gap_begin, answer.size()).asks);
  return words;
}

bool StandsAt(const std::vector<AnswerWord>& words, size_t at,
              std::initializer_list<std::string_view> phrase) {
  if (at + phrase.size() > words.size()) return false;
  for (size_t i = 0; i < phrase.size(); ++i) {
    const AnswerWord& word = words[at + i];
    if (word.text != *(phrase.begin() + i) || word.segment != words[at].segment) return false;
  }
  return true;
}

}  // namespace mrmllm
