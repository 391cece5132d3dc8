// SPDX-License-Identifier: Apache-2.0
#include "client/bench/grpc_caller.h"

#include <utility>

#include "base/status_macros.h"
#include "client/rpc_status.h"

namespace mrmllm {
namespace {

void ReadSummary(const v1::AskResponse& summary, Reply* reply) {
  reply->answer_tokens = summary.usage().answer_token_count();
  reply->cached = summary.images_size() > 0 && summary.images(0).cached();
}

void ReadSummary(const v1::PerceiveAndAnswerResponse& summary, Reply* reply) {
  reply->answer_tokens = summary.usage().answer_token_count();
  reply->cached = summary.images_size() > 0 && summary.images(0).image().cached();
  reply->degraded = summary.degradation() == v1::DEGRADATION_ANSWER_SKIPPED;
}

void ReadBoxes(const v1::AskStreamResponse&, absl::Time, Reply*) {}

void ReadBoxes(const v1::PerceiveAndAnswerStreamResponse& message, absl::Time now, Reply* reply) {
  if (message.has_perception() && !reply->first_boxes.has_value()) reply->first_boxes = now;
}

}  // namespace

// What one request needs until it ends.
class GrpcCaller::Call {
 public:
  Call(GrpcCaller* caller, std::function<void(Reply)> done)
      : caller_(*caller), done_(std::move(done)) {}

  grpc::ClientContext* context() { return &context_; }

 protected:
  ~Call() = default;

  absl::Time Now() { return caller_.clock_.Now(); }
  void End(const absl::Status& status) {
    caller_.Strike(&context_);
    reply_.status = status;
    reply_.ended = Now();
    done_(std::move(reply_));
  }

  Reply reply_;

 private:
  GrpcCaller& caller_;
  const std::function<void(Reply)> done_;
  grpc::ClientContext context_;
};

class GrpcCaller::DetectCall : public Call {
 public:
  using Call::Call;

  void Start(v1::MrMllmService::Stub* stub, v1::DetectRequest request) {
    request_ = std::move(request);
    stub->async()->Detect(context(), &request_, &response_, [this](const grpc::Status& status) {
      reply_.cached = response_.images_size() > 0 && response_.images(0).image().cached();
      End(ToAbslStatus(status));
      delete this;
    });
  }

 private:
  v1::DetectRequest request_;
  v1::DetectResponse response_;
};

template <typename Message>
class GrpcCaller::StreamedCall : public Call, public grpc::ClientReadReactor<Message> {
 public:
  using Call::Call;

  // After the stub has been told of this reactor.
  void Start() {
    this->StartRead(&message_);
    this->StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    ReadBoxes(message_, Now(), &reply_);
    if (message_.has_text_delta() && !reply_.first_text.has_value()) reply_.first_text = Now();
    if (message_.has_summary()) {
      ReadSummary(message_.summary(), &reply_);
      complete_ = true;
    }
    this->StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    const bool cut_short = status.ok() && !complete_;
    End(cut_short ? absl::InternalError("the stream ended without a summary")
                  : ToAbslStatus(status));
    delete this;
  }

 private:
  Message message_;
  bool complete_ = false;
};

absl::StatusOr<std::unique_ptr<GrpcCaller>> GrpcCaller::Connect(ClientOptions options,
                                                                int connections,
                                                                Settings settings) {
  options.own_connection = true;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < connections; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<Client> client, Client::Create(options));
    clients.push_back(std::move(client));
  }
  return std::make_unique<GrpcCaller>(std::move(clients), options.clock, std::move(settings));
}

GrpcCaller::GrpcCaller(std::vector<std::unique_ptr<Client>> clients, Clock* clock,
                       Settings settings)
    : clock_(*clock), settings_(std::move(settings)) {
  for (std::unique_ptr<Client>& client : clients) {
    auto stub = v1::MrMllmService::NewStub(client->channel());
    connections_.push_back({std::move(client), std::move(stub)});
  }
}

template <typename Request>
Request GrpcCaller::MakeRequest(Query query) const {
  Request request;
  request.add_images()->set_content(std::move(query.image));
  if constexpr (!std::is_same_v<Request, v1::DetectRequest>) {
    request.set_question(std::move(query.question));
    *request.mutable_generation() = settings_.generation;
  }
  if constexpr (std::is_same_v<Request, v1::PerceiveAndAnswerRequest>) {
    request.set_allow_degraded(settings_.allow_degraded);
  }
  *request.mutable_scheduling() = settings_.scheduling;
  return request;
}

void GrpcCaller::Start(Query query, std::function<void(Reply)> done) {
  Connection& connection = connections_[next_connection_++ % connections_.size()];
  const auto prepare = [&](Call* call) {
    connection.client->PrepareContext(settings_.call, call->context());
    Enlist(call->context());
  };
  // Each deletes itself at its end.
  switch (query.rpc) {
    case Rpc::kDetect: {
      auto* const call = new DetectCall(this, std::move(done));
      prepare(call);
      call->Start(connection.stub.get(), MakeRequest<v1::DetectRequest>(std::move(query)));
      return;
    }
    case Rpc::kAsk: {
      v1::AskStreamRequest request;
      *request.mutable_ask() = MakeRequest<v1::AskRequest>(std::move(query));
      auto* const call = new StreamedCall<v1::AskStreamResponse>(this, std::move(done));
      prepare(call);
      connection.stub->async()->AskStream(call->context(), &request, call);
      call->Start();
      return;
    }
    case Rpc::kPerceive: {
      v1::PerceiveAndAnswerStreamRequest request;
      *request.mutable_request() = MakeRequest<v1::PerceiveAndAnswerRequest>(std::move(query));
      auto* const call =
          new StreamedCall<v1::PerceiveAndAnswerStreamResponse>(this, std::move(done));
      prepare(call);
      connection.stub->async()->PerceiveAndAnswerStream(call->context(), &request, call);
      call->Start();
      return;
    }
  }
}

void GrpcCaller::CancelAll() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* const context : under_way_) context->TryCancel();
}

void GrpcCaller::Enlist(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  under_way_.insert(context);
  // Before its call has begun, a context remembers that it is cancelled.
  if (cancelled_) context->TryCancel();
}

void GrpcCaller::Strike(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  under_way_.erase(context);
}

}  // namespace mrmllm
