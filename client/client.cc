// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/health_check.h"
#include "client/retry.h"
#include "client/rpc_status.h"
#include "grpc/support/time.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace mrmllm {
namespace {

constexpr absl::Duration kHealthTimeout = absl::Seconds(5);

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 1, 1 << 30));
}

grpc::ChannelArguments ChannelArgumentsFor(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetMaxSendMessageSize(options.max_message_bytes);
  arguments.SetUserAgentPrefix("mrmllm-client");
  if (options.own_connection) arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // The channel must try to reconnect at least as often as calls are repeated.
  const int backoff_ms = Milliseconds(options.retry.initial_backoff);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, backoff_ms);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, backoff_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(options.retry.max_backoff));
  if (!options.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls.server_name);
  }
  return arguments;
}

absl::Status CancelledByCallback() { return absl::CancelledError("cancelled by the caller"); }

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options) {
  RETURN_IF_ERROR(Validate(options));
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::ChannelCredentials> credentials,
                   MakeCredentials(options.tls));
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(options.server_address, credentials, ChannelArgumentsFor(options));
  return std::unique_ptr<Client>(new Client(std::move(options), std::move(channel)));
}

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options,
                                                       std::shared_ptr<grpc::Channel> channel) {
  options.server_address = "a channel of the caller's";
  options.tls = {};
  RETURN_IF_ERROR(Validate(options));
  return std::unique_ptr<Client>(new Client(std::move(options), std::move(channel)));
}

Client::Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      stub_(v1::MrMllmService::NewStub(channel_)),
      models_stub_(v1::ModelService::NewStub(channel_)) {}

void Client::Prepare(const CallOptions& call, absl::Duration remaining,
                     grpc::ClientContext* context) {
  if (remaining < absl::InfiniteDuration()) {
    // A time span, not a moment: gRPC reads its own clock and ours need not agree with it.
    context->set_deadline(gpr_time_from_micros(absl::ToInt64Microseconds(remaining), GPR_TIMESPAN));
  }
  if (!call.request_id.empty()) context->AddMetadata("x-request-id", call.request_id);
  if (!options_.api_key.empty()) context->AddMetadata("x-api-key", options_.api_key);
  if (!options_.tenant.empty()) context->AddMetadata("x-tenant", options_.tenant);
}

template <typename Response, typename Method>
absl::StatusOr<Response> Client::Unary(const CallOptions& call, const Method& method) {
  Response response;
  RETURN_IF_ERROR(CallWithRetry(options_.retry, *options_.clock, TimeoutOf(call),
                                [&](absl::Duration remaining) -> AttemptResult {
                                  grpc::ClientContext context;
                                  Prepare(call, remaining, &context);
                                  response.Clear();
                                  return {ToAbslStatus(method(&context, &response))};
                                }));
  return response;
}

template <typename Message, typename Summary, typename Open, typename Deliver>
absl::StatusOr<Summary> Client::Stream(const CallOptions& call, const Open& open,
                                       const Deliver& deliver) {
  std::optional<Summary> summary;
  RETURN_IF_ERROR(CallWithRetry(options_.retry, *options_.clock, TimeoutOf(call),
                                [&](absl::Duration remaining) -> AttemptResult {
                                  grpc::ClientContext context;
                                  Prepare(call, remaining, &context);
                                  const std::unique_ptr<grpc::ClientReader<Message>> reader =
                                      open(&context);
                                  Message message;
                                  bool any = false;
                                  bool cancelled = false;
                                  while (!cancelled && reader->Read(&message)) {
                                    any = true;
                                    if (message.has_summary()) {
                                      summary = std::move(*message.mutable_summary());
                                    } else if (!deliver(message)) {
                                      context.TryCancel();
                                      cancelled = true;
                                    }
                                  }
                                  const absl::Status status = ToAbslStatus(reader->Finish());
                                  return {cancelled ? CancelledByCallback() : status, !any};
                                }));
  if (!summary.has_value()) return absl::InternalError("the stream ended without a summary");
  return *std::move(summary);
}

absl::StatusOr<v1::DetectResponse> Client::Detect(const v1::DetectRequest& request,
                                                  const CallOptions& call) {
  return Unary<v1::DetectResponse>(call, [&](auto* context, auto* response) {
    return stub_->Detect(context, request, response);
  });
}

absl::StatusOr<v1::AskResponse> Client::Ask(const v1::AskRequest& request,
                                            const CallOptions& call) {
  return Unary<v1::AskResponse>(
      call, [&](auto* context, auto* response) { return stub_->Ask(context, request, response); });
}

absl::StatusOr<v1::PerceiveAndAnswerResponse> Client::PerceiveAndAnswer(
    const v1::PerceiveAndAnswerRequest& request, const CallOptions& call) {
  return Unary<v1::PerceiveAndAnswerResponse>(call, [&](auto* context, auto* response) {
    return stub_->PerceiveAndAnswer(context, request, response);
  });
}

absl::StatusOr<v1::ReleaseImagesResponse> Client::ReleaseImages(
    const v1::ReleaseImagesRequest& request, const CallOptions& call) {
  return Unary<v1::ReleaseImagesResponse>(call, [&](auto* context, auto* response) {
    return stub_->ReleaseImages(context, request, response);
  });
}

