// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_BASE_GENERATION_H_
#define MRMLLM_BASE_GENERATION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace mrmllm {

// How an answer is generated. The defaults are greedy.
struct GenerationSettings {
  int max_new_tokens = 128;      // [1, 2048]
  float temperature = 0;         // [0, 2]; 0: greedy, the most probable token every time
  float top_p = 1;               // (0, 1]; 1: off
  int top_k = 0;                 // [0, vocabulary]; 0: off
  float repetition_penalty = 1;  // [1, 2]; 1: off
  uint64_t seed = 0;             // the same seed, prompt and settings give the same answer
  std::vector<std::string>
      stop;  // the answer ends before the first of these; at most 8, each 1 to 64 bytes
};

// Why an answer ended.
enum class FinishReason {
  kNone,    // it goes on
  kStop,    // the model ended it, or a stop string came
  kLength,  // max_new_tokens
};

struct TokenUsage {
  int prompt_tokens = 0;      // all tokens of the prompt, perception and template included
  int perception_tokens = 0;  // of these, tokens that describe detections
  int cached_tokens = 0;      // of the prompt's, taken from a shared prefix instead of a prefill
  int answer_tokens = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_BASE_GENERATION_H_
