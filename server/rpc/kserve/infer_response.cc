// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/kserve/infer_response.h"

#include <string>
#include <vector>

#include "server/rpc/kserve/tensor_writing.h"
#include "server/rpc/reply/conversion.h"

namespace mrmllm {
namespace {

// Everything that an output may tell, image after image.
struct Columns {
  std::vector<float> boxes;
  std::vector<float> scores;
  std::vector<std::string> labels;
  std::vector<int32_t> class_ids;
  std::vector<std::string> finer_labels;
  std::vector<int32_t> image_index;
  std::vector<int32_t> image_size;
  std::vector<std::string> image_id;

  int objects() const { return static_cast<int>(scores.size()); }
  int images() const { return static_cast<int>(image_id.size()); }
};

void AddObject(const Detection& object, int image_index, Columns* columns) {
  const NormalizedBox& box = object.box;
  for (const float side : {box.x_min, box.y_min, box.x_max, box.y_max}) {
    columns->boxes.push_back(side);
  }
  columns->scores.push_back(object.score);
  columns->labels.push_back(object.label);
  columns->class_ids.push_back(object.class_id);
  columns->finer_labels.push_back(object.finer_label);
  columns->image_index.push_back(image_index);
}

Columns ToColumns(const Outcome& outcome, const EngineInfo& info) {
  Columns columns;
  for (const Outcome::SeenImage& image : outcome.images) {
    const int index = columns.images();
    for (const Detection& object : ReportedDetections(*image.perception, outcome.settings, info)) {
      AddObject(object, index, &columns);
    }
    columns.image_size.push_back(image.perception->width);
    columns.image_size.push_back(image.perception->height);
    columns.image_id.push_back(image.image_id);
  }
  return columns;
}

void AddBoxes(const OutputSpec& spec, const Columns& columns, TensorWriter* writer) {
  auto& parameters =
      *writer->AddFloats(spec, columns.boxes, columns.objects())->mutable_parameters();
  parameters["layout"].set_string_param("x_min, y_min, x_max, y_max");
  parameters["unit"].set_string_param("fraction of the displayed image's width and height");
}

void AddOutput(const OutputSpec& spec, const Columns& columns, const Outcome& outcome,
               TensorWriter* writer) {
  const int objects = columns.objects();
  switch (spec.output) {
    case Output::kBoxes:
      AddBoxes(spec, columns, writer);
      break;
    case Output::kScores:
      writer->AddFloats(spec, columns.scores, objects);
      break;
    case Output::kLabels:
      writer->AddBytes(spec, columns.labels, objects);
      break;
    case Output::kClassIds:
      writer->AddInts(spec, columns.class_ids, objects);
      break;
    case Output::kFinerLabels:
      writer->AddBytes(spec, columns.finer_labels, objects);
      break;
    case Output::kImageIndex:
      writer->AddInts(spec, columns.image_index, objects);
      break;
    case Output::kImageSize:
      writer->AddInts(spec, columns.image_size, columns.images());
      break;
    case Output::kImageId:
      writer->AddBytes(spec, columns.image_id, columns.images());
      break;
    case Output::kAnswer:
      writer->AddBytes(spec, {outcome.result.answer}, 1);
      break;
  }
}

void AddParameters(const RequestResult& result, inference::ModelInferResponse* out) {
  auto& parameters = *out->mutable_parameters();
  if (result.degraded) parameters["degraded"].set_bool_param(true);
  if (result.finish == FinishReason::kNone) return;
  parameters["finish_reason"].set_string_param(result.finish == FinishReason::kStop ? "stop"
                                                                                    : "length");
  parameters["prompt_token_count"].set_int64_param(result.usage.prompt_tokens);
  parameters["answer_token_count"].set_int64_param(result.usage.answer_tokens);
}

}  // namespace

void FillInferResponse(const Outcome& outcome, const InferReply& reply, const EngineInfo& info,
                       inference::ModelInferResponse* out) {
  out->set_model_name(info.model_name);
  out->set_model_version(info.model_version);
  out->set_id(reply.id);
  AddParameters(outcome.result, out);
  const Columns columns = ToColumns(outcome, info);
  TensorWriter writer(reply.raw, out);
  for (const Output output : reply.outputs) AddOutput(SpecOf(output), columns, outcome, &writer);
}

}  // namespace mrmllm
