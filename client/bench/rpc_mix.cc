// SPDX-License-Identifier: Apache-2.0
#include "client/bench/rpc_mix.h"

#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace mrmllm {
namespace {

std::optional<Rpc> RpcNamed(absl::string_view name) {
  for (const Rpc rpc : kAllRpcs) {
    if (name == NameOf(rpc)) return rpc;
  }
  return std::nullopt;
}

}  // namespace

const char* NameOf(Rpc rpc) {
  switch (rpc) {
    case Rpc::kDetect:
      return "detect";
    case Rpc::kAsk:
      return "ask";
    case Rpc::kPerceive:
      return "perceive";
  }
  return "unknown";
}

double NextUniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * std::ldexp(1.0, -53);
}

absl::StatusOr<RpcMix> RpcMix::Parse(absl::string_view text) {
  RpcMix mix;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(part, absl::MaxSplits('=', 1));
    const std::optional<Rpc> rpc = RpcNamed(sides[0]);
    if (!rpc.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected detect, ask or perceive, got '", sides[0], "'"));
    }
    double weight = 1;
    const bool number = sides.size() == 1 || absl::SimpleAtod(sides[1], &weight);
    if (!number || !(weight >= 0) || std::isinf(weight)) {
      return absl::InvalidArgumentError(absl::StrCat("expected a weight of 0 or more for ",
                                                     sides[0], ", got '", sides.back(), "'"));
    }
    mix.shares_[static_cast<size_t>(*rpc)] += weight;
  }
  const double sum = std::accumulate(mix.shares_.begin(), mix.shares_.end(), 0.0);
  if (sum <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a weight above 0, got none in '", text, "'"));
  }
  for (double& share : mix.shares_) share /= sum;
  return mix;
}

Rpc RpcMix::Pick(std::mt19937_64& random) const {
  double left = NextUniform(random);
  Rpc last = Rpc::kPerceive;
  for (const Rpc rpc : kAllRpcs) {
    if (share(rpc) == 0) continue;
    last = rpc;
    left -= share(rpc);
    if (left < 0) break;
  }
  return last;
}

std::string RpcMix::ToString() const {
  std::string text;
  for (const Rpc rpc : kAllRpcs) {
    if (share(rpc) == 1) return NameOf(rpc);
    if (share(rpc) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ",", NameOf(rpc), "=", share(rpc));
  }
  return text;
}

}  // namespace mrmllm
