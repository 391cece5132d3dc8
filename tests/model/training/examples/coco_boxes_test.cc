// SPDX-License-Identifier: Apache-2.0
#include "model/training/examples/coco_boxes.h"

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/training/examples/written_file.h"
#include "tests/support/status_matchers.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

constexpr const char* kCoco = R"({
  "info": {"year": 2026},
  "categories": [{"id": 18, "name": "dog"}, {"id": 62, "name": "chair"}],
  "images": [{"id": 5, "width": 200, "height": 100}, {"id": 6, "width": 10, "height": 10}],
  "annotations": [
    {"image_id": 5, "category_id": 18, "bbox": [20, 10, 50, 40], "area": 7},
    {"image_id": 5, "category_id": 62, "bbox": [100, 50, 120, 50], "iscrowd": 0},
    {"image_id": 5, "category_id": 62, "bbox": [0, 0, 200, 100], "iscrowd": 1}]})";

TEST(CocoBoxesTest, BoxesAreFractionsOfTheirImage) {
  const auto boxes = LoadCocoBoxes(WrittenFile("coco.json", kCoco), {"chair", "dog"});
  ASSERT_THAT(boxes.status(), IsOk());
  ASSERT_EQ(boxes->size(), 2u);
  EXPECT_TRUE(boxes->at(6).empty());
  const std::vector<Detection>& seen = boxes->at(5);
  ASSERT_EQ(seen.size(), 2u) << "crowds are left out";
  EXPECT_EQ(seen[0].label, "dog");
  EXPECT_EQ(seen[0].class_id, 1);
  EXPECT_TRUE(seen[0].sure);
  EXPECT_EQ(seen[0].box, (NormalizedBox{0.1f, 0.1f, 0.35f, 0.5f}));
  EXPECT_EQ(seen[1].box, (NormalizedBox{0.5f, 0.5f, 1, 1})) << "cut at the image's edge";
}

TEST(CocoBoxesTest, FaultsAreNamed) {
  const std::string path = WrittenFile("coco.json", kCoco);
  EXPECT_THAT(LoadCocoBoxes(path, {"dog"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr(path), HasSubstr("\"category_id\":62"))));
  const std::string orphan = absl::StrReplaceAll(kCoco, {{"\"id\": 5", "\"id\": 4"}});
  EXPECT_THAT(LoadCocoBoxes(WrittenFile("orphan.json", orphan), {"chair", "dog"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a known image")));
  EXPECT_THAT(LoadCocoBoxes(WrittenFile("list.json", "[]"), {"dog"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("list.json")));
  EXPECT_THAT(LoadCocoBoxes("no/such.json", {"dog"}).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such.json")));
}

}  // namespace
}  // namespace mrmllm
