// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_OUTPUT_REPLIES_H_
#define MRMLLM_TESTS_CLIENT_OUTPUT_REPLIES_H_

#include "mrmllm/v1/mrmllm_service.pb.h"

namespace mrmllm {

// A picture of 640 x 480 with a sure dog that has a finer name, and an unsure cup.
inline v1::ImageDetections DogAndCup() {
  v1::ImageDetections image;
  image.mutable_image()->set_image_id("id-1");
  image.mutable_image()->set_width(640);
  image.mutable_image()->set_height(480);
  const auto add = [&](int id, const char* label, float score, bool sure, float left) {
    v1::Detection& detection = *image.add_detections();
    detection.set_id(id);
    detection.set_label(label);
    detection.set_score(score);
    detection.set_sure(sure);
    detection.mutable_box()->set_x_min(left);
    detection.mutable_box()->set_y_min(0.25f);
    detection.mutable_box()->set_x_max(left + 0.25f);
    detection.mutable_box()->set_y_max(0.75f);
  };
  add(0, "dog", 0.91f, true, 0.5f);
  add(1, "cup", 0.2f, false, 0.125f);
  image.mutable_detections(0)->mutable_finer_name()->set_label("beagle");
  image.mutable_detections(0)->mutable_finer_name()->set_score(0.8f);
  return image;
}

// The same with a color, after a second look at two parts.
inline v1::ImageDetections LookedAgain() {
  v1::ImageDetections image = DogAndCup();
  image.mutable_detections(0)->mutable_color()->set_label("brown");
  image.mutable_detections(0)->mutable_color()->set_score(0.75f);
  image.mutable_detections(1)->set_from_second_look(true);
  v1::SecondLook& look = *image.mutable_second_look();
  look.add_regions()->set_x_max(0.5f);
  look.add_regions()->set_x_min(0.5f);
  look.set_added_count(1);
  look.set_changed_count(2);
  return image;
}

inline v1::PerceiveAndAnswerResponse ADog() {
  v1::PerceiveAndAnswerResponse response;
  *response.add_images() = DogAndCup();
  response.set_answer("A dog.");
  response.set_finish_reason(v1::FINISH_REASON_STOP);
  v1::GroundedSpan& span = *response.add_grounding();
  span.set_start_byte(2);
  span.set_end_byte(5);
  span.set_text("dog");
  span.add_detection_ids(0);
  response.mutable_usage()->set_prompt_token_count(40);
  response.mutable_usage()->set_perception_token_count(12);
  response.mutable_usage()->set_answer_token_count(3);
  response.mutable_usage()->set_cached_token_count(32);
  response.set_degradation(v1::DEGRADATION_NONE);
  response.mutable_timings()->mutable_total()->set_nanos(41'500'000);
  response.mutable_model()->set_name("coco-135m");
  response.mutable_model()->set_version("1");
  return response;
}

// An answer that the boxes contradict twice.
inline v1::PerceiveAndAnswerResponse ThreeDogs() {
  v1::PerceiveAndAnswerResponse response = ADog();
  response.set_answer("There are three dogs and a horse.");
  response.clear_grounding();
  v1::Agreement& agreement = *response.mutable_agreement();
  agreement.set_claim_count(2);
  v1::Conflict& dogs = *agreement.add_conflicts();
  dogs.set_kind(v1::CONFLICT_KIND_COUNT);
  dogs.set_start_byte(10);
  dogs.set_end_byte(20);
  dogs.set_text("three dogs");
  dogs.set_label("dog");
  dogs.set_claimed_count(3);
  dogs.set_found_count(1);
  dogs.add_detection_ids(0);
  v1::Conflict& horse = *agreement.add_conflicts();
  horse.set_kind(v1::CONFLICT_KIND_ABSENT);
  horse.set_start_byte(25);
  horse.set_end_byte(32);
  horse.set_text("a horse");
  horse.set_label("horse");
  horse.set_claimed_count(1);
  return response;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_OUTPUT_REPLIES_H_
