// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_MODEL_LANGUAGE_KV_MEMORY_KEY_H_
#define MRMLLM_MODEL_LANGUAGE_KV_MEMORY_KEY_H_

#include "model/language/decoder_integration.h"
#include "model/language/kv/prefix_key.h"

namespace mrmllm {

// Identity of what a sequence reads of its images, by content: keys and values of a prompt depend
// on it as on the prompt's tokens. Waits for the device.
PrefixKey MemoryKey(const CrossModalMemory& memory);

}  // namespace mrmllm

#endif  // MRMLLM_MODEL_LANGUAGE_KV_MEMORY_KEY_H_
