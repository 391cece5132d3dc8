// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_END_TO_END_TEST_SERVER_H_
#define MRMLLM_TESTS_END_TO_END_TEST_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "grpcpp/channel.h"
#include "mrmllm/v1/model_service.grpc.pb.h"
#include "mrmllm/v1/mrmllm_service.grpc.pb.h"
#include "server/models/model_registry.h"
#include "server/rpc/hosting/grpc_server.h"
#include "server/rpc/hosting/health_service.h"
#include "server/rpc/kserve/inference_service.h"
#include "server/rpc/model_service.h"
#include "server/rpc/service.h"
#include "server/scheduling/devices/load_sum.h"
#include "server/scheduling/scheduler.h"
#include "server/scheduling/worker_pool.h"
#include "tests/support/fake_engine.h"

namespace mrmllm {

// How a test's client reaches the server.
enum class Transport { kTcp, kInProcess };

// What a test may want to have otherwise.
struct TestSetup {
  Clock* clock = Clock::Real();
  SchedulerObserver* observer = nullptr;
  std::string_view tenant_key = "x-tenant";
};

// All of the server but the model: real services, scheduler, image decoding and gRPC around a
// FakeEngine, on the real clock unless told otherwise.
//
//   TestServer server(Transport::kTcp);
//   server.engine.Hold();
//   auto stub = server.NewStub();
class TestServer {
 public:
  explicit TestServer(Transport transport, Scheduler::Options options = {},
                      const TestSetup& setup = {});
  ~TestServer();

  std::unique_ptr<v1::MrMllmService::Stub> NewStub() {
    return v1::MrMllmService::NewStub(channel_);
  }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  int port() const { return grpc_server_->port(); }

  // Waits until every request has ended, and nothing of it is left anywhere.
  void AwaitIdle();

  // Waits until at least `count` requests are past the gate.
  void AwaitInside(int count);
  // Waits until at least `count` requests with images to decode, since the start, are with the
  // scheduler.
  void AwaitSubmitted(int count);

  // The drain of the real server, without delay; whether nothing was cancelled.
  bool Drain();
  // Its first steps alone: not ready, and new requests are refused.
  void BeginDrain();

 private:
  struct DecodeCounter : RpcObserver {
    void OnImageDecode(absl::Duration /*took*/) override { ++count; }
    std::atomic<int> count = 0;
  };

  DecodeCounter decodes_;
  SchedulerObserver nobody_;
  LoadSum loads_;
  ModelRegistry models_{{}};

 public:
  FakeEngine& engine;
  Scheduler* const scheduler;
  WorkerPool decode_pool{1};
  RequestGate gate;

 private:
  TestServer(Transport transport, Scheduler::Options options, const TestSetup& setup,
             std::unique_ptr<FakeEngine> fake);

  std::unique_ptr<MrMllmServiceImpl> service_;
  std::unique_ptr<ModelServiceImpl> model_service_;
  HealthServiceImpl health_;
  std::unique_ptr<InferenceServiceImpl> inference_service_;
  std::vector<std::unique_ptr<grpc::Service>> reflection_;
  std::unique_ptr<GrpcServer> grpc_server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A message with one encoded picture in its field `images`.
template <typename Request>
Request WithPicture(const std::string& bytes) {
  Request request;
  request.add_images()->set_content(bytes);
  return request;
}

// The `Detail` in an error's details; a default one and a test failure when there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_END_TO_END_TEST_SERVER_H_
