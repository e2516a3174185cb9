// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/detail/summary_tree.hpp>
#include <lepton/model/time.hpp>

namespace lepton::schedule::detail {

/// A task that runs, as far as reservations care.
template <class Resources>
struct running_entry {
  time_point end{};          ///< predicted
  std::uint64_t number = 0;  ///< of its start
  Resources demand{};
  std::uint32_t slot = 0;
  bool is_final = true;  ///< the prediction is the estimate: it is not corrected any more
};

/// When something that does not fit now will, and what will be free beyond it.
template <class Resources>
struct reservation {
  time_point shadow{};
  Resources extra{};
};

/// The running tasks by predicted end. All calls are O(log running).
template <class Resources>
class running_tasks {
 public:
  using entry = running_entry<Resources>;

  void insert(const entry& e) { tree_.insert(e, before); }
  void erase(const entry& e) { tree_.erase(e, before); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return tree_.size(); }

  /// The earliest end that is only a guess.
  [[nodiscard]] auto first_expiry() const noexcept -> time_point { return tree_.total().expiry; }
  /// One of those whose guessed end is `first_expiry`: the one that started first.
  [[nodiscard]] auto first_to_expire() const noexcept -> entry {
    return *tree_.visit(expiry_search{first_expiry()});
  }

  /// For a demand that does not fit what is free now, but would if nothing ran.
  [[nodiscard]] auto reserve(const Resources& demand, const Resources& free) const noexcept
      -> reservation<Resources> {
    reservation_search search{demand, free};
    tree_.visit(search);
    return {search.shadow, search.have - demand};
  }

 private:
  struct sums {
    sums() = default;
    explicit sums(const entry& e) noexcept
        : demand(e.demand), last(e.end), expiry(e.is_final ? time_point::max() : e.end) {}
    void add(const sums& other) noexcept {
      demand += other.demand;
      last = std::max(last, other.last);
      expiry = std::min(expiry, other.expiry);
    }
    Resources demand{};
    time_point last = time_point::min();
    time_point expiry = time_point::max();
  };

  struct reservation_search {
    Resources demand, have;
    time_point shadow{};
    bool found = false;

    reservation_search(const Resources& wanted, const Resources& free) noexcept
        : demand(wanted), have(free) {}
    auto block(const sums& s) noexcept -> bool {
      if (found ? s.last > shadow : fits(demand, have + s.demand)) return false;
      have += s.demand;
      return true;
    }
    auto entry(const running_entry<Resources>& e) noexcept -> bool {
      if (found && e.end > shadow) return false;
      have += e.demand;
      if (!found && fits(demand, have)) {
        found = true;
        shadow = e.end;
      }
      return true;
    }
  };
  struct expiry_search {
    time_point when;
    auto block(const sums& s) const noexcept -> bool { return s.expiry > when; }
    auto entry(const running_entry<Resources>& e) const noexcept -> bool {
      return e.is_final || e.end > when;
    }
  };

  static constexpr auto before = [](const entry& a, const entry& b) noexcept {
    return a.end != b.end ? a.end < b.end : a.number < b.number;
  };

  lepton::detail::summary_tree<entry, sums> tree_;
};

}  // namespace lepton::schedule::detail
