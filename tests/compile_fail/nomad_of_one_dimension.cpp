// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/nomad_fit.hpp>

// Nomad's formula has two terms.
// expect: Nomad's scores look at the first two dimensions, CPU and memory

int main() {
#ifdef LEPTON_EXPECT_OK
  constexpr std::size_t dimensions = 2;
#else
  constexpr std::size_t dimensions = 1;
#endif
  lepton::place::greedy policy{lepton::place::nomad_bin_pack{}};
  const lepton::cluster<dimensions> nodes;
  return policy.pick(lepton::task<dimensions>{}, nodes).is_placed() ? 0 : 1;
}
