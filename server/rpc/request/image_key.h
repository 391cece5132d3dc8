// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_
#define MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "server/engine.h"
#include "server/rpc/request/parsed_request.h"

namespace mrmllm {

// Makes image ids: HMAC-SHA-256, under a secret that each process draws anew, of the tenant, the
// bundle and its version, the preprocessing, the kind and geometry of the image and every byte of
// it. Equal images have equal ids within a process; nobody can guess an id or compute it from the
// bytes.
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
  std::string preprocessing_;  // bundle, version and how images are made ready
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_IMAGE_KEY_H_
