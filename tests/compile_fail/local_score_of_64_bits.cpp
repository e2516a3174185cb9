// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// The index of a local score holds 32-bit values.
// expect: a local score must return std::int32_t \(scale it\), so that its index stays small; mark
// expect: the score global if it needs 64 bits

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
struct wide_score {
  template <class Node>
#ifdef LEPTON_EXPECT_OK
  auto operator()(const job&, const Node&) const -> std::int32_t{
#else
  auto operator()(const job&, const Node&) const -> std::int64_t {
#endif
      return 0;
}
};  // namespace
}  // namespace

int main() {
  lepton::place::greedy policy{wide_score{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
