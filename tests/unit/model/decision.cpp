// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/decision.hpp>

#include <set>
#include <type_traits>

#include "catch.hpp"

using lepton::decision;
using lepton::reason;
using lepton::verdict;

static_assert(!std::is_default_constructible_v<decision>);
static_assert(!std::is_convertible_v<decision, bool>);
static_assert(decision::placed(4).node() == 4);

TEST_CASE("a decision is a node, or why there is none") {
  const auto placed = decision::placed(3, 0b11);
  CHECK(placed);
  CHECK(placed.is_placed());
  CHECK(placed.outcome() == verdict::placed);
  CHECK(placed.node() == 3);
  CHECK(placed.devices() == 0b11);
  CHECK(placed.reasons().total() == 0);

  lepton::reason_counts why;
  ++why[reason::taint];
  const auto busy = decision::busy(why);
  CHECK_FALSE(busy);
  CHECK(busy.outcome() == verdict::busy);
  CHECK(busy.reasons()[reason::taint] == 1);
  const auto never = decision::infeasible();
  CHECK(never.outcome() == verdict::infeasible);
  CHECK(never.reasons().total() == 0);
}

TEST_CASE("decisions are equal in all they say") {
  CHECK(decision::placed(1) == decision::placed(1));
  CHECK_FALSE(decision::placed(1) == decision::placed(2));
  CHECK_FALSE(decision::placed(1) == decision::placed(1, 1));
  CHECK_FALSE(decision::busy() == decision::infeasible());
  lepton::reason_counts why;
  ++why[reason::closed];
  CHECK_FALSE(decision::busy() == decision::busy(why));
}

TEST_CASE("reasons are told apart, as far as eight of a kind") {
  std::set<std::size_t> seen;
  for (const auto r :
       {reason::closed, reason::device_kind, reason::devices, reason::selector, reason::taint,
        reason::affinity, reason::anti_affinity, reason::topology_spread}) {
    seen.insert(static_cast<std::size_t>(r));
  }
  for (std::size_t i = 0; i < 8; ++i) {
    seen.insert(static_cast<std::size_t>(lepton::resource_reason(i)));
    seen.insert(static_cast<std::size_t>(lepton::filter_reason(i)));
  }
  CHECK(seen.size() == 24);
  CHECK(seen.size() == lepton::reason_count);
  CHECK(*seen.rbegin() == lepton::reason_count - 1);
  CHECK(lepton::resource_reason(8) == lepton::resource_reason(7));
  CHECK(lepton::filter_reason(100) == lepton::filter_reason(7));
}

TEST_CASE("reason counts add up") {
  lepton::reason_counts why;
  why[reason::closed] = 4'000'000'000U;
  why[lepton::filter_reason(7)] = 4'000'000'000U;
  CHECK(why.total() == 8'000'000'000U);
}
