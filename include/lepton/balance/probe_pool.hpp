// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/fwd.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/model/time.hpp>

namespace lepton::balance::detail {

/// Up to 16 answers to probes, the last of each backend. Lock-free: an answer is two words with a
/// number that both must bear, so that words of different answers are never read together.
///
/// Latencies are kept to a relative 2^-15, moments to 2^-9 of the greatest age, requests in flight
/// up to 65,535.
template <class Threading>
class probe_pool {
 public:
  static constexpr std::size_t most = 16;

  struct probe {
    backend_index index = no_backend;
    std::uint32_t rif = 0;
    std::uint32_t latency = 0;  ///< rises with the latency
    std::uint32_t age = 0;      ///< in ticks
  };

  /// Answers older than `age` are none.
  void limit(std::size_t slots, duration age) noexcept {
    slots_ = slots;
    const auto ns = static_cast<std::uint64_t>(age.count());
    tick_ = std::max(static_cast<unsigned>(std::bit_width(ns)), 10U) - 10U;
    oldest_ = static_cast<std::uint32_t>(ns >> tick_);
  }
  [[nodiscard]] auto slots() const noexcept -> std::size_t { return slots_; }

  /// The answer in slot k; its index is `no_backend` if there is none or it is too old.
  [[nodiscard]] auto read(std::size_t k, time_point now) const noexcept -> probe {
    const auto who = who_[k].load();
    const auto what = what_[k].load();
    const auto age = static_cast<std::int32_t>(tick_of(now) - static_cast<std::uint32_t>(what));
    if ((who & 0xff) != (what >> 32 & 0xff)) return {};
    probe p;
    p.age = age < 0 ? 0 : static_cast<std::uint32_t>(age);
    if (p.age > oldest_) return {};
    p.index = static_cast<backend_index>(who >> 32);
    p.rif = static_cast<std::uint32_t>(who >> 16 & 0xffff);
    p.latency = static_cast<std::uint32_t>(what >> 40);
    return p;
  }

  /// Puts an answer in that may be used so often: in place of one of the same backend, or into a
  /// slot without an answer, or in place of the oldest. Dropped if others write at the same time.
  void put(backend_index i, std::uint32_t rif, duration latency, std::uint32_t uses,
           time_point now) noexcept {
    std::size_t at = 0;
    std::uint32_t greatest = 0;
    for (std::size_t k = 0; k < slots_; ++k) {
      const auto p = read(k, now);
      if (p.index == i) {
        at = k;
        break;
      }
      const auto age = p.index == no_backend ? 0xffff'ffff : p.age;
      if (age <= greatest && k != 0) continue;
      at = k;
      greatest = age;
    }
    auto seen = who_[at].load();
    const auto number = (seen + 1) & 0xff;
    const auto next = std::uint64_t{i} << 32 | std::uint64_t{std::min(rif, 0xffffU)} << 16 |
                      std::uint64_t{std::min(uses, 0xffU)} << 8 | number;
    if (!who_[at].compare_exchange(seen, next)) return;
    const auto seconds = static_cast<float>(static_cast<double>(latency.count()) * 1e-9);
    what_[at].store(std::uint64_t{std::bit_cast<std::uint32_t>(seconds)} >> 7 << 40 | number << 32 |
                    tick_of(now));
  }

  /// A request goes to the backend of slot k, if it is still that: it has one more in flight, and
  /// the answer may be used once less.
  void use(std::size_t k, backend_index i) noexcept {
    auto seen = who_[k].load();
    while (static_cast<backend_index>(seen >> 32) == i) {
      const bool last = (seen >> 8 & 0xff) <= 1;
      const auto more = (seen >> 16 & 0xffff) == 0xffff ? 0U : 1U << 16;
      if (who_[k].compare_exchange(seen, last ? gone(seen) : seen + more - (1U << 8))) return;
    }
  }
  void remove(std::size_t k, backend_index i) noexcept {
    auto seen = who_[k].load();
    if (static_cast<backend_index>(seen >> 32) == i) who_[k].compare_exchange(seen, gone(seen));
  }

 private:
  using word = typename Threading::template cell<std::uint64_t>;

  [[nodiscard]] static constexpr auto gone(std::uint64_t who) noexcept -> std::uint64_t {
    return std::uint64_t{no_backend} << 32 | (who & 0xff);
  }
  [[nodiscard]] auto tick_of(time_point t) const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(t.time_since_epoch().count()) >>
                                      tick_);
  }
  [[nodiscard]] static constexpr auto empty() noexcept -> std::array<word, most> {
    std::array<word, most> words{};
    for (auto& w : words) w = word{gone(0)};
    return words;
  }

  std::array<word, most> who_ = empty();  ///< index 32, rif 16, uses left 8, number 8
  std::array<word, most> what_{};         ///< latency 24, number 8, tick 32
  std::size_t slots_ = most;
  unsigned tick_ = 0;  ///< a tick is 2^tick_ ns
  std::uint32_t oldest_ = 0;
};

}  // namespace lepton::balance::detail
