// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLIENT_H_
#define MRMLLM_CLIENT_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/client_options.h"
#include "grpcpp/channel.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"

namespace mrmllm {

// What one call may have of its own.
struct CallOptions {
  std::optional<absl::Duration> timeout;  // absent: ClientOptions::timeout
  std::string request_id;                 // metadata `x-request-id`, which the server's log then
                                          // shows; empty: the server makes one
};

// What a streamed answer calls as it comes, on the caller's thread. Any may be empty. Returning
// false cancels the call, which then returns CANCELLED.
struct AnswerCallbacks {
  std::function<bool(const v1::PerceptionEvent&)> on_perception;  // PerceiveAndAnswerStream only
  std::function<bool(absl::string_view text)> on_text;            // the next piece of the answer
};

// What DetectStream calls.
struct FrameCallbacks {
  // The next frame, or nothing at the end. Called on a thread of the call's own, and only as fast
  // as the server takes frames. A source that blocks holds up the return of the call.
  std::function<std::optional<v1::DetectStreamRequest>()> next_frame;
  // The reply to a frame, in order, on the caller's thread. Returning false cancels the call.
  std::function<bool(const v1::DetectStreamResponse&)> on_result;
};

// What a health service says of one service.
enum class ServingStatus { kUnknown, kServing, kNotServing };

// A connection to an MR-MLLM server.
//
//   ASSIGN_OR_RETURN(auto client, Client::Create({.server_address = "localhost:50051"}));
//   v1::PerceiveAndAnswerRequest request;
//   request.add_images()->set_content(jpeg_bytes);
//   request.set_question("What is on the table?");
//   ASSIGN_OR_RETURN(auto reply, client->PerceiveAndAnswer(request));
//
// A call blocks until it is done or its time is up, and is repeated as RetryOptions say; a stream
// only as long as nothing of it has arrived.
//
// Thread-safety: safe for concurrent use.
// Ownership: shares its channel; the clock in the options outlives the client.
// Errors: the server's code, with a message that names the field at fault; the details are payloads
// of the status (client/rpc_status.h). DEADLINE_EXCEEDED when the time is up.
class Client {
 public:
  // Does not connect yet. INVALID_ARGUMENT or NOT_FOUND names the option at fault.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options);

  // The same over a channel that exists (in-process, or with credentials of one's own); the
  // options' address and TLS are not looked at.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options,
                                                        std::shared_ptr<grpc::Channel> channel);

  absl::StatusOr<v1::DetectResponse> Detect(const v1::DetectRequest& request,
                                            const CallOptions& call = {});
  absl::StatusOr<v1::AskResponse> Ask(const v1::AskRequest& request, const CallOptions& call = {});
  absl::StatusOr<v1::PerceiveAndAnswerResponse> PerceiveAndAnswer(
      const v1::PerceiveAndAnswerRequest& request, const CallOptions& call = {});

  // Return the stream's closing summary: what the unary twin would have returned.
  absl::StatusOr<v1::AskResponse> AskStream(const v1::AskRequest& request,
                                            const AnswerCallbacks& callbacks,
                                            const CallOptions& call = {});
  absl::StatusOr<v1::PerceiveAndAnswerResponse> PerceiveAndAnswerStream(
      const v1::PerceiveAndAnswerRequest& request, const AnswerCallbacks& callbacks,
      const CallOptions& call = {});

  // Sends frames and receives their results at the same time; OK once the last result is in. Never
  // repeated, and without a time limit unless `call` names one.
  absl::Status DetectStream(const FrameCallbacks& callbacks, const CallOptions& call = {});

  // Makes the server forget images of the client's tenant.
  absl::StatusOr<v1::ReleaseImagesResponse> ReleaseImages(const v1::ReleaseImagesRequest& request,
                                                          const CallOptions& call = {});

  absl::StatusOr<v1::ListModelsResponse> ListModels(const CallOptions& call = {});
  absl::StatusOr<v1::GetModelResponse> GetModel(const v1::GetModelRequest& request,
                                                const CallOptions& call = {});

  // For administrators. A load takes seconds, and goes on in the server when the time is up here.
  absl::StatusOr<v1::LoadModelResponse> LoadModel(const v1::LoadModelRequest& request,
                                                  const CallOptions& call = {});
  absl::StatusOr<v1::UnloadModelResponse> UnloadModel(const v1::UnloadModelRequest& request,
                                                      const CallOptions& call = {});

  // Asks grpc.health.v1 once, without retries. `service`: "" for liveness, kServiceName for
  // readiness. NOT_FOUND when the server does not know the service.
  absl::StatusOr<ServingStatus> Health(const std::string& service, const CallOptions& call = {});

  // Asks again and again until the service is serving; the last reason why not when `limit` is up.
  absl::Status WaitUntilServing(const std::string& service, absl::Duration limit);

  static constexpr char kServiceName[] = "mrmllm.v1.MrMllmService";

  // For calls of one's own, asynchronous ones above all: the channel for the generated stubs, and
  // what a context needs before a call (its deadline and metadata). Such calls are not repeated.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  void PrepareContext(const CallOptions& call, grpc::ClientContext* context) {
    Prepare(call, TimeoutOf(call), context);
  }

 private:
  Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel);

  void Prepare(const CallOptions& call, absl::Duration remaining, grpc::ClientContext* context);
  absl::Duration TimeoutOf(const CallOptions& call) const {
    return call.timeout.value_or(options_.timeout);
  }

  // `method`: a call of a stub, as grpc::Status(grpc::ClientContext*, Response*).
  template <typename Response, typename Method>
  absl::StatusOr<Response> Unary(const CallOptions& call, const Method& method);

  // `open` starts the stream; `deliver` takes a message that is not the summary and returns false
  // to cancel.
  template <typename Message, typename Summary, typename Open, typename Deliver>
  absl::StatusOr<Summary> Stream(const CallOptions& call, const Open& open, const Deliver& deliver);

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::MrMllmService::Stub> stub_;
  const std::unique_ptr<v1::ModelService::Stub> models_stub_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLIENT_H_
