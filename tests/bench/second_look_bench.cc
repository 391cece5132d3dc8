// SPDX-License-Identifier: Apache-2.0
// What a second look finds and costs: every photo of a folder is seen once and, as the options
// say, once more. Writes boxes in COCO's results format for pycocotools, and prints JSON: photos,
// the mean number of crops, milliseconds of each look.
//
//   second_look_bench --photos=val --annotations=instances.json --out=second.json
//   second_look_bench ... --mode=off
//   second_look_bench ... --asked
//
// With --asked, each class that a photo has or that the first look takes for possible is asked for
// alone, and only its boxes are written: what a question that names the class would get.
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "model/mr_mllm.h"
#include "server/image_decoding/image_decoder.h"

namespace mrmllm {
namespace {

using nlohmann::json;

struct Options {
  std::string bundle = "build/bundles/coco-135m";
  std::string photos;
  std::string out;
  std::string annotations;  // names the category ids
  std::string mode = "automatic";
  int max_crops = 4;
  bool asked = false;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
};

struct Truth {
  std::map<std::string, int> category_ids;                // by label
  std::map<int64_t, std::set<std::string>> image_labels;  // by image id
};

struct Totals {
  int looks = 0;
  int crops = 0;
  double first_ms = 0;
  double second_ms = 0;
  json results = json::array();
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::StatusOr<Truth> ReadTruth(const std::string& path) {
  const json root = json::parse(ReadFile(path), nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return absl::InvalidArgumentError(path + ": expected JSON");
  Truth truth;
  std::map<int, std::string> names;
  for (const json& category : root["categories"]) {
    names[category["id"]] = category["name"];
    truth.category_ids[category["name"]] = category["id"];
  }
  for (const json& box : root["annotations"]) {
    truth.image_labels[box["image_id"]].insert(names[box["category_id"]]);
  }
  return truth;
}

double MillisecondsSince(absl::Time begin) {
  return absl::ToDoubleMilliseconds(Clock::Real()->Now() - begin);
}

class Bench {
 public:
  Bench(MrMllm& model, const Truth& truth, const Options& options)
      : model_(model), truth_(truth), options_(options) {
    if (options.mode == "automatic") settings_.mode = SecondLookMode::kAutomatic;
    if (options.mode == "always") settings_.mode = SecondLookMode::kAlways;
    settings_.max_crops = options.max_crops;
  }

  void See(const ImageInput& image, int64_t image_id) {
    const absl::Time begin = Clock::Real()->Now();
    const PerceivedImage first = std::move(model_.Perceive({{&image, true}})[0]);
    totals_.first_ms += MillisecondsSince(begin);
    ++photos_;
    if (!options_.asked) {
      Write(LookAgain(image, first, {}), image, image_id, "");
      return;
    }
    std::set<std::string> asked;
    if (const auto entry = truth_.image_labels.find(image_id); entry != truth_.image_labels.end()) {
      asked = entry->second;
    }
    for (const Detection& detection : first.detections) asked.insert(detection.label);
    for (const std::string& label : asked) {
      Write(LookAgain(image, first, {label}), image, image_id, label);
    }
  }

  json Report() const {
    return {{"photos", photos_},
            {"second_looks", totals_.looks},
            {"crops_a_look", static_cast<double>(totals_.crops) / std::max(1, totals_.looks)},
            {"first_ms", totals_.first_ms / std::max(1, photos_)},
            {"second_ms", totals_.second_ms / std::max(1, totals_.looks)}};
  }
  const json& results() const { return totals_.results; }

 private:
  std::vector<Detection> LookAgain(const ImageInput& image, const PerceivedImage& first,
                                   const std::vector<std::string>& classes) {
    const absl::Time begin = Clock::Real()->Now();
    const std::vector<NormalizedBox> regions =
        model_.PlanSecondLook(first.detections, {.width = image.width,
                                                 .height = image.height,
                                                 .detail_side = 1280,
                                                 .settings = settings_,
                                                 .classes = classes});
    std::vector<Detection> merged = first.detections;
    if (!regions.empty()) {
      merged = model_.LookAgain({{&image, &first, true, regions}})[0].seen.detections;
    }
    totals_.second_ms += MillisecondsSince(begin);
    totals_.crops += static_cast<int>(regions.size());
    ++totals_.looks;
    return merged;
  }

  void Write(const std::vector<Detection>& detections, const ImageInput& image, int64_t image_id,
             const std::string& only) {
    for (const Detection& detection : detections) {
      if (!only.empty() && detection.label != only) continue;
      const NormalizedBox& box = detection.box;
      totals_.results.push_back(
          {{"image_id", image_id},
           {"category_id", truth_.category_ids.at(detection.label)},
           {"bbox",
            {box.x_min * image.width, box.y_min * image.height,
             (box.x_max - box.x_min) * image.width, (box.y_max - box.y_min) * image.height}},
           {"score", detection.score}});
    }
  }

  MrMllm& model_;
  const Truth& truth_;
  const Options& options_;
  SecondLookSettings settings_;
  Totals totals_;
  int photos_ = 0;
};

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const Truth truth, ReadTruth(options.annotations));
  ASSIGN_OR_RETURN(const Bundle bundle, Bundle::Load(options.bundle, {.verify_checksums = false}));
  ASSIGN_OR_RETURN(std::unique_ptr<MrMllm> model, MrMllm::Load(bundle, {}));
  const DetectorConfig& detector = bundle.config.detector;
  const VisionEncoderConfig& encoder = bundle.config.vision_encoder;
  const ImageDecoder decoder({.max_bytes = 1 << 26, .max_pixels = 100'000'000, .max_side = 16'384},
                             {detector.input_size, detector.resize},
                             {encoder.input_size, encoder.resize}, 1280);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(options.photos)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Bench bench(*model, truth, options);
  for (const std::filesystem::path& file : files) {
    ASSIGN_OR_RETURN(const auto image, decoder.DecodeEncoded(ReadFile(file)));
    bench.See(*image, std::stoll(file.stem().string()));
  }
  std::ofstream(options.out) << bench.results().dump();
  std::printf("%s\n", bench.Report().dump().c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("What a second look finds and costs.");
  app.add_option("--bundle", options.bundle, "The bundle's directory");
  app.add_option("--photos", options.photos, "Folder of photos named by their image id")
      ->required();
  app.add_option("--annotations", options.annotations, "COCO instances of the photos")->required();
  app.add_option("--out", options.out, "Where the boxes go, COCO results format")->required();
  app.add_option("--mode", options.mode, "off, automatic or always")
      ->check(CLI::IsMember({"off", "automatic", "always"}));
  app.add_option("--max-crops", options.max_crops, "Most crops a look");
  app.add_flag("--asked", options.asked, "Each possible class asked for alone");
  app.add_option("--threads", options.threads, "Threads of a step");
  CLI11_PARSE(app, argc, argv);
  at::set_num_threads(options.threads);
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) { return mrmllm::Main(argc, argv); }
