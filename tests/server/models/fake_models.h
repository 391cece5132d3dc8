// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_MODELS_FAKE_MODELS_H_
#define MRMLLM_TESTS_SERVER_MODELS_FAKE_MODELS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/models/served_model.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"

namespace mrmllm {

// A FakeEngine that says it is this version of this bundle, and tells of its end.
class NamedEngine : public FakeEngine {
 public:
  NamedEngine(std::string name, std::string version, std::shared_ptr<void> alive = nullptr)
      : info_(FakeEngine::info()), alive_(std::move(alive)) {
    info_.model_name = std::move(name);
    info_.model_version = std::move(version);
  }
  const EngineInfo& info() const override { return info_; }

 private:
  EngineInfo info_;
  const std::shared_ptr<void> alive_;
};

// A model around one engine.
inline std::unique_ptr<ServedModel> ModelAround(std::unique_ptr<Engine> engine, Clock* clock) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::move(engine));
  return *ServedModel::Create({}, std::move(engines), clock, nullptr);
}

inline std::unique_ptr<ServedModel> FakeModel(const std::string& name, const std::string& version,
                                              Clock* clock) {
  return ModelAround(std::make_unique<NamedEngine>(name, version), clock);
}

// Holds its model, as the flow of a request does, until it is released.
class HoldingListener : public RecordingListener {
 public:
  explicit HoldingListener(std::shared_ptr<ServedModel> model) : model_(std::move(model)) {}

 private:
  const std::shared_ptr<ServedModel> model_;
};

// Asks the model, which the request then holds.
inline std::shared_ptr<RecordingListener> AskModel(std::shared_ptr<ServedModel> model,
                                                   const std::string& question, Clock* clock) {
  Request request;
  request.answer = AnswerInput{.question = question};
  request.arrival = clock->Now();
  Scheduler& scheduler = model->scheduler();
  auto heard = std::make_shared<HoldingListener>(std::move(model));
  request.listener = heard;
  if (!scheduler.Submit(std::move(request), Reservation()).ok()) return nullptr;
  return heard;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_MODELS_FAKE_MODELS_H_
