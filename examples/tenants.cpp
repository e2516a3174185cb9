// SPDX-License-Identifier: Apache-2.0
// Two teams share a cluster: dominant resource fairness between them, a guarantee for each, and
// what was borrowed comes back when its owner needs it.

#include <chrono>
#include <cstdio>
#include <vector>

#include <lepton/lepton.hpp>

using namespace std::chrono_literals;
namespace order = lepton::order;
namespace schedule = lepton::schedule;
using amounts = lepton::resources<2>;  // milli-CPU, MiB

int main() {
  constexpr lepton::tenant_id research = 1;
  constexpr lepton::tenant_id product = 2;
  lepton::cluster<2> nodes;
  (void)nodes.add({.name = "a", .capacity = {9000, 18432}});

  std::vector<schedule::quota_spec<amounts>> specs(3);
  specs[0].name = "company";
  specs[1].name = "research";
  specs[1].tenant = research;
  specs[2].name = "product";
  specs[2].tenant = product;
  for (const auto team : {1U, 2U}) {
    specs[team].parent = "company";
    specs[team].guaranteed = amounts{4500, 9216};
  }
  auto quota = schedule::quota<amounts>::build(specs);
  if (!quota) {
    std::fprintf(stderr, "%s\n", quota.error().to_string().c_str());
    return 1;
  }
  lepton::scheduler live{nodes, order::per_tenant{order::drf<amounts>{amounts{9000, 18432}}},
                         lepton::place::greedy{lepton::place::best_fit{}},
                         schedule::rules{*quota, schedule::kubernetes_preemption{}}};

  auto task = [id = lepton::task_id{0}](lepton::tenant_id tenant, amounts demand) mutable {
    lepton::task<2> t;
    t.id = ++id;
    t.tenant = tenant;
    t.demand = demand;
    return t;
  };
  const auto pass = [&](lepton::time_point now) {
    std::size_t started = 0;
    for (const auto& a : live.run(now)) started += a.what ? 1U : 0U;
    std::printf("%d start, %d are stopped, %d wait\n", static_cast<int>(started),
                static_cast<int>(live.evicted().size()), static_cast<int>(live.waiting_count()));
    return started;
  };

  // Research is alone and borrows.
  for (int k = 0; k < 8; ++k) (void)live.submit(task(research, {1000, 1024}), lepton::at(0s));
  if (pass(lepton::at(0s)) != 8) return 1;
  // Product wants what is its own: some of research's tasks have to wait again.
  for (int k = 0; k < 2; ++k) (void)live.submit(task(product, {2000, 4096}), lepton::at(10s));
  if (pass(lepton::at(10s)) != 2) return 1;
  return live.evicted().size() == 3 ? 0 : 1;
}
