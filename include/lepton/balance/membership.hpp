// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lepton/balance/backend.hpp>
#include <lepton/balance/check_backends.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/detail/bit_set.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance {

/// The list of backends that changes, from which snapshots are made. Every change happens whole or,
/// with an error that says why, not at all.
///
/// A member keeps its index until it is removed. The index is then *leaving*: no newcomer gets it
/// before `recycle` says that nobody uses it any more.
class membership {
 public:
  membership() = default;
  /// For indices below `capacity` only.
  explicit membership(std::size_t capacity) : capacity_(capacity) {}

  /// Adds a backend, at the lowest index that is vacant. Fails when the weight is negative or not
  /// finite, the key or the id is a member's already, or every index is taken.
  auto add(backend b) -> expected<backend_index> {
    const auto at = lowest_vacant();
    if (auto good = detail::check_weight(b.weight, b, at); !good) return unexpected{good.error()};
    if (b.key.empty() && b.id == 0) {
      return failure(detail::name_of(b, at) + " has neither a key nor an id; give it one of them");
    }
    detail::complete(b);
    if (by_key_.contains(b.key)) {
      return failure("there is a backend with the key " + b.key + " already; keys must differ");
    }
    if (by_id_.contains(b.id)) {
      return failure("there is a backend with the id " + std::to_string(b.id) +
                     " already; ids must differ");
    }
    if (at >= capacity_) {
      return failure("there is no index left for " + b.key + ": all " + std::to_string(capacity_) +
                     " are taken, some perhaps by requests that removed backends still serve; "
                     "construct with a larger capacity");
    }
    const auto i = static_cast<backend_index>(at);
    note(i);
    if (at == slots_.size()) grow(at + 1);
    vacant_.reset(at);
    enter(i, std::move(b));
    return i;
  }

  /// Removes a member; its index is leaving from now on.
  auto remove(backend_index i) -> status {
    if (!is_member(i)) return no_member("remove", i);
    note(i);
    leave(i);
    leaving_.set(i);
    return {};
  }

  auto set_weight(backend_index i, double weight) -> status {
    if (!is_member(i)) return no_member("set_weight", i);
    if (auto good = detail::check_weight(weight, slots_[i], i); !good) return good;
    note(i);
    slots_[i].weight = weight;
    return {};
  }
  auto set_healthy(backend_index i, bool healthy) -> status {
    if (!is_member(i)) return no_member("set_healthy", i);
    note(i);
    slots_[i].healthy = healthy;
    return {};
  }
  auto set_draining(backend_index i, bool draining) -> status {
    if (!is_member(i)) return no_member("set_draining", i);
    note(i);
    slots_[i].draining = draining;
    return {};
  }

