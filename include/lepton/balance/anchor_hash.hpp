// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/anchor_table.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/rehash_pick.hpp>

namespace lepton::balance {

/// AnchorHash (Mendelson et al., ToN 2021): consistent hashing that is perfectly even, fast and
/// small. Reads `context::hash`.
///
/// A backend that fails, drains or leaves, whichever it is, moves its own keys only, evenly to the
/// others; one that joins takes keys to itself only. It gets the slots that were freed last, so one
/// that comes back before others have changed gets exactly its keys again (of several that come
/// back at once, each gets those of its slots that are among the last freed). The answer depends on
/// the history of the `rebuild` calls: several balancers agree if they see the same changes in the
/// same order. When a backend is not allowed: `detail::rehash_pick`.
///
/// A backend has `weight * slots_per_weight` slots, rounded, at least one. A change of its weight
/// moves keys to or from itself only.
///
/// O(1): 1 + ln(capacity / slots) steps in expectation.
/// `rebuild` is O(n + slots that change). 32 bytes for a slot.
class anchor_hash {
 public:
  struct options {
    /// Slots there may ever be: `rebuild` fails when more are needed. 0: half as many again as the
    /// first `rebuild` needs, an eighth more beyond 2^16; when that is not enough it starts afresh,
    /// and most keys move.
    std::uint32_t capacity = 0;
    /// 0: chosen when it starts (afresh), for up to 16 slots of the average backend. Whole weights
    /// are kept exact if that is possible; beyond 4,096 backends with no more slots than it takes.
    double slots_per_weight = 0;
  };

  static constexpr std::uint32_t most_slots = 1U << 28;

  anchor_hash() = default;
  explicit anchor_hash(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    if (!(options_.slots_per_weight >= 0) || !std::isfinite(options_.slots_per_weight))
      return failure("anchor_hash: slots_per_weight must be positive and finite, or 0");
    if (options_.capacity > most_slots) return failure("anchor_hash: the capacity is above 2^28");
    const bool first = table_.capacity() == 0;
    if (first && s.eligible().empty()) return {};
    auto scale = first ? fresh_scale(s) : scale_;
    auto total = slots_wanted(s, scale);
    const bool outgrown = !first && options_.capacity == 0 && total > table_.capacity();
    if (outgrown) total = slots_wanted(s, scale = fresh_scale(s));
    if (const auto limit = options_.capacity != 0 ? options_.capacity : most_slots; total > limit) {
      return failure("anchor_hash: " + std::to_string(total) + " slots are needed and " +
                     std::to_string(limit) +
                     " are the most; raise the capacity or lower slots_per_weight");
    }
    if (first || outgrown) start(options_.capacity != 0 ? options_.capacity : roomy(total));
    scale_ = scale;
    follow(s);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    if (s.eligible().empty()) return no_backend;
    return detail::rehash_pick(s, c.hash, allowed,
                               [&](std::uint64_t hash) noexcept { return table_.find(hash); });
  }

  /// Slots there are room for, and those that backends have.
  [[nodiscard]] auto capacity() const noexcept -> std::uint32_t { return table_.capacity(); }
  [[nodiscard]] auto slots() const noexcept -> std::uint32_t { return table_.working(); }

 private:
  static constexpr std::uint32_t none = no_backend;
  /// What a backend has.
  struct holding {
    std::uint64_t id = 0;
    std::uint32_t slots = 0;
    std::uint32_t last = none;  ///< its slots as a list: the one it got last
  };

  [[nodiscard]] static auto roomy(std::uint64_t slots) noexcept -> std::uint32_t {
    const auto spare = slots <= 65'536 ? slots / 2 : slots / 8;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(slots + spare, 16, most_slots));
  }

