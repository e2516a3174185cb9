// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <concepts>

#include <lepton/balance/fwd.hpp>

namespace lepton::balance {

/// State that one thread uses: plain variables.
struct single_threaded {
  template <class T>
  class cell {
   public:
    constexpr cell(T value = {}) noexcept : value_(value) {}
    [[nodiscard]] auto load() const noexcept -> T { return value_; }
    void store(T value) noexcept { value_ = value; }
    /// Adds and returns the value before (as the others below).
    auto add(T amount) noexcept -> T {
      const T before = value_;
      value_ = static_cast<T>(before + amount);
      return before;
    }
    auto subtract(T amount) noexcept -> T {
      const T before = value_;
      value_ = static_cast<T>(before - amount);
      return before;
    }
    auto exchange(T value) noexcept -> T {
      const T before = value_;
      value_ = value;
      return before;
    }
    /// Stores `value` if the cell holds `seen`; else puts what it holds into `seen`.
    auto compare_exchange(T& seen, T value) noexcept -> bool {
      if (value_ == seen) {
        value_ = value;
        return true;
      }
      seen = value_;
      return false;
    }

   private:
    T value_;
  };
};

/// State that any number of threads use at once: relaxed atomics, each value right by itself, no
/// order between them. Cells copy, so that the policies that hold them stay values.
struct shared {
  template <class T>
  class cell {
   public:
    constexpr cell(T value = {}) noexcept : value_(value) {}
    cell(const cell& other) noexcept : value_(other.load()) {}
    auto operator=(const cell& other) noexcept -> cell& {
      store(other.load());
      return *this;
    }
    [[nodiscard]] auto load() const noexcept -> T { return value_.load(std::memory_order_relaxed); }
    void store(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    auto add(T amount) noexcept -> T requires std::integral<T> {
      return value_.fetch_add(amount, std::memory_order_relaxed);
    }
    auto subtract(T amount) noexcept -> T requires std::integral<T> {
      return value_.fetch_sub(amount, std::memory_order_relaxed);
    }
    auto exchange(T value) noexcept -> T {
      return value_.exchange(value, std::memory_order_relaxed);
    }
    auto compare_exchange(T& seen, T value) noexcept -> bool {
      return value_.compare_exchange_weak(seen, value, std::memory_order_relaxed);
    }

   private:
    std::atomic<T> value_;
  };
};

/// One of the two above.
template <class T>
concept threading_model = std::same_as<T, single_threaded> || std::same_as<T, shared>;

/// Whether several threads may pick from one policy at a time: it keeps no state that a pick
/// changes (and has no member type `threading`), or keeps it in `shared` cells.
template <class Policy>
[[nodiscard]] constexpr auto is_thread_safe() noexcept -> bool {
  if constexpr (requires { typename Policy::threading; }) {
    return std::same_as<typename Policy::threading, shared>;
  } else {
    return true;
  }
}

}  // namespace lepton::balance
