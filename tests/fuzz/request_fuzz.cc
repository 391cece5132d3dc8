// SPDX-License-Identifier: Apache-2.0
// Messages of the contract, as bytes: what validation accepts is within every limit, and its images
// can be taken in. The first byte chooses the method.
#include "server/rpc/request/request_validation.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/parsed_request_check.h"

namespace mrmllm {
namespace {

template <typename Request, typename Parse>
void Try(std::string_view bytes, Parse parse) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::StatusOr<ParsedRequest> parsed = parse(request, FuzzRules());
  if (parsed.ok()) {
    CheckParsedRequest(*parsed);
  } else {
    FuzzCheck(parsed.status().code() == absl::StatusCode::kInvalidArgument,
              "a refusal blames the request");
  }
}

// Two frames: the second takes over the settings of the first.
absl::StatusOr<ParsedRequest> ParseTwoFrames(const v1::DetectStreamRequest& request,
                                             const ValidationRules& rules) {
  FrameSettings settings;
  if (const auto first = ParseFrame(request, rules, &settings); !first.ok()) return first;
  const auto second = ParseFrame(request, rules, &settings);
  FuzzCheck(second.ok(), "an accepted frame is accepted again");
  return second;
}

void TryReleaseImages(std::string_view bytes) {
  v1::ReleaseImagesRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const bool accepted = CheckReleaseImages(request).ok();
  FuzzCheck(accepted == (request.image_ids_size() >= 1 && request.image_ids_size() <= 256),
            "1 to 256 images can be released");
}

void TryMethod(uint8_t method, std::string_view bytes) {
  switch (method % 7) {
    case 0:
      return Try<v1::DetectRequest>(bytes, ParseDetect);
    case 1:
      return Try<v1::AskRequest>(bytes, ParseAsk);
    case 2:
      return Try<v1::PerceiveAndAnswerRequest>(bytes, ParsePerceiveAndAnswer);
    case 3:
      return Try<v1::AskStreamRequest>(bytes, ParseAskStream);
    case 4:
      return Try<v1::PerceiveAndAnswerStreamRequest>(bytes, ParsePerceiveAndAnswerStream);
    case 5:
      return Try<v1::DetectStreamRequest>(bytes, ParseTwoFrames);
    default:
      return TryReleaseImages(bytes);
  }
}

}  // namespace
}  // namespace mrmllm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mrmllm::FuzzRules();  // before anything is parsed
  if (size > 0) mrmllm::TryMethod(data[0], mrmllm::FuzzText(data + 1, size - 1));
  return 0;
}
