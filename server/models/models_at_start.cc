// SPDX-License-Identifier: Apache-2.0
#include "server/models/models_at_start.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/string_views.h"
#include "server/rpc/reply/error_details.h"

namespace mrmllm {
namespace {

absl::Status InLoad(const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("models.load: ", status.message()));
}

absl::StatusOr<ModelReference> Resolve(const ModelRepository& repository, absl::string_view entry) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(entry, absl::MaxSplits('@', 1));
  ModelReference model{std::string(parts.first), std::string(parts.second)};
  if (entry.find('@') == absl::string_view::npos) {
    ASSIGN_OR_RETURN(model.version, repository.Newest(model.name));
  } else {
    RETURN_IF_ERROR(repository.BundleDirectory(model.name, model.version).status());
  }
  return model;
}

}  // namespace

absl::StatusOr<std::vector<ModelReference>> ModelsAtStart(const ModelRepository& repository,
                                                          std::string_view load) {
  std::vector<std::string> entries;
  for (absl::string_view entry : absl::StrSplit(AbslView(load), ',', absl::SkipWhitespace())) {
    entries.emplace_back(absl::StripAsciiWhitespace(entry));
  }
  if (entries.empty()) {
    ASSIGN_OR_RETURN(entries, repository.Names());
    if (entries.empty()) {
      return absl::NotFoundError(absl::StrCat("models.repository: expected bundles in ",
                                              repository.directory(), "/NAME/VERSION/, got none"));
    }
  }
  std::vector<ModelReference> models;
  for (const std::string& entry : entries) {
    absl::StatusOr<ModelReference> model = Resolve(repository, entry);
    if (!model.ok()) return InLoad(model.status());
    models.push_back(*std::move(model));
  }
  return models;
}

absl::StatusOr<std::string> DefaultModel(const std::vector<ModelReference>& models,
                                         std::string_view wanted) {
  std::set<std::string> names;
  for (const ModelReference& model : models) names.insert(model.name);
  if (wanted.empty() && names.size() == 1) return *names.begin();
  if (names.contains(std::string(wanted))) return std::string(wanted);
  return absl::InvalidArgumentError(absl::StrCat("models.default: expected one of ",
                                                 absl::StrJoin(names, ", "), ", got ",
                                                 wanted.empty() ? "nothing" : Quoted(wanted)));
}

}  // namespace mrmllm
