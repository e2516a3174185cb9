// SPDX-License-Identifier: Apache-2.0
// Place your own jobs on your own machines: two lines tell Lepton how to read them.

#include <cstdio>
#include <vector>

#include <lepton/lepton.hpp>

struct job {
  int cores;
  long memory;
};
struct machine {
  const char* name;
  int cores_free;
  long memory_free;
};

template <>
struct lepton::adapt<job> {
  static auto demand(const job& j) { return resources<2>{j.cores, j.memory}; }
};
template <>
struct lepton::adapt<machine> {
  static auto free(const machine& m) { return resources<2>{m.cores_free, m.memory_free}; }
};

int main() {
  std::vector<machine> machines{{"small", 2, 4096}, {"middle", 8, 16384}, {"large", 64, 262144}};
  lepton::place::greedy policy{lepton::place::best_fit{}};

  const auto fits = policy.pick(job{4, 8192}, machines);
  if (fits) std::printf("4 cores go to '%s'\n", machines[fits.node()].name);

  const auto never = policy.pick(job{128, 1024}, machines);
  std::printf("128 cores: %s\n", lepton::place::explain(never, machines).c_str());
  return fits && fits.node() == 1 && !never ? 0 : 1;
}
