// SPDX-License-Identifier: Apache-2.0
#include "client/output/json_output.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/output/replies.h"

namespace mrmllm {
namespace {

using testing::HasSubstr;

// Programs rely on these lines: keys may be added, never renamed.
constexpr char kDetections[] =
    R"("image_id":"id-1","width":640,"height":480,"cached":false,"detections":[)"
    R"({"id":0,"label":"dog","score":0.91,"sure":true,"box":[0.5,0.25,0.75,0.75],)"
    R"("finer_label":"beagle","finer_score":0.8},)"
    R"({"id":1,"label":"cup","score":0.2,"sure":false,"box":[0.125,0.25,0.375,0.75]}])";
constexpr char kEnd[] = R"("timings_ms":{"total":41.5},"model":"coco-135m","model_version":"1"})";

TEST(JsonOutputTest, DetectIsOneLineWithStableKeys) {
  v1::DetectResponse response;
  *response.add_images() = DogAndCup();
  *response.mutable_timings() = ADog().timings();
  *response.mutable_model() = ADog().model();
  EXPECT_EQ(DetectJson("a.jpg", response),
            std::string(R"({"file":"a.jpg",)") + kDetections + "," + kEnd);
}

TEST(JsonOutputTest, PerceiveHasAnswerImagesAndGrounding) {
  EXPECT_EQ(
      PerceiveJson({"a.jpg"}, "What?", ADog()),
      std::string(R"({"files":["a.jpg"],"question":"What?","answer":"A dog.",)"
                  R"("finish_reason":"stop","images":[{)") +
          kDetections +
          R"(}],"grounding":[{"text":"dog","start_byte":2,"end_byte":5,"image_index":0,)"
          R"("detection_ids":[0]}],"degradation":"none","usage":{"prompt_tokens":40,"perception_tokens":12,)"
          R"("answer_tokens":3,"cached_tokens":32},)" +
          kEnd);
}

TEST(JsonOutputTest, ColorsAndASecondLookHaveKeysWhereThereAreSome) {
  v1::DetectResponse response;
  *response.add_images() = LookedAgain();
  const std::string line = DetectJson("a.jpg", response);
  EXPECT_THAT(line, HasSubstr(R"("finer_score":0.8,"color":"brown","color_score":0.75})"));
  EXPECT_THAT(line, HasSubstr(R"("box":[0.125,0.25,0.375,0.75],"from_second_look":true}],)"
                              R"("second_look":{"regions":[[0.0,0.0,0.5,0.0],[0.5,0.0,0.0,0.0]],)"
                              R"("added":1,"changed":2})"));
}

TEST(JsonOutputTest, PerceiveTellsWhatTheBoxesContradict) {
  EXPECT_THAT(PerceiveJson({"a.jpg"}, "What?", ThreeDogs()),
              HasSubstr(R"("agreement":{"score":0.0,"claim_count":2,"conflicts":[)"
                        R"({"kind":"count","text":"three dogs","start_byte":10,"end_byte":20,)"
                        R"("image_index":0,"label":"dog","claimed_count":3,"found_count":1,)"
                        R"("detection_ids":[0]},{"kind":"absent","text":"a horse",)"));
}

TEST(JsonOutputTest, AskWithoutPicturesHasEmptyLists) {
  v1::AskResponse response;
  response.set_answer("Yes.");
  response.set_finish_reason(v1::FINISH_REASON_LENGTH);
  EXPECT_EQ(
      AskJson({}, "Well?", response),
      R"({"files":[],"question":"Well?","answer":"Yes.","finish_reason":"length","images":[],)"
      R"("usage":{"prompt_tokens":0,"perception_tokens":0,"answer_tokens":0,"cached_tokens":0},)"
      R"("timings_ms":{},"model":"","model_version":""})");
}

TEST(JsonOutputTest, ErrorsNameCodeAndFile) {
  const absl::Status status = absl::InvalidArgumentError("say \"please\"\n");
  EXPECT_EQ(DetectErrorJson("a.jpg", status),
            R"({"file":"a.jpg","error":{"code":"INVALID_ARGUMENT","message":"say \"please\"\n"}})");
  EXPECT_EQ(ErrorJson({}, status),
            R"({"files":[],"error":{"code":"INVALID_ARGUMENT","message":"say \"please\"\n"}})");
}

TEST(JsonOutputTest, BytesThatAreNoUtf8DoNotBreakTheLine) {
  EXPECT_EQ(HealthJson("\xFF", "SERVING"), "{\"service\":\"\xEF\xBF\xBD\",\"status\":\"SERVING\"}");
}

TEST(JsonOutputTest, ModelListsItsLabels) {
  v1::Model model;
  model.set_name("coco-135m");
  model.set_sure_threshold(0.3f);
  model.add_labels("dog");
  EXPECT_EQ(ModelJson(model),
            R"({"name":"coco-135m","version":"","state":"unspecified","active":false,)"
            R"("default":false,"failure":"","device":"","dtype":"","context_tokens":0,)"
            R"("sure_threshold":0.3,"labels":["dog"]})");
}

}  // namespace
}  // namespace mrmllm
