// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SUPPORT_FAKE_ENGINE_H_
#define MRMLLM_TESTS_SUPPORT_FAKE_ENGINE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "server/engine.h"
#include "server/scheduling/observer.h"
#include "tests/support/fake_clock.h"

namespace mrmllm {

// An engine that does as it is told, at once, without a model.
//
//   FakeEngine engine;
//   engine.SetAnswer("What is it?", {"a", " dog"});
//   engine.Hold();          // the next step waits at its start
//   engine.AwaitHeld();     // ... it does
//   engine.LetOnePass();    // it runs; the step after it waits
//   engine.Release();       // all run freely again
//   EXPECT_EQ(engine.steps()[0].kind, StepKind::kPerceive);
//
// Unless told otherwise an image holds one object and no part worth a second look, and the answer
// to a question Q is "You", " asked",
// ": ", Q. Images are told apart by their size (see MakeImage).
//
// Thread-safety: safe for concurrent use. Ownership: outlives its sequences.
class FakeEngine : public Engine {
 public:
  // One engine step as it was asked for, item by item.
  struct Step {
    StepKind kind;
    std::vector<std::pair<int, int>> images;  // width and height
    std::vector<int> parts;                   // of a second look: of each image
    std::vector<std::string> questions;       // of a prefill or decode
    std::vector<int> prompt_tokens;           // of a prefill: processed in this step
  };

  explicit FakeEngine(int label_count = 3);  // "label0", "label1", ...
  ~FakeEngine() override;

  // The script.
  void SetLabels(std::vector<std::string> labels);  // before the server starts
  void SetDetections(int width, int height, std::vector<Detection> detections);
  // What to look at again, unless the guide asks for less; each part then shows one object more.
  void SetSecondLook(int width, int height, std::vector<NormalizedBox> parts);
  void FailSecondLook(int width, int height, absl::Status status);
  void SetAnswer(const std::string& question, std::vector<std::string> tokens);
  void SetPromptTokens(const std::string& question, int tokens);  // >= 1
  void FailImage(int width, int height, absl::Status status);
  // Every step of this kind fails for the question; kPerceive: StartSequence does.
  void FailQuestion(const std::string& question, StepKind kind, absl::Status status);
  // The device fails: every item of every step from now on, and StartSequence, are UNAVAILABLE.
  void FailDevice();
  // Every step then takes this long: it moves the clock on.
  void SetStepDuration(FakeClock* clock, absl::Duration duration);
  // The same for steps of one kind: so long, and so much longer for each image, token or sequence.
  void SetStepDuration(FakeClock* clock, StepKind kind, absl::Duration base, absl::Duration each);
  // A pool of key-value blocks, without shared prefixes; without one Reserve always finds room. Set
  // it before the first request.
  void SetKvPool(int64_t blocks, int block_tokens);
  // What no step may exceed; a step that does is a violation. One image always goes.
  struct Bounds {
    int images = 0;
    int64_t pixels = 0;
    int prompt_tokens = 0;
    int sequences = 0;  // also of those that have reserved room
  };
  void SetBounds(Bounds bounds);

  // Brakes.
  void Hold();
  void AwaitHeld();
  void LetOnePass();  // REQUIRES: a step is held
  void Release();

  // What happened.
  std::vector<Step> steps() const;
  Step last_step() const;                       // REQUIRES: there was one
  std::vector<SecondLookGuide> guides() const;  // of all calls of PlanSecondLook
  std::vector<std::string> started() const;     // the questions, in the order of StartSequence
  int live_sequences() const;
  int peak_sequences() const;  // most that had reserved room at once
  // Calls that broke the contract of Engine, in words; empty when none did.
  std::vector<std::string> violations() const;

  const EngineInfo& info() const override { return info_; }
  KvUsage kv_usage() const override;
  int EstimatePromptTokens(int image_count, size_t text_bytes) const override;
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override;
  std::vector<NormalizedBox> PlanSecondLook(const Perception& first,
                                            const SecondLookGuide& guide) const override;
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> LookAgain(
      absl::Span<const LookAgainItem> items) override;
  absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput& input) override;
  std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) override;
  std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) override;

 private:
  class FakeSequence;
  friend class FakeSequence;
  using ImageSize = std::pair<int, int>;
  static constexpr Bounds kUnbounded{
      std::numeric_limits<int>::max(), std::numeric_limits<int64_t>::max(),
      std::numeric_limits<int>::max(), std::numeric_limits<int>::max()};

  struct StepTime {
    absl::Duration base;
    absl::Duration each;
  };

  // Records the step of so many units, then waits at the brakes and moves the clock on.
  void BeginStep(Step step, int units) ABSL_LOCKS_EXCLUDED(mutex_);
  void CheckBounds(const Step& step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndStep() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Fault(const std::string& question, StepKind kind) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<StepResult> NextToken(FakeSequence& sequence, StepKind kind)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayPass() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !holding_ || passes_ > 0; }
  bool StepIsHeld() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return step_is_held_; }

  EngineInfo info_;
  mutable absl::Mutex mutex_;
  std::map<ImageSize, std::vector<Detection>> detections_ ABSL_GUARDED_BY(mutex_);
  std::map<ImageSize, absl::Status> image_faults_ ABSL_GUARDED_BY(mutex_);
  std::map<ImageSize, std::vector<NormalizedBox>> second_looks_ ABSL_GUARDED_BY(mutex_);
  std::map<ImageSize, absl::Status> second_look_faults_ ABSL_GUARDED_BY(mutex_);
  mutable std::vector<SecondLookGuide> guides_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> prompt_tokens_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, StepKind>, absl::Status> question_faults_ ABSL_GUARDED_BY(mutex_);
  FakeClock* clock_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::map<StepKind, StepTime> step_times_ ABSL_GUARDED_BY(mutex_);
  Bounds bounds_ ABSL_GUARDED_BY(mutex_) = kUnbounded;
  KvUsage kv_ ABSL_GUARDED_BY(mutex_);
  bool device_failed_ ABSL_GUARDED_BY(mutex_) = false;
  int reserved_sequences_ ABSL_GUARDED_BY(mutex_) = 0;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  int passes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool step_is_held_ ABSL_GUARDED_BY(mutex_) = false;
  bool in_step_ ABSL_GUARDED_BY(mutex_) = false;
  int live_sequences_ ABSL_GUARDED_BY(mutex_) = 0;
  int peak_sequences_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Step> steps_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> started_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> violations_ ABSL_GUARDED_BY(mutex_);
};

// An image of this displayed size, with no pixels in it.
std::shared_ptr<const ImageInput> MakeImage(int width, int height);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SUPPORT_FAKE_ENGINE_H_
