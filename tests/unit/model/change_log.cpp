// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/change_log.hpp>

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "catch.hpp"

using lepton::detail::change_log;
using lepton::detail::unique_identity;

TEST_CASE("the log tells what happened since a revision") {
  change_log log;
  CHECK(log.revision() == 0);
  REQUIRE(log.since(0));
  CHECK(log.since(0)->empty());
  CHECK(log.append(5, 10) == 1);
  CHECK(log.append(7, 10) == 2);
  CHECK(log.append(5, 10) == 3);
  const auto all = *log.since(0);
  CHECK(std::vector<lepton::node_index>(all.begin(), all.end()) ==
        std::vector<lepton::node_index>{5, 7, 5});
  CHECK(log.since(2)->size() == 1);
  CHECK(log.since(3)->empty());
  CHECK_FALSE(log.since(4));  // not yet
}

TEST_CASE("the log forgets what is too old, and keeps 2n + 1024 changes") {
  change_log log;
  constexpr std::size_t nodes = 10;
  constexpr std::uint64_t keep = 2 * nodes + 1024;
  for (std::uint64_t r = 1; r <= 50'000; ++r) {
    REQUIRE(log.append(static_cast<lepton::node_index>(r % nodes), nodes) == r);
    const auto oldest = r > keep ? r - keep : 0;
    REQUIRE(log.since(oldest));
    REQUIRE(log.since(oldest)->size() == r - oldest);
    if (r > oldest) REQUIRE(log.since(oldest)->front() == (oldest + 1) % nodes);
    if (r > 2 * keep) REQUIRE_FALSE(log.since(r - 2 * keep - 1));
  }
}

TEST_CASE("no two objects ever have the same identity") {
  std::set<std::uint64_t> seen;
  const auto fresh = [&](const unique_identity& i) { return seen.insert(i.value()).second; };
  unique_identity a;
  CHECK(fresh(a));
  unique_identity b = a;
  CHECK(fresh(b));
  b = a;
  CHECK(fresh(b));
  // Who takes over another's content is not the other, and the other is no longer what it was.
  unique_identity c = std::move(a);
  CHECK(fresh(c));
  CHECK(fresh(a));
  c = std::move(b);
  CHECK(fresh(c));
  CHECK(fresh(b));
}
