// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_ENGINE_H_
#define MRMLLM_SERVER_ENGINE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "base/detection.h"
#include "base/dialogue.h"
#include "base/generation.h"
#include "base/image.h"
#include "base/perception_settings.h"

namespace mrmllm {

// What an engine has loaded. Constant for the engine's life.
struct EngineInfo {
  std::string model_name;           // "coco-135m"
  std::string model_version;        // "1"
  std::vector<std::string> labels;  // the detector's classes, by class_id
  float candidate_threshold = 0;    // lowest score in Perception::detections
  float unsure_threshold = 0;       // from here on an answer speaks of an object, as of one unsure
  float sure_threshold = 0;         // default score threshold of a request
  int context_tokens = 0;           // most tokens of prompt and answer together
  int max_detail_side = 0;          // longest side of ImageInput::detail, pixels
  ImageSpec detector_input;
  ImageSpec encoder_input;
  std::string device;  // "cpu", "cuda:0"
  std::string dtype;   // of the language model's weights: "float32", "bfloat16", "int8", "int4"
  int kv_block_tokens = 0;  // tokens in one key-value block; 0: the engine does not count blocks
  int64_t kv_blocks = 0;    // blocks in the pool, all answers together
};

// How full the pool of key-value blocks is.
struct KvUsage {
  int64_t total_blocks = 0;
  int64_t reserved_blocks = 0;  // by sequences; a block that several share counts once
  int64_t cached_blocks = 0;    // of nobody, kept for their contents; given up when room is needed

  bool operator==(const KvUsage&) const = default;
};

// The model's own view of an image (the tensors of Q_shared, V_proj, P_proj), opaque here.
// Immutable.
class ImageFeatures {
 public:
  virtual ~ImageFeatures() = default;
  virtual size_t size_bytes() const = 0;
};

// What was seen in one image. Immutable once made; shared between requests and the feature cache.
struct Perception {
  int width = 0;             // pixels, of the displayed image
  int height = 0;            // pixels
  bool query_fusion = true;  // made with shared query fusion on
  std::vector<Detection>
      detections;  // every one at or above the candidate threshold, best score first
  std::shared_ptr<const ImageFeatures> features;
  std::vector<NormalizedBox> second_look;  // the parts that were looked at again; empty: one look
  int added_count = 0;                     // objects that the first look did not have
  int changed_count = 0;  // of the first look's objects, those that the second one replaced

  size_t size_bytes() const {
    return sizeof(*this) + detections.size() * sizeof(Detection) +
           (features ? features->size_bytes() : 0);
  }
};

struct PerceiveItem {
  std::shared_ptr<const ImageInput> image;
  bool query_fusion = true;
};

// Why parts of an image may be looked at again.
struct SecondLookGuide {
  SecondLookSettings settings;
  std::vector<std::string> classes;  // labels that the caller wants; empty: all
  std::string question;              // names classes, too; empty: none was asked
};

// A second look at one image. Where it falls comes from Engine::PlanSecondLook.
struct LookAgainItem {
  std::shared_ptr<const ImageInput> image;
  std::shared_ptr<const Perception> first;  // what the first look at it saw
  std::vector<NormalizedBox> regions;       // of the displayed image; not empty
};

// A question and all that its answer depends on.
struct AnswerInput {
  std::vector<std::shared_ptr<const Perception>> images;  // empty: the language model answers alone
  std::vector<Turn> turns;                                // earlier ones, oldest first
  std::string question;
  GenerationSettings generation;
  PerceptionSettings perception;  // `enabled` and `mechanisms` are read here
  std::string cache_salt;         // prompts share prefixes only under equal salts: the tenant
};

// An answer in the making: its prompt, key-value cache, sampler and unfinished text. Destroying it
// frees its cache at once. Thread-safety: used by one executor thread only. Ownership: must be
// destroyed before its engine.
class Sequence {
 public:
  virtual ~Sequence() = default;

