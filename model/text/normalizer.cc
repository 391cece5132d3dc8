// SPDX-License-Identifier: Apache-2.0
#include "model/text/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>

#include <utility>

#include "model/text/mark_order.h"
#include "model/text/replace_text.h"

namespace mrmllm {
namespace {

const icu::Normalizer2* InstanceOf(UnicodeForm form, UErrorCode& error) {
  switch (form) {
    case UnicodeForm::kNfc:
      return icu::Normalizer2::getNFCInstance(error);
    case UnicodeForm::kNfd:
      return icu::Normalizer2::getNFDInstance(error);
    case UnicodeForm::kNfkc:
      return icu::Normalizer2::getNFKCInstance(error);
    case UnicodeForm::kNfkd:
      break;
  }
  return icu::Normalizer2::getNFKDInstance(error);
}

// Hugging Face's implementation knows the characters of Unicode 9.0 and leaves younger ones alone.
const icu::UnicodeSet& KnownCharacters() {
  static const icu::UnicodeSet& known = *[] {
    UErrorCode error = U_ZERO_ERROR;
    auto* set = new icu::UnicodeSet(u"[:age=9.0:]", error);
    set->freeze();
    return set;
  }();
  return known;
}

class UnicodeNormalizer : public Normalizer {
 public:
  explicit UnicodeNormalizer(UnicodeForm form) : form_(form) {}

  std::string Normalize(std::string_view text) const override {
    std::string normalized;
    icu::StringByteSink<std::string> sink(&normalized);
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* instance = InstanceOf(form_, error);
    if (U_SUCCESS(error)) {
      const icu::FilteredNormalizer2 of_known(*instance, KnownCharacters());
      const std::string ordered = OrderLongRunsOfMarks(text, of_known);
      of_known.normalizeUTF8(0,
                             icu::StringPiece(ordered.data(), static_cast<int32_t>(ordered.size())),
                             sink, nullptr, error);
    }
    return U_SUCCESS(error) ? normalized : std::string(text);
  }

 private:
  UnicodeForm form_;
};

class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string Normalize(std::string_view text) const override {
    return text.empty() ? "" : prefix_ + std::string(text);
  }

 private:
  std::string prefix_;
};

class ReplaceTextNormalizer : public Normalizer {
 public:
  ReplaceTextNormalizer(std::string pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  std::string Normalize(std::string_view text) const override {
    return ReplaceText(text, pattern_, content_);
  }

 private:
  std::string pattern_;
  std::string content_;
};

class ReplaceMatchesNormalizer : public Normalizer {
 public:
  ReplaceMatchesNormalizer(UnicodeRegex pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  std::string Normalize(std::string_view text) const override {
    std::string normalized;
    size_t copied = 0;
    for (const ByteRange& match : pattern_.FindAll(text)) {
      normalized.append(text.substr(copied, match.begin - copied)).append(content_);
      copied = match.end;
    }
    return normalized.append(text.substr(copied));
  }

 private:
  UnicodeRegex pattern_;
  std::string content_;
};

class SequenceNormalizer : public Normalizer {
 public:
  explicit SequenceNormalizer(std::vector<std::unique_ptr<const Normalizer>> stages)
      : stages_(std::move(stages)) {}

  std::string Normalize(std::string_view text) const override {
    std::string normalized(text);
    for (const auto& stage : stages_) normalized = stage->Normalize(normalized);
    return normalized;
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> stages_;
};

}  // namespace

std::unique_ptr<const Normalizer> MakeUnicodeNormalizer(UnicodeForm form) {
  return std::make_unique<UnicodeNormalizer>(form);
}

std::unique_ptr<const Normalizer> MakePrependNormalizer(std::string prefix) {
  return std::make_unique<PrependNormalizer>(std::move(prefix));
}

std::unique_ptr<const Normalizer> MakeReplaceNormalizer(std::string pattern, std::string content) {
  return std::make_unique<ReplaceTextNormalizer>(std::move(pattern), std::move(content));
}

std::unique_ptr<const Normalizer> MakeReplaceNormalizer(UnicodeRegex pattern, std::string content) {
  return std::make_unique<ReplaceMatchesNormalizer>(std::move(pattern), std::move(content));
}

std::unique_ptr<const Normalizer> MakeSequenceNormalizer(
    std::vector<std::unique_ptr<const Normalizer>> stages) {
  return std::make_unique<SequenceNormalizer>(std::move(stages));
}

}  // namespace mrmllm
