// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/allocation.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/suspended.hpp>

namespace lepton::schedule {

/// A moment within a transaction.
struct savepoint {
  std::size_t steps = 0;
};

/// Changes of a cluster that can still be taken back.
///
/// The steps are carried out at once, so that policies see the cluster as it would be; `commit`
/// makes them final, `roll_back` undoes them, and so does the destructor with those left. After a
/// roll-back the cluster is what it was in all but its revision numbers: the same receipts are
/// valid and hold the same devices, and the residents stand in the same order.
///
/// While there are open steps, the cluster is changed through its transaction only and stays where
/// it is; a breach meets `LEPTON_ASSERT` at the next call. Each step and its undoing cost what the
/// step costs on the cluster, O(1).
template <class Cluster>
class transaction {
 public:
  explicit transaction(Cluster& nodes) noexcept : nodes_(&nodes) {}
  transaction(transaction&& other) noexcept
      : nodes_(other.nodes_),
        outer_(std::exchange(other.outer_, nullptr)),
        steps_(std::move(other.steps_)),
        revision_(other.revision_) {
    LEPTON_ASSERT(other.inner_ == 0, "transaction: moved while a nested one is open");
    other.steps_.clear();
  }
  auto operator=(transaction&& other) noexcept -> transaction& {
    transaction taken{std::move(other)};
    swap(taken);
    return *this;
  }
  ~transaction() {
    roll_back();
    LEPTON_ASSERT(inner_ == 0, "transaction: ended before the nested one");
    if (outer_ != nullptr) --outer_->inner_;
  }

  /// A transaction inside this one: its `commit` hands its steps over to this one, which may still
  /// undo them. It must end first; while it has open steps, this one rests.
  [[nodiscard]] auto nested() noexcept -> transaction {
    transaction inner{*nodes_};
    inner.outer_ = this;
    ++inner_;
    return inner;
  }

  /// The cluster as it would be.
  [[nodiscard]] auto nodes() const noexcept -> const Cluster& { return *nodes_; }
  /// Number of open steps.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return steps_.size(); }

  /// Carries out a placed decision; changes nothing and says why if the task does not fit.
  template <task_like Task>
  auto allocate(const Task& t, const decision& d) -> expected<allocation_id> {
    enter();
    auto receipt = nodes_->allocate(t, d);
    if (receipt) steps_.push_back({action::allocation, {*receipt, std::nullopt, 0}, 0});
    leave();
    return receipt;
  }

  /// Takes back what an allocation holds. Its receipt is not valid until this is undone.
  auto release(allocation_id id) -> status {
    enter();
    auto taken = nodes_->suspend(id);
    if (!taken) return unexpected<error>{taken.error()};
    steps_.push_back({action::release, std::move(*taken), 0});
    leave();
    return {};
  }

  /// Takes back the open release that came right after `mark`, whatever came since: the same
  /// receipt is valid again. What it held must still be free. This, too, can be undone.
  void reprieve(savepoint mark) {
    LEPTON_ASSERT(mark.steps < steps_.size() && steps_[mark.steps].done == action::release,
                  "transaction: reprieve needs the mark taken right before a release");
    enter();
    auto& taken = steps_[mark.steps];
    const auto id = taken.what.id;
    nodes_->reinstate(std::move(taken.what));
    taken.done = action::nothing;
    steps_.push_back({action::reprieve, {id, std::nullopt, 0}, mark.steps});
    leave();
  }

  /// Marks this moment for `roll_back_to`.
  [[nodiscard]] auto mark() const noexcept -> savepoint { return {steps_.size()}; }
  /// Undoes what was done since `mark`. A mark is good until something before it is undone, or the
  /// transaction is committed.
  void roll_back_to(savepoint mark) {
    LEPTON_ASSERT(mark.steps <= steps_.size(),
                  "transaction: what came before the mark has been undone or committed already");
    enter();
    while (steps_.size() > mark.steps) {
      undo(steps_.back());
      steps_.pop_back();
    }
    leave();
  }
  /// Undoes all open steps.
  void roll_back() {
    if (!steps_.empty()) roll_back_to({});
  }

  /// Makes the open steps final, or those of the outer transaction. The transaction can be used
  /// on.
  void commit() {
    enter();
    if (outer_ == nullptr) {
      for (const auto& s : steps_) {
        if (s.done == action::release) nodes_->discard(s.what);
      }
    } else {
      const auto shift = outer_->steps_.size();
      for (auto& s : steps_) {
        s.of += shift;
        outer_->steps_.push_back(std::move(s));
      }
    }
    steps_.clear();
    leave();
  }

 private:
  enum class action : std::uint8_t { allocation, release, reprieve, nothing };
  struct step {
    action done = action::allocation;
    suspended what{};
    std::size_t of = 0;  ///< of a reprieve: the step that it took back
  };

  void undo(step& s) {
    if (s.done == action::allocation) {
      (void)nodes_->release(s.what.id);
    } else if (s.done == action::release) {
      nodes_->reinstate(std::move(s.what));
    } else if (s.done == action::reprieve) {
      auto again = nodes_->suspend(s.what.id);
      auto& taken = steps_[s.of];
      again->place = taken.what.place;  // where it stood at first
      taken = {action::release, std::move(*again), 0};
    }
  }

  void swap(transaction& other) noexcept {
    LEPTON_ASSERT(inner_ == 0, "transaction: assigned to while a nested one is open");
    std::swap(nodes_, other.nodes_);
    std::swap(outer_, other.outer_);
    std::swap(steps_, other.steps_);
    std::swap(revision_, other.revision_);
  }
  void enter() const noexcept {
    LEPTON_ASSERT(steps_.empty() || nodes_->revision() == revision_,
                  "transaction: the cluster was changed by others while steps were open (nodes "
                  "added, removed or drained, tasks placed or released, a nested transaction "
                  "with open steps)");
  }
  /// Remembers how the cluster was left, for the outer transactions too once nothing is open here.
  void leave() noexcept {
    revision_ = nodes_->revision();
    if (steps_.empty() && outer_ != nullptr) outer_->leave();
  }

  Cluster* nodes_;
  transaction* outer_ = nullptr;
  std::vector<step> steps_;
  std::uint64_t revision_ = 0;
  std::size_t inner_ = 0;
};

}  // namespace lepton::schedule
