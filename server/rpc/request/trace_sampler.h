// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_RPC_REQUEST_TRACE_SAMPLER_H_
#define MRMLLM_SERVER_RPC_REQUEST_TRACE_SAMPLER_H_

#include <cstdint>
#include <map>

#include "base/trace_context.h"
#include "grpcpp/support/string_ref.h"

namespace mrmllm {

// Decides which requests make spans, and under which ids. A caller's `traceparent` decides for its
// trace, either way; a trace that begins here is sampled for a share of trace ids, so that everyone
// who applies the same share to the same id decides alike.
//
//   TraceSampler sampler(0.1);
//   TraceContext trace = sampler.Begin(call->client_metadata());
//
// A sampler that is off makes no spans; a caller's trace id is still read, for the logs. Without a
// sampled trace nothing is allocated.
//
// Thread-safety: a plain value.
class TraceSampler {
 public:
  using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

  TraceSampler() = default;             // off
  explicit TraceSampler(double share);  // of the traces that begin here, [0, 1]

  TraceContext Begin(const Metadata& metadata) const;

  // The same for one message of a long stream that began with `call`: a span of its own in the
  // caller's trace, or, where the caller has none, a trace of its own.
  TraceContext BeginMessage(const TraceContext& call) const;

  // Whether a trace with this id that begins here is sampled.
  bool Samples(const TraceId& id) const;

 private:
  TraceContext BeginHere() const;

  bool on_ = false;
  uint64_t threshold_ = 0;  // of the last 56 bits of an id, which are sampled from here on
};

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_RPC_REQUEST_TRACE_SAMPLER_H_
