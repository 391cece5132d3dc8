// SPDX-License-Identifier: Apache-2.0
// ModelInfer requests of the Open Inference Protocol, as bytes: what is accepted is within every
// limit of our own contract.
#include "server/rpc/kserve/infer_request.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/parsed_request_check.h"

namespace mrmllm {
namespace {

void ParseAnything(std::string_view bytes) {
  inference::ModelInferRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::StatusOr<ParsedInfer> parsed = ParseInfer(request, FuzzRules());
  if (!parsed.ok()) {
    FuzzCheck(parsed.status().code() == absl::StatusCode::kInvalidArgument,
              "a refusal blames the request");
    return;
  }
  CheckParsedRequest(parsed->request);
  FuzzCheck(!parsed->reply.outputs.empty(), "a reply has outputs");
  FuzzCheck(parsed->reply.id == request.id(), "the id comes back");
  FuzzCheck(parsed->timeout > absl::ZeroDuration(), "a time limit leaves time");
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::FuzzRules();  // before anything is parsed
  mrmllm::ParseAnything(mrmllm::FuzzText(data, size));
  return 0;
}