  // Key-value blocks of the whole prompt and answer, shared prefixes included.
  virtual int64_t kv_blocks_needed() const { return 0; }

  // Takes the blocks of the whole prompt and answer, those of a known prefix without computing them
  // again, so that no later step can run out. False: no room now; ask again after another sequence
  // has gone. True at once when it was done before. REQUIRED before the first Prefill.
  virtual bool Reserve() { return true; }

  // Prompt tokens that no Prefill has processed yet. A prefix that Reserve found counts as
  // processed; at least one token is always left.
  virtual int pending_prompt_tokens() const = 0;
  virtual TokenUsage usage() const = 0;
  virtual size_t cache_bytes() const = 0;
};

struct PrefillItem {
  Sequence* sequence = nullptr;
  int max_tokens = 0;  // at most this many prompt tokens in this step, >= 1
};

// What a step brought one sequence.
struct StepResult {
  bool produced_token = false;  // false for a prefill that has not reached the prompt's end
  std::string text;  // may be empty: characters and stop strings are held back until whole
  FinishReason finish =
      FinishReason::kNone;  // not kNone: the sequence takes no further step; all text is out
};

// One model on one device, as the scheduler sees it: no tensors, one call an engine step.
//
//   auto seen = engine.Perceive({{image}});
//   auto sequence = engine.StartSequence(input);
//   while ((*sequence)->pending_prompt_tokens() > 0) engine.Prefill({{sequence->get(), 512}});
//   engine.Decode({sequence->get()});   // until finish != kNone
//
// Thread-safety: info(), EstimatePromptTokens(), PlanSecondLook() and kv_usage() may be called from
// any thread; the others by one executor thread at a time. Errors: one status an item, in the
// items' order: what is wrong with one never touches another. UNAVAILABLE means that the device has
// failed: no step of this engine will succeed any more.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual const EngineInfo& info() const = 0;

  // A prompt's tokens, about: what admission charges before anything is decoded. `image_count`
  // images, `text_bytes` bytes of question and turns.
  virtual int EstimatePromptTokens(int image_count, size_t text_bytes) const = 0;

  // Looks at a batch of images. Result i belongs to items[i].
  virtual std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> Perceive(
      absl::Span<const PerceiveItem> items) = 0;

  // The parts of an image that are worth a second look, best reason first; empty: none is. Says
  // nothing about time: the caller takes as many from the front as it can afford.
  virtual std::vector<NormalizedBox> PlanSecondLook(const Perception& /*first*/,
                                                    const SecondLookGuide& /*guide*/) const {
    return {};
  }

  // Looks at parts of images again, larger, all parts of all items in one batch. Result i is
  // items[i].first with the boxes of both looks merged; its features are the first look's.
  virtual std::vector<absl::StatusOr<std::shared_ptr<const Perception>>> LookAgain(
      absl::Span<const LookAgainItem> items) {
    return std::vector<absl::StatusOr<std::shared_ptr<const Perception>>>(
        items.size(), absl::UnimplementedError("this engine has no second look"));
  }

  virtual KvUsage kv_usage() const { return {}; }

  // Composes the prompt; takes no key-value blocks yet (see Sequence::Reserve). INVALID_ARGUMENT
  // when prompt and answer exceed the context or the whole pool.
  virtual absl::StatusOr<std::unique_ptr<Sequence>> StartSequence(const AnswerInput& input) = 0;

  // Processes the next prompt tokens of each sequence; the step that reaches the prompt's end also
  // brings the first token.
  virtual std::vector<absl::StatusOr<StepResult>> Prefill(absl::Span<const PrefillItem> items) = 0;

  // One token for each sequence. REQUIRES: the prompt of each is processed and none has finished.
  virtual std::vector<absl::StatusOr<StepResult>> Decode(absl::Span<Sequence* const> sequences) = 0;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_ENGINE_H_
