// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_BENCH_GRPC_CALLER_H_
#define MRMLLM_CLIENT_BENCH_GRPC_CALLER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/bench/caller.h"
#include "client/client.h"
#include "grpcpp/client_context.h"

namespace mrmllm {

// Sends requests over a few connections with gRPC's callbacks: no thread waits for a request, so a
// thousand of them cost no more threads than one.
//
//   ASSIGN_OR_RETURN(auto caller, GrpcCaller::Connect(client_options, 4, {.generation =
//   settings})); caller->Start(query, [](const Reply& reply) { ... });   // on one of gRPC's
//   threads
//
// Thread-safety: safe for concurrent use.
// Ownership: REQUIRES that no request is under way when it is destroyed.
class GrpcCaller : public Caller {
 public:
  // What every request has.
  struct Settings {
    v1::GenerationSettings generation;
    v1::SchedulingSettings scheduling;
    bool allow_degraded = false;  // of PerceiveAndAnswer
    CallOptions call;
  };

  // Does not connect yet. Requests are never repeated, whatever the options say.
  static absl::StatusOr<std::unique_ptr<GrpcCaller>> Connect(ClientOptions options, int connections,
                                                             Settings settings);

  // The same with clients that exist; at least one.
  GrpcCaller(std::vector<std::unique_ptr<Client>> clients, Clock* clock, Settings settings);

  void Start(Query query, std::function<void(Reply)> done) override;
  void CancelAll() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    std::unique_ptr<Client> client;
    std::unique_ptr<v1::MrMllmService::Stub> stub;
  };
  class Call;
  template <typename Message>
  class StreamedCall;
  class DetectCall;

  template <typename Request>
  Request MakeRequest(Query query) const;
  void Enlist(grpc::ClientContext* context) ABSL_LOCKS_EXCLUDED(mutex_);
  void Strike(grpc::ClientContext* context) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<Connection> connections_;
  Clock& clock_;
  const Settings settings_;
  std::atomic<unsigned> next_connection_{0};
  absl::Mutex mutex_;
  absl::flat_hash_set<grpc::ClientContext*> under_way_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_BENCH_GRPC_CALLER_H_
