// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_BYTE_PAIR_ENCODER_H_
#define MRMLLM_MODEL_TEXT_BYTE_PAIR_ENCODER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace mrmllm {

// Byte-pair encoding of one word: its bytes or characters become tokens, and neighbouring tokens
// are merged, the best-ranked pair of the whole word first (of equal ones the leftmost), until no
// pair has a merge. Takes O(n log n) for a word of n bytes.
//
// Thread-safety: immutable after construction; any thread.
// Ownership: owns its tables.
// Errors: none. What the vocabulary has no token for gives no token, as in Hugging Face's
// implementation.
class BytePairEncoder {
 public:
  static constexpr int32_t kNoToken = -1;

  // Two neighbouring tokens and the one they become; the place in the list is the rank, best first.
  struct Merge {
    int32_t left;
    int32_t right;
    int32_t merged;
  };

  // The tokens that a word consists of before anything is merged.
  struct BaseTokens {
    std::array<int32_t, 256> of_byte;  // or kNoToken
    // If given, words are cut into characters, and a character that is not here falls back to the
    // tokens of its bytes, where all of them have one.
    std::optional<absl::flat_hash_map<char32_t, int32_t>> of_character;
  };

  // `whole_words`: words that are taken as one token without merging ("ignore_merges"); usually
  // empty.
  BytePairEncoder(BaseTokens base_tokens, const std::vector<Merge>& merges,
                  absl::flat_hash_map<std::string, int32_t> whole_words);

  // Appends the tokens of `word` to `ids`: any bytes, or valid UTF-8 where it is cut into
  // characters.
  void Encode(std::string_view word, std::vector<int32_t>& ids) const;

 private:
  struct Target {
    int32_t rank;
    int32_t merged;
  };
  static uint64_t Key(int32_t left, int32_t right) {
    return (static_cast<uint64_t>(left) << 32) | static_cast<uint32_t>(right);
  }
  const Target* Find(int32_t left, int32_t right) const;
  void AppendBaseTokens(std::string_view word, std::vector<int32_t>& ids) const;
  void AppendCharacters(std::string_view word, std::vector<int32_t>& ids) const;

  BaseTokens base_tokens_;
  absl::flat_hash_map<uint64_t, Target> merges_;
  absl::flat_hash_map<std::string, int32_t> whole_words_;
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_BYTE_PAIR_ENCODER_H_
