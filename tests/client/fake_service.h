// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_CLIENT_FAKE_SERVICE_H_
#define MRMLLM_TESTS_CLIENT_FAKE_SERVICE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/support/time.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"

namespace mrmllm {

// A service that does what a test tells it: an empty function replies with an empty message.
class FakeService : public v1::MrMllmService::Service, public v1::ModelService::Service {
 public:
  template <typename Request, typename Response>
  using Unary = std::function<grpc::Status(grpc::ServerContext*, const Request&, Response*)>;
  template <typename Request, typename Response>
  using Streamed = std::function<grpc::Status(grpc::ServerContext*, const Request&,
                                              grpc::ServerWriter<Response>*)>;
  using FrameStream = grpc::ServerReaderWriter<v1::DetectStreamResponse, v1::DetectStreamRequest>;

  Unary<v1::DetectRequest, v1::DetectResponse> detect;
  Unary<v1::AskRequest, v1::AskResponse> ask;
  Unary<v1::PerceiveAndAnswerRequest, v1::PerceiveAndAnswerResponse> perceive;
  Streamed<v1::AskStreamRequest, v1::AskStreamResponse> ask_stream;
  Streamed<v1::PerceiveAndAnswerStreamRequest, v1::PerceiveAndAnswerStreamResponse> perceive_stream;
  std::function<grpc::Status(grpc::ServerContext*, FrameStream*)> detect_stream;
  Unary<v1::ReleaseImagesRequest, v1::ReleaseImagesResponse> release;
  v1::ListModelsResponse models;
  Unary<v1::LoadModelRequest, v1::LoadModelResponse> load;
  Unary<v1::UnloadModelRequest, v1::UnloadModelResponse> unload;

  grpc::Status Detect(grpc::ServerContext* context, const v1::DetectRequest* request,
                      v1::DetectResponse* response) override {
    return detect ? detect(context, *request, response) : grpc::Status::OK;
  }
  grpc::Status Ask(grpc::ServerContext* context, const v1::AskRequest* request,
                   v1::AskResponse* response) override {
    return ask ? ask(context, *request, response) : grpc::Status::OK;
  }
  grpc::Status PerceiveAndAnswer(grpc::ServerContext* context,
                                 const v1::PerceiveAndAnswerRequest* request,
                                 v1::PerceiveAndAnswerResponse* response) override {
    return perceive ? perceive(context, *request, response) : grpc::Status::OK;
  }
  grpc::Status AskStream(grpc::ServerContext* context, const v1::AskStreamRequest* request,
                         grpc::ServerWriter<v1::AskStreamResponse>* writer) override {
    return ask_stream ? ask_stream(context, *request, writer) : grpc::Status::OK;
  }
  grpc::Status PerceiveAndAnswerStream(
      grpc::ServerContext* context, const v1::PerceiveAndAnswerStreamRequest* request,
      grpc::ServerWriter<v1::PerceiveAndAnswerStreamResponse>* writer) override {
    return perceive_stream ? perceive_stream(context, *request, writer) : grpc::Status::OK;
  }
  grpc::Status DetectStream(grpc::ServerContext* context, FrameStream* stream) override {
    return detect_stream ? detect_stream(context, stream) : grpc::Status::OK;
  }
  grpc::Status ReleaseImages(grpc::ServerContext* context, const v1::ReleaseImagesRequest* request,
                             v1::ReleaseImagesResponse* response) override {
    return release ? release(context, *request, response) : grpc::Status::OK;
  }
  grpc::Status ListModels(grpc::ServerContext*, const v1::ListModelsRequest*,
                          v1::ListModelsResponse* response) override {
    *response = models;
    return grpc::Status::OK;
  }
  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest* request,
                        v1::GetModelResponse* response) override {
    response->mutable_model()->set_name(request->name());
    return grpc::Status::OK;
  }
  grpc::Status LoadModel(grpc::ServerContext* context, const v1::LoadModelRequest* request,
                         v1::LoadModelResponse* response) override {
    return load ? load(context, *request, response) : grpc::Status::OK;
  }
  grpc::Status UnloadModel(grpc::ServerContext* context, const v1::UnloadModelRequest* request,
                           v1::UnloadModelResponse* response) override {
    return unload ? unload(context, *request, response) : grpc::Status::OK;
  }
};

// The service in a server of its own, on a free loopback port and in-process, with gRPC's health
// service.
class FakeServer {
 public:
  FakeServer() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::MrMllmService::Service*>(&service));
    builder.RegisterService(static_cast<v1::ModelService::Service*>(&service));
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() { server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME)); }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  void SetServing(const std::string& name, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(name, serving);
  }

  FakeService service;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// A gRPC status with google.rpc details.
template <typename... Details>
grpc::Status RichStatus(grpc::StatusCode code, const std::string& message,
                        const Details&... details) {
  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(message);
  (rich.add_details()->PackFrom(details), ...);
  return grpc::Status(code, message, rich.SerializeAsString());
}

inline google::rpc::RetryInfo RetryAfterSeconds(int seconds) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  return info;
}

inline google::rpc::BadRequest BadField(const std::string& field, const std::string& description) {
  google::rpc::BadRequest bad;
  auto* const violation = bad.add_field_violations();
  violation->set_field(field);
  violation->set_description(description);
  return bad;
}

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_CLIENT_FAKE_SERVICE_H_
