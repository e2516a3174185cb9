// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <lepton/order/share.hpp>
#include <lepton/order/tagged_tenants.hpp>
#include <lepton/order/task_cost.hpp>

namespace lepton::order {

/// By which tag the tenants' next tasks are served, and what the virtual time is.
enum class fair_tag : std::uint8_t {
  start,  ///< start-time fair queueing: smallest start tag; the time is that of the last task
          ///< served
  finish  ///< self-clocked fair queueing: smallest finish tag; the time is that of the last task
          ///< served
};

/// Weighted fair queueing. A tenant's next task has the start tag S = max(v, F of its task before),
/// where v is the virtual time when the tenant joined, and the finish tag F = S + cost / weight;
/// equal tags go by tenant id. Meets `share`.
///
/// `fair_tag::start` is SFQ (Goyal, Vin, Cheng, "Start-Time Fair Queueing", 1997): it need not know
/// costs before a task starts, and while two tenants both wait, what they got by weight differs by
/// at most one largest task of each: |W1/w1 - W2/w2| <= c1/w1 + c2/w2.
/// `fair_tag::finish` is the WFQ order (Demers, Keshav, Shenker 1989) on a self-clocked virtual
/// time (Golestani, SCFQ, 1994), with the same bound; it prefers short tasks, by the tasks' own
/// costs.
///
/// Unlike `stride`, a tenant that had nothing to run gets no credit for it.
///
/// @tparam Cost  of a task: see order/task_cost.hpp
/// @tparam By    the tag
template <class Cost = task_size, fair_tag By = fair_tag::start>
class weighted_fair_queueing {
 public:
  explicit weighted_fair_queueing(Cost cost = {}) : cost_(std::move(cost)) {}

  /// 1 unless said otherwise, at least 1; holds for what starts from now on.
  void set_weight(tenant_id id, std::uint32_t weight) {
    const auto i = slot(id);
    auto& t = tenants_[i];
    t.weight = weight == 0 ? 1 : weight;
    tenants_.change(i, key(t));
  }
  [[nodiscard]] auto virtual_time() const noexcept -> service { return now_; }

  auto slot(tenant_id id) -> tenant_slot { return tenants_.slot(id); }
  void join(tenant_slot i) {
    auto& t = tenants_[i];
    if (t.start < now_) t.start = now_;
    t.cost = 0;
    ++waiting_;
    tenants_.join(i, key(t));
  }
  void leave(tenant_slot i) {
    tenants_.leave(i);
    // Nobody waits: whoever comes next begins afresh, whatever it had before.
    if (--waiting_ == 0 && now_ < last_finish_) now_ = last_finish_;
  }
  void begin_pass(time_point /*now*/) {
    tenants_.end_holds([this](tenant_slot i) { return key(tenants_[i]); });
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return tenants_.first(); }
  void hold(tenant_slot i) { tenants_.hold(i); }
  template <class Task>
    requires(By == fair_tag::finish)
  void head(tenant_slot i, const queued<Task>& q) {
    auto& t = tenants_[i];
    t.cost = cost_(q.what);
    tenants_.change(i, key(t));
  }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    auto& t = tenants_[i];
    const auto finish = t.start + by_weight(cost_(q.what), t.weight);
    const auto served = By == fair_tag::start ? t.start : finish;
    if (now_ < served) now_ = served;
    if (last_finish_ < finish) last_finish_ = finish;
    t.start = finish;
    tenants_.change(i, key(t));
  }
  template <class Task>
  void refund(tenant_slot, const queued<Task>&, time_point) const noexcept {}

 private:
  struct tenant {
    service start = 0;       ///< tag of its next task
    std::uint64_t cost = 0;  ///< of its next task, if it goes by finish tags
    std::uint32_t weight = 1;
  };

  [[nodiscard]] static auto by_weight(std::uint64_t cost, std::uint32_t weight) noexcept
      -> service {
    return service{cost} * (service_unit / weight);
  }
  [[nodiscard]] auto key(const tenant& t) const noexcept -> service {
    return By == fair_tag::start ? t.start : t.start + by_weight(t.cost, t.weight);
  }

  tagged_tenants<service, tenant> tenants_;
  service now_ = 0;
  service last_finish_ = 0;  ///< the largest finish tag of all that was served
  std::size_t waiting_ = 0;  ///< tenants
  Cost cost_;
};
weighted_fair_queueing()->weighted_fair_queueing<task_size>;
template <class Cost>
weighted_fair_queueing(Cost) -> weighted_fair_queueing<Cost>;

}  // namespace lepton::order
