// SPDX-License-Identifier: Apache-2.0
#include "server/models/models_at_start.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/bundle_folders.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelsAtStartTest : public testing::Test {
 protected:
  ModelsAtStartTest() {
    folders_.Add("coco", "1");
    folders_.Add("coco", "2");
    folders_.Add("pets", "7");
  }
  absl::StatusOr<std::vector<ModelReference>> Chosen(std::string_view load) const {
    return ModelsAtStart(ModelRepository(folders_.path()), load);
  }

  BundleFolders folders_;
};

TEST_F(ModelsAtStartTest, ChoosesTheNewestOfEveryNameOrWhatIsListed) {
  const ModelReference coco1{"coco", "1"}, coco2{"coco", "2"}, pets7{"pets", "7"};
  EXPECT_THAT(*Chosen(""), ElementsAre(coco2, pets7));
  EXPECT_THAT(*Chosen(" pets "), ElementsAre(pets7));
  EXPECT_THAT(*Chosen("pets,coco@1"), ElementsAre(pets7, coco1));
}

TEST_F(ModelsAtStartTest, NamesTheEntryAtFault) {
  EXPECT_THAT(Chosen("birds"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("birds")));
  EXPECT_THAT(Chosen("coco@3"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("version 3")));
  EXPECT_THAT(Chosen("coco@"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("version")));
  EXPECT_THAT(Chosen("../etc"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("models.load: ")));
}

TEST_F(ModelsAtStartTest, AnEmptyRepositoryIsNoStart) {
  BundleFolders empty;
  EXPECT_THAT(ModelsAtStart(ModelRepository(empty.path()), ""),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("NAME/VERSION")));
}

TEST_F(ModelsAtStartTest, OneNameIsTheDefaultSeveralNeedAChoice) {
  EXPECT_THAT(DefaultModel({{"coco", "2"}, {"coco", "1"}}, ""), IsOkAndHolds("coco"));
  EXPECT_THAT(DefaultModel({{"coco", "2"}, {"pets", "7"}}, "pets"), IsOkAndHolds("pets"));
  EXPECT_THAT(DefaultModel({{"coco", "2"}, {"pets", "7"}}, ""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("models.default: expected one of coco, pets, got nothing")));
  EXPECT_THAT(DefaultModel({{"coco", "2"}}, "pets"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'pets'")));
}

}  // namespace
}  // namespace mrmllm
