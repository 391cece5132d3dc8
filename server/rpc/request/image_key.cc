// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/request/image_key.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "openssl/core_names.h"
#include "openssl/evp.h"
#include "openssl/params.h"
#include "openssl/rand.h"

namespace mrmllm {
namespace {

constexpr int kSecretBytes = 32;

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

absl::StatusOr<std::string> RandomBytes(int count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), count) != 1) {
    return absl::InternalError("OpenSSL has no random bytes");
  }
  return bytes;
}

// One message authentication code. Lengths go before contents, so that no two lists of parts read
// the same.
class Mac {
 public:
  static Mac HmacSha256(std::string_view secret) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    return Mac("HMAC", secret, params);
  }

  // Not to be shown to anybody: two tags under one secret would betray it.
  static Mac Poly1305(std::string_view secret) { return Mac("POLY1305", secret, nullptr); }

  void Add(std::string_view part) {
    const uint64_t size = part.size();
    Update(reinterpret_cast<const unsigned char*>(&size), sizeof(size));
    Update(reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }

  absl::StatusOr<std::string> Finish() {
    std::string tag(EVP_MAX_MD_SIZE, '\0');
    size_t size = 0;
    ok_ = ok_ && EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(tag.data()), &size,
                               tag.size()) == 1;
    if (!ok_) return absl::InternalError("OpenSSL cannot authenticate an image");
    tag.resize(size);
    return tag;
  }

 private:
  Mac(const char* name, std::string_view secret, const OSSL_PARAM* params)
      : mac_(EVP_MAC_fetch(nullptr, name, nullptr)),
        context_(mac_ == nullptr ? nullptr : EVP_MAC_CTX_new(mac_.get())) {
    ok_ = context_ != nullptr &&
          EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size(), params) == 1;
  }

  void Update(const unsigned char* data, size_t size) {
    ok_ = ok_ && EVP_MAC_update(context_.get(), data, size) == 1;
  }

  std::unique_ptr<EVP_MAC, FreeMac> mac_;
  std::unique_ptr<EVP_MAC_CTX, FreeMac> context_;
  bool ok_ = false;
};

// A second secret, of the length that Poly1305 takes. Empty, which no code takes, where OpenSSL
// fails.
std::string ContentSecret(std::string_view secret) {
  Mac mac = Mac::HmacSha256(secret);
  mac.Add("the secret of the content's tag");
  return mac.Finish().value_or("");
}

std::string Describe(const ImageSpec& spec) {
  return absl::StrCat(spec.size, "/", static_cast<int>(spec.resize));
}

}  // namespace

absl::StatusOr<ImageKey> ImageKey::Create(const EngineInfo& engine) {
  ASSIGN_OR_RETURN(std::string secret, RandomBytes(kSecretBytes));
  return ImageKey(engine, std::move(secret));
}

ImageKey::ImageKey(const EngineInfo& engine, std::string secret)
    : secret_(std::move(secret)),
      content_secret_(ContentSecret(secret_)),
      preprocessing_(absl::StrCat(engine.model_name, "\n", engine.model_version, "\n",
                                  Describe(engine.detector_input), " ",
                                  Describe(engine.encoder_input), " ", engine.max_detail_side)) {}

absl::StatusOr<std::string> ImageKey::IdOf(const ImageSource& source,
                                           std::string_view tenant) const {
  if (const auto* known = std::get_if<KnownImage>(&source.from)) return known->image_id;
  Mac content = Mac::Poly1305(content_secret_);
  Mac id = Mac::HmacSha256(secret_);
  id.Add(tenant);
  id.Add(preprocessing_);
  if (const auto* raw = std::get_if<RawPixels>(&source.from)) {
    id.Add(absl::StrCat("raw ", raw->width, " ", raw->height, " ", raw->row_stride_bytes, " ",
                        static_cast<int>(raw->format)));
    content.Add(raw->pixels);
  } else {
    id.Add("encoded");
    content.Add(std::get<EncodedImage>(source.from).bytes);
  }
  ASSIGN_OR_RETURN(const std::string content_tag, content.Finish());
  id.Add(content_tag);
  ASSIGN_OR_RETURN(const std::string digest, id.Finish());
  return absl::BytesToHexString(digest);
}

}  // namespace mrmllm
