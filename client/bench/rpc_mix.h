// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_RPC_MIX_H_
#define MRMLLM_CLIENT_BENCH_RPC_MIX_H_

#include <array>
#include <random>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mrmllm {

// What a load consists of. The answers are streamed, so that the first token can be timed.
enum class Rpc { kDetect, kAsk, kPerceive };

inline constexpr std::array<Rpc, 3> kAllRpcs = {Rpc::kDetect, Rpc::kAsk, Rpc::kPerceive};

// "detect", "ask", "perceive".
const char* NameOf(Rpc rpc);

// A number in [0, 1) from 53 bits of the generator, the same everywhere: the distributions of the
// standard library differ from one implementation to the next.
double NextUniform(std::mt19937_64& random);

// How often each RPC is chosen.
//
//   ASSIGN_OR_RETURN(const RpcMix mix, RpcMix::Parse("detect=1,perceive=3"));
//   Rpc rpc = mix.Pick(random);   // kPerceive three times out of four
//
// Thread-safety: a plain value.
class RpcMix {
 public:
  // INVALID_ARGUMENT says what of "name=weight,..." is wrong; a name alone has the weight 1.
  static absl::StatusOr<RpcMix> Parse(absl::string_view text);

  Rpc Pick(std::mt19937_64& random) const;

  // In [0, 1]; all shares together are 1.
  double share(Rpc rpc) const { return shares_[static_cast<size_t>(rpc)]; }

  // "detect=0.25,perceive=0.75"; a single RPC by its name alone.
  std::string ToString() const;

 private:
  std::array<double, kAllRpcs.size()> shares_ = {};
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_RPC_MIX_H_
