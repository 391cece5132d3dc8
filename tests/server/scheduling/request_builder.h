// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_SERVER_SCHEDULING_REQUEST_BUILDER_H_
#define MRMLLM_TESTS_SERVER_SCHEDULING_REQUEST_BUILDER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "server/scheduling/request.h"
#include "tests/support/fake_engine.h"
#include "tests/support/recording_listener.h"

namespace mrmllm {

// Makes requests of few words.
//
//   Request request = RequestBuilder(now).Image(640, 480).Question("What is it?").Build(listener);
class RequestBuilder {
 public:
  explicit RequestBuilder(absl::Time arrival) { request_.arrival = arrival; }

  RequestBuilder& Image(int width, int height) {
    request_.images.push_back({.input = MakeImage(width, height)});
    return *this;
  }
  // Equal keys are one image.
  RequestBuilder& KeyedImage(std::string key, int width, int height) {
    request_.images.push_back({.key = std::move(key), .input = MakeImage(width, height)});
    return *this;
  }
  RequestBuilder& CachedImage(int width, int height) {
    auto perception = std::make_shared<Perception>();
    perception->width = width;
    perception->height = height;
    request_.images.push_back({.perception = std::move(perception)});
    return *this;
  }
  // Parts of all images may be looked at again; a request's default is that none is.
  RequestBuilder& SecondLook(SecondLookMode mode, int max_crops = 4) {
    request_.second_look.settings = {mode, max_crops};
    return *this;
  }
  RequestBuilder& Question(std::string question, int max_new_tokens = 128) {
    request_.answer.emplace();
    request_.answer->question = std::move(question);
    request_.answer->generation.max_new_tokens = max_new_tokens;
    return *this;
  }
  RequestBuilder& Deadline(absl::Time deadline) {
    request_.deadline = deadline;
    return *this;
  }
  RequestBuilder& Tenant(std::string tenant) {
    request_.tenant = std::move(tenant);
    return *this;
  }
  RequestBuilder& Urgency(Priority priority) {
    request_.priority = priority;
    return *this;
  }
  RequestBuilder& MayDegrade() {
    request_.may_degrade = true;
    return *this;
  }
  RequestBuilder& WithoutFusion() {
    request_.query_fusion = false;
    return *this;
  }
  Request Build(std::shared_ptr<RequestListener> listener) {
    request_.listener = std::move(listener);
    return std::move(request_);
  }

 private:
  Request request_;
};

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_SERVER_SCHEDULING_REQUEST_BUILDER_H_
