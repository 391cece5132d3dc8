// SPDX-License-Identifier: Apache-2.0
#include "model/language/kernels/parallel_for.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
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

// The helpers. One loop at a time: `ticket_` holds its number, how many pieces it has and how many
// of them are taken. A piece is taken by a compare-and-exchange, which fails when the loop has
// ended meanwhile; what describes the loop only changes when all its pieces are done.
class Crew {
 public:
  static Crew& Get() {
    static Crew& crew = *new Crew;  // never destroyed: its threads outlive static destructors
    return crew;
  }

  // False when another caller has the helpers.
  bool TryRun(int64_t threads, int64_t pieces, int64_t begin, int64_t end, Chunk chunk,
              const void* work) {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    for (; helpers_ < threads - 1; ++helpers_) {
      std::thread([this, index = helpers_] { Help(index); }).detach();
    }
    invited_.store(threads - 1, std::memory_order_relaxed);
    begin_.store(begin, std::memory_order_relaxed);
    end_.store(end, std::memory_order_relaxed);
    chunk_.store(chunk, std::memory_order_relaxed);
    work_.store(work, std::memory_order_relaxed);
    undone_.store(pieces, std::memory_order_relaxed);
    ticket_.store(++number_ << 32 | static_cast<uint64_t>(pieces) << 16, std::memory_order_release);
    signal_.fetch_add(1, std::memory_order_release);
    signal_.notify_all();
    while (RunPiece()) continue;
    for (int spins = 0; undone_.load(std::memory_order_acquire) > 0; ++spins) {
      // The helper may wait for this very core.
      spins < kSpinsBeforeYield ? Pause() : std::this_thread::yield();
    }
    busy_.clear(std::memory_order_release);
    return true;
  }

 private:
  static uint64_t Taken(uint64_t ticket) { return ticket & 0xFFFF; }
  static uint64_t Pieces(uint64_t ticket) { return ticket >> 16 & 0xFFFF; }

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
      chunk(work, begin + count * piece / pieces, begin + count * (piece + 1) / pieces);
      undone_.fetch_sub(1, std::memory_order_acq_rel);
      return true;
    }
    return false;
  }

  void Help(int64_t index) {
    for (int spins = 0;;) {
      const uint32_t signal = signal_.load(std::memory_order_acquire);
      const bool invited = index < invited_.load(std::memory_order_relaxed);
      if (invited && HasPiece()) {
        RunPiece();
        spins = 0;
      } else if (invited && ++spins < kSpinsBeforeSleep) {
        Pause();
      } else {
        signal_.wait(signal, std::memory_order_acquire);
        spins = 0;
      }
    }
  }

  std::atomic_flag busy_;
  int64_t helpers_ = 0;  // this and the next: of the caller who set busy_
  uint64_t number_ = 0;
  std::atomic<int64_t> invited_ = 0;
  std::atomic<int64_t> begin_ = 0;
  std::atomic<int64_t> end_ = 0;
  std::atomic<Chunk> chunk_ = nullptr;
  std::atomic<const void*> work_ = nullptr;
  alignas(64) std::atomic<uint64_t> ticket_ = 0;
  alignas(64) std::atomic<int64_t> undone_ = 0;
  alignas(64) std::atomic<uint32_t> signal_ = 0;
};

}  // namespace

void RunChunks(int64_t begin, int64_t end, int64_t grain, Chunk chunk, const void* work) {
  if (begin >= end) return;
  const int64_t threads = at::get_num_threads();
  constexpr int64_t kMostPieces = 0xFFFF;
  const int64_t pieces = std::min(
      {(end - begin) / std::max<int64_t>(1, grain), threads * kPiecesPerThread, kMostPieces});
  if (threads > 1 && pieces > 1 && !at::in_parallel_region() &&
      Crew::Get().TryRun(threads, pieces, begin, end, chunk, work)) {
    return;
  }
  chunk(work, begin, end);
}

}  // namespace mrmllm::kernels::internal
