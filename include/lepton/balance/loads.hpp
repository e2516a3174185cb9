// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/fwd.hpp>
#include <lepton/balance/lease.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/config.hpp>

namespace lepton::balance {

/// Requests in flight, counted for each backend.
///
/// Shared counters of up to 4,096 backends have a cache line each, so that threads on different
/// backends do not disturb each other. Others stand side by side: of more backends two threads
/// rarely meet on a line, and the counters of 100,000 stay in the second-level cache.
///
/// @tparam Threading  `shared` (any number of threads, lock-free) or `single_threaded`
template <class Threading>
class loads {
 public:
  using threading = Threading;
  static constexpr std::size_t most_spaced = 4096;

  /// Counters for indices below `capacity`, all 0.
  explicit loads(std::size_t capacity)
      : lines_(spaced(capacity) ? capacity : (capacity + per_line - 1) / per_line),
        capacity_(capacity),
        shift_(spaced(capacity) ? 4 : 0) {}

  [[nodiscard]] auto capacity() const noexcept -> std::size_t { return capacity_; }
  /// Requests in flight on backend i.
  [[nodiscard]] auto operator[](backend_index i) const noexcept -> std::uint32_t {
    return at(i).load();
  }
  /// A request begins, or ends, on backend i.
  void start(backend_index i) noexcept { at(i).add(1); }
  void finish(backend_index i) noexcept {
    [[maybe_unused]] const auto before = at(i).subtract(1);
    LEPTON_ASSERT(before != 0, "loads: a request ended on a backend that has none in flight");
  }
  /// The same as a value: the request ends when the lease dies. The loads must outlive it.
  [[nodiscard]] auto take(backend_index i) noexcept -> lease<loads> {
    start(i);
    return lease<loads>{*this, i};
  }

  /// All requests in flight; exact while nobody changes the counters. O(capacity).
  [[nodiscard]] auto total() const noexcept -> std::uint64_t {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < capacity_; ++i) sum += (*this)[static_cast<backend_index>(i)];
    return sum;
  }

 private:
  using counter = typename Threading::template cell<std::uint32_t>;
  static constexpr std::size_t per_line = 16;
  struct alignas(64) line {
    std::array<counter, per_line> counters{};
  };

  [[nodiscard]] static auto spaced(std::size_t capacity) noexcept -> bool {
    return std::same_as<Threading, shared> && capacity <= most_spaced;
  }
  [[nodiscard]] auto at(backend_index i) const noexcept -> const counter& {
    LEPTON_ASSERT(i < capacity_, "loads: no such backend");
    const auto place = std::size_t{i} << shift_;
    return lines_[place / per_line].counters[place % per_line];
  }
  [[nodiscard]] auto at(backend_index i) noexcept -> counter& {
    return const_cast<counter&>(static_cast<const loads&>(*this).at(i));
  }

  std::vector<line> lines_;
  std::size_t capacity_;
  unsigned shift_;
};

}  // namespace lepton::balance
