// SPDX-License-Identifier: Apache-2.0
// A controller's loop: submit, run, finish, lose a node. The caller owns the clock.

#include <chrono>
#include <cstdio>

#include <lepton/lepton.hpp>

using namespace std::chrono_literals;

int main() {
  lepton::cluster<2> nodes;  // milli-CPU, MiB
  for (const char* name : {"a", "b"}) {
    if (const auto added = nodes.add({.name = name, .capacity = {4000, 8192}}); !added) {
      std::fprintf(stderr, "%s\n", added.error().to_string().c_str());
      return 1;
    }
  }
  lepton::scheduler live{nodes, lepton::order::fcfs{},
                         lepton::place::greedy{lepton::place::best_fit{}}};

  auto now = lepton::at(0s);
  for (lepton::task_id id = 1; id <= 4; ++id) {
    (void)live.submit(lepton::task<2>{.id = id, .demand = {2500, 1024}}, now);
  }
  for (const auto& a : live.run(now)) {
    std::printf("task %d starts: %s\n", static_cast<int>(a.id),
                lepton::place::explain(a.what, live.nodes()).c_str());
  }
  std::printf("%d wait\n", static_cast<int>(live.waiting_count()));

  now = lepton::at(10s);
  (void)live.finish(1, now);
  for (const auto& a : live.run(now)) {
    std::printf(
        "task %d starts after %d s\n", static_cast<int>(a.id),
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(a.waited).count()));
  }

  now = lepton::at(20s);
  const auto back = live.lose_node(1, now);
  std::printf("node b is lost: %d task waits again\n", back ? static_cast<int>(back->size()) : -1);
  (void)live.run(now);
  return live.running_count() == 1 && live.waiting_count() == 2 ? 0 : 1;
}
