// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_SCHEDULING_LOOP_ACTIVE_REQUEST_H_
#define MRMLLM_SERVER_SCHEDULING_LOOP_ACTIVE_REQUEST_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/engine.h"
#include "server/scheduling/estimates/forecast.h"
#include "server/scheduling/estimates/second_look_budget.h"
#include "server/scheduling/loop/request_queue.h"
#include "server/scheduling/request.h"

namespace mrmllm {

// One request's life on the executor thread: its stage, its perceptions and its answer in the
// making. Tells the listener; measures each stage from its first moment to the next stage's, so the
// stages add up to the whole.
//
// Thread-safety: none; the executor thread's. Ownership: owns the request, its place in the ledger
// and its Sequence; End() gives the last two back before the listener hears of it. Pixels are kept
// until every image is perceived, since another engine could need them.
class ActiveRequest {
 public:
  enum class Stage {
    kPerceiveQueue,   // images wait for their first perceive step
    kPerceive,        // from the first perceive step until every image is perceived
    kLookAgainQueue,  // parts of images wait for their first step
    kLookAgain,       // from that step until every part was looked at again
    kPrefillQueue,    // the answer waits for its first prefill step
    kPrefill,         // until the first token
    kDecode,
  };

  // `work`: all that is to be done, estimated.
  explicit ActiveRequest(SubmittedRequest submitted, WorkLeft work = {});

  RequestHandle handle() const { return handle_; }
  const Request& request() const { return request_; }
  Stage stage() const { return stage_; }
  absl::Time submitted() const { return submitted_; }
  // Has taken part in an engine step.
  bool has_begun() const { return has_begun_; }
  // Has told its listener something: it can no longer be begun anew elsewhere.
  bool has_told() const { return has_told_; }
  int estimated_prompt_tokens() const { return work_.prompt_tokens; }
  // What is left to do; all images not yet perceived are counted.
  WorkLeft Left() const;

  // A step of the current queue stage's kind begins: the stage after it starts. Returns how long
  // the queue stage lasted, or nothing when the request took part in such a step before.
  std::optional<absl::Duration> LeaveQueue(absl::Time now);

  // Images. Perceiving() says whether perceptions are still to be made, bettered or handed over.
  bool Perceiving() const { return stage_ < Stage::kPrefillQueue; }
  bool EveryImagePerceived() const;
  void SetPerception(size_t image, std::shared_ptr<const Perception> perception);
  // Tells the listener, if there are images. REQUIRES: every image is perceived.
  void HandOverPerceptions(absl::Time now);

  // The second look at `parts` of the images, of which there are some: tells the listener of the
  // first. REQUIRES: every image is perceived; called at most once.
  void BeginSecondLook(PartsOfImages parts, absl::Time now);
  bool LookingAgain() const {
    return stage_ == Stage::kLookAgainQueue || stage_ == Stage::kLookAgain;
  }
  // What is still to be looked at again: of one image, empty when nothing is; of all.
  const std::vector<NormalizedBox>& PartsOf(size_t image) const { return parts_[image]; }
  int CountPartsLeft() const { return CountParts(parts_); }
  void KeepBestParts(int count) { KeepBest(count, &parts_); }
  // The image's parts were looked at again.
  void SetSecondLook(size_t image, std::shared_ptr<const Perception> merged);

  // The answer. WaitsToAnswer(): all its images are there, and it has no room yet.
  bool WaitsToAnswer() const { return stage_ == Stage::kPrefillQueue && !has_room_; }
  // Starts the Sequence, the first time, and reserves its room. False: there is none now.
  absl::StatusOr<bool> BeginAnswer(Engine& engine);
  Sequence* sequence() const { return sequence_.get(); }  // null before BeginAnswer
  bool Running() const { return has_room_; }
  bool Prefilling() const { return has_room_ && sequence_->pending_prompt_tokens() > 0; }
  bool Decoding() const { return has_room_ && sequence_->pending_prompt_tokens() == 0; }
  // Returns true when the first token came with it.
  bool TakeStepResult(const StepResult& step, absl::Time now);
  // Mean time between tokens; nothing when there were fewer than two.
  std::optional<absl::Duration> TimePerOutputToken() const;

  const RequestResult& result() const { return result_; }

  // Its perceptions were handed over and no text was: it may end well without the answer.
  bool CanDegrade() const;

  // Each is the last call. End frees the Sequence and the place, then calls OnDone; EndDegraded
  // does so with OK and without an answer. TakeBack gives the request back as it came. REQUIRES:
  // CanDegrade(); !has_told().
  void End(absl::Status status, absl::Time now);
  void EndDegraded(absl::Time now);
  SubmittedRequest TakeBack();

 private:
  void EnterStage(Stage stage, absl::Time now);
  std::vector<std::shared_ptr<const Perception>> Perceptions() const;  // of all images, in order

  const RequestHandle handle_;
  const absl::Time submitted_;
  const WorkLeft work_;  // at the beginning
  Request request_;
  Reservation place_;
  std::unique_ptr<Sequence> sequence_;
  RequestResult result_;
  PartsOfImages parts_;  // set while LookingAgain()
  Stage stage_ = Stage::kPerceiveQueue;
  absl::Time stage_began_;
  bool has_begun_ = false;
  bool has_told_ = false;
  bool has_room_ = false;  // sequence_ has reserved it
  int tokens_ = 0;         // produced
  absl::Time first_token_;
  absl::Time last_token_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_SCHEDULING_LOOP_ACTIVE_REQUEST_H_
