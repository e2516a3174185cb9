// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// A number is no verdict: what comes before the score must be filters. (Clang 14 first quotes the
// condition, over several lines of which only the first is looked at.)
// expect: (score} before the last must be filters: bool operator|requirement .*size_t [.]+I>)

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
struct some_filter {
  template <class Node>
#ifdef LEPTON_EXPECT_OK
  auto operator()(const job&, const Node&) const -> bool{
#else
  auto operator()(const job&, const Node&) const -> int {
#endif
      return true;
}
};  // namespace
}  // namespace

int main() {
  lepton::place::greedy policy{some_filter{}, lepton::place::first_fit{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
