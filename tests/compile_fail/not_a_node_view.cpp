// SPDX-License-Identifier: Apache-2.0
#include <list>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// Nodes must be a sized, random-access collection.
// expect: this is not a view of nodes: it needs size\(\) and operator\[\], and its elements a
// expect: member .free. that is a lepton::resources<N>

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
}  // namespace

int main() {
  lepton::place::greedy policy{lepton::place::first_fit{}};
#ifdef LEPTON_EXPECT_OK
  const std::vector<host> hosts(1);
#else
  const std::list<host> hosts(1);
#endif
  return policy.pick(job{}, hosts).is_placed() ? 0 : 1;
}
