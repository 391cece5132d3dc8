// SPDX-License-Identifier: Apache-2.0
#include "client/cli/image_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace mrmllm {
namespace {

namespace fs = std::filesystem;

std::string ExtensionOf(const fs::path& path) {
  return absl::AsciiStrToLower(path.extension().string());
}

bool HasImageExtension(const fs::path& path) {
  static constexpr const char* kExtensions[] = {".jpg", ".jpeg", ".png", ".webp", ".bmp"};
  const std::string extension = ExtensionOf(path);
  return std::any_of(std::begin(kExtensions), std::end(kExtensions),
                     [&](const char* known) { return extension == known; });
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& folder) {
  std::vector<std::string> images;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unreadable;
    if (it->is_regular_file(unreadable) && HasImageExtension(it->path())) {
      images.push_back(it->path().string());
    }
  }
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot list '", folder, "': ", error.message()));
  }
  if (images.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no .jpg, .jpeg, .png, .webp or .bmp files in '", folder, "'"));
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::string ReadAll(std::istream& input) {
  return std::string(std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>());
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListImages(const std::vector<std::string>& arguments) {
  std::vector<std::string> images;
  bool standard_input = false;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (argument == "-") {
      if (standard_input) {
        return absl::InvalidArgumentError("'-' (standard input) can be given once only");
      }
      standard_input = true;
      images.push_back(argument);
    } else if (fs::is_directory(argument, error)) {
      ASSIGN_OR_RETURN(const std::vector<std::string> inside, ListFolder(argument));
      images.insert(images.end(), inside.begin(), inside.end());
    } else if (fs::exists(argument, error)) {
      images.push_back(argument);
    } else {
      return absl::NotFoundError(absl::StrCat("no such file or folder: '", argument, "'"));
    }
  }
  return images;
}

absl::StatusOr<std::string> ReadImage(const std::string& name, std::istream& input) {
  std::string bytes;
  if (name == "-") {
    bytes = ReadAll(input);
  } else {
    std::ifstream file(name, std::ios::binary);
    if (!file) return absl::PermissionDeniedError("cannot open the file");
    bytes = ReadAll(file);
    if (file.bad()) return absl::DataLossError("cannot read the file");
  }
  if (bytes.empty()) return absl::InvalidArgumentError("there are no bytes in it");
  return bytes;
}

std::vector<std::string> AnnotatedPaths(const std::string& folder,
                                        const std::vector<std::string>& images) {
  std::vector<std::string> paths;
  std::set<std::string> taken;
  for (const std::string& image : images) {
    const bool standard_input = image == "-";
    const std::string stem = standard_input ? "stdin" : fs::path(image).stem().string();
    const std::string extension = ExtensionOf(image) == ".png" ? ".png" : ".jpg";
    std::string name = stem + extension;
    for (int n = 2; !taken.insert(name).second; ++n) name = absl::StrCat(stem, "-", n, extension);
    paths.push_back((fs::path(folder) / name).string());
  }
  return paths;
}

absl::Status EnsureFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("cannot make the folder '", folder, "': ", error.message()));
}

}  // namespace mrmllm
