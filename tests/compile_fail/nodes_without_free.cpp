// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// The elements of a view must say what is free.
// expect: this is not a view of nodes: it needs size\(\) and operator\[\], and its elements a
// expect: member .free.

namespace {
struct host {
#ifdef LEPTON_EXPECT_OK
  lepton::resources<2> free;
#else
  lepton::resources<2> unused;
#endif
};
struct job {
  lepton::resources<2> demand;
};
}  // namespace

int main() {
  lepton::place::greedy policy{lepton::place::first_fit{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
