// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_BREAKABLE_ENGINE_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_BREAKABLE_ENGINE_H_

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "tests/support/fake_engine.h"

namespace mrmllm {

// A FakeEngine whose device can fail for good, at once or in a step to come.
//
//   engine.Hold();
//   engine.AwaitHeld();
//   engine.Break();
//   engine.Release();   // the step that was held finds that the device is gone
//
// Thread-safety: safe for concurrent use.
class BreakableEngine : public FakeEngine {
 public:
  // Steps succeed that many times more.
  void BreakAfter(int steps) { steps_left_ = steps; }
  void Break() { BreakAfter(0); }

  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) override {
    return Judge(FakeEngine::Perceive(items));
  }
  std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> LookAgain(
      absl::Span<const LookAgainItem> items) override {
    return Judge(FakeEngine::LookAgain(items));
  }
  std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) override {
    return Judge(FakeEngine::Prefill(items));
  }
  std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) override {
    return Judge(FakeEngine::Decode(sequences));
  }

 private:
  template <typename Results>
  Results Judge(Results results) {
    if (steps_left_ > 0) {
      --steps_left_;
      return results;
    }
    for (auto& result : results) result = absl::UnavailableError("the device has fallen off");
    return results;
  }

  std::atomic<int> steps_left_ = 1'000'000'000;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_DEVICES_BREAKABLE_ENGINE_H_
