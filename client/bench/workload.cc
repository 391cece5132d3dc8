// SPDX-License-Identifier: Apache-2.0
#include "client/bench/workload.h"

#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/bench/unique_image.h"

namespace mrmllm {

const std::vector<std::string>& BuiltInQuestions() {
  static const auto* const questions = new std::vector<std::string>{
      "What is in the picture?",
      "How many people are there?",
      "Is there an animal? Which one, and where?",
      "Describe the scene in one sentence.",
      "What is the largest thing in the picture?",
      "Was this taken indoors or outdoors? How can you tell?",
      "Name everything that you see.",
      "What may happen next?",
  };
  return *questions;
}

absl::StatusOr<std::vector<std::string>> ReadQuestions(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open '", path, "'"));
  std::vector<std::string> questions;
  std::string line;
  while (std::getline(file, line)) {
    absl::StripAsciiWhitespace(&line);
    if (!line.empty()) questions.push_back(line);
  }
  if (questions.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no questions in '", path, "'"));
  }
  return questions;
}

const std::string& Workload::Choose(const std::vector<std::string>& from) {
  return from[static_cast<size_t>(NextUniform(random_) * static_cast<double>(from.size()))];
}

Query Workload::Next() {
  Query query;
  query.rpc = options_.mix.Pick(random_);
  query.image = Choose(options_.images);
  query.question = Choose(options_.questions);
  if (!options_.cold_mark.empty()) {
    query.image = WithMark(query.image, absl::StrCat(options_.cold_mark, "/", sent_));
  }
  ++sent_;
  return query;
}

}  // namespace mrmllm
