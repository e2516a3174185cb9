// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// Task and nodes must speak of the same resources, by name and not only by number.
// expect: the task's demand and the nodes' free resources are different types: both must be the
// expect: same lepton::resources<N, Dimensions>

namespace {
struct own_names {
  static constexpr std::array<std::string_view, 2> names{"memory", "cpu"};
};
struct host {
  lepton::resources<2> free;
};
struct job {
#ifdef LEPTON_EXPECT_OK
  lepton::resources<2> demand;
#else
  lepton::resources<2, own_names> demand;
#endif
};
}  // namespace

int main() {
  lepton::place::greedy policy{lepton::place::first_fit{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
