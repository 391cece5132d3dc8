// SPDX-License-Identifier: Apache-2.0
#include "model/text/metaspace.h"

#include <string_view>
#include <utility>

#include "model/text/replace_text.h"

namespace mrmllm {
namespace {

class MetaspacePreTokenizer : public PreTokenizer {
 public:
  MetaspacePreTokenizer(std::string replacement, bool prepend, bool split)
      : replacement_(std::move(replacement)), prepend_(prepend), split_(split) {}

  void Split(std::string_view text, Emit emit) const override {
    std::string spelled = ReplaceText(text, " ", replacement_);
    if (prepend_ && !spelled.starts_with(replacement_)) spelled.insert(0, replacement_);
    const std::string_view all = spelled;
    size_t begin = 0;
    while (split_ && begin < all.size()) {
      const size_t next = all.find(replacement_, begin + 1);
      if (next == std::string_view::npos) break;
      emit(all.substr(begin, next - begin));
      begin = next;
    }
    if (begin < all.size()) emit(all.substr(begin));
  }

 private:
  std::string replacement_;
  bool prepend_;
  bool split_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> MakeMetaspacePreTokenizer(std::string replacement, bool prepend,
                                                              bool split) {
  return std::make_unique<MetaspacePreTokenizer>(std::move(replacement), prepend, split);
}

}  // namespace mrmllm
