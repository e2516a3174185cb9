// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

#include <lepton/model/time.hpp>
#include <lepton/schedule/advance_reservation.hpp>
#include <lepton/schedule/job_plan.hpp>

namespace lepton::schedule::detail {

/// The plan of the machine, number 0, and a plan for each advance reservation, in which free is
/// what it reserves, as long as it does. The machine's plan does without that.
template <resource_vector Resources>
class reservation_plans {
 public:
  using plan_type = job_plan<Resources>;
  using reservation_type = advance_reservation<Resources>;
  static constexpr std::uint32_t machine = 0;

  explicit reservation_plans(const Resources& capacity) {
    plans_.push_back(
        {{0, capacity, time_point::min(), time_point::max()}, plan_type{capacity}, true});
  }

  /// Numbers of plans are below this.
  [[nodiscard]] auto size() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(plans_.size());
  }
  [[nodiscard]] auto is_open(std::uint32_t number) const noexcept -> bool {
    return plans_[number].open;
  }
  [[nodiscard]] auto operator[](std::uint32_t number) noexcept -> plan_type& {
    return plans_[number].plan;
  }
  [[nodiscard]] auto operator[](std::uint32_t number) const noexcept -> const plan_type& {
    return plans_[number].plan;
  }
  [[nodiscard]] auto what(std::uint32_t number) const noexcept -> const reservation_type& {
    return plans_[number].what;
  }
  /// The plan of a reservation, or the machine's if there is none.
  [[nodiscard]] auto find(reservation_id id) const noexcept -> std::uint32_t {
    for (std::uint32_t k = 1; k < size(); ++k) {
      if (plans_[k].open && plans_[k].what.id == id) return k;
    }
    return machine;
  }

  /// A plan for a reservation for which there is room.
  void open(const reservation_type& r) {
    auto unused = plans_.begin();
    while (unused != plans_.end() && unused->open) ++unused;
    if (unused == plans_.end()) unused = plans_.insert(unused, {r, plan_type{Resources{}}, true});
    *unused = {r, plan_type{Resources{}}, true};
    unused->plan.give(r.demand, r.begin, r.end);
    plans_[machine].plan.take(r.demand, r.begin, r.end);
  }
  /// The rest of the reservation goes back to the machine.
  void close(std::uint32_t number, time_point now) {
    const auto& r = plans_[number].what;
    plans_[machine].plan.give(r.demand, std::max(r.begin, now), r.end);
    plans_[number].open = false;
  }

  /// Takes from a plan; what lies beyond the reservation's end is the machine's.
  void take(std::uint32_t number, const Resources& demand, time_point begin, time_point end) {
    const auto until = plans_[number].what.end;
    plans_[number].plan.take(demand, begin, std::min(end, until));
    if (end > until) plans_[machine].plan.take(demand, std::max(begin, until), end);
  }
  void give(std::uint32_t number, const Resources& demand, time_point begin, time_point end) {
    const auto until = plans_[number].what.end;
    plans_[number].plan.give(demand, begin, std::min(end, until));
    if (end > until) plans_[machine].plan.give(demand, std::max(begin, until), end);
  }

  /// Calls `visit(plan, number)` for the plans in use.
  template <class Visit>
  void for_each(Visit visit) {
    for (std::uint32_t k = 0; k < size(); ++k) {
      if (plans_[k].open) visit(plans_[k].plan, k);
    }
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t k = 0; k < size(); ++k) {
      if (plans_[k].open) visit(plans_[k].plan, k);
    }
  }

 private:
  struct entry {
    reservation_type what{};
    plan_type plan;
    bool open = false;
  };

  std::deque<entry> plans_;
};

}  // namespace lepton::schedule::detail
