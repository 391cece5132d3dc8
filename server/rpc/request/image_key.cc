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
constexpr size_t kDigestBytes = 32;

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

// Lengths go before contents, so that no two lists of parts read the same.
class Hmac {
 public:
  explicit Hmac(const std::string& secret)
      : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)),
        context_(mac_ == nullptr ? nullptr : EVP_MAC_CTX_new(mac_.get())) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    ok_ = context_ != nullptr &&
          EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size(), params) == 1;
  }

  void Add(std::string_view part) {
    const uint64_t size = part.size();
    Update(reinterpret_cast<const unsigned char*>(&size), sizeof(size));
    Update(reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }

  absl::StatusOr<std::string> Finish() {
    unsigned char digest[kDigestBytes];
    size_t size = 0;
    ok_ = ok_ && EVP_MAC_final(context_.get(), digest, &size, sizeof(digest)) == 1;
    if (!ok_ || size != kDigestBytes) return absl::InternalError("OpenSSL cannot make an HMAC");
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<const char*>(digest), kDigestBytes));
  }

 private:
  void Update(const unsigned char* data, size_t size) {
    ok_ = ok_ && EVP_MAC_update(context_.get(), data, size) == 1;
  }

  std::unique_ptr<EVP_MAC, FreeMac> mac_;
  std::unique_ptr<EVP_MAC_CTX, FreeMac> context_;
  bool ok_ = false;
};

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
      preprocessing_(absl::StrCat(engine.model_name, "\n", engine.model_version, "\n",
                                  Describe(engine.detector_input), " ",
                                  Describe(engine.encoder_input), " ", engine.max_detail_side)) {}

absl::StatusOr<std::string> ImageKey::IdOf(const ImageSource& source,
                                           std::string_view tenant) const {
  if (const auto* known = std::get_if<KnownImage>(&source.from)) return known->image_id;
  Hmac hmac(secret_);
  hmac.Add(tenant);
  hmac.Add(preprocessing_);
  if (const auto* raw = std::get_if<RawPixels>(&source.from)) {
    hmac.Add(absl::StrCat("raw ", raw->width, " ", raw->height, " ", raw->row_stride_bytes, " ",
                          static_cast<int>(raw->format)));
    hmac.Add(raw->pixels);
  } else {
    hmac.Add("encoded");
    hmac.Add(std::get<EncodedImage>(source.from).bytes);
  }
  return hmac.Finish();
}

}  // namespace mrmllm