  [[nodiscard]] auto fresh_scale(const snapshot& s) const noexcept -> double {
    if (options_.slots_per_weight > 0) return options_.slots_per_weight;
    double sum = 0;
    std::uint32_t unit = 0;
    bool whole = true;
    for (const auto i : s.eligible()) {
      sum += s.exact_weight(i);
      unit = std::gcd(unit, s.weight(i));
      whole = whole && s.exact_weight(i) == s.weight(i);
    }
    const auto n = static_cast<double>(s.eligible().size());
    auto most = 16.0;  // slots of the average backend
    if (options_.capacity != 0) most = std::clamp(options_.capacity / n / 1.5, 1.0, most);
    const auto least = sum / n / unit;  // with exact weights
    if (!whole || least > most) return most * n / sum;
    return (s.eligible().size() > 4096 ? 1 : std::floor(most / least)) / unit;
  }

  [[nodiscard]] static auto wanted(const snapshot& s, backend_index i, double scale) noexcept
      -> std::uint32_t {
    constexpr double most = most_slots + 1.0;
    return static_cast<std::uint32_t>(std::clamp(std::round(s.exact_weight(i) * scale), 1.0, most));
  }

  [[nodiscard]] static auto slots_wanted(const snapshot& s, double scale) noexcept
      -> std::uint64_t {
    std::uint64_t total = 0;
    for (const auto i : s.eligible()) total += wanted(s, i, scale);
    return total;
  }

  void start(std::uint32_t capacity) {
    table_ = detail::anchor_table{capacity};
    before_.assign(capacity, none);
    owner_ids_.assign(capacity, 0);
    held_.clear();
  }

  void follow(const snapshot& s) {
    if (held_.size() < s.size()) held_.resize(s.size());
    for (auto i = static_cast<backend_index>(held_.size()); i-- > 0;) {
      auto& h = held_[i];
      const bool stays = s.is_eligible(i) && s.id(i) == h.id;
      const auto keep = stays ? wanted(s, i, scale_) : 0;
      while (h.slots > keep) drop_slot(h);
      if (!stays) h.id = s.is_eligible(i) ? s.id(i) : 0;
    }
    std::vector<std::uint32_t> fresh;
    std::vector<std::pair<std::uint64_t, backend_index>> in_need;
    for (const auto i : s.eligible()) {
      auto lack = wanted(s, i, scale_) - held_[i].slots;
      if (lack != 0) in_need.emplace_back(s.id(i), i);
      for (; lack != 0; --lack) fresh.push_back(table_.add(i));
    }
    std::sort(in_need.begin(), in_need.end());
    deal(s, fresh, in_need);
  }

  /// Gives the slots out: first to whom they belonged, then by index.
  void deal(const snapshot& s, std::vector<std::uint32_t>& fresh,
            const std::vector<std::pair<std::uint64_t, backend_index>>& in_need) {
    std::size_t left = 0;
    for (const auto slot : fresh) {
      const auto key = std::pair{owner_ids_[slot], backend_index{0}};
      const auto at = std::lower_bound(in_need.begin(), in_need.end(), key);
      const bool known = at != in_need.end() && at->first == key.first;
      if (known && held_[at->second].slots < wanted(s, at->second, scale_)) {
        take_slot(at->second, slot);
      } else {
        fresh[left++] = slot;
      }
    }
    std::size_t next = 0;
    for (const auto i : s.eligible()) {
      if (next == left) break;
      while (held_[i].slots < wanted(s, i, scale_)) take_slot(i, fresh[next++]);
    }
  }

  void take_slot(backend_index i, std::uint32_t slot) noexcept {
    auto& h = held_[i];
    table_.set_owner(slot, i);
    owner_ids_[slot] = h.id;
    before_[slot] = std::exchange(h.last, slot);
    ++h.slots;
  }
  void drop_slot(holding& h) noexcept {
    table_.remove(h.last);
    h.last = before_[h.last];
    --h.slots;
  }

  options options_{};
  double scale_ = 0;
  detail::anchor_table table_{};
  std::vector<holding> held_;
  std::vector<std::uint32_t> before_;     ///< by slot: the one that its owner got before
  std::vector<std::uint64_t> owner_ids_;  ///< by slot: whose it is, or was last
};

}  // namespace lepton::balance
