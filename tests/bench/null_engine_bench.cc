// SPDX-License-Identifier: Apache-2.0
// What the server itself costs: requests a second with an engine that does nothing, beside a bare
// gRPC service that sends the same replies. One client, one process, TCP on the loopback; rounds
// alternate between the two. The picture is known to the server after its first call, so nothing
// is decoded; sent as bytes it is still read and hashed on every call, named by its id it is not
// sent at all.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "grpcpp/create_channel.h"
#include "server/rpc/hosting/grpc_server.h"
#include "server/server.h"
#include "server/telemetry/logging.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/echo_service.h"
#include "tests/bench/null_engine.h"

namespace mrmllm {
namespace {

struct Options {
  std::string image;
  std::string log_level = "info";
  std::string only;
  std::vector<int> callers = {1, 16, 64};
  int rounds = 5;
  double seconds = 1;
};

using Stubs = std::vector<std::unique_ptr<v1::MrMllmService::Stub>>;
constexpr int kChannels = 4;

// Connections of their own: gRPC would let equal channels share one.
Stubs Connect(int port) {
  Stubs stubs;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("mrmllm.channel", i);
    stubs.push_back(v1::MrMllmService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

// One method of the service with the request it is called with.
struct Method {
  std::string name;
  size_t request_bytes = 0;
  size_t reply_bytes = 0;
  std::function<StartCall(const Stubs& stubs)> bind;
};

template <typename Request, typename Response, typename Async>
Method MakeMethod(std::string name, const Request& request, const Response& reply, Async async) {
  Method method{std::move(name), request.ByteSizeLong(), reply.ByteSizeLong()};
  method.bind = [request, async](const Stubs& stubs) -> StartCall {
    return [&stubs, &request, async](int caller, std::function<void(const grpc::Status&)> done) {
      struct Call {
        grpc::ClientContext context;
        Response response;
      };
      auto call = std::make_shared<Call>();
      async(stubs[caller % stubs.size()].get(), &call->context, &request, &call->response,
            [call, done = std::move(done)](const grpc::Status& status) { done(status); });
    };
  };
  return method;
}

struct Replies {
  v1::DetectResponse detect;
  v1::PerceiveAndAnswerResponse answer;
};

v1::Image Picture(const std::string& bytes) {
  v1::Image image;
  image.set_content(bytes);
  return image;
}

v1::Image Reference(const std::string& image_id) {
  v1::Image image;
  image.set_image_id(image_id);
  return image;
}

v1::DetectRequest DetectOf(v1::Image image) {
  v1::DetectRequest request;
  *request.add_images() = std::move(image);
  return request;
}

v1::PerceiveAndAnswerRequest AnswerOf(v1::Image image) {
  v1::PerceiveAndAnswerRequest request;
  *request.add_images() = std::move(image);
  request.set_question("What is in this picture?");
  return request;
}

// The replies that both sides then give, by asking the real server once.
absl::StatusOr<Replies> AskOnce(v1::MrMllmService::Stub* stub, const std::string& picture) {
  Replies replies;
  grpc::ClientContext first, second;
  grpc::Status status = stub->Detect(&first, DetectOf(Picture(picture)), &replies.detect);
  if (status.ok()) {
    status = stub->PerceiveAndAnswer(&second, AnswerOf(Picture(picture)), &replies.answer);
  }
  if (!status.ok()) return absl::InternalError(status.error_message());
  return replies;
}

std::vector<Method> Methods(const std::string& picture, const Replies& replies) {
  const auto detect = [](v1::MrMllmService::Stub* stub, auto&&... arguments) {
    stub->async()->Detect(std::forward<decltype(arguments)>(arguments)...);
  };
  const auto answer = [](v1::MrMllmService::Stub* stub, auto&&... arguments) {
    stub->async()->PerceiveAndAnswer(std::forward<decltype(arguments)>(arguments)...);
  };
  const std::string id = replies.detect.images(0).image().image_id();
  return {
      MakeMethod("detect/bytes", DetectOf(Picture(picture)), replies.detect, detect),
      MakeMethod("detect/id", DetectOf(Reference(id)), replies.detect, detect),
      MakeMethod("answer/bytes", AnswerOf(Picture(picture)), replies.answer, answer),
      MakeMethod("answer/id", AnswerOf(Reference(id)), replies.answer, answer),
  };
}

void Record(const LoopResult& result, nlohmann::json* side) {
  (*side)["requests_per_second"].push_back(result.replies_per_second());
  (*side)["cpu_microseconds"].push_back(result.cpu_microseconds_per_reply());
  (*side)["failures"] = side->value("failures", int64_t{0}) + result.failures;
}

nlohmann::json Measure(const Method& method, int callers, const Options& options,
                       const Stubs& server, const Stubs& echo) {
  nlohmann::json row = {{"name", method.name},
                        {"callers", callers},
                        {"request_bytes", method.request_bytes},
                        {"reply_bytes", method.reply_bytes}};
  const StartCall call_server = method.bind(server);
  const StartCall call_echo = method.bind(echo);
  const absl::Duration duration = absl::Seconds(options.seconds);
  RunClosedLoop(callers, duration / 4, call_server);
  RunClosedLoop(callers, duration / 4, call_echo);
  for (int round = 0; round < options.rounds; ++round) {
    Record(RunClosedLoop(callers, duration, call_server), &row["server"]);
    Record(RunClosedLoop(callers, duration, call_echo), &row["echo"]);
  }
  return row;
}

absl::StatusOr<nlohmann::json> Run(const Options& options) {
  std::ifstream file(options.image, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", options.image));
  std::stringstream bytes;
  bytes << file.rdbuf();
  const std::string picture = bytes.str();

  ServerConfig config;
  config.server_address = "127.0.0.1:0";
  config.metrics_address = "";
  Metrics metrics;
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<NullEngine>());
  ASSIGN_OR_RETURN(auto server,
                   Server::Start(config, std::move(engines), &metrics, Clock::Real(), {}));
  const Stubs server_stubs = Connect(server->port());
  ASSIGN_OR_RETURN(const Replies replies, AskOnce(server_stubs[0].get(), picture));

  EchoService echo_service(replies.detect, replies.answer);
  ASSIGN_OR_RETURN(auto echo, GrpcServer::Start({.address = "127.0.0.1:0"}, {&echo_service}));
  const Stubs echo_stubs = Connect(echo->port());

  nlohmann::json rows = nlohmann::json::array();
  for (const Method& method : Methods(picture, replies)) {
    if (!absl::StrContains(method.name, options.only)) continue;
    for (const int callers : options.callers) {
      rows.push_back(Measure(method, callers, options, server_stubs, echo_stubs));
    }
  }
  return rows;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("null_engine_bench: what the server itself costs, beside a bare gRPC echo");
  app.add_option("--image", options.image, "The JPEG file to send")->required();
  app.add_option("--callers", options.callers, "Calls under way at once")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Alternating rounds")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Of one round")->capture_default_str();
  app.add_option("--only", options.only, "The methods whose name has this in it: bytes, answer/id");
  app.add_option("--log-level", options.log_level, "Of the server")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  StartLogging(options.log_level, "text");
  const absl::StatusOr<nlohmann::json> rows = Run(options);
  if (!rows.ok()) {
    std::fprintf(stderr, "%s\n", rows.status().ToString().c_str());
    return 1;
  }
  std::puts(rows->dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace mrmllm

int main(int argc, char** argv) { return mrmllm::Main(argc, argv); }
