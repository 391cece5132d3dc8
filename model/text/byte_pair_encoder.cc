// SPDX-License-Identifier: Apache-2.0
#include "model/text/byte_pair_encoder.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

#include "model/text/utf8.h"

namespace mrmllm {
namespace {

// A token of the word, in a doubly linked list by index; `id` is kNoToken once it was merged into
// its left neighbour.
struct Symbol {
  int32_t id;
  int previous;
  int next;
};

struct Candidate {
  int32_t rank;
  int position;    // of the left symbol
  int32_t merged;  // what the pair became when the candidate was made: tells stale candidates

  bool operator>(const Candidate& other) const {
    return std::tie(rank, position) > std::tie(other.rank, other.position);
  }
};

}  // namespace

BytePairEncoder::BytePairEncoder(BaseTokens base_tokens, const std::vector<Merge>& merges,
                                 absl::flat_hash_map<std::string, int32_t> whole_words)
    : base_tokens_(std::move(base_tokens)), whole_words_(std::move(whole_words)) {
  merges_.reserve(merges.size());
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const Merge& merge = merges[rank];
    // A pair that is listed twice keeps its last rank, as in Hugging Face's map.
    merges_.insert_or_assign(Key(merge.left, merge.right),
                             Target{static_cast<int32_t>(rank), merge.merged});
  }
}

const BytePairEncoder::Target* BytePairEncoder::Find(int32_t left, int32_t right) const {
  const auto found = merges_.find(Key(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairEncoder::AppendBaseTokens(std::string_view word, std::vector<int32_t>& ids) const {
  for (const char byte : word) {
    const int32_t id = base_tokens_.of_byte[static_cast<uint8_t>(byte)];
    if (id != kNoToken) ids.push_back(id);
  }
}

void BytePairEncoder::AppendCharacters(std::string_view word, std::vector<int32_t>& ids) const {
  for (size_t offset = 0; offset < word.size();) {
    const size_t begin = offset;
    const auto found = base_tokens_.of_character->find(DecodeUtf8(word, offset));
    if (found != base_tokens_.of_character->end()) {
      ids.push_back(found->second);
      continue;
    }
    const std::string_view bytes = word.substr(begin, offset - begin);
    const bool all_have_tokens = std::all_of(bytes.begin(), bytes.end(), [&](char byte) {
      return base_tokens_.of_byte[static_cast<uint8_t>(byte)] != kNoToken;
    });
    if (all_have_tokens) AppendBaseTokens(bytes, ids);
  }
}

void BytePairEncoder::Encode(std::string_view word, std::vector<int32_t>& ids) const {
  if (!whole_words_.empty()) {
    const auto whole = whole_words_.find(std::string(word));
    if (whole != whole_words_.end()) {
      ids.push_back(whole->second);
      return;
    }
  }
  std::vector<int32_t> base_ids;
  base_ids.reserve(word.size());
  if (base_tokens_.of_character.has_value()) {
    AppendCharacters(word, base_ids);
  } else {
    AppendBaseTokens(word, base_ids);
  }
  std::vector<Symbol> symbols;
  symbols.reserve(base_ids.size());
  for (const int32_t id : base_ids) {
    const int index = static_cast<int>(symbols.size());
    symbols.push_back({id, index - 1, index + 1});
  }
  if (symbols.empty()) return;
  symbols.back().next = -1;

  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](int left) {
    if (left < 0 || symbols[left].next < 0) return;
    const Target* target = Find(symbols[left].id, symbols[symbols[left].next].id);
    if (target != nullptr) candidates.push({target->rank, left, target->merged});
  };
  for (int i = 0; i + 1 < static_cast<int>(symbols.size()); ++i) consider(i);

  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Symbol& left = symbols[best.position];
    if (left.id == kNoToken || left.next < 0) continue;
    const Target* target = Find(left.id, symbols[left.next].id);
    if (target == nullptr || target->merged != best.merged) continue;
    Symbol& right = symbols[left.next];
    left.id = best.merged;
    left.next = right.next;
    right.id = kNoToken;
    if (left.next >= 0) symbols[left.next].previous = best.position;
    consider(left.previous);
    consider(best.position);
  }
  for (int i = 0; i >= 0; i = symbols[i].next) ids.push_back(symbols[i].id);
}

}  // namespace mrmllm
