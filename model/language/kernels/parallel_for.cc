// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/parallel_for.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

namespace mrmllm::kernels::internal {
namespace {

// Pieces for each thread: one that comes late, or is slow, leaves more to the others.
constexpr int64_t kPiecesPerThread = 4;

// About a fifth of a millisecond: longer than the pauses between a step's loops, shorter than
// anybody notices after it.
constexpr int kSpinsBeforeSleep = 1 << 14;
constexpr int kSpinsBeforeYield = 1 << 10;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// True on a thread that is in the middle of a piece: a loop within a loop is not divided again.
thread_local bool in_piece = false;

// One loop and how far it is. `ticket_` holds its number, how many pieces it has and how many of
// them are taken. A piece is taken by a compare-and-exchange, which fails when the loop has ended
// meanwhile; what describes the loop only changes when all its pieces are done.
class Loop {
 public:
  // By the caller, who then takes pieces too; returns when all are done.
  void Run(int64_t helpers, int64_t pieces, int64_t begin, int64_t end, Chunk chunk,
           const void* work) {
    invited_.store(helpers, std::memory_order_relaxed);
    begin_.store(begin, std::memory_order_relaxed);
    end_.store(end, std::memory_order_relaxed);
    chunk_.store(chunk, std::memory_order_relaxed);
    work_.store(work, std::memory_order_relaxed);
    undone_.store(pieces, std::memory_order_relaxed);
    ticket_.store(++number_ << 32 | static_cast<uint64_t>(pieces) << 16, std::memory_order_release);
    Signal();
    while (RunPiece()) continue;
    for (int spins = 0; undone_.load(std::memory_order_acquire) > 0; ++spins) {
      // The helper may wait for this very core.
      spins < kSpinsBeforeYield ? Pause() : std::this_thread::yield();
    }
  }

  // By helper `index`: takes pieces until the end.
  void Help(int64_t index) {
    for (int spins = 0; !ended_.load(std::memory_order_acquire);) {
      const uint32_t signal = signal_.load(std::memory_order_acquire);
      const bool invited = index < invited_.load(std::memory_order_relaxed);
      if (invited && HasPiece()) {
        RunPiece();
        spins = 0;
      } else if (invited && ++spins < kSpinsBeforeSleep) {
        Pause();
      } else if (!ended_.load(std::memory_order_acquire)) {
        signal_.wait(signal, std::memory_order_acquire);
        spins = 0;
      }
    }
  }

  // By the caller, after its last loop.
  void End() {
    ended_.store(true, std::memory_order_release);
    Signal();
  }

 private:
  static uint64_t Taken(uint64_t ticket) { return ticket & 0xFFFF; }
  static uint64_t Pieces(uint64_t ticket) { return ticket >> 16 & 0xFFFF; }

  void Signal() {
    signal_.fetch_add(1, std::memory_order_release);
    signal_.notify_all();
  }

  bool HasPiece() const {
    const uint64_t ticket = ticket_.load(std::memory_order_acquire);
    return Taken(ticket) < Pieces(ticket);
  }

  bool RunPiece() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (Taken(ticket) < Pieces(ticket)) {
      const int64_t begin = begin_.load(std::memory_order_relaxed);
      const int64_t count = end_.load(std::memory_order_relaxed) - begin;
      const Chunk chunk = chunk_.load(std::memory_order_relaxed);
      const void* work = work_.load(std::memory_order_relaxed);
      if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                         std::memory_order_acquire)) {
        continue;
      }
      const auto pieces = static_cast<int64_t>(Pieces(ticket));
      const auto piece = static_cast<int64_t>(Taken(ticket));
      in_piece = true;
      chunk(work, begin + count * piece / pieces, begin + count * (piece + 1) / pieces);
      in_piece = false;
      undone_.fetch_sub(1, std::memory_order_acq_rel);
      return true;
    }
    return false;
  }

  uint64_t number_ = 0;  // the caller's
  std::atomic<int64_t> invited_ = 0;
  std::atomic<int64_t> begin_ = 0;
  std::atomic<int64_t> end_ = 0;
  std::atomic<Chunk> chunk_ = nullptr;
  std::atomic<const void*> work_ = nullptr;
  std::atomic<bool> ended_ = false;
  alignas(64) std::atomic<uint64_t> ticket_ = 0;
  alignas(64) std::atomic<int64_t> undone_ = 0;
  alignas(64) std::atomic<uint32_t> signal_ = 0;
};

// A calling thread's own helpers, which stay on the cores that it may use; started when it first
// needs them. They share the loop and end by themselves after it: a thread never waits for them.
class Crew {
 public:
  Crew() = default;
  ~Crew() { loop_->End(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  Loop& WithHelpers(int64_t count) {
    for (; helpers_ < count; ++helpers_) {
      std::thread([loop = loop_, index = helpers_] { loop->Help(index); }).detach();
    }
    return *loop_;
  }

 private:
  const std::shared_ptr<Loop> loop_ = std::make_shared<Loop>();
  int64_t helpers_ = 0;
};

}  // namespace

void RunChunks(int64_t begin, int64_t end, int64_t grain, Chunk chunk, const void* work) {
  if (begin >= end) return;
  const int64_t threads = at::get_num_threads();
  constexpr int64_t kMostPieces = 0xFFFF;
  const int64_t pieces = std::min(
      {(end - begin) / std::max<int64_t>(1, grain), threads * kPiecesPerThread, kMostPieces});
  if (threads <= 1 || pieces <= 1 || in_piece || at::in_parallel_region()) {
    chunk(work, begin, end);
    return;
  }
  thread_local Crew crew;
  crew.WithHelpers(threads - 1).Run(threads - 1, pieces, begin, end, chunk, work);
}

}  // namespace mrmllm::kernels::internal
