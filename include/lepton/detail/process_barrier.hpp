// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

// ThreadSanitizer knows neither fences nor this barrier: leave them out where it looks.
#if defined(__SANITIZE_THREAD__)
#define LEPTON_DETAIL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LEPTON_DETAIL_TSAN 1
#endif
#endif
#if !defined(LEPTON_DETAIL_TSAN)
#define LEPTON_DETAIL_TSAN 0
#endif

namespace lepton::detail {

/// A memory barrier that one thread executes on behalf of all threads of the process, so that the
/// others need none (Linux: membarrier, private expedited).
class process_barrier {
 public:
  /// Whether this machine has it; decided once.
  [[nodiscard]] static auto available() noexcept -> bool {
    static const bool registered = call(register_private_expedited);
    return registered;
  }
  /// After it, every other thread has passed a full barrier. Microseconds.
  static auto execute() noexcept -> bool { return call(private_expedited); }

 private:
  static constexpr int private_expedited = 1 << 3;
  static constexpr int register_private_expedited = 1 << 4;

  static auto call([[maybe_unused]] int command) noexcept -> bool {
#if defined(__linux__) && defined(SYS_membarrier) && !LEPTON_DETAIL_TSAN
    return ::syscall(SYS_membarrier, command, 0, 0) == 0;
#else
    return false;
#endif
  }
};

}  // namespace lepton::detail
