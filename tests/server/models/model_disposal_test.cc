// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_disposal.h"

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/models/fake_models.h"

namespace mrmllm {
namespace {

TEST(ModelDisposalTest, FreesAModelWhoseLastRequestEndsOnItsOwnExecutor) {
  FakeClock clock;
  std::vector<std::string> freed;
  {
    ModelDisposal disposal([&](const ServedModel& m) { freed.push_back(m.info().model_version); });
    auto engine = std::make_unique<NamedEngine>("coco", "7");
    NamedEngine* fake = engine.get();
    fake->Hold();
    std::shared_ptr<ServedModel> model = disposal.Share(ModelAround(std::move(engine), &clock));
    // From here on the request alone holds the model; the executor drops it when it has ended.
    ASSERT_NE(AskModel(std::move(model), "Who?", &clock), nullptr);
    fake->AwaitHeld();
    EXPECT_THAT(freed, testing::IsEmpty());
    fake->Release();
  }
  EXPECT_THAT(freed, testing::ElementsAre("7"));
}

TEST(ModelDisposalTest, FreesEachModelOnce) {
  FakeClock clock;
  std::vector<std::string> freed;
  {
    ModelDisposal disposal([&](const ServedModel& m) { freed.push_back(m.info().model_version); });
    const auto first = disposal.Share(FakeModel("coco", "1", &clock));
    const auto again = first;
    disposal.Share(FakeModel("coco", "2", &clock));
  }
  EXPECT_THAT(freed, testing::UnorderedElementsAre("1", "2"));
}

}  // namespace
}  // namespace mrmllm
