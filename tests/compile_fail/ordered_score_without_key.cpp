// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// A score that says it orders the nodes must give the order.
// expect: an ordered score needs std::int64_t order_key\(node\) const: the smallest key wins

namespace {
struct host {
  lepton::resources<2> free;
};
struct job {
  lepton::resources<2> demand;
};
struct some_score {
  static constexpr auto kind = lepton::place::score_kind::ordered;
  template <class Node>
  auto operator()(const job&, const Node&) const -> std::int32_t {
    return 0;
  }
#ifdef LEPTON_EXPECT_OK
  template <class Node>
  [[nodiscard]] auto order_key(const Node&) const -> std::int64_t {
    return 0;
  }
#endif
};
}  // namespace

int main() {
  lepton::place::greedy policy{some_score{}};
  return policy.pick(job{}, std::vector<host>(1)).is_placed() ? 0 : 1;
}
