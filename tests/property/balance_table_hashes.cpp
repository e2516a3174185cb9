// SPDX-License-Identifier: Apache-2.0
// `maglev` and `ring_hash` against twins that are slow and plainly right.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <lepton/balance/maglev.hpp>
#include <lepton/balance/ring_hash.hpp>
#include <lepton/balance/table_disruption.hpp>
#include <lepton/detail/fast_modulo.hpp>
#include <lepton/detail/murmur.hpp>
#include <lepton/detail/prime.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/detail/xxh64.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

#if !defined(LEPTON_PROPERTY_DECISIONS)
#define LEPTON_PROPERTY_DECISIONS 100000
#endif

namespace balance = lepton::balance;
using balance::backend_index;
using balance::context;
using balance::maglev;
using balance::maglev_mode;
using balance::no_backend;
using balance::ring_hash;
using balance::ring_hash_mode;
using lepton_test::choices;

namespace {

constexpr maglev_mode maglev_modes[] = {maglev_mode::envoy, maglev_mode::katran,
                                        maglev_mode::katran_v2};
constexpr ring_hash_mode ring_modes[] = {ring_hash_mode::envoy, ring_hash_mode::envoy_murmur2,
                                         ring_hash_mode::ketama, ring_hash_mode::libketama,
                                         ring_hash_mode::nginx};
constexpr std::uint64_t decisions = LEPTON_PROPERTY_DECISIONS;

auto word(choices& c) -> std::uint64_t {
  return std::uint64_t{c.below(0xffff'ffff)} << 32 | c.below(0xffff'ffff);
}

auto built(const std::vector<balance::backend>& list) -> balance::snapshot {
  return *balance::snapshot::build(list);
}

auto equal_backends(std::size_t n) -> std::vector<balance::backend> {
  std::vector<balance::backend> list;
  for (std::size_t i = 0; i < n; ++i) {
    list.push_back({.key = "10." + std::to_string(i / 65'536) + "." +
                           std::to_string(i / 256 % 256) + "." + std::to_string(i % 256) + ":80"});
  }
  return list;
}

/// Some backends with weights of one kind: equal, small, very different, broken; a few are out.
auto random_backends(choices& c, std::uint32_t most) -> std::vector<balance::backend> {
  auto list = equal_backends(1 + c.below(most));
  const auto kind = c.below(5);
  for (auto& b : list) {
    if (kind == 1) b.weight = 1 + c.below(4);
    if (kind == 2) b.weight = c.chance(5) ? 1e5 + c.below(100'000) : 1 + c.below(3);
    if (kind == 3) b.weight = (1 + c.below(1'000)) / 7.0;
    if (kind == 4) b.weight = 1 + c.below(0xffff'fffe);
    if (c.chance(10)) b.healthy = false;
    if (c.chance(5)) b.weight = 0;
    b.key += "/" + std::to_string(c.below(1'000));
  }
  return list;
}

/// Maglev's table, round by round and step by step, as the papers and programs describe it.
auto slow_table(const balance::snapshot& s, maglev_mode mode, std::uint64_t size)
    -> std::vector<backend_index> {
  struct entry {
    backend_index index;
    std::uint64_t offset, skip, next = 0;
    std::uint64_t weight;
    double share = 0, target = 0;
    std::uint64_t saved = 0;
  };
  std::vector<entry> list;
  for (const auto i : s.eligible()) {
    entry e{};
    e.index = i;
    e.weight = s.weight(i);
    e.share = static_cast<double>(e.weight) / static_cast<double>(s.total_weight());
    using namespace lepton::detail;
    const auto envoy = mode == maglev_mode::envoy;
    e.offset = (envoy ? xxh64(s.key(i), 0) : murmur3(s.id(i), 42, 0)) % size;
    e.skip = (envoy ? xxh64(s.key(i), 1) : murmur3(s.id(i), 2'718'281'828, 2'307)) % (size - 1) + 1;
    list.push_back(e);
  }
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    return mode == maglev_mode::envoy ? s.key(a.index) < s.key(b.index)
                                      : s.id(a.index) < s.id(b.index);
  });
  std::uint64_t heaviest = 0;
  double largest = 0;
  for (const auto& e : list) {
    heaviest = std::max(heaviest, e.weight);
    largest = std::max(largest, e.share);
  }
  std::vector<backend_index> table(size, no_backend);
  std::uint64_t filled = 0;
  const auto take = [&](entry& e) {
    while (table[(e.offset + e.skip * e.next) % size] != no_backend) ++e.next;
    table[(e.offset + e.skip * e.next++) % size] = e.index;
    ++filled;
  };
  std::uint64_t round = 0;
  while (filled < size) {
    ++round;
    for (auto& e : list) {
      if (mode == maglev_mode::katran) {
        const auto turns = round == 1 ? e.weight : 1;
        for (std::uint64_t k = 0; k < turns && filled < size; ++k) take(e);
      } else if (mode == maglev_mode::katran_v2) {
        e.saved += e.weight;
        if (e.saved < heaviest) continue;
        e.saved -= heaviest;
        if (filled < size) take(e);
      } else {
        if (static_cast<double>(round) * e.share < e.target) continue;
        e.target += largest;
        if (filled < size) take(e);
      }
    }
  }
  return table;
}

/// The first allowed backend of a table, going round; then the first allowed of all.
template <class Owners, class Allowed>
auto slow_walk(const balance::snapshot& s, const Owners& owners, std::size_t from,
               const Allowed& allowed) -> backend_index {
  for (std::size_t k = 0; k < owners.size(); ++k) {
    const auto i = owners[(from + k) % owners.size()];
    if (allowed(i)) return i;
  }
  for (const auto i : s.eligible()) {
    if (allowed(i)) return i;
  }
  return no_backend;
}

/// Everyone, few, one, or nobody.
auto random_allowed(choices& c, std::size_t n) -> std::vector<bool> {
  std::vector<bool> in(n, c.chance(20));
  const auto percent = c.below(60);
  for (std::size_t i = 0; i < n; ++i) in[i] = in[i] || c.chance(percent);
  if (c.chance(15)) in.assign(n, false);
  if (c.chance(30)) in[c.below(static_cast<std::uint32_t>(n))] = true;
  return in;
}

auto slots_of(const std::vector<backend_index>& table, std::size_t n) -> std::vector<double> {
  std::vector<double> counts(n);
  for (const auto i : table) ++counts[i];
  return counts;
}

auto table_of(const maglev& p) -> std::vector<backend_index> {
  return {p.table().begin(), p.table().end()};
}

}  // namespace

TEST_CASE("fast_modulo is the remainder") {
  choices c{lepton_test::seed_for("fast_modulo", 1)};
  std::vector<std::uint32_t> divisors{1, 2, 3, 7, 65'537, 1U << 28, 1U << 31, 0xffff'fffe, ~0U};
  while (divisors.size() < 400) divisors.push_back(1 + (c.below(0xffff'ffff) >> c.below(32)));
  for (const auto d : divisors) {
    const lepton::detail::fast_modulo modulo{d};
    REQUIRE(modulo.divisor() == d);
    const auto top = ~std::uint64_t{0} / d * d;  // the largest multiple
    for (std::uint64_t near = 0; near < 4; ++near) {
      for (const auto x : {near, ~std::uint64_t{0} - near, top + near, top - near, d * near + d - 1,
                           (std::uint64_t{1} << 63) + near}) {
        REQUIRE(modulo(x) == x % d);
      }
    }
    for (std::uint64_t k = 0; k < decisions / 40; ++k) {
      const auto x = word(c) >> (k % 64);
      if (modulo(x) != x % d) FAIL(x << " % " << d);
    }
  }
}

TEST_CASE("maglev builds the table of its slow twin") {
  constexpr std::uint64_t primes[] = {2, 3, 5, 7, 11, 13, 101, 257, 509, 1'009, 4'099};
  const auto cases = std::max<std::uint64_t>(30, decisions / 250);
  for (std::uint64_t number = 0; number < cases; ++number) {
    choices c{lepton_test::seed_for("maglev tables", number)};
    const auto size = c.one_of(primes);
    const auto s =
        built(random_backends(c, static_cast<std::uint32_t>(std::min(size, size / 2 + 8))));
    if (s.eligible().empty() || s.eligible().size() > size) continue;
    CAPTURE(number, size, s.eligible().size(), lepton_test::how_to_repeat());
    for (const auto mode : maglev_modes) {
      maglev p{{.table_size = size, .mode = mode}};
      REQUIRE(p.rebuild(s));
      REQUIRE(table_of(p) == slow_table(s, mode, size));
    }
  }
}

TEST_CASE("maglev builds large tables of its slow twin") {
  choices c{lepton_test::seed_for("large maglev tables", 1)};
  auto list = equal_backends(1'000);
  for (const bool weighted : {false, true}) {
    for (auto& b : list) b.weight = weighted ? 1 + c.below(20) : 1;
    const auto s = built(list);
    for (const auto mode : maglev_modes) {
      maglev p{{.table_size = 65'537, .mode = mode}};
      REQUIRE(p.rebuild(s));
      REQUIRE(table_of(p) == slow_table(s, mode, 65'537));
    }
  }
}

TEST_CASE("maglev picks as its slow twin with some allowed") {
  const auto cases = std::max<std::uint64_t>(20, decisions / 1'000);
  for (std::uint64_t number = 0; number < cases; ++number) {
    choices c{lepton_test::seed_for("maglev picks", number)};
    const auto s = built(random_backends(c, 60));
    if (s.eligible().empty()) continue;
    maglev p{{.table_size = c.chance(50) ? 67U : 1'009U}};
    REQUIRE(p.rebuild(s));
    const auto table = table_of(p);
    CAPTURE(number, lepton_test::how_to_repeat());
    for (int round = 0; round < 10; ++round) {
      const auto in = random_allowed(c, s.size());
      const auto allowed = [&](backend_index i) { return bool{in[i]}; };
      for (int k = 0; k < 200; ++k) {
        const auto hash = word(c);
        const auto from = static_cast<std::size_t>(hash % table.size());
        const context request{.hash = hash};
        if (p.pick(s, request) != table[from]) FAIL("hash " << hash);
        if (p.pick(s, request, allowed) != slow_walk(s, table, from, allowed)) {
          FAIL("hash " << hash << " with some allowed");
        }
      }
    }
  }
}

TEST_CASE("maglev gives shares in proportion to the weights") {
  // Equal weights: within one slot of each other.
  for (const auto n : {3U, 100U, 999U}) {
    const auto s = built(equal_backends(n));
    for (const auto mode : maglev_modes) {
      maglev p{{.table_size = 10'007, .mode = mode}};
      REQUIRE(p.rebuild(s));
      const auto counts = slots_of(table_of(p), n);
      const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
      CHECK(*most - *least <= 1);
    }
  }
  // Others: in whole turns, so within one slot of the same multiple of the weight.
  choices c{lepton_test::seed_for("maglev shares", 1)};
  for (int number = 0; number < 40; ++number) {
    auto list = equal_backends(2 + c.below(60));
    for (auto& b : list) b.weight = 1 + c.below(number % 2 == 0 ? 5 : 500);
    const auto s = built(list);
    for (const auto mode : {maglev_mode::envoy, maglev_mode::katran_v2}) {
      maglev p{{.table_size = 65'537, .mode = mode}};
      REQUIRE(p.rebuild(s));
      const auto counts = slots_of(table_of(p), list.size());
      double lowest = 0;
      double highest = 65'537;
      for (std::size_t i = 0; i < list.size(); ++i) {
        lowest = std::max(lowest, (counts[i] - 1) / list[i].weight);
        highest = std::min(highest, (counts[i] + 1) / list[i].weight);
      }
      CHECK(lowest <= highest);
      // Envoy rounds up, Katran down; that is all they differ from exact shares by.
      const auto exact = 65'537.0 / static_cast<double>(s.total_weight());
      const auto slack = static_cast<double>(list.size()) / static_cast<double>(s.total_weight());
      for (std::size_t i = 0; i < list.size(); ++i) {
        CHECK(counts[i] >= (exact - slack) * list[i].weight - 1);
        CHECK(counts[i] <= (exact + slack) * list[i].weight + 1);
      }
    }
  }
}

TEST_CASE("maglev moves few requests of the backends that stay") {
  auto list = equal_backends(1'000);
  const auto before = built(list);
  for (const auto mode : maglev_modes) {
    maglev p{{.table_size = 65'537, .mode = mode}};
    REQUIRE(p.rebuild(before));
    const auto old_table = table_of(p);
    double excess = 0;
    for (const std::size_t gone : {0U, 333U, 999U}) {
      list[gone].healthy = false;
      REQUIRE(p.rebuild(built(list)));
      const auto change = balance::compare_tables(old_table, table_of(p));
      list[gone].healthy = true;
      const auto own = slots_of(old_table, 1'000)[gone] / 65'537;
      CHECK(change.moved >= own);
      CHECK(change.moved - change.excess == Approx(own));
      excess = std::max(excess, change.excess);
    }
    // The share of 64 of 1,000 backends, where hashing modulo n moves 999 of 1,000 requests.
    CHECK(excess > 0);
    CHECK(excess < 0.03);
  }
}

TEST_CASE("hash_ring finds what a binary search finds") {
  const auto cases = std::max<std::uint64_t>(40, decisions / 500);
  for (std::uint64_t number = 0; number < cases; ++number) {
    choices c{lepton_test::seed_for("hash rings", number)};
    const auto narrow = c.chance(50);
    const auto wide_mask = ~std::uint64_t{0} >> (narrow ? 32 : 0);
    // All over the ring, in clusters, or with the same upper half and many ties
    const auto kind = c.below(4);
    const auto cluster = word(c) & wide_mask;
    const auto some_hash = [&] {
      const auto x = word(c) & wide_mask;
      if (kind == 1) return (cluster + x % 1'000'003) & wide_mask;
      if (kind == 2) return (cluster + x % 7) & wide_mask;
      if (kind == 3) return c.chance(30) ? x : (cluster & ~std::uint64_t{0xffff}) + x % 65'536;
      return x;
    };
    std::vector<balance::ring_point> points;
    const auto n = c.below(c.chance(20) ? 3'000 : 20);
    for (std::uint32_t k = 0; k < n; ++k) points.push_back({some_hash(), k});
    if (n > 2 && c.chance(20)) points[0].hash = 0;
    if (n > 2 && c.chance(20)) points[1].hash = wide_mask;
    const balance::detail::hash_ring ring{points, narrow};
    std::stable_sort(points.begin(), points.end(),
                     [](const auto& a, const auto& b) { return a.hash < b.hash; });
    CAPTURE(number, narrow, kind, n, lepton_test::how_to_repeat());
    REQUIRE(ring.size() == n);
    for (std::size_t k = 0; k < n; ++k) {
      const auto p = ring.point(k);
      if (p.hash != points[k].hash || p.owner != points[k].owner) FAIL("point " << k);
    }
    const auto check = [&](std::uint64_t hash) {
      const auto low = hash & wide_mask;  // of a 32-bit ring only the lower half counts
      const auto it = std::lower_bound(points.begin(), points.end(), low,
                                       [](const auto& p, auto h) { return p.hash < h; });
      const auto found = ring.find(hash);
      const auto owner = n == 0 ? no_backend : it == points.end() ? points[0].owner : it->owner;
      if (found != static_cast<std::size_t>(it - points.begin()) || ring.owner(found) != owner) {
        FAIL("hash " << hash << " finds " << found);
      }
    };
    for (const auto& p : points) {
      for (const auto hash : {p.hash - 1, p.hash, p.hash + 1}) check(hash);
    }
    for (const auto hash : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0xffff'ffff},
                            std::uint64_t{1} << 32}) {
      check(hash);
    }
    for (int k = 0; k < 300; ++k) check(c.chance(50) ? some_hash() : word(c));
  }
}

TEST_CASE("ring_hash picks as its slow twin with some allowed") {
  const auto cases = std::max<std::uint64_t>(10, decisions / 4'000);
  for (std::uint64_t number = 0; number < cases; ++number) {
    choices c{lepton_test::seed_for("ring picks", number)};
    auto list = random_backends(c, 30);
    for (auto& b : list) {
      if (b.weight > 20) b.weight = 20;
    }
    const auto s = built(list);
    if (s.eligible().empty()) continue;
    for (const auto mode : ring_modes) {
      ring_hash p{{.mode = mode, .min_size = c.one_of({std::uint64_t{1}, std::uint64_t{1'024}})}};
      REQUIRE(p.rebuild(s));
      const auto points = p.points();
      CAPTURE(number, static_cast<int>(mode), lepton_test::how_to_repeat());
      REQUIRE(!points.empty());
      std::vector<backend_index> owners;
      for (const auto& point : points) owners.push_back(point.owner);
      const auto wide = mode == ring_hash_mode::envoy || mode == ring_hash_mode::envoy_murmur2;
      for (int round = 0; round < 5; ++round) {
        const auto in = random_allowed(c, s.size());
        const auto allowed = [&](backend_index i) { return bool{in[i]}; };
        for (int k = 0; k < 100; ++k) {
          const auto hash = k % 10 == 0
                                ? points[c.below(static_cast<std::uint32_t>(owners.size()))].hash
                                : word(c);
          const auto counts = wide ? hash : hash & 0xffff'ffff;
          const auto it = std::lower_bound(points.begin(), points.end(), counts,
                                           [](const auto& q, auto h) { return q.hash < h; });
          const auto from = static_cast<std::size_t>(it - points.begin());
          const context request{.hash = hash};
          if (p.pick(s, request) != owners[from % owners.size()]) FAIL("hash " << hash);
          if (p.pick(s, request, allowed) != slow_walk(s, owners, from, allowed)) {
            FAIL("hash " << hash << " with some allowed");
          }
        }
      }
    }
  }
}

TEST_CASE("ring_hash moves exactly the requests of the backend that leaves") {
  // With equal weights. With others it holds in nginx's mode only: the others' numbers of points
  // depend on all weights.
  auto list = equal_backends(1'000);
  const auto before = built(list);
  for (const auto mode : ring_modes) {
    ring_hash p{{.mode = mode}};
    REQUIRE(p.rebuild(before));
    const auto old = p;
    for (const std::size_t gone : {1U, 500U, 998U}) {
      list[gone].healthy = false;
      const auto after = built(list);
      list[gone].healthy = true;
      REQUIRE(p.rebuild(after));
      CAPTURE(static_cast<int>(mode), gone);
      // Where libketama rounds 40 digests for each down to 39, all backends lose some requests.
      const auto points_each = [&](const ring_hash& ring) {
        std::vector<std::size_t> counts(1'000);
        for (const auto& point : ring.points()) ++counts[point.owner];
        counts[gone] = 0;
        return counts;
      };
      const auto kept = points_each(old) == points_each(p);
      REQUIRE(kept == (mode != ring_hash_mode::libketama));
      std::uint64_t moved = 0;
      for (std::uint64_t k = 0; k < decisions / 2; ++k) {
        const context c{.hash = balance::more_random(gone, k)};
        const auto was = old.pick(before, c);
        const auto is = p.pick(after, c);
        if (kept && (was == is) == (was == gone)) FAIL("hash " << c.hash);
        moved += was == is ? 0 : 1;
      }
      // And it is about one of a thousand, or 39 digests instead of 40; and the next takes over.
      CHECK(moved < decisions / (kept ? 200 : 20));
      const auto next = [gone](backend_index i) { return i != gone; };
      for (std::uint64_t k = 0; kept && k < 1'000; ++k) {
        const context c{.hash = balance::more_random(gone + 1, k)};
        REQUIRE(old.pick(before, c, next) == p.pick(after, c));
      }
    }
  }
}

TEST_CASE("ring_hash in nginx's mode keeps weighted backends where they are") {
  choices c{lepton_test::seed_for("nginx removal", 1)};
  auto list = equal_backends(200);
  for (auto& b : list) b.weight = 1 + c.below(10);
  const auto before = built(list);
  ring_hash old{{.mode = ring_hash_mode::nginx}};
  REQUIRE(old.rebuild(before));
  list[77].draining = true;
  const auto after = built(list);
  auto p = old;
  REQUIRE(p.rebuild(after));
  for (std::uint64_t k = 0; k < decisions; ++k) {
    const context request{.hash = balance::more_random(7, k)};
    const auto was = old.pick(before, request);
    const auto is = p.pick(after, request);
    if ((was == is) == (was == 77)) FAIL("hash " << request.hash);
  }
}

TEST_CASE("Large tables and rings hold their own") {
  const auto s = built(equal_backends(20'000));
  maglev table{{.table_size = 200'003}};
  REQUIRE(table.rebuild(s));
  const auto counts = slots_of(table_of(table), s.size());
  CHECK(*std::min_element(counts.begin(), counts.end()) >= 10);
  CHECK(*std::max_element(counts.begin(), counts.end()) <= 11);
  ring_hash ring;
  REQUIRE(ring.rebuild(s));
  std::set<backend_index> owners;
  for (const auto& p : ring.points()) owners.insert(p.owner);
  CHECK(owners.size() >= 19'999);
  // One backend allowed, somewhere on the ring
  CHECK(ring.pick(s, context{.hash = 1}, [](auto i) { return i == 19'998; }) == 19'998);
  CHECK(table.pick(s, context{.hash = 1}, [](auto i) { return i == 19'998; }) == 19'998);
}
