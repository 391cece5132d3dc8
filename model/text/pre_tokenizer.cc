// SPDX-License-Identifier: Apache-2.0
#include "model/text/pre_tokenizer.h"

#include <unicode/uchar.h>

#include <optional>
#include <string>
#include <utility>

#include "model/text/utf8.h"

namespace mrmllm {
namespace {

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

void EmitPieces(std::string_view text, const std::vector<ByteRange>& pieces,
                PreTokenizer::Emit emit) {
  for (const ByteRange& piece : pieces) emit(text.substr(piece.begin, piece.end - piece.begin));
}

class DigitsPreTokenizer : public PreTokenizer {
 public:
  explicit DigitsPreTokenizer(bool individual_digits)
      : behavior_(individual_digits ? SplitBehavior::kIsolated : SplitBehavior::kContiguous) {}

  void Split(std::string_view text, Emit emit) const override {
    std::vector<ByteRange> numbers;
    for (size_t offset = 0; offset < text.size();) {
      const size_t begin = offset;
      const auto character = static_cast<UChar32>(DecodeUtf8(text, offset));
      if ((U_GET_GC_MASK(character) & U_GC_N_MASK) != 0) numbers.push_back({begin, offset});
    }
    EmitPieces(text, MergeSpans(CoverWithMatches(numbers, text.size()), behavior_), emit);
  }

 private:
  SplitBehavior behavior_;
};

class PatternPreTokenizer : public PreTokenizer {
 public:
  PatternPreTokenizer(UnicodeRegex pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void Split(std::string_view text, Emit emit) const override {
    std::vector<SplitSpan> spans = CoverWithMatches(pattern_.FindAll(text), text.size());
    if (invert_) {
      for (SplitSpan& span : spans) span.is_match = !span.is_match;
    }
    EmitPieces(text, MergeSpans(spans, behavior_), emit);
  }

 private:
  UnicodeRegex pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  ByteLevelPreTokenizer(bool add_prefix_space, bool use_regex)
      : add_prefix_space_(add_prefix_space) {
    if (use_regex) {
      words_ = MakePatternPreTokenizer(UnicodeRegex::Create(kGpt2Pattern).value(),
                                       SplitBehavior::kIsolated, /*invert=*/false);
    }
  }

  void Split(std::string_view text, Emit emit) const override {
    std::string prefixed;
    if (add_prefix_space_ && text.substr(0, 1) != " ") {
      prefixed.append(" ").append(text);
      text = prefixed;
    }
    if (words_ == nullptr) {
      emit(text);
    } else {
      words_->Split(text, emit);
    }
  }

 private:
  bool add_prefix_space_;
  std::unique_ptr<const PreTokenizer> words_;
};

class SequencePreTokenizer : public PreTokenizer {
 public:
  explicit SequencePreTokenizer(std::vector<std::unique_ptr<const PreTokenizer>> stages)
      : stages_(std::move(stages)) {}

  void Split(std::string_view text, Emit emit) const override { SplitFrom(0, text, emit); }

 private:
  void SplitFrom(size_t stage, std::string_view text, Emit emit) const {
    if (stage == stages_.size()) {
      emit(text);
      return;
    }
    stages_[stage]->Split(text, [&](std::string_view word) { SplitFrom(stage + 1, word, emit); });
  }

  std::vector<std::unique_ptr<const PreTokenizer>> stages_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> MakeDigitsPreTokenizer(bool individual_digits) {
  return std::make_unique<DigitsPreTokenizer>(individual_digits);
}

std::unique_ptr<const PreTokenizer> MakePatternPreTokenizer(UnicodeRegex pattern,
                                                            SplitBehavior behavior, bool invert) {
  return std::make_unique<PatternPreTokenizer>(std::move(pattern), behavior, invert);
}

std::unique_ptr<const PreTokenizer> MakeByteLevelPreTokenizer(bool add_prefix_space,
                                                              bool use_regex) {
  return std::make_unique<ByteLevelPreTokenizer>(add_prefix_space, use_regex);
}

std::unique_ptr<const PreTokenizer> MakeSequencePreTokenizer(
    std::vector<std::unique_ptr<const PreTokenizer>> stages) {
  return std::make_unique<SequencePreTokenizer>(std::move(stages));
}

}  // namespace mrmllm
