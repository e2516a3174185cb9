// SPDX-License-Identifier: Apache-2.0
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <lepton/balance/maglev.hpp>
#include <lepton/balance/ring_hash.hpp>
#include <lepton/balance/table_disruption.hpp>
#include <lepton/detail/prime.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::context;
using balance::maglev;
using balance::maglev_mode;
using balance::no_backend;
using balance::ring_hash;
using balance::ring_hash_mode;

static_assert(balance::policy<maglev>);
static_assert(balance::policy<ring_hash>);
static_assert(balance::is_thread_safe<maglev>() && balance::is_thread_safe<ring_hash>());
static_assert(std::copyable<maglev> && std::copyable<ring_hash>);

namespace {

constexpr maglev_mode maglev_modes[] = {maglev_mode::envoy, maglev_mode::katran,
                                        maglev_mode::katran_v2};
constexpr ring_hash_mode ring_modes[] = {ring_hash_mode::envoy, ring_hash_mode::envoy_murmur2,
                                         ring_hash_mode::ketama, ring_hash_mode::libketama,
                                         ring_hash_mode::nginx};

auto some(std::size_t n) -> std::vector<balance::backend> {
  std::vector<balance::backend> list;
  for (std::size_t i = 0; i < n; ++i) list.push_back({.key = "10.0.0.1:" + std::to_string(i)});
  return list;
}
auto built(const std::vector<balance::backend>& list) -> balance::snapshot {
  return *balance::snapshot::build(list);
}

/// Runs the test with each policy of the family, in each mode.
template <class Test>
void for_each_policy(Test test) {
  for (const auto mode : maglev_modes) test(maglev{{.table_size = 1'009, .mode = mode}});
  for (const auto mode : ring_modes) test(ring_hash{{.mode = mode}});
}

/// Who is picked for many different hashes, of 32 bits and of 64.
template <class Policy, class Allowed = balance::everyone>
auto picked(const Policy& p, const balance::snapshot& s, const Allowed& allowed = {})
    -> std::set<balance::backend_index> {
  std::set<balance::backend_index> result;
  for (std::uint64_t k = 0; k < 3'000; ++k) {
    result.insert(p.pick(s, context{.hash = balance::more_random(1, k)}, allowed));
  }
  for (const auto hash : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0xffff'ffff}}) {
    result.insert(p.pick(s, context{.hash = hash}, allowed));
  }
  return result;
}

}  // namespace

TEST_CASE("Table hashes pick nobody without backends") {
  for_each_policy([](auto p) {
    const balance::snapshot none;
    CHECK(p.pick(none, context{.hash = 5}) == no_backend);
    REQUIRE(p.rebuild(none));
    CHECK(picked(p, none) == std::set{no_backend});
    CHECK(picked(p, none, [](auto) { return true; }) == std::set{no_backend});

    auto list = some(3);
    REQUIRE(p.rebuild(built(list)));
    for (auto& b : list) b.healthy = false;
    const auto sick = built(list);
    REQUIRE(p.rebuild(sick));
    CHECK(picked(p, sick) == std::set{no_backend});
  });
}

TEST_CASE("Table hashes pick the only backend") {
  for_each_policy([](auto p) {
    auto list = some(3);
    list[0].weight = 0;
    list[2].draining = true;
    const auto s = built(list);
    REQUIRE(p.rebuild(s));
    CHECK(picked(p, s) == std::set<balance::backend_index>{1});
    CHECK(picked(p, s, [](auto i) { return i == 1; }) == std::set<balance::backend_index>{1});
    CHECK(picked(p, s, [](auto i) { return i != 1; }) == std::set{no_backend});
  });
}

TEST_CASE("Table hashes give weight 0 nothing and its own requests back afterwards") {
  for_each_policy([](auto p) {
    auto list = some(5);
    const auto s = built(list);
    REQUIRE(p.rebuild(s));
    const auto before = p;
    list[3].weight = 0;
    const auto without = built(list);
    REQUIRE(p.rebuild(without));
    CHECK(picked(p, without) == std::set<balance::backend_index>{0, 1, 2, 4});
    list[3].weight = 1;
    REQUIRE(p.rebuild(built(list)));
    for (std::uint64_t k = 0; k < 1'000; ++k) {
      const context c{.hash = balance::more_random(2, k)};
      REQUIRE(p.pick(s, c) == before.pick(s, c));
    }
  });
}

TEST_CASE("Table hashes keep to who is allowed") {
  for_each_policy([](auto p) {
    const auto s = built(some(40));
    REQUIRE(p.rebuild(s));
    CHECK(picked(p, s).size() == 40);
    const auto odd = picked(p, s, [](auto i) { return i % 2 == 1; });
    CHECK(odd.size() == 20);
    for (const auto i : odd) CHECK(i % 2 == 1);
    CHECK(picked(p, s, [](auto) { return false; }) == std::set{no_backend});
    CHECK(picked(p, s, [](auto i) { return i == 17; }) == std::set<balance::backend_index>{17});
    // Who is allowed anyway is picked as without the question.
    for (std::uint64_t k = 0; k < 1'000; ++k) {
      const context c{.hash = balance::more_random(3, k)};
      const auto i = p.pick(s, c);
      CHECK(p.pick(s, c, [i](auto j) { return i == j; }) == i);
    }
  });
}

TEST_CASE("Table hashes do not starve backends that have no place in the table") {
  // A ring of two points for four backends
  const auto s = built(some(4));
  ring_hash ring{{.min_size = 2, .max_size = 2}};
  REQUIRE(ring.rebuild(s));
  const auto on_ring = picked(ring, s);
  REQUIRE(on_ring.size() == 2);
  CHECK(picked(ring, s, [](auto) { return true; }) == on_ring);
  // The ring goes first: 0 and 2 are on it, 1 is not.
  REQUIRE(on_ring == std::set<balance::backend_index>{0, 2});
  CHECK(picked(ring, s, [](auto i) { return i != 0; }) == std::set<balance::backend_index>{2});
  for (balance::backend_index only = 0; only < 4; ++only) {
    CHECK(picked(ring, s, [only](auto i) { return i == only; }) == std::set{only});
  }
  // Weights that a table of 7 slots cannot show
  auto list = some(4);
  list[0].weight = 1e6;
  const auto lopsided = built(list);
  maglev table{{.table_size = 7, .mode = maglev_mode::katran_v2}};
  REQUIRE(table.rebuild(lopsided));
  CHECK(picked(table, lopsided) == std::set<balance::backend_index>{0});
  CHECK(picked(table, lopsided, [](auto i) { return i == 2; }) ==
        std::set<balance::backend_index>{2});
  CHECK(picked(table, lopsided, [](auto i) { return i > 0; }) ==
        std::set<balance::backend_index>{1});
}

TEST_CASE("maglev goes on to the next slots") {
  auto list = some(6);
  for (std::size_t i = 0; i < 6; ++i) list[i].key = "127.0.0.1:" + std::to_string(90 + i);
  const auto s = built(list);
  maglev p{{.table_size = 7}};
  REQUIRE(p.rebuild(s));
  // The table is 2 4 0 1 5 0 3.
  CHECK(p.pick(s, context{.hash = 7 + 3}) == 1);
  CHECK(p.pick(s, context{.hash = 7 + 3}, [](auto i) { return i != 1; }) == 5);
  CHECK(p.pick(s, context{.hash = 6}, [](auto i) { return i == 0; }) == 0);
  CHECK(p.pick(s, context{.hash = 6}, [](auto i) { return i == 4 || i == 5; }) == 4);
}

TEST_CASE("maglev says what is wrong with its table size") {
  const auto s = built(some(6));
  maglev p;
  REQUIRE(p.rebuild(s));
  const auto error_of = [&](std::uint64_t size) {
    const auto result = maglev{{.table_size = size}}.rebuild(s);
    return result ? std::string{} : result.error().to_string();
  };
  CHECK(error_of(7).empty());
  CHECK(error_of(8).find("8 slots does not work, as that is not a prime number; take 11") !=
        std::string::npos);
  CHECK(error_of(65'536).find("take 65537") != std::string::npos);
  CHECK(error_of(5).find("too small for 6 backends") != std::string::npos);
  CHECK(error_of(0).find("too small") != std::string::npos);
  CHECK(error_of(1'000'000'007).find("too large") != std::string::npos);
  CHECK(error_of(~std::uint64_t{0}).find("too large") != std::string::npos);
  CHECK(!maglev{{.table_size = 1}}.rebuild({}));
}

TEST_CASE("A rebuild that fails leaves the policy as it was") {
  const auto few = built(some(5));
  const auto many = built(some(20));
  maglev table{{.table_size = 11}};
  REQUIRE(table.rebuild(few));
  const std::vector<balance::backend_index> before{table.table().begin(), table.table().end()};
  REQUIRE(!table.rebuild(many));
  CHECK(std::vector<balance::backend_index>{table.table().begin(), table.table().end()} == before);

  ring_hash ring{{.mode = ring_hash_mode::ketama, .max_size = 1'000}};
  REQUIRE(ring.rebuild(few));
  const auto copy = ring;
  REQUIRE(!ring.rebuild(many));
  for (std::uint64_t k = 0; k < 1'000; ++k) {
    const context c{.hash = balance::more_random(4, k)};
    CHECK(ring.pick(few, c) == copy.pick(few, c));
  }
}

TEST_CASE("ring_hash says what is wrong with its sizes") {
  const auto s = built(some(6));
  const auto error_of = [&](balance::ring_hash_options options) {
    const auto result = ring_hash{options}.rebuild(s);
    return result ? std::string{} : result.error().to_string();
  };
  CHECK(error_of({.min_size = 20, .max_size = 10}).find("min_size 20 is above max_size 10") !=
        std::string::npos);
  CHECK(error_of({.min_size = 0, .max_size = 0}).find("take 1 to 2^28 points") !=
        std::string::npos);
  CHECK(error_of({.max_size = ~std::uint64_t{0}}).find("take 1 to 2^28 points") !=
        std::string::npos);
  CHECK(error_of({.mode = ring_hash_mode::ketama, .max_size = 959}).find("more points than") !=
        std::string::npos);
  CHECK(error_of({.mode = ring_hash_mode::ketama, .max_size = 960}).empty());
  CHECK(error_of({.mode = ring_hash_mode::nginx, .max_size = 959}).find("more points than") !=
        std::string::npos);
  // An enormous weight is an error in nginx's mode, and none where shares count.
  auto list = some(2);
  list[0].weight = 1e300;
  for (const auto mode : ring_modes) {
    ring_hash heavy{{.mode = mode, .max_size = 50'000}};
    CHECK(bool{heavy.rebuild(built(list))} == (mode != ring_hash_mode::nginx));
  }
  // A least size of 0 is one point for each.
  ring_hash small{{.min_size = 0}};
  REQUIRE(small.rebuild(s));
  CHECK(small.points().size() == s.eligible().size());
}

TEST_CASE("nginx's ring has 160 points for a unit of weight") {
  auto list = some(3);
  list[1].weight = 2.5;
  list[2].weight = 0.001;
  const auto s = built(list);
  ring_hash ring{{.mode = ring_hash_mode::nginx}};
  REQUIRE(ring.rebuild(s));
  std::vector<int> counts(3);
  for (const auto& p : ring.points()) ++counts[p.owner];
  CHECK(counts == std::vector<int>{160, 400, 1});
}

TEST_CASE("Table hashes need no more of a request than its hash") {
  struct only_hash {
    std::uint64_t hash;
  };
  const auto s = built(some(3));
  for_each_policy([&](auto p) {
    REQUIRE(p.rebuild(s));
    CHECK(p.pick(s, only_hash{77}) == p.pick(s, context{.hash = 77}));
  });
}

TEST_CASE("compare_tables tells needless moves from needed ones") {
  using table = std::vector<balance::backend_index>;
  const auto same = balance::compare_tables(table{0, 1, 2, 1}, table{0, 1, 2, 1});
  CHECK(same.moved == 0);
  CHECK(same.excess == 0);
  // 2 left: one slot had to move, and one moved from 0 to 1 without need.
  const auto left = balance::compare_tables(table{0, 0, 2, 1}, table{0, 1, 1, 1});
  CHECK(left.moved == 0.5);
  CHECK(left.excess == 0.25);
  // 7 joined: what it took had to move.
  const auto joined = balance::compare_tables(table{0, 0, 1, 1}, table{7, 0, 1, 0});
  CHECK(joined.moved == 0.5);
  CHECK(joined.excess == 0.25);
  CHECK(balance::compare_tables(table{}, table{}).moved == 0);
}

TEST_CASE("Primes are told from other numbers") {
  using lepton::detail::is_prime;
  std::vector<bool> composite(20'000);
  for (std::size_t n = 2; n < composite.size(); ++n) {
    CHECK(is_prime(n) == !composite[n]);
    for (auto k = n * n; k < composite.size(); k += n) composite[k] = true;
  }
  static_assert(!is_prime(0) && !is_prime(1) && is_prime(2) && is_prime(3) && !is_prime(4));
  CHECK(is_prime(65'537));
  CHECK(!is_prime(65'537ULL * 65'537));
  CHECK(is_prime(4'294'967'291));
  CHECK(is_prime(268'435'399));
  CHECK(lepton::detail::next_prime(268'435'400) == 268'435'459);
}
