// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_TEXT_METASPACE_H_
#define MRMLLM_MODEL_TEXT_METASPACE_H_

#include <memory>
#include <string>

#include "model/text/pre_tokenizer.h"

namespace mrmllm {

// Metaspace: every space becomes `replacement` (one character, in practice U+2581), and with
// `prepend` a text that does not begin with one gets one. With `split` each word begins at a
// replacement; else the whole text is one word.
//
//   MakeMetaspacePreTokenizer("_", true, true)->Split("a b", emit);   // "_a", "_b"
//
// Thread-safety, ownership and errors are those of PreTokenizer.
std::unique_ptr<const PreTokenizer> MakeMetaspacePreTokenizer(std::string replacement, bool prepend,
                                                              bool split);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_TEXT_METASPACE_H_
