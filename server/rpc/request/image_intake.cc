// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/image_intake.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

// What the decoder says of an image, with the image's place in the request before it.
absl::Status InField(const absl::Status& status, const ImageSource& source) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  const bool raw = std::holds_alternative<RawPixels>(source.from);
  const absl::string_view text = status.message();
  return InvalidField(absl::StrCat(source.field, raw ? ".raw" : ".content"),
                      std::string_view(text.data(), text.size()));
}

constexpr SecondLookMode kOff = SecondLookMode::kOff;

// No tenant's name has a slash.
std::string CacheKey(std::string_view tenant, std::string_view image_id) {
  return absl::StrCat(AbslView(tenant), "/", AbslView(image_id));
}

}  // namespace

ImageIntake::ImageIntake(const ImageDecoder* decoder, FeatureCache* cache, ImageKey key)
    : decoder_(decoder), cache_(cache), key_(std::move(key)) {}

absl::StatusOr<ImageIntake::TakenImage> ImageIntake::Check(const ImageSource& source,
                                                           const Intent& intent) const {
  TakenImage image;
  if (const auto* known = std::get_if<KnownImage>(&source.from)) {
    const std::string key = CacheKey(intent.tenant, known->image_id);
    FeatureCache::Entry entry;
    if (cache_ != nullptr) entry = cache_->Find(key, intent.query_fusion);
    if (entry.input == nullptr && entry.perception == nullptr) {
      return ResourceNotFound(
          "image_id", Quoted(known->image_id, 80),
          absl::StrCat(source.field, ".image_id: expected the id of a recent image, got ",
                       Quoted(known->image_id, 80), ", which is unknown or has expired"));
    }
    image.image_id = known->image_id;
    image.key = key;
    image.input = std::move(entry.input);
    // The boxes that are known, the better ones where they are wanted.
    const bool better = entry.second_look != nullptr && intent.second_look.mode != kOff;
    image.perception = std::move(better ? entry.second_look : entry.perception);
    image.look_again = false;
    return image;
  }
  if (const auto* raw = std::get_if<RawPixels>(&source.from)) {
    RETURN_IF_ERROR(InField(decoder_->CheckRaw(*raw), source));
    image.pixels = int64_t{raw->width} * raw->height;
    return image;
  }
  const absl::StatusOr<ImageSize> size =
      decoder_->CheckEncoded(std::get<EncodedImage>(source.from).bytes);
  RETURN_IF_ERROR(InField(size.status(), source));
  image.pixels = int64_t{size->width} * size->height;
  return image;
}

absl::Status ImageIntake::Load(const ImageSource& source, const Intent& intent,
                               TakenImage* image) const {
  if (image->input != nullptr || image->perception != nullptr) return absl::OkStatus();
  if (cache_ != nullptr) {
    ASSIGN_OR_RETURN(image->image_id, key_.IdOf(source, intent.tenant));
    image->key = CacheKey(intent.tenant, image->image_id);
    FeatureCache::Entry entry = cache_->Find(image->key, intent.query_fusion);
    image->input = std::move(entry.input);
    const bool same =
        entry.second_look != nullptr && !intent.guided && entry.settings == intent.second_look;
    image->perception = std::move(same ? entry.second_look : entry.perception);
    image->look_again = !same;
    if (image->input != nullptr || image->perception != nullptr) return absl::OkStatus();
  }
  const auto* raw = std::get_if<RawPixels>(&source.from);
  auto input = raw != nullptr ? decoder_->DecodeRaw(*raw)
                              : decoder_->DecodeEncoded(std::get<EncodedImage>(source.from).bytes);
  RETURN_IF_ERROR(InField(input.status(), source));
  image->input = *std::move(input);
  return absl::OkStatus();
}

void ImageIntake::Remember(const Intent& intent, TakenImage* image,
                           const std::shared_ptr<const Perception>& perception) const {
  const bool known = std::exchange(image->perception, perception) == perception;
  if (cache_ == nullptr || known) return;
  if (perception->second_look.empty()) {
    cache_->Insert(image->key, image->input, perception);
  } else if (!intent.guided) {
    cache_->InsertSecondLook(image->key, intent.second_look, perception);
  }
}

bool ImageIntake::Release(std::string_view tenant, const std::string& image_id) const {
  return cache_ != nullptr && cache_->Erase(CacheKey(tenant, image_id));
}

}  // namespace mrmllm
