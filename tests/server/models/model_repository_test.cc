// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_repository.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/bundle_folders.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ModelRepositoryTest, NumbersAreOrderedAsNumbers) {
  BundleFolders folders;
  for (const char* version : {"2", "10", "9"}) folders.Add("coco", version);
  const ModelRepository repository(folders.path());
  EXPECT_THAT(*repository.Versions("coco"), ElementsAre("2", "9", "10"));
  EXPECT_THAT(repository.Newest("coco"), IsOkAndHolds("10"));
  EXPECT_THAT(repository.BundleDirectory("coco", "9"), IsOkAndHolds(folders.path() + "/coco/9"));
}

TEST(ModelRepositoryTest, SeesNothingThatIsNotNamedLikeABundle) {
  BundleFolders folders;
  for (const char* version : {"1", "01", "latest", "1.tmp"}) folders.Add("coco", version);
  folders.Add(".hidden", "1");
  folders.Add("empty", "draft");
  std::ofstream(folders.path() + "/notes.txt") << "a file";
  const ModelRepository repository(folders.path());
  EXPECT_THAT(*repository.Names(), ElementsAre("coco"));
  EXPECT_THAT(*repository.Versions("coco"), ElementsAre("1"));
}

TEST(ModelRepositoryTest, SaysWhatIsThereInsteadOfWhatIsNot) {
  BundleFolders folders;
  folders.Add("coco", "1");
  folders.Add("coco", "2");
  const ModelRepository repository(folders.path());
  EXPECT_THAT(repository.BundleDirectory("coco", "3"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("has no version 3; it has 1, 2")));
  EXPECT_THAT(repository.Newest("pets"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("has no model pets; it has coco")));
}

TEST(ModelRepositoryTest, NamesThatLeadElsewhereAreNoNames) {
  BundleFolders folders;
  folders.Add("coco", "1");
  const ModelRepository repository(folders.path());
  for (const std::string name :
       {"..", ".", "../coco", "coco/1", "/etc", "", ".coco", "a b", "a\n", "co\\co", "%2e%2e"}) {
    EXPECT_THAT(repository.Newest(name),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name: expected")))
        << name;
  }
  for (const std::string version :
       {"..", "1/..", "-1", "+1", "1.0", "", "01", "1 ", "0x1", "1234567890123456789"}) {
    EXPECT_THAT(repository.BundleDirectory("coco", version),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("version: expected")))
        << version;
  }
  EXPECT_THAT(CheckModelName(std::string(64, 'a')), IsOk());
  EXPECT_FALSE(CheckModelName(std::string(65, 'a')).ok());
  EXPECT_THAT(CheckModelName(std::string("a\0b", 3)), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ModelRepositoryTest, SaysWhichDirectoryItCannotRead) {
  BundleFolders folders;
  const ModelRepository repository(folders.path() + "/nowhere");
  EXPECT_THAT(repository.Names(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("models.repository"), HasSubstr("nowhere"))));
}

}  // namespace
}  // namespace mrmllm
