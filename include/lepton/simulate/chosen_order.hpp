// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/fair_share.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/lifo.hpp>
#include <lepton/order/longest_first.hpp>
#include <lepton/order/multifactor.hpp>
#include <lepton/order/regression_scores.hpp>
#include <lepton/order/shortest_first.hpp>
#include <lepton/order/unicef.hpp>
#include <lepton/order/wfp3.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_order.hpp>

// Orderings that are chosen at run time, so that a program that offers all of them has few kinds of
// schedulers. They order as those of order/ do that they stand for.

namespace lepton::simulate {

/// One of the orders that time does not change.
class chosen_fixed_order {
 public:
  explicit constexpr chosen_fixed_order(queue_order which = queue_order::fcfs) : which_(which) {}

  template <class Task>
  [[nodiscard]] auto before(const order::queued<Task>& a, const order::queued<Task>& b) const
      -> bool {
    switch (which_) {
      case queue_order::lifo:
        return order::lifo{}.before(a, b);
      case queue_order::sjf:
        return order::shortest_first<>{}.before(a, b);
      case queue_order::ljf:
        return order::longest_first<>{}.before(a, b);
      case queue_order::smallest:
        return order::smallest_first{}.before(a, b);
      case queue_order::largest:
        return order::largest_first{}.before(a, b);
      case queue_order::f1:
        return order::f1{}.before(a, b);
      case queue_order::f2:
        return order::f2{}.before(a, b);
      case queue_order::f3:
        return order::f3{}.before(a, b);
      case queue_order::f4:
        return order::f4{}.before(a, b);
      default:
        return false;
    }
  }

 private:
  queue_order which_;
};

/// One of the orders that change while jobs wait, but not with what starts.
class chosen_timed_order {
 public:
  explicit constexpr chosen_timed_order(queue_order which = queue_order::wfp3) : which_(which) {}

  template <class Task>
  [[nodiscard]] auto rank(const order::queued<Task>& q, time_point now) const {
    const double priority = which_ == queue_order::wfp3 ? order::wfp3<>{}.priority(q, now)
                                                        : order::unicef<>{}.priority(q, now);
    return lepton::detail::descending{priority};
  }

 private:
  queue_order which_;
};

/// One of the orders by what the users have used. The users of the workload have equal shares.
class chosen_share_order {
 public:
  chosen_share_order(queue_order which, const queue_workload& workload)
      : which_(which),
        shares_(std::make_shared<order::fair_share<>>()),
        priority_(weights(workload), order::demand_facts{}, factor_of{shares_}) {
    for (const auto& job : workload.jobs) shares_->slot(job.tenant);
  }

  template <class Task>
  [[nodiscard]] auto rank(const order::queued<Task>& q, time_point now) const {
    const double priority = which_ == queue_order::multifactor
                                ? static_cast<double>(priority_.priority(q, now))
                                : shares_->factor(tenant_of(q.what), now);
    return lepton::detail::descending{priority};
  }
  template <class Task>
  void started(const order::queued<Task>& q, time_point now) {
    shares_->started(q, now);
  }
  template <class Task>
  void ended(const order::queued<Task>& q, time_point now) {
    shares_->ended(q, now);
  }

 private:
  struct factor_of {
    std::shared_ptr<const order::fair_share<>> shares;

    [[nodiscard]] auto operator()(tenant_id who, time_point now) const -> double {
      return shares->factor(who, now);
    }
  };

  /// Those of the examples in Slurm's documentation.
  [[nodiscard]] static auto weights(const queue_workload& workload) -> order::multifactor_options {
    order::multifactor_options o;
    o.age = 1000;
    o.job_size = 1000;
    o.fair_share = 10'000;
    o.processors = workload.processors;
    return o;
  }

  queue_order which_;
  std::shared_ptr<order::fair_share<>> shares_;  ///< at one place, as `priority_` looks there
  order::multifactor<order::demand_facts, factor_of> priority_;
};

}  // namespace lepton::simulate
