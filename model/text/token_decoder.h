// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_TOKEN_DECODER_H_
#define MRMLLM_MODEL_TEXT_TOKEN_DECODER_H_

#include <string>

namespace mrmllm {

// What a token adds to decoded text.
struct TokenPiece {
  std::string text;             // bytes of a character or more
  bool is_single_byte = false;  // one byte, in a vocabulary of characters
};

// How the pieces of tokens become text: the `decoder` of a tokenizer.json.
struct DecodingRules {
  // Pieces are any bytes, and a character may be spread over several; else they are characters.
  bool byte_level = true;
  // What begins the text, up to `strip_count` times this one character, is left out.
  std::string stripped;
  int strip_count = 0;
  // If not empty, this character stands for a space, and in the first piece for nothing where
  // `drop_in_first` says so.
  std::string space_spelling;
  bool drop_in_first = false;
};

// Joins pieces to text, one at a time: what comes out is always valid UTF-8, and in all the text
// that Hugging Face's decoder makes of the whole.
//
//   TokenDecoder decoder(rules);
//   for (const TokenPiece& piece : pieces) text += decoder.Append(piece);
//   text += decoder.Flush();
//
// Held back is the beginning of a character; and a run of single bytes until it ends, as all of it
// counts as invalid where any part is.
//
// Thread-safety: none; one sequence, one thread at a time.
// Ownership: shares nothing; `rules` must live as long.
// Errors: none; invalid bytes become U+FFFD.
class TokenDecoder {
 public:
  explicit TokenDecoder(const DecodingRules& rules) : rules_(&rules) {}

  // The text that `piece` completes; possibly empty. An empty piece is no piece.
  std::string Append(const TokenPiece& piece);

  // What is still held back; the decoder is then as new.
  std::string Flush();

 private:
  std::string EndOfRun();
  std::string Stripped(std::string text);

  const DecodingRules* rules_;
  std::string held_back_;
  int stripped_count_ = 0;
  bool is_first_ = true;
  bool begins_ = true;  // nothing but stripped characters has come out yet
};

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_TOKEN_DECODER_H_
