// SPDX-License-Identifier: Apache-2.0
#include "server/scheduling/devices/placement.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mrmllm {
namespace {

constexpr absl::Duration Ms(int64_t count) { return absl::Milliseconds(count); }

struct Case {
  std::string name;
  std::vector<DeviceLoad> devices;
  std::vector<int> expected;
};

class PlacementTest : public testing::TestWithParam<Case> {};

TEST_P(PlacementTest, RanksTheDevices) {
  EXPECT_EQ(RankDevices(GetParam().devices), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PlacementTest,
    testing::Values(
        Case{"NoDevices", {}, {}}, Case{"IdleDevicesGoByNumber", {{}, {}, {}}, {0, 1, 2}},
        Case{"TheShorterQueueFirst",
             {{.queue_wait = Ms(500)}, {.queue_wait = Ms(20)}, {.queue_wait = Ms(90)}},
             {1, 2, 0}},
        Case{"FailedDevicesAreNotAsked", {{.in_service = false}, {.queue_wait = Ms(900)}}, {1}},
        Case{"NoDeviceIsLeft", {{.in_service = false}, {.in_service = false}}, {}},
        Case{"WithoutQueuesTheOneWithLessToDo",
             {{.open_requests = 3}, {.open_requests = 1}, {.open_requests = 2}},
             {1, 2, 0}},
        Case{"ALongQueueOutweighsManyRequests",
             {{.queue_wait = Ms(300), .open_requests = 1}, {.open_requests = 9}},
             {1, 0}},
        Case{"ARequestFollowsItsImage", {{}, {.open_requests = 4, .known_images = 1}}, {1, 0}},
        Case{"AQueueAsLongAsTheImageIsWorthKeepsIt",
             {{}, {.queue_wait = Ms(100), .known_images = 1}},
             {1, 0}},
        Case{"ALongerQueueBreaksTheTie", {{}, {.queue_wait = Ms(101), .known_images = 1}}, {0, 1}},
        Case{"EveryImageCounts", {{}, {.queue_wait = Ms(250), .known_images = 3}}, {1, 0}},
        Case{"MoreKnownImagesWin", {{.known_images = 1}, {.known_images = 2}}, {1, 0}},
        Case{"ManyRequestsBreakTheTieToo", {{}, {.open_requests = 11, .known_images = 1}}, {0, 1}},
        Case{"AFailedDevicesImagesCountForNothing",
             {{.in_service = false, .known_images = 5}, {.open_requests = 1}, {}},
             {2, 1}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mrmllm
