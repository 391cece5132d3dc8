// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_PNG_CHUNKS_H_
#define MRMLLM_SERVER_IMAGE_DECODING_PNG_CHUNKS_H_

#include <string>
#include <string_view>

namespace mrmllm {

// The PNG without the chunks that the pixels do not need (profiles, texts and the like), if it has
// any that are compressed; else empty, and the file will do as it is. A few kilobytes of such a
// chunk unpack to megabytes, a file may have a thousand of them, and libpng unpacks and keeps all.
std::string WithoutCompressedMetadata(std::string_view png);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_PNG_CHUNKS_H_