absl::StatusOr<v1::ListModelsResponse> Client::ListModels(const CallOptions& call) {
  return Unary<v1::ListModelsResponse>(call, [&](auto* context, auto* response) {
    return models_stub_->ListModels(context, v1::ListModelsRequest(), response);
  });
}

absl::StatusOr<v1::GetModelResponse> Client::GetModel(const v1::GetModelRequest& request,
                                                      const CallOptions& call) {
  return Unary<v1::GetModelResponse>(call, [&](auto* context, auto* response) {
    return models_stub_->GetModel(context, request, response);
  });
}

absl::StatusOr<v1::LoadModelResponse> Client::LoadModel(const v1::LoadModelRequest& request,
                                                        const CallOptions& call) {
  return Unary<v1::LoadModelResponse>(call, [&](auto* context, auto* response) {
    return models_stub_->LoadModel(context, request, response);
  });
}

absl::StatusOr<v1::UnloadModelResponse> Client::UnloadModel(const v1::UnloadModelRequest& request,
                                                            const CallOptions& call) {
  return Unary<v1::UnloadModelResponse>(call, [&](auto* context, auto* response) {
    return models_stub_->UnloadModel(context, request, response);
  });
}

absl::StatusOr<v1::AskResponse> Client::AskStream(const v1::AskRequest& request,
                                                  const AnswerCallbacks& callbacks,
                                                  const CallOptions& call) {
  v1::AskStreamRequest stream_request;
  *stream_request.mutable_ask() = request;
  return Stream<v1::AskStreamResponse, v1::AskResponse>(
      call, [&](auto* context) { return stub_->AskStream(context, stream_request); },
      [&](const v1::AskStreamResponse& message) {
        if (!message.has_text_delta() || !callbacks.on_text) return true;
        return callbacks.on_text(message.text_delta());
      });
}

absl::StatusOr<v1::PerceiveAndAnswerResponse> Client::PerceiveAndAnswerStream(
    const v1::PerceiveAndAnswerRequest& request, const AnswerCallbacks& callbacks,
    const CallOptions& call) {
  v1::PerceiveAndAnswerStreamRequest stream_request;
  *stream_request.mutable_request() = request;
  return Stream<v1::PerceiveAndAnswerStreamResponse, v1::PerceiveAndAnswerResponse>(
      call, [&](auto* context) { return stub_->PerceiveAndAnswerStream(context, stream_request); },
      [&](const v1::PerceiveAndAnswerStreamResponse& message) {
        if (message.has_perception() && callbacks.on_perception) {
          return callbacks.on_perception(message.perception());
        }
        if (message.has_text_delta() && callbacks.on_text) {
          return callbacks.on_text(message.text_delta());
        }
        return true;
      });
}

absl::Status Client::DetectStream(const FrameCallbacks& callbacks, const CallOptions& call) {
  grpc::ClientContext context;
  Prepare(call, call.timeout.value_or(absl::InfiniteDuration()), &context);
  const auto stream = stub_->DetectStream(&context);
  std::thread writer([&] {
    // Write blocks while flow control holds the sender back, and fails once the stream is over.
    while (std::optional<v1::DetectStreamRequest> frame = callbacks.next_frame()) {
      if (!stream->Write(*frame)) return;
    }
    stream->WritesDone();
  });
  v1::DetectStreamResponse response;
  bool cancelled = false;
  while (!cancelled && stream->Read(&response)) {
    if (!callbacks.on_result(response)) {
      context.TryCancel();
      cancelled = true;
    }
  }
  writer.join();
  const absl::Status status = ToAbslStatus(stream->Finish());
  return cancelled ? CancelledByCallback() : status;
}

absl::StatusOr<ServingStatus> Client::Health(const std::string& service, const CallOptions& call) {
  grpc::ClientContext context;
  Prepare(call, std::min(TimeoutOf(call), kHealthTimeout), &context);
  return CheckHealth(channel_, service, &context);
}

absl::Status Client::WaitUntilServing(const std::string& service, absl::Duration limit) {
  RetryOptions retry = options_.retry;
  retry.max_attempts = 1 << 20;
  retry.max_backoff = std::max(retry.initial_backoff, absl::Seconds(1));
  return CallWithRetry(
      retry, *options_.clock, limit, [&](absl::Duration remaining) -> AttemptResult {
        const auto serving = Health(service, {.timeout = remaining});
        if (!serving.ok()) {
          // A server that is starting may not know the service yet, or may not reply in time.
          const bool refused = absl::IsUnauthenticated(serving.status()) ||
                               absl::IsPermissionDenied(serving.status()) ||
                               absl::IsUnimplemented(serving.status());
          if (refused) return {serving.status(), false};
          return {absl::UnavailableError(serving.status().message())};
        }
        if (*serving == ServingStatus::kServing) return {absl::OkStatus()};
        return {
            absl::UnavailableError(absl::StrCat("the server does not serve '", service, "' yet"))};
      });
}

}  // namespace mrmllm
