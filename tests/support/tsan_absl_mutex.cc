// SPDX-License-Identifier: Apache-2.0
//
// Shows absl::Mutex to ThreadSanitizer. The packaged abseil is not built with it, so that every
// access that a mutex orders would be reported as a race. In a ThreadSanitizer build the linker
// sends the calls of our own code here (--wrap, see CMakeLists.txt); each is announced and passed
// on.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

// `member` is a member of absl::Mutex as the Itanium C++ ABI mangles it: its length, name and
// arguments.
#define MRMLLM_REAL(member) __real__ZN4absl7debian35Mutex##member
#define MRMLLM_WRAP(member) __wrap__ZN4absl7debian35Mutex##member

namespace {

// A wait gives the mutex back and takes it again. While it lasts, ThreadSanitizer looks away:
// abseil evaluates conditions on whichever thread has the mutex.
class WaitAnnotation {
 public:
  explicit WaitAnnotation(absl::Mutex* mutex) : mutex_(mutex) {
    __tsan_mutex_pre_unlock(mutex_, 0);
    __tsan_mutex_post_unlock(mutex_, 0);
    __tsan_mutex_pre_lock(mutex_, 0);
  }
  ~WaitAnnotation() { __tsan_mutex_post_lock(mutex_, 0, 0); }

 private:
  absl::Mutex* const mutex_;
};

}  // namespace

extern "C" {

void MRMLLM_REAL(4LockEv)(absl::Mutex*);
void MRMLLM_REAL(6UnlockEv)(absl::Mutex*);
bool MRMLLM_REAL(7TryLockEv)(absl::Mutex*);
void MRMLLM_REAL(10ReaderLockEv)(absl::Mutex*);
void MRMLLM_REAL(12ReaderUnlockEv)(absl::Mutex*);
void MRMLLM_REAL(5AwaitERKNS0_9ConditionE)(absl::Mutex*, const absl::Condition&);
bool MRMLLM_REAL(17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE)(absl::Mutex*,
                                                                  const absl::Condition&,
                                                                  absl::Time);
void MRMLLM_REAL(D1Ev)(absl::Mutex*);

void MRMLLM_WRAP(4LockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, 0);
  MRMLLM_REAL(4LockEv)(mutex);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

void MRMLLM_WRAP(6UnlockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  MRMLLM_REAL(6UnlockEv)(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

bool MRMLLM_WRAP(7TryLockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, __tsan_mutex_try_lock);
  const bool locked = MRMLLM_REAL(7TryLockEv)(mutex);
  __tsan_mutex_post_lock(mutex, locked ? __tsan_mutex_try_lock : __tsan_mutex_try_lock_failed, 0);
  return locked;
}

void MRMLLM_WRAP(10ReaderLockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, __tsan_mutex_read_lock);
  MRMLLM_REAL(10ReaderLockEv)(mutex);
  __tsan_mutex_post_lock(mutex, __tsan_mutex_read_lock, 0);
}

void MRMLLM_WRAP(12ReaderUnlockEv)(absl::Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, __tsan_mutex_read_lock);
  MRMLLM_REAL(12ReaderUnlockEv)(mutex);
  __tsan_mutex_post_unlock(mutex, __tsan_mutex_read_lock);
}

void MRMLLM_WRAP(5AwaitERKNS0_9ConditionE)(absl::Mutex* mutex, const absl::Condition& condition) {
  WaitAnnotation annotation(mutex);
  MRMLLM_REAL(5AwaitERKNS0_9ConditionE)(mutex, condition);
}

bool MRMLLM_WRAP(17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE)(absl::Mutex* mutex,
                                                                  const absl::Condition& condition,
                                                                  absl::Time deadline) {
  WaitAnnotation annotation(mutex);
  return MRMLLM_REAL(17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE)(mutex, condition, deadline);
}

void MRMLLM_WRAP(D1Ev)(absl::Mutex* mutex) {
  __tsan_mutex_destroy(mutex, __tsan_mutex_not_static);
  MRMLLM_REAL(D1Ev)(mutex);
}

}  // extern "C"
