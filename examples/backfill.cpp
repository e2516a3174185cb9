// SPDX-License-Identifier: Apache-2.0
// A batch queue over a machine of 32 nodes with your own job type: EASY backfilling, live.

#include <chrono>
#include <cstdio>

#include <lepton/lepton.hpp>

using namespace std::chrono_literals;

struct job {
  int number;
  int nodes;
  std::chrono::minutes wall_time;
};
template <>
struct lepton::adapt<job> {
  static auto id(const job& j) { return j.number; }
  static auto demand(const job& j) { return resources<1>{j.nodes}; }
  static auto estimate(const job& j) { return duration{j.wall_time}; }
};

int main() {
  lepton::schedule::batch_scheduler<job> live{lepton::resources<1>{32}};
  const job jobs[] = {{1, 20, 60min}, {2, 24, 30min}, {3, 8, 45min}, {4, 8, 90min}};
  for (const auto& j : jobs) {
    if (const auto done = live.submit(j, lepton::at(0s)); !done)
      std::fprintf(stderr, "%s\n", done.error().to_string().c_str());
  }
  // Job 2 has to wait for job 1. Job 3 is done by then and job 4 would be in its way no longer than
  // its nodes are spare.
  int backfilled = 0;
  for (const auto& s : live.run(lepton::at(0s))) {
    std::printf("job %d starts%s\n", static_cast<int>(s.id), s.backfilled ? " (backfilled)" : "");
    backfilled += s.backfilled ? 1 : 0;
  }
  return backfilled == 1 ? 0 : 1;
}
