// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_
#define MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "server/engine.h"
#include "server/rpc/request/parsed_request.h"

namespace mrmllm {

// Makes image ids: HMAC-SHA-256 of the tenant, the bundle and its version, the preprocessing, the
// kind and geometry of the image and a Poly1305 tag of every byte of it, both under secrets that
// each process draws anew. Equal images have equal ids within a process; nobody can guess an id or
// compute it from the bytes. Poly1305 reads a picture in a fifth of the time of SHA-256, and
// unlike images share a tag with a chance of 2^-80 or less, for whoever does not know the secret;
// the tag itself is never shown (hash, then pseudo-random function: Carter and Wegman 1981).
//
//   const ImageKey key = ImageKey::Create(engine.info());
//   ASSIGN_OR_RETURN(std::string image_id, key.IdOf(source, tenant));
//
// Thread-safety: const, safe for concurrent use.
// Errors: INTERNAL when the cryptographic library fails.
class ImageKey {
 public:
  // Draws a fresh secret.
  static absl::StatusOr<ImageKey> Create(const EngineInfo& engine);
  ImageKey(const EngineInfo& engine, std::string secret);

  // 64 hexadecimal digits. A KnownImage has its id already, which is returned.
  absl::StatusOr<std::string> IdOf(const ImageSource& source, std::string_view tenant) const;

 private:
  std::string secret_;
  std::string content_secret_;
  std::string preprocessing_;  // bundle, version and how images are made ready
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_
