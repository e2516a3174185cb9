// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// Scores are whole numbers, the same on every machine.
// expect: the last part of greedy{filter..., score} must be a score: an integer operator\(\)\(task,
// expect: node\) const

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
struct some_score {
  template <class Node>
#ifdef LEPTON_EXPECT_OK
  auto operator()(const job&, const Node&) const -> int{
#else
  auto operator()(const job&, const Node&) const -> double {
#endif
      return 1;
}
};  // namespace
}  // namespace

int main() {
  lepton::place::greedy policy{some_score{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