  /// Makes these the members: those with the key and id of a member update it, others join, members
  /// that are not among them leave. O(n).
  auto replace(std::span<const backend> backends) -> status {
    std::vector<backend> checked{backends.begin(), backends.end()};
    if (auto good = detail::check_backends(checked); !good) return good;
    std::unordered_map<std::string_view, const backend*> wanted;
    for (const auto& b : checked) wanted.emplace(b.key, &b);
    const auto begin = journal_.size();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!members_.test(i)) continue;
      const auto at = wanted.find(slots_[i].key);
      if (at == wanted.end() || at->second->id != slots_[i].id)
        (void)remove(static_cast<backend_index>(i));
    }
    for (auto& b : checked) {
      const auto at = by_key_.find(b.key);
      if (at != by_key_.end()) {
        update(at->second, std::move(b));
      } else if (auto added = add(std::move(b)); !added) {
        undo_to(begin);
        return unexpected{added.error()};
      }
    }
    return {};
  }

  [[nodiscard]] auto find(std::string_view key) const -> std::optional<backend_index> {
    const auto at = by_key_.find(std::string{key});
    return at == by_key_.end() ? std::nullopt : std::optional{at->second};
  }
  [[nodiscard]] auto find_id(std::uint64_t id) const -> std::optional<backend_index> {
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? std::nullopt : std::optional{at->second};
  }
  [[nodiscard]] auto is_member(backend_index i) const noexcept -> bool {
    return i < slots_.size() && members_.test(i);
  }
  /// A member.
  [[nodiscard]] auto operator[](backend_index i) const noexcept -> const backend& {
    LEPTON_ASSERT(is_member(i), "membership: there is no member at this index");
    return slots_[i];
  }
  [[nodiscard]] auto count() const noexcept -> std::size_t { return by_id_.size(); }

  [[nodiscard]] auto make_snapshot() -> snapshot {
    if (!roster_) roster_ = std::make_shared<const detail::roster>(slots_, members_);
    return snapshot::of_slots(slots_, members_, roster_);
  }

  /// Frees the leaving indices for which `unused(i)` is true.
  template <class Unused>
  void recycle(Unused unused) {
    leaving_.for_each([&](std::size_t i) {
      if (!unused(static_cast<backend_index>(i))) return;
      leaving_.reset(i);
      vacant_.set(i);
    });
  }

  /// Makes the changes since the last `commit` final, or takes them back.
  void commit() noexcept { journal_.clear(); }
  void roll_back() { undo_to(0); }

 private:
  /// How an index was before a change.
  struct former {
    backend_index index;
    std::size_t size;  ///< of slots_
    bool member;
    bool leaving;
    backend what;
  };

  void note(backend_index i) {
    const bool known = i < slots_.size();
    journal_.push_back({i, slots_.size(), known && members_.test(i), known && leaving_.test(i),
                        known ? slots_[i] : backend{}});
  }
  void undo_to(std::size_t begin) {
    while (journal_.size() > begin) {
      auto was = std::move(journal_.back());
      journal_.pop_back();
      const auto i = was.index;
      if (i >= slots_.size()) continue;  // there was no memory for it
      if (members_.test(i)) leave(i);
      leaving_.set(i, was.leaving);
      vacant_.set(i, !was.member && !was.leaving);
      if (was.member) enter(i, std::move(was.what));
      if (was.size < slots_.size()) grow(was.size);
    }
  }
  // In both, memory may run out half-way: what is there then can be undone.
  void grow(std::size_t size) {
    members_.resize(size);
    leaving_.resize(size);
    vacant_.resize(size);
    slots_.resize(size);
  }
  void enter(backend_index i, backend b) {
    slots_[i] = std::move(b);
    members_.set(i);
    roster_ = nullptr;
    by_key_.emplace(slots_[i].key, i);
    by_id_.emplace(slots_[i].id, i);
  }
  void leave(backend_index i) {
    by_key_.erase(slots_[i].key);
    by_id_.erase(slots_[i].id);
    slots_[i] = {};
    members_.reset(i);
    roster_ = nullptr;
  }
  void update(backend_index i, backend b) {
    note(i);
    const auto& old = slots_[i];
    if (old.priority != b.priority || old.zone != b.zone || !(old.own_labels == b.own_labels) ||
        old.joined != b.joined)
      roster_ = nullptr;
    slots_[i] = std::move(b);
  }
  [[nodiscard]] auto lowest_vacant() const noexcept -> std::size_t {
    return vacant_.first().value_or(slots_.size());
  }
  [[nodiscard]] LEPTON_COLD static auto no_member(const char* call, backend_index i) -> status {
    return failure(std::string{call} + ": there is no backend at index " + std::to_string(i));
  }

  std::size_t capacity_ = no_backend - 1;
  std::vector<backend> slots_;
  lepton::detail::bit_set members_, leaving_, vacant_;
  std::unordered_map<std::string, backend_index> by_key_;
  std::unordered_map<std::uint64_t, backend_index> by_id_;
  std::shared_ptr<const detail::roster> roster_;  ///< of the members as they are, if made
  std::vector<former> journal_;
};

}  // namespace lepton::balance
