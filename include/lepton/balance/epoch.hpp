// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include <lepton/detail/process_barrier.hpp>

namespace lepton::balance {

/// Epoch-based reclamation (Fraser 2004): readers hold a guard while they look at what a writer may
/// replace; a writer frees what it replaced once all guards that could see it are gone. Readers
/// never wait, and where the system has a process-wide barrier they pay for no fence either.
///
///     reader:  epoch::guard here;  use(*current.load(std::memory_order_acquire));
///     writer:  auto* old = current.exchange(fresh);  auto when = epoch::advance();
///              ... once epoch::passed(when): delete old;
///
/// One set of epochs serves the process. A thread gets a slot at its first guard (the only step
/// that allocates) and gives it back when it ends; slots are used again and never freed.
class epoch {
  struct alignas(64) slot {
    std::atomic<std::uint64_t> active{0};  ///< epoch in which the thread's guard began; 0: none
    std::atomic<bool> taken{true};
    slot* next = nullptr;
    bool fenced = true;  ///< the reader must fence, as there is no process-wide barrier
  };

 public:
  using number = std::uint64_t;

  /// While it lives, nothing that is replaced from now on is freed. Guards nest; one stays on its
  /// thread. Keep it short: what is replaced waits for it.
  class guard {
   public:
    guard() noexcept
        : slot_(mine_ != nullptr ? mine_ : join()),
          nested_(slot_->active.load(std::memory_order_relaxed) != 0) {
      if (!nested_) enter(*slot_);
    }
    ~guard() {
      if (nested_) return;
      slot_->active.store(0, std::memory_order_release);
      if (mine_ == nullptr) [[unlikely]]  // the thread has given up its slot: this was for once
        slot_->taken.store(false, std::memory_order_release);
    }
    guard(const guard&) = delete;
    auto operator=(const guard&) -> guard& = delete;

   private:
    slot* slot_;
    bool nested_;
  };

  /// Ends the current epoch, whose number it returns. Call it after the old became unreachable.
  static auto advance() noexcept -> number {
    const auto ended = now_.fetch_add(1, std::memory_order_seq_cst);
    (void)seen_by_all(ended);
    return ended;
  }

  /// Whether every guard that began in that epoch or before is gone. O(threads).
  [[nodiscard]] static auto passed(number when) noexcept -> bool {
    if (!seen_by_all(when)) return false;
    for (const auto* s = slots_.load(std::memory_order_seq_cst); s != nullptr; s = s->next) {
      const auto active = s->active.load(std::memory_order_seq_cst);
      if (active != 0 && active <= when) return false;
    }
    return true;
  }

 private:
  using detail_barrier = lepton::detail::process_barrier;

  /// Whether all readers have passed a barrier since that epoch ended. The system may refuse one,
  /// for lack of memory, say: then it is tried again, and nothing is freed until it succeeds.
  static auto seen_by_all(number when) noexcept -> bool {
    if (!detail_barrier::available()) return true;
    auto barred = barred_.load(std::memory_order_acquire);
    if (barred >= when) return true;
    const auto ended = now_.load(std::memory_order_seq_cst) - 1;
    if (!detail_barrier::execute()) return false;
    while (barred < ended &&
           !barred_.compare_exchange_weak(barred, ended, std::memory_order_acq_rel)) {
    }
    return true;
  }

  static void enter(slot& s) noexcept {
    // Who sees an epoch begin sees also what its writer has replaced before.
    const auto n = now_.load(std::memory_order_acquire);
    if (!s.fenced) {
      s.active.store(n, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler must not reorder either
      return;
    }
    (void)s.active.exchange(n, std::memory_order_seq_cst);
#if !LEPTON_DETAIL_TSAN
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }

  /// Gives the thread a slot: one that another left, or a new one.
  static auto join() noexcept -> slot* {
    struct leaver {
      ~leaver() {
        if (mine_ != nullptr) mine_->taken.store(false, std::memory_order_release);
        mine_ = nullptr;
        left_ = true;
      }
    };
    if (left_) return take_slot();  // not for `mine_`: nobody would give it back
    static thread_local leaver at_exit;
    (void)&at_exit;
    return mine_ = take_slot();
  }

  static auto take_slot() noexcept -> slot* {
    for (auto* s = slots_.load(std::memory_order_acquire); s != nullptr; s = s->next) {
      bool taken = false;
      if (s->taken.compare_exchange_strong(taken, true, std::memory_order_acq_rel)) return s;
    }
    // Without memory for a thread's first guard the program ends.
    auto* const fresh = new slot;  // NOLINT(bugprone-unhandled-exception-at-new)
    fresh->fenced = !detail_barrier::available();
    fresh->next = slots_.load(std::memory_order_relaxed);
    while (!slots_.compare_exchange_weak(fresh->next, fresh, std::memory_order_acq_rel)) {
    }
    return fresh;
  }

  alignas(64) static inline constinit std::atomic<number> now_{1};
  static inline constinit std::atomic<number> barred_{0};  ///< epochs up to it: `seen_by_all`
  static inline constinit std::atomic<slot*> slots_{nullptr};
  static inline constinit thread_local slot* mine_ = nullptr;
  static inline constinit thread_local bool left_ = false;  ///< the thread is ending
};

}  // namespace lepton::balance
