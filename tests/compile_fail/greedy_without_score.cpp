// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// A filter alone ranks nothing: the last part must be a score.
// expect: the last part of greedy{filter..., score} must be a score: an integer operator\(\)\(task,
// expect: node\) const

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
struct words {
  template <class Node>
  auto operator()(const job&, const Node&) const
#ifdef LEPTON_EXPECT_OK
      -> int {
    return 1;
#else
      -> const char* {
    return "good";
#endif
  }
};
}  // namespace

int main() {
  lepton::place::greedy policy{words{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
