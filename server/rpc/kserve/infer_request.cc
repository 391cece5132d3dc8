// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_request.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/rpc/kserve/infer_parameters.h"
#include "server/rpc/kserve/tensor_reading.h"

namespace mrmllm {
namespace {

template <typename Specs>
std::string NamesOf(const Specs& specs) {
  return absl::StrJoin(specs, ", ", [](std::string* out, const auto& spec) {
    absl::StrAppend(out, AbslView(spec.name));
  });
}

// The request's inputs, one after the other, into `parsed`.
class InputReader {
 public:
  InputReader(const ValidationRules& rules, ParsedRequest* parsed, FieldChecks* checks)
      : rules_(rules), parsed_(parsed), checks_(checks) {}

  void Read(const InputTensor& input) {
    if (!names_.insert(input.name()).second) {
      checks_->Add(input.field, "expected each input once, got it again");
    } else if (input.name() == kImageInput) {
      ReadImages(input);
    } else if (input.name() == kImageIdInput) {
      ReadImageIds(input);
    } else if (input.name() == kQuestionInput) {
      ReadQuestion(input);
    } else {
      checks_->Add(input.field, absl::StrCat("expected one of ", NamesOf(InputSpecs())));
    }
  }

 private:
  bool HasType(const InputTensor& input, std::string_view expected) {
    if (input.tensor->datatype() == expected) return true;
    RefuseType(input, expected);
    return false;
  }

  void RefuseType(const InputTensor& input, std::string_view expected) {
    checks_->Add(
        absl::StrCat(input.field, ".datatype"),
        absl::StrCat("expected ", AbslView(expected), ", got ", Quoted(input.tensor->datatype())));
  }

  void AddImage(const InputTensor& input, size_t index, decltype(ImageSource::from) from) {
    parsed_->images.push_back({absl::StrCat(input.field, "[", index, "]"), std::move(from)});
  }

  void ReadImages(const InputTensor& input) {
    const int max_count = rules_.max_images_per_request;
    if (input.tensor->datatype() == kUint8) {
      const std::vector<RawPixels> pictures = ReadPixels(input, max_count, checks_);
      for (size_t i = 0; i < pictures.size(); ++i) AddImage(input, i, pictures[i]);
    } else if (input.tensor->datatype() == kBytes) {
      const std::vector<std::string_view> files = ReadBytes(input, max_count, checks_);
      for (size_t i = 0; i < files.size(); ++i) AddImage(input, i, EncodedImage{files[i]});
    } else {
      RefuseType(input, "BYTES (files) or UINT8 (pixels)");
    }
  }

  void ReadImageIds(const InputTensor& input) {
    if (!HasType(input, kBytes)) return;
    const auto ids = ReadBytes(input, rules_.max_images_per_request, checks_);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i].empty()) {
        checks_->Add(absl::StrCat(input.field, "[", i, "]"),
                     "expected the image_id of an earlier reply, got an empty string");
      }
      AddImage(input, i, KnownImage{std::string(ids[i])});
    }
  }

  void ReadQuestion(const InputTensor& input) {
    if (!HasType(input, kBytes)) return;
    const auto texts = ReadBytes(input, 1, checks_);
    if (texts.empty()) return;
    parsed_->answer.emplace().question =
        checks_->LengthInRange(input.field, std::string(texts[0]), 1, kMaxQuestionBytes);
  }

  const ValidationRules& rules_;
  ParsedRequest* const parsed_;
  FieldChecks* const checks_;
  std::set<std::string_view> names_;
};

// What `spec` needs and `request` lacks; empty when it lacks nothing.
std::string_view LackOf(const OutputSpec& spec, const ParsedRequest& request) {
  if (spec.needs_question) return request.answer.has_value() ? "" : "a question";
  return request.images.empty() ? "an image" : "";
}

std::vector<Output> AllOutputs(const ParsedRequest& request) {
  std::vector<Output> outputs;
  for (const OutputSpec& spec : OutputSpecs()) {
    if (LackOf(spec, request).empty()) outputs.push_back(spec.output);
  }
  return outputs;
}

std::vector<Output> ReadOutputs(const inference::ModelInferRequest& request,
                                const ParsedRequest& parsed, FieldChecks* checks) {
  const absl::Span<const OutputSpec> specs = OutputSpecs();
  std::set<Output> wanted;
  std::vector<Output> outputs;
  for (const auto& output : request.outputs()) {
    const std::string field = absl::StrCat("outputs[", Quoted(output.name()), "]");
    const auto spec = std::ranges::find(specs, output.name(), &OutputSpec::name);
    if (spec == specs.end()) {
      checks->Add(field, absl::StrCat("expected one of ", NamesOf(specs)));
      continue;
    }
    if (!output.parameters().empty()) {
      checks->Add(absl::StrCat(field, ".parameters"),
                  absl::StrCat("expected none, got ", Quoted(output.parameters().begin()->first)));
    }
    if (!wanted.insert(spec->output).second) {
      checks->Add(field, "expected each output once, got it again");
    } else if (const std::string_view lack = LackOf(*spec, parsed); !lack.empty()) {
      checks->Add(field, absl::StrCat("expected ", AbslView(lack), " among the inputs, got none"));
    } else {
      outputs.push_back(spec->output);
    }
  }
  return outputs;
}

// Only where the inputs are in order: what they lack is known then.
void CheckInputs(const ParsedRequest& parsed, const ValidationRules& rules, FieldChecks* checks) {
  if (!checks->ok()) return;
  if (parsed.images.empty() && !parsed.answer.has_value()) {
    checks->Add("inputs", "expected an image, an image_id or a question, got none");
  }
  checks->CountInRange("inputs", static_cast<int>(parsed.images.size()), 0,
                       rules.max_images_per_request, "images");
}

}  // namespace

absl::StatusOr<ParsedInfer> ParseInfer(const inference::ModelInferRequest& request,
                                       const ValidationRules& rules) {
  FieldChecks checks;
  ParsedInfer infer;
  ParsedRequest& parsed = infer.request;
  InputReader reader(rules, &parsed, &checks);
  for (const InputTensor& input : PairInputs(request, &checks)) reader.Read(input);
  CheckInputs(parsed, rules, &checks);

  InferSettings settings = ReadParameters(request.parameters(), rules, &checks);
  parsed.perception = std::move(settings.perception);
  parsed.priority = settings.priority;
  if (parsed.answer.has_value()) {
    parsed.answer->generation = std::move(settings.generation);
    parsed.answer->perception = parsed.perception;
    // Without an image nothing would be left of the reply.
    parsed.may_degrade = settings.may_degrade && !parsed.images.empty();
  }
  infer.timeout = settings.timeout;

  infer.reply.id = request.id();
  infer.reply.raw = request.raw_input_contents_size() > 0;
  if (checks.ok()) {
    infer.reply.outputs =
        request.outputs().empty() ? AllOutputs(parsed) : ReadOutputs(request, parsed, &checks);
  }
  RETURN_IF_ERROR(checks.ToStatus());
  return infer;
}

}  // namespace mrmllm
