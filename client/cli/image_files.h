// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_IMAGE_FILES_H_
#define MRMLLM_CLIENT_CLI_IMAGE_FILES_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mrmllm {

// The images that arguments name: a file is itself, "-" is standard input (once), a folder is its
// pictures (.jpg, .jpeg, .png, .webp, .bmp; not those of its folders) in the order of their names.
// NOT_FOUND or INVALID_ARGUMENT names the argument that is none of these.
absl::StatusOr<std::vector<std::string>> ListImages(const std::vector<std::string>& arguments);

// The bytes of one of them; `input` is read for "-".
absl::StatusOr<std::string> ReadImage(const std::string& name, std::istream& input);

// Where the annotated picture of each image goes: DIR/name.jpg (.png for a PNG), with -2, -3, ...
// where two would be the same.
std::vector<std::string> AnnotatedPaths(const std::string& folder,
                                        const std::vector<std::string>& images);

// Makes the folder if it is not there.
absl::Status EnsureFolder(const std::string& folder);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_IMAGE_FILES_H_
