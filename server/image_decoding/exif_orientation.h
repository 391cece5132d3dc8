// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_IMAGE_DECODING_EXIF_ORIENTATION_H_
#define MRMLLM_SERVER_IMAGE_DECODING_EXIF_ORIENTATION_H_

#include <string_view>

namespace mrmllm {

// The orientation, [1, 8], that the TIFF structure of an EXIF block states ("II*" or "MM\0*" first,
// without the "Exif\0\0" that JPEG puts before it). 1, upright, when it states none or is broken:
// metadata never makes a picture unreadable.
int ReadExifOrientation(std::string_view tiff);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_IMAGE_DECODING_EXIF_ORIENTATION_H_
