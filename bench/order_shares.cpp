// SPDX-License-Identifier: Apache-2.0
// Dominant resource fairness against the number of tenants: one task ends and the next tenant's
// starts, by the queue with its heap and, in the same run, by a list of the tenants that is sorted
// (as Mesos' sorter does when shares have changed) or scanned at each decision.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/drf.hpp>
#include <lepton/order/per_tenant.hpp>

namespace {

namespace order = lepton::order;
using vec = lepton::resources<2>;
using task = lepton::task<2>;
using queued = order::queued<task>;

constexpr auto now = lepton::at(lepton::duration{1});
constexpr std::size_t per_tenant_tasks = 4;

/// The tasks of a run: half of them run at the start.
struct load {
  explicit load(std::size_t tenants) : capacity{3'000'000, 5'000'000} {
    lepton::detail::pcg32 random{2024};
    for (std::size_t i = 0; i < per_tenant_tasks * tenants; ++i) {
      queued q;
      q.what.tenant = i % tenants;
      q.what.demand = vec{1 + random.below(40), 1 + random.below(60)};
      q.id = q.sequence = i;
      tasks.push_back(q);
    }
  }
  vec capacity;
  std::deque<queued> tasks;
};

void drf_queue(benchmark::State& run) {
  load all{static_cast<std::size_t>(run.range(0))};
  order::per_tenant policy{order::drf{all.capacity}};
  order::queue_of_t<task, decltype(policy)> queue{policy};
  std::vector<const queued*> running;
  for (const auto& q : all.tasks) queue.push(q, now);
  queue.begin_pass(now);
  while (running.size() < all.tasks.size() / 2) {
    running.push_back(queue.next());
    queue.take();
  }
  lepton::detail::pcg32 random{7};
  for (auto _ : run) {
    auto& leaving = running[random.below(static_cast<std::uint32_t>(running.size()))];
    queue.ended(*leaving, now);
    queue.push(*leaving, now);
    queue.begin_pass(now);
    leaving = queue.next();
    queue.take();
  }
  run.SetItemsProcessed(run.iterations());
}

/// What the sorter holds of a tenant.
struct client {
  vec used{};
  std::deque<const queued*> waiting{};
  double share = 0;
  std::size_t number = 0;
};

/// @param sort  whether the whole list is put in order, or its first looked for
template <bool Sort>
void drf_list(benchmark::State& run) {
  load all{static_cast<std::size_t>(run.range(0))};
  std::vector<client> clients(static_cast<std::size_t>(run.range(0)));
  std::vector<const queued*> running;
  for (std::size_t i = 0; i < all.tasks.size(); ++i) {
    auto& c = clients[all.tasks[i].what.tenant];
    c.number = all.tasks[i].what.tenant;
    if (i < all.tasks.size() / 2) {
      c.used += all.tasks[i].what.demand;
      running.push_back(&all.tasks[i]);
    } else {
      c.waiting.push_back(&all.tasks[i]);
    }
  }
  const auto share = [&](const client& c) {
    return std::max(static_cast<double>(c.used[0]) / static_cast<double>(all.capacity[0]),
                    static_cast<double>(c.used[1]) / static_cast<double>(all.capacity[1]));
  };
  std::vector<client*> sorted;
  for (auto& c : clients) {
    c.share = share(c);
    sorted.push_back(&c);
  }
  const auto before = [](const client* a, const client* b) {
    if (a->waiting.empty() != b->waiting.empty()) return b->waiting.empty();
    return a->share != b->share ? a->share < b->share : a->number < b->number;
  };
  lepton::detail::pcg32 random{7};
  for (auto _ : run) {
    auto& leaving = running[random.below(static_cast<std::uint32_t>(running.size()))];
    auto& back = clients[leaving->what.tenant];
    back.used -= leaving->what.demand;
    back.share = share(back);
    back.waiting.push_back(leaving);
    if constexpr (Sort) std::sort(sorted.begin(), sorted.end(), before);
    auto& first = Sort ? *sorted.front() : **std::min_element(sorted.begin(), sorted.end(), before);
    leaving = first.waiting.front();
    first.waiting.pop_front();
    first.used += leaving->what.demand;
    first.share = share(first);
  }
  run.SetItemsProcessed(run.iterations());
}
void drf_by_scan(benchmark::State& run) { drf_list<false>(run); }
void drf_by_sort(benchmark::State& run) { drf_list<true>(run); }

}  // namespace

BENCHMARK(drf_queue)->Arg(100)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(drf_by_scan)->Arg(100)->Arg(10'000);
BENCHMARK(drf_by_sort)->Arg(100)->Arg(10'000);
