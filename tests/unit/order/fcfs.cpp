// SPDX-License-Identifier: Apache-2.0
#include <lepton/order/fcfs.hpp>

#include "catch.hpp"

TEST_CASE("first come, first served holds no two tasks apart, so the submission decides") {
  using queued = lepton::order::queued<int>;
  constexpr lepton::order::fcfs order;
  const queued early{1, 1, lepton::time_point{}, 1};
  const queued late{2, 2, lepton::at(lepton::duration{5}), 2};
  CHECK_FALSE(order.before(early, late));
  CHECK_FALSE(order.before(late, early));
  CHECK_FALSE(order.before(early, early));
}
