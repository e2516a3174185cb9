// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// Unsigned scores would wrap around in the index.
// expect: a local score must return std::int32_t

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
  auto operator()(const job&, const Node&) const -> std::int32_t{
#else
  auto operator()(const job&, const Node&) const -> std::uint32_t {
#endif
      return 0;
}
};  // namespace
}  // namespace

int main() {
  lepton::place::greedy policy{some_score{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
