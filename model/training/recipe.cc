// SPDX-License-Identifier: Apache-2.0
#include "model/training/recipe.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/json_fields.h"

namespace mrmllm {
namespace {

using nlohmann::json;

// The same document as JSON, so that one strict reader serves both. Quoted scalars are texts.
json ToJson(const YAML::Node& node) {
  if (node.IsSequence()) {
    json result = json::array();
    for (const YAML::Node& element : node) result.push_back(ToJson(element));
    return result;
  }
  if (node.IsMap()) {
    json result = json::object();
    for (const auto& item : node) result[item.first.as<std::string>()] = ToJson(item.second);
    return result;
  }
  if (!node.IsScalar()) return nullptr;
  if (node.Tag() != "!") {
    if (int64_t whole = 0; YAML::convert<int64_t>::decode(node, whole)) return whole;
    if (double number = 0; YAML::convert<double>::decode(node, number)) return number;
    if (bool truth = false; YAML::convert<bool>::decode(node, truth)) return truth;
  }
  return node.Scalar();
}

// FNV-1a: the same on every machine.
uint64_t Fingerprint(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash >> 1;  // fits a signed number
}

std::string InFolder(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

SourceRecipe ParseSource(const std::string& name, const json& object, const std::string& folder,
                         absl::Status* status) {
  JsonFields fields(object, absl::StrCat("sources.", name), status);
  SourceRecipe source{.name = name};
  source.kind = fields.Choice("kind", {"scenes", "jsonl"});
  source.weight = fields.Number("weight", 1e-6, 1e6);
  if (source.kind == "jsonl") {
    source.path = InFolder(folder, fields.String("path"));
    source.held_out = fields.Number("held_out", 0, 0.5);
    if (object.contains("annotations")) {
      source.annotations = InFolder(folder, fields.String("annotations"));
    }
  }
  fields.Finish();
  return source;
}

void ParseParts(JsonFields& fields, Recipe& recipe, absl::Status* status) {
  JsonFields adapters(fields.Object("adapters"), "adapters", status);
  recipe.adapters.rank = adapters.Int("rank", 1, 1'024);
  recipe.adapters.alpha = adapters.Number("alpha", 1e-3, 1e6);
  adapters.Finish();
  JsonFields optimizer(fields.Object("optimizer"), "optimizer", status);
  recipe.optimizer.learning_rate = optimizer.Number("learning_rate", 1e-8, 1);
  recipe.optimizer.warmup_steps = optimizer.Int("warmup_steps", 0, recipe.steps);
  recipe.optimizer.weight_decay = optimizer.Number("weight_decay", 0, 1);
  recipe.optimizer.clip_norm = optimizer.Number("clip_norm", 1e-6, 1e6);
  optimizer.Finish();
  JsonFields batch(fields.Object("batch"), "batch", status);
  recipe.batch.tokens = batch.Int("tokens", 1, 10'000'000);
  recipe.batch.tokens_at_once = batch.Int("tokens_at_once", 1, 10'000'000);
  recipe.batch.sequence_tokens = batch.Int("sequence_tokens", 2, 1'000'000);
  batch.Finish();
  JsonFields evaluation(fields.Object("evaluation"), "evaluation", status);
  recipe.evaluation.every_steps = evaluation.Int("every_steps", 1, 10'000'000);
  recipe.evaluation.examples = evaluation.Int("examples", 1, 100'000);
  evaluation.Finish();
}

}  // namespace

absl::StatusOr<Recipe> Recipe::Parse(const std::string& yaml, const std::string& folder) {
  json root;
  try {
    root = ToJson(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
  absl::Status status;
  JsonFields fields(root, "", &status);
  Recipe recipe;
  recipe.trains = fields.Choice("trains", {"language_adapters"});
  recipe.compute = fields.Choice("compute", {"bfloat16", "float32"});
  recipe.seed = fields.Int("seed", 0, INT64_MAX);
  recipe.threads = fields.Int("threads", 1, 1'024);
  recipe.steps = fields.Int("steps", 1, 100'000'000);
  recipe.checkpoint_every_steps = fields.Int("checkpoint_every_steps", 1, 100'000'000);
  recipe.bundle = InFolder(folder, fields.String("bundle"));
  if (root.contains("system")) recipe.system = fields.String("system");
  ParseParts(fields, recipe, &status);
  const json& sources = fields.Object("sources");
  for (const auto& [name, source] : sources.items()) {
    recipe.sources.push_back(ParseSource(name, source, folder, &status));
  }
  if (status.ok() && recipe.sources.empty()) fields.Fail("sources", "at least one", sources);
  fields.Finish();
  RETURN_IF_ERROR(status);
  // How often a run looks up does not change its course.
  root.erase("checkpoint_every_steps");
  root.erase("evaluation");
  root.erase("bundle");
  root.erase("threads");
  recipe.fingerprint = Fingerprint(root.dump());
  return recipe;
}

absl::StatusOr<Recipe> Recipe::Load(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  absl::StatusOr<Recipe> recipe = Parse(text, std::filesystem::path(path).parent_path().string());
  if (recipe.ok()) return recipe;
  return absl::Status(recipe.status().code(), absl::StrCat(path, ": ", recipe.status().message()));
}

double LearningRate(const Recipe& recipe, int step) {
  const Recipe::Optimizer& optimizer = recipe.optimizer;
  if (step < optimizer.warmup_steps) {
    return optimizer.learning_rate * (step + 1) / optimizer.warmup_steps;
  }
  const double past = static_cast<double>(step - optimizer.warmup_steps) /
                      std::max(1, recipe.steps - optimizer.warmup_steps);
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * past));
  return optimizer.learning_rate * (0.1 + 0.9 * cosine);
}

}  // namespace mrmllm
