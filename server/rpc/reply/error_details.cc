// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/error_details.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_views.h"
#include "google/rpc/error_details.pb.h"

namespace mrmllm {
namespace {

template <typename Message>
void AttachDetail(const Message& message, absl::Status* status) {
  status->SetPayload(absl::StrCat("type.googleapis.com/", message.GetTypeName()),
                     absl::Cord(message.SerializeAsString()));
}

}  // namespace

std::string_view CutText(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string Quoted(std::string_view text, size_t max_bytes) {
  const std::string_view start = text.substr(0, max_bytes);
  return absl::StrCat("'", absl::CHexEscape(AbslView(start)),
                      start.size() < text.size() ? "...'" : "'");
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  const FieldViolation& first = violations.front();
  std::string text = absl::StrCat(first.field, ": ", first.description);
  if (violations.size() > 1) {
    absl::StrAppend(&text, " (and ", violations.size() - 1, " more)");
  }
  google::rpc::BadRequest bad_request;
  for (size_t i = 0; i < std::min(violations.size(), kMaxListedViolations); ++i) {
    auto* listed = bad_request.add_field_violations();
    listed->set_field(violations[i].field);
    listed->set_description(
        std::string(CutText(violations[i].description, kMaxViolationTextBytes)));
  }
  absl::Status status = absl::InvalidArgumentError(text);
  AttachDetail(bad_request, &status);
  return status;
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  return InvalidFields({{std::string(field), std::string(description)}});
}

absl::Status WithRetryInfo(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(delay - absl::Seconds(absl::ToInt64Seconds(delay)))));
  AttachDetail(info, &status);
  return status;
}

absl::Status ResourceNotFound(std::string_view type, std::string_view name, std::string_view text) {
  google::rpc::ResourceInfo info;
  info.set_resource_type(std::string(type));
  info.set_resource_name(std::string(CutText(name, kMaxViolationTextBytes)));
  info.set_description(std::string(CutText(text, kMaxViolationTextBytes)));
  absl::Status status = absl::NotFoundError(AbslView(text));
  AttachDetail(info, &status);
  return status;
}

}  // namespace mrmllm
