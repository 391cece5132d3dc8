// SPDX-License-Identifier: Apache-2.0
#include "server/models/model_disposal.h"

#include <utility>

namespace mrmllm {

ModelDisposal::ModelDisposal(std::function<void(const ServedModel&)> before_free)
    : before_free_(std::move(before_free)), thread_([this] { Run(); }) {}

ModelDisposal::~ModelDisposal() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::shared_ptr<ServedModel> ModelDisposal::Share(std::unique_ptr<ServedModel> model) {
  {
    absl::MutexLock lock(&mutex_);
    ++shared_;
  }
  return {model.release(), [this](ServedModel* last) { TakeBack(last); }};
}

void ModelDisposal::TakeBack(ServedModel* model) {
  absl::MutexLock lock(&mutex_);
  --shared_;
  returned_.emplace_back(model);
}

void ModelDisposal::Run() {
  while (true) {
    std::unique_ptr<ServedModel> model;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ModelDisposal::HasWork));
      if (returned_.empty()) return;
      model = std::move(returned_.front());
      returned_.pop_front();
    }
    if (before_free_) before_free_(*model);
  }
}

}  // namespace mrmllm
