// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/exposer.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

namespace mrmllm {
namespace {

class HttpExposer : public MetricsExposer {
 public:
  HttpExposer(const std::string& address, std::shared_ptr<prometheus::Collectable> collectable)
      : collectable_(std::move(collectable)), exposer_(address, /*num_threads=*/2) {
    exposer_.RegisterCollectable(collectable_);
  }

  int port() const override { return exposer_.GetListeningPorts().at(0); }

 private:
  const std::shared_ptr<prometheus::Collectable> collectable_;  // the exposer holds it weakly
  prometheus::Exposer exposer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsExposer>> MetricsExposer::Create(
    const std::string& address, std::shared_ptr<prometheus::Collectable> collectable) {
  // The only way it reports a port that is taken.
  try {
    return std::make_unique<HttpExposer>(address, std::move(collectable));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("metrics.address: cannot listen on '", address, "': ", error.what()));
  }
}

}  // namespace mrmllm
