// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_SERVER_TELEMETRY_TRACING_REQUEST_SPANS_H_
#define MRMLLM_SERVER_TELEMETRY_TRACING_REQUEST_SPANS_H_

#include "google/protobuf/repeated_field.h"
#include "opentelemetry/proto/trace/v1/trace.pb.h"
#include "server/rpc/observer.h"
#include "server/telemetry/tracing/rpc_names.h"

namespace mrmllm {

// How many spans AddSpans makes of a request.
int CountSpans(const RequestRecord& record);

// Adds the spans of one ended request: its own, of kind SERVER, and below it one for each stage
// that it went through (image_decode, queue, perceive, look_again, queue, prefill, decode). What
// they say of the request is who, how much, how long and with which code: nothing of its content,
// and no text that could quote it. REQUIRES: record.trace.sampled.
void AddSpans(const RequestRecord& record, const RpcNames& names,
              google::protobuf::RepeatedPtrField<opentelemetry::proto::trace::v1::Span>* spans);

}  // namespace mrmllm

#endif  // MRMLLM_SERVER_TELEMETRY_TRACING_REQUEST_SPANS_H_
