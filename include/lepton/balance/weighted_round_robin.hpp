// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/cycle_cursor.hpp>
#include <lepton/balance/slot_table.hpp>
#include <lepton/balance/weighted_scan.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

template <class Threading = shared>
class weighted_round_robin;

struct weighted_round_robin_options {
  /// The most slots of the table, below 2^31. 0: 16 a backend, but no fewer than 65,536.
  std::size_t most_slots = 0;
  /// 0 starts at the first slot, anything else at a random one.
  std::uint64_t seed = 0;
};

/// Weighted round robin from a table of slots: O(1) a pick whatever n and the weights.
///
/// Shares are exact over a period of sum(weights) / gcd(weights) picks, if the table may have so
/// many slots. Otherwise they are the nearest that whole slots allow: within one slot of
/// proportional for each backend; but none gets less than a slot, which makes the light a little
/// heavier where there are backends of less than a slot.
///
/// The order is the most even there is: before any pick of a period each backend has had its share
/// of the picks so far, rounded down or up. (Neither nginx's nor Envoy's order has that bound.)
///
/// If the next slot's backend is not allowed the pick goes on to the next slot whose backend is,
/// and the round goes on behind that; after `most_looks` slots it draws among all that are allowed,
/// in proportion to the weights, O(n).
///
/// Each rebuild goes on at another, random slot. So, however often there are updates, picks stay in
/// proportion to the weights and nobody starves - also if others went on picking from an older copy
/// of the policy while this one was rebuilt.
///
/// A rebuild is O(S log S) in the slots; copies share the table. One policy may serve all threads;
/// or each has a `fork` of its own, which costs no atomics.
template <class Threading>
class weighted_round_robin {
 public:
  using threading = Threading;
  static constexpr std::size_t most_looks = 256;

  weighted_round_robin() = default;
  explicit weighted_round_robin(weighted_round_robin_options options) noexcept
      : options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    const auto n = s.eligible().size();
    const auto limit =
        options_.most_slots == 0 ? std::max<std::size_t>(65'536, 16 * n) : options_.most_slots;
    if (limit >= std::size_t{1} << 31)
      return failure("weighted_round_robin: most_slots must be below 2^31");
    if (limit < n) {
      return failure("weighted_round_robin: " + std::to_string(n) +
                     " backends need as many slots; " + "raise most_slots from " +
                     std::to_string(limit) + " or leave it 0");
    }
    use(std::make_shared<const detail::slot_table>(s, limit));
    const bool first = rebuilds_ == 0 && options_.seed == 0;
    go_to(first ? 0 : more_random(options_.seed, rebuilds_));
    ++rebuilds_;
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    const auto slots = cursor_.length();
    if (slots == 0) return no_backend;
    auto at = cursor_.take();
    const auto first = backend_at(at);
    if (allowed(first)) return first;
    const auto looks = std::min(slots, most_looks);
    for (std::size_t steps = 1; steps < looks; ++steps) {
      if (++at == slots) at = 0;
      const auto i = backend_at(at);
      if (!allowed(i)) continue;
      cursor_.skip(steps);
      return i;
    }
    if (looks == slots) return no_backend;
    cursor_.skip(looks - 1);
    return detail::weighted_scan(s, lepton::detail::mix(at + options_.seed), allowed);
  }

  /// The same table with a cursor of its own at a random slot, for one thread: it picks for the
  /// same snapshot without atomics. With another seed for each thread.
  [[nodiscard]] auto fork(std::uint64_t seed) const -> weighted_round_robin<single_threaded> {
    weighted_round_robin<single_threaded> copy{{options_.most_slots, seed}};
    copy.use(table_);
    copy.go_to(more_random(seed, rebuilds_));
    copy.rebuilds_ = rebuilds_;
    return copy;
  }

  /// Length of a period.
  [[nodiscard]] auto slots() const noexcept -> std::size_t { return cursor_.length(); }
  /// The backend of a slot.
  [[nodiscard]] auto backend_at(std::size_t slot) const noexcept -> backend_index {
    return narrow_ != nullptr ? narrow_[slot] : wide_[slot];
  }

 private:
  template <class>
  friend class weighted_round_robin;

  void use(std::shared_ptr<const detail::slot_table> table) noexcept {
    table_ = std::move(table);
    narrow_ = table_ == nullptr || table_->narrow.empty() ? nullptr : table_->narrow.data();
    wide_ = table_ == nullptr || table_->wide.empty() ? nullptr : table_->wide.data();
  }
  void go_to(std::uint64_t phase) noexcept {
    const auto slots = table_ == nullptr ? 0 : table_->size();
    cursor_.restart(slots, static_cast<std::size_t>(below(phase, slots)));
  }

  const std::uint16_t* narrow_ = nullptr;
  const std::uint32_t* wide_ = nullptr;
  detail::cycle_cursor<Threading> cursor_;
  std::shared_ptr<const detail::slot_table> table_;
  weighted_round_robin_options options_{};
  std::uint64_t rebuilds_ = 0;
};

}  // namespace lepton::balance
