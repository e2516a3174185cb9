// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/backend.hpp>
#include <lepton/balance/check_backends.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/balance/roster.hpp>
#include <lepton/balance/whole_weights.hpp>
#include <lepton/config.hpp>
#include <lepton/detail/bit_set.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance {

/// The backends at one moment, unchangeable. Policies build their tables from it and pick from it.
///
/// Backends have indices below `size()`. After backends left there may be indices without a member,
/// until newcomers take them. Those that may be picked are the *eligible* ones: members that are
/// healthy, not draining and of positive weight - or those that a wrapper named (`restricted`).
///
/// Copying costs O(size); names and other things that stay are shared between the copies.
class snapshot {
 public:
  /// No backends.
  snapshot() : roster_(std::make_shared<const detail::roster>()) {}

  /// Backend i of the list gets index i. Fails on a weight that is negative or not finite, and on
  /// an id or a key that occurs twice. O(n log n).
  [[nodiscard]] static auto build(std::span<const backend> backends) -> expected<snapshot> {
    std::vector<backend> checked{backends.begin(), backends.end()};
    if (auto good = detail::check_backends(checked); !good) return unexpected{good.error()};
    return of_slots(checked, lepton::detail::bit_set{checked.size(), true});
  }

  [[nodiscard]] static auto build(std::initializer_list<backend> backends) -> expected<snapshot> {
    return build(std::span<const backend>{backends.begin(), backends.size()});
  }

  /// One more than the largest index.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return weights_.size(); }
  /// The indices that may be picked, rising.
  [[nodiscard]] auto eligible() const noexcept -> std::span<const backend_index> {
    return eligible_list_;
  }
  [[nodiscard]] auto is_eligible(backend_index i) const noexcept -> bool {
    return i < size() && eligible_.test(i);
  }
  /// Every index is eligible: `eligible()[k] == k`.
  [[nodiscard]] auto all_eligible() const noexcept -> bool {
    return eligible_list_.size() == weights_.size();
  }
  [[nodiscard]] auto is_member(backend_index i) const noexcept -> bool {
    return i < size() && roster_->present.test(i);
  }
  [[nodiscard]] auto is_healthy(backend_index i) const noexcept -> bool { return healthy_.test(i); }
  [[nodiscard]] auto is_draining(backend_index i) const noexcept -> bool {
    return draining_.test(i);
  }

  /// The weight as a whole number: see `detail::whole_weights`.
  [[nodiscard]] auto weight(backend_index i) const noexcept -> std::uint32_t { return weights_[i]; }
  /// The weight as it was given.
  [[nodiscard]] auto exact_weight(backend_index i) const noexcept -> double {
    return exact_weights_.empty() ? weights_[i] : exact_weights_[i];
  }
  /// The whole weights of the eligible backends, added up.
  [[nodiscard]] auto total_weight() const noexcept -> std::uint64_t { return total_weight_; }
  /// All eligible backends have the same weight.
  [[nodiscard]] auto equal_weights() const noexcept -> bool { return equal_weights_; }

  [[nodiscard]] auto id(backend_index i) const noexcept -> std::uint64_t { return roster_->ids[i]; }
  [[nodiscard]] auto key(backend_index i) const noexcept -> std::string_view {
    return roster_->keys[i];
  }
  [[nodiscard]] auto priority(backend_index i) const noexcept -> std::uint32_t {
    return roster_->priorities[i];
  }
  /// Number of the backend's zone, an index into `zone_names()`.
  [[nodiscard]] auto zone(backend_index i) const noexcept -> std::uint32_t {
    return roster_->zones[i];
  }
  [[nodiscard]] auto zone_names() const noexcept -> std::span<const std::string> {
    return roster_->zone_names;
  }
  [[nodiscard]] auto labels_of(backend_index i) const noexcept -> const labels& {
    return roster_->own_labels[i];
  }
  [[nodiscard]] auto joined(backend_index i) const noexcept -> time_point {
    return roster_->joined[i];
  }
  /// Differs between any two snapshots that were built in this process, but not between copies.
  [[nodiscard]] auto version() const noexcept -> std::uint64_t { return version_; }

  /// The same backends, of which exactly these may be picked, whatever their health; they must be
  /// members, each named once, in rising order. Those of weight 0 are left out. O(size).
  [[nodiscard]] auto restricted(std::span<const backend_index> eligible) const -> snapshot {
    snapshot s = *this;
    s.eligible_ = lepton::detail::bit_set{size()};
    for (const auto i : eligible) {
      LEPTON_ASSERT(is_member(i), "snapshot::restricted: an index without a member");
      s.eligible_.set(i, s.weights_[i] > 0);
    }
    s.list_eligible();
    return s;
  }

  /// The same backends and eligible ones with these weights, one for each index; finite, at least
  /// 0. Who has weight 0 is eligible no more. O(size).
  [[nodiscard]] auto reweighted(std::span<const double> weights) const -> snapshot {
    LEPTON_ASSERT(weights.size() == size(), "snapshot::reweighted: one weight for each index");
    snapshot s = *this;
    s.set_weights(weights);
    for (const auto i : eligible_list_) s.eligible_.set(i, s.weights_[i] > 0);
    s.list_eligible();
    return s;
  }

 private:
  friend class membership;

  /// Of checked backends: those at the positions in `members`.
  [[nodiscard]] static auto of_slots(std::span<const backend> slots,
                                     const lepton::detail::bit_set& members,
                                     std::shared_ptr<const detail::roster> known = nullptr)
      -> snapshot {
    snapshot s;
    s.roster_ = known ? std::move(known) : std::make_shared<const detail::roster>(slots, members);
    s.healthy_ = s.draining_ = s.eligible_ = lepton::detail::bit_set{slots.size()};
    std::vector<double> weights(slots.size());
    members.for_each([&](std::size_t i) {
      weights[i] = slots[i].weight;
      s.healthy_.set(i, slots[i].healthy);
      s.draining_.set(i, slots[i].draining);
      s.eligible_.set(i, slots[i].healthy && !slots[i].draining && slots[i].weight > 0);
    });
    s.set_weights(weights);
    s.list_eligible();
    return s;
  }

  void set_weights(std::span<const double> weights) {
    weights_ = detail::whole_weights(weights);
    exact_weights_.clear();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (static_cast<double>(weights_[i]) == weights[i]) continue;
      exact_weights_.assign(weights.begin(), weights.end());
      break;
    }
  }

  void list_eligible() {
    eligible_list_.clear();
    eligible_list_.reserve(eligible_.count());
    total_weight_ = 0;
    equal_weights_ = true;
    eligible_.for_each([&](std::size_t i) {
      const auto index = static_cast<backend_index>(i);
      eligible_list_.push_back(index);
      total_weight_ += weights_[i];
      equal_weights_ = equal_weights_ && weights_[i] == weights_[eligible_list_.front()];
    });
    static std::atomic<std::uint64_t> versions{0};
    version_ = versions.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  std::shared_ptr<const detail::roster> roster_;
  std::vector<backend_index> eligible_list_;
  std::vector<std::uint32_t> weights_;
  std::vector<double> exact_weights_;  ///< empty: the whole ones are exact
  lepton::detail::bit_set eligible_;
  lepton::detail::bit_set healthy_;
  lepton::detail::bit_set draining_;
  std::uint64_t total_weight_ = 0;
  std::uint64_t version_ = 0;
  bool equal_weights_ = true;
};

}  // namespace lepton::balance
