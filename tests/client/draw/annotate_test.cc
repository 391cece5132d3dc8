// SPDX-License-Identifier: Apache-2.0
#include "client/draw/annotate.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

v1::ImageDetections OneDog() {
  v1::ImageDetections image;
  v1::Detection& dog = *image.add_detections();
  dog.set_label("dog");
  dog.set_score(0.914f);
  dog.set_sure(true);
  dog.mutable_box()->set_x_min(0.25f);
  dog.mutable_box()->set_y_min(0.25f);
  dog.mutable_box()->set_x_max(0.75f);
  dog.mutable_box()->set_y_max(0.75f);
  return image;
}

cv::Vec3b Bgr(Color color) { return cv::Vec3b(color.blue, color.green, color.red); }

cv::Mat Grey(int width, int height) { return cv::Mat(height, width, CV_8UC3, cv::Scalar::all(90)); }

TEST(LabelOfTest, TellsScoreAndFinerName) {
  v1::ImageDetections image = OneDog();
  EXPECT_EQ(LabelOf(image.detections(0)), "dog 91%");
  image.mutable_detections(0)->mutable_finer_name()->set_label("golden retriever");
  EXPECT_EQ(LabelOf(image.detections(0)), "dog 91% · golden retriever");
  image.mutable_detections(0)->mutable_color()->set_label("brown");
  EXPECT_EQ(LabelOf(image.detections(0)), "brown dog 91% · golden retriever");
}

TEST(WithBoxesTest, DrawsTheEdgesInTheColorOfTheClass) {
  const cv::Mat result = WithBoxes(Grey(800, 600), OneDog());
  const cv::Vec3b color = Bgr(ColorOf("dog"));
  EXPECT_EQ(result.at<cv::Vec3b>(300, 200), color);  // left
  EXPECT_EQ(result.at<cv::Vec3b>(300, 599), color);  // right
  EXPECT_EQ(result.at<cv::Vec3b>(449, 400), color);  // bottom
  EXPECT_EQ(result.at<cv::Vec3b>(300, 400), cv::Vec3b(90, 90, 90));
}

TEST(WithBoxesTest, FramesPartsThatWereLookedAtAgainWithDashes) {
  v1::ImageDetections image;
  v1::NormalizedBox& region = *image.mutable_second_look()->add_regions();
  region.set_x_max(0.5f);
  region.set_y_max(0.5f);
  const cv::Mat result = WithBoxes(Grey(800, 600), image);
  int light = 0;
  int untouched = 0;
  for (int y = 0; y < 300; ++y) {
    light += result.at<cv::Vec3b>(y, 400) == Bgr(kWhite);
    untouched += result.at<cv::Vec3b>(y, 400) == cv::Vec3b(90, 90, 90);
  }
  EXPECT_GT(light, 100);
  EXPECT_GT(untouched, 80);
}

TEST(WithBoxesTest, MarksBoxesOfASecondLook) {
  v1::ImageDetections image = OneDog();
  const auto outside_corner = [&] {
    return WithBoxes(Grey(800, 600), image).at<cv::Vec3b>(453, 602);
  };
  EXPECT_EQ(outside_corner(), cv::Vec3b(90, 90, 90));
  image.mutable_detections(0)->set_from_second_look(true);
  EXPECT_EQ(outside_corner(), Bgr(ColorOf("dog")));
}

TEST(WithBoxesTest, LeavesItsInputAlone) {
  const cv::Mat picture = Grey(800, 600);
  WithBoxes(picture, OneDog());
  EXPECT_EQ(picture.at<cv::Vec3b>(300, 200), cv::Vec3b(90, 90, 90));
}

TEST(WithBoxesTest, EnlargesAPictureTooSmallToWriteOn) {
  EXPECT_EQ(WithBoxes(Grey(100, 50), OneDog()).cols, 500);
  EXPECT_EQ(WithBoxes(Grey(800, 600), OneDog()).cols, 800);
}

TEST(WithBoxesTest, SurvivesEveryShapeOfPictureAndBox) {
  v1::ImageDetections image = OneDog();
  v1::NormalizedBox& box = *image.mutable_detections(0)->mutable_box();
  box.set_x_min(-3);
  box.set_x_max(9);
  box.set_y_max(box.y_min());
  EXPECT_EQ(WithBoxes(Grey(1, 1), image).cols, 480);
  EXPECT_EQ(WithBoxes(Grey(1, 700), image).rows, 700);
  EXPECT_EQ(WithBoxes(Grey(3000, 20), image).cols, 3000);
}

}  // namespace
}  // namespace mrmllm
