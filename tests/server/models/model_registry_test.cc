// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_registry.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/fake_models.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ModelRegistryTest : public testing::Test {
 protected:
  void Activate(const std::string& name, const std::string& version) {
    models_.Activate(FakeModel(name, version, &clock_), OtherVersions::kKeep);
  }
  // "coco 2", or what is wrong.
  std::string Found(std::string_view name, std::string_view version) const {
    const auto model = models_.Find(name, version);
    if (!model.ok()) return std::string(model.status().message());
    return (*model)->info().model_name + " " + (*model)->info().model_version;
  }

  FakeClock clock_;
  ModelRegistry models_{{}};
};

TEST_F(ModelRegistryTest, FindsByNameVersionOrNeither) {
  Activate("coco", "1");
  Activate("coco", "2");
  Activate("pets", "1");
  EXPECT_EQ(Found("", ""), "coco 2");
  EXPECT_EQ(Found("", "1"), "coco 1");
  EXPECT_EQ(Found("coco", ""), "coco 2");
  EXPECT_EQ(Found("coco", "1"), "coco 1");
  EXPECT_EQ(Found("pets", ""), "pets 1");
}

TEST_F(ModelRegistryTest, NamesWhatIsLoadedToWhoAsksForSomethingElse) {
  EXPECT_THAT(models_.Find("", ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Found("", ""), HasSubstr("none is"));
  Activate("coco", "1");
  Activate("pets", "4");
  EXPECT_THAT(models_.Find("birds", ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Found("birds", ""), AllOf(HasSubstr("coco 1, pets 4"), HasSubstr("'birds'")));
  EXPECT_THAT(Found("coco", "4"), HasSubstr("'coco' version '4'"));
}

TEST_F(ModelRegistryTest, AReplacedModelServesWhoHasFoundIt) {
  Activate("coco", "1");
  std::shared_ptr<ServedModel> old = *models_.Find("", "");
  Activate("coco", "1");
  EXPECT_NE(*models_.Find("", ""), old);
  const auto heard = AskModel(std::move(old), "Who?", &clock_);
  ASSERT_NE(heard, nullptr);
  EXPECT_OK(heard->AwaitDone());
}

}  // namespace
}  // namespace mrmllm
