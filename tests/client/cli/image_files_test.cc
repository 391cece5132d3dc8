// SPDX-License-Identifier: Apache-2.0
#include "client/cli/image_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ImageFilesTest : public testing::Test {
 protected:
  ImageFilesTest() {
    folder_ = testing::TempDir() + "image_files_test";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/inner");
  }
  ~ImageFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Add(const std::string& name, const std::string& bytes = "x") {
    std::ofstream(folder_ + "/" + name) << bytes;
    return folder_ + "/" + name;
  }

  std::string folder_;
  std::istringstream input_{"from standard input"};
};

TEST_F(ImageFilesTest, AFolderIsItsPicturesInOrder) {
  const std::string b = Add("b.PNG");
  const std::string a = Add("a.jpeg");
  Add("notes.txt");
  Add("inner/deep.jpg");
  EXPECT_THAT(ListImages({folder_}), IsOkAndHolds(ElementsAre(a, b)));
}

TEST_F(ImageFilesTest, AFileIsItselfWhateverItsName) {
  const std::string file = Add("picture");
  EXPECT_THAT(ListImages({file, "-"}), IsOkAndHolds(ElementsAre(file, "-")));
}

TEST_F(ImageFilesTest, NamesWhatIsNotThere) {
  EXPECT_THAT(ListImages({"no/such.jpg"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'no/such.jpg'")));
  EXPECT_THAT(ListImages({folder_}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("no .jpg")));
}

TEST_F(ImageFilesTest, StandardInputCanBeReadOnceOnly) {
  EXPECT_THAT(ListImages({"-", "-"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ImageFilesTest, ReadsFilesAndStandardInput) {
  EXPECT_THAT(ReadImage(Add("a.jpg", std::string("\0\xFF", 2)), input_),
              IsOkAndHolds(std::string("\0\xFF", 2)));
  EXPECT_THAT(ReadImage("-", input_), IsOkAndHolds("from standard input"));
}

TEST_F(ImageFilesTest, RefusesAnEmptyFile) {
  EXPECT_THAT(ReadImage(Add("empty.jpg", ""), input_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no bytes")));
}

TEST(AnnotatedPathsTest, KeepsNamesApart) {
  EXPECT_THAT(AnnotatedPaths("out", {"x/a.jpg", "y/a.webp", "b.PNG", "-"}),
              ElementsAre("out/a.jpg", "out/a-2.jpg", "out/b.png", "out/stdin.jpg"));
}

}  // namespace
}  // namespace mrmllm
