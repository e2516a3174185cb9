// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// What is placed must say what it needs.
// expect: this type is not a task: give it a member .demand. that is a lepton::resources<N>, or
// expect: specialise lepton::adapt

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
#ifdef LEPTON_EXPECT_OK
  lepton::resources<2> demand;
#else
  int cores;
#endif
};
}  // namespace

int main() {
  lepton::place::greedy policy{lepton::place::first_fit{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
