// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_IMAGE_INTAKE_H_
#define MRMLLM_SERVER_RPC_REQUEST_IMAGE_INTAKE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/engine.h"
#include "server/image_decoding/image_decoder.h"
#include "server/rpc/request/image_key.h"
#include "server/rpc/request/parsed_request.h"
#include "server/scheduling/feature_cache.h"

namespace mrmllm {

// From an image as the caller sent it to one that the scheduler takes. The feature cache knows an
// image by its tenant and its id together, so that an id is of no use to another tenant.
//
//   ASSIGN_OR_RETURN(TakenImage image, intake.Check(source, intent));    // reaction: header
//   RETURN_IF_ERROR(intake.Load(source, intent, &image));                // decode pool: hash,
//   decode
//   ... the scheduler perceives it ...
//   intake.Remember(intent, &image, perception);
//
// Thread-safety: safe for concurrent use.
// Ownership: decoder and cache must outlive it; `cache` null: every image is new, and no ids are
// given out.
// Errors: INVALID_ARGUMENT with the field, NOT_FOUND for an unknown image_id.
class ImageIntake {
 public:
  struct TakenImage {
    std::string image_id;                          // empty when there is no cache
    std::string key;                               // of the cache; empty when there is none
    std::shared_ptr<const ImageInput> input;       // set once it is loaded
    std::shared_ptr<const Perception> perception;  // set when the cache has it
    bool look_again = true;                        // parts of it may be looked at again
    int64_t pixels = 0;                            // that have to be decoded, by the header

    // Nothing is left to load.
    bool known() const { return input != nullptr || perception != nullptr; }
  };

  // Who sent the images, and how they are to be perceived. A second look that the caller's question
  // or classes guided serves no other request; what else was seen is remembered. Where second looks
  // are off, first looks alone are found.
  struct Intent {
    std::string_view tenant;
    bool query_fusion = true;
    SecondLookSettings second_look;
    bool guided = false;
  };

  ImageIntake(const ImageDecoder* decoder, FeatureCache* cache, ImageKey key);

  // Reads the header, or finds the image_id. Quick: nothing is decoded or hashed.
  absl::StatusOr<TakenImage> Check(const ImageSource& source, const Intent& intent) const;

  // Finds the image in the cache by its content, or decodes it. Does nothing for a known image.
  absl::Status Load(const ImageSource& source, const Intent& intent, TakenImage* image) const;

  // What was seen, in the first look or in the second; later requests find it.
  void Remember(const Intent& intent, TakenImage* image,
                const std::shared_ptr<const Perception>& perception) const;

  // Forgets an image; false when it is not known, to this tenant.
  bool Release(std::string_view tenant, const std::string& image_id) const;

 private:
  const ImageDecoder* const decoder_;
  FeatureCache* const cache_;
  const ImageKey key_;
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_IMAGE_INTAKE_H_
