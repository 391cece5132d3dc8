// SPDX-License-Identifier: Apache-2.0
//
// A program of its own, since it counts every allocation.
#include <cstdlib>
#include <memory>
#include <new>

#include "gtest/gtest.h"
#include "server/rpc/request/trace_sampler.h"

namespace {
thread_local int allocations = 0;
}  // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace mrmllm {
namespace {

int AllocationsOf(const TraceSampler& sampler, const TraceSampler::Metadata& metadata) {
  sampler.Begin(metadata);  // whatever a thread prepares once
  const int before = allocations;
  const TraceContext trace = sampler.Begin(metadata);
  const TraceContext frame = sampler.BeginMessage(trace);
  const TraceContext copy = frame;
  EXPECT_FALSE(copy.sampled);
  return allocations - before;
}

TEST(TraceCostTest, WhatIsNotSampledAllocatesNothing) {
  const TraceSampler::Metadata plain = {{"x-request-id", "r"}};
  const TraceSampler::Metadata unsampled = {
      {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"},
      {"tracestate", "a-rather-long-vendor-name=a-value-that-fits-into-no-small-string"}};
  EXPECT_EQ(AllocationsOf(TraceSampler(), plain), 0);
  EXPECT_EQ(AllocationsOf(TraceSampler(), unsampled), 0);
  EXPECT_EQ(AllocationsOf(TraceSampler(0), plain), 0);
  EXPECT_EQ(AllocationsOf(TraceSampler(1), unsampled), 0);
}

TEST(TraceCostTest, TheCountIsReal) {
  const int before = allocations;
  static std::unique_ptr<int> kept;  // where no compiler can do without it
  kept = std::make_unique<int>(1);
  EXPECT_EQ(allocations - before, 1);
}

}  // namespace
}  // namespace mrmllm
