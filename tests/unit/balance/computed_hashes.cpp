// SPDX-License-Identifier: Apache-2.0
// The policies that compute a backend from a hash: what they pick and why, exclusions, nobody left,
// bad options. Figures of other systems are in tests/golden/balance_computed_hashes.cpp.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/anchor_hash.hpp>
#include <lepton/balance/bounded_loads.hpp>
#include <lepton/balance/in_flight.hpp>
#include <lepton/balance/ip_hash.hpp>
#include <lepton/balance/ipvs_source_hash.hpp>
#include <lepton/balance/jump_hash.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/modulo_hash.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend;
using balance::backend_index;
using balance::client_address;
using balance::no_backend;
using balance::snapshot;

namespace {

auto backends(std::size_t n) -> std::vector<backend> {
  std::vector<backend> list(n);
  for (std::size_t i = 0; i < n; ++i) list[i].key = "10.0.0." + std::to_string(i) + ":80";
  return list;
}
auto weighted(std::initializer_list<double> weights) -> std::vector<backend> {
  auto list = backends(weights.size());
  for (std::size_t i = 0; i < list.size(); ++i) list[i].weight = weights.begin()[i];
  return list;
}
auto of(const std::vector<backend>& list) -> snapshot { return snapshot::build(list).value(); }

auto hashed(std::uint64_t hash) -> balance::context {
  balance::context c;
  c.hash = hash;
  return c;
}
auto key(std::uint64_t k) -> balance::context { return hashed(lepton::detail::mix(k)); }

auto from(const char* text) -> balance::address_context {
  return balance::address_context{client_address::parse(text).value()};
}
auto wrong_with(const char* text) -> std::string {
  const auto result = client_address::parse(text);
  return result ? "nothing" : result.error().message;
}

constexpr auto nobody = [](backend_index) { return false; };

/// Client 0, 1, ... of a test that does not care which.
auto some_context(std::uint64_t k) -> balance::address_context {
  const auto h = lepton::detail::mix(k);
  return balance::address_context{client_address{
      std::array<std::uint8_t, 4>{static_cast<std::uint8_t>(h), static_cast<std::uint8_t>(h >> 8),
                                  static_cast<std::uint8_t>(h >> 16), 1}}};
}

/// A policy that counts its picks.
struct asked {
  auto rebuild(const snapshot&) -> lepton::status {
    if (broken) return lepton::failure("broken");
    return {};
  }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot& s, const Context&, const Allowed& = {}) noexcept -> backend_index {
    ++times;
    return s.eligible().back();
  }
  int times = 0;
  bool broken = false;
};

/// What every policy promises, whatever it picks.
template <class Policy>
void keeps_promises(Policy p) {
  const balance::loads<balance::single_threaded> idle{64};
  // Before the first backend, and with none that may be picked.
  REQUIRE(p.rebuild(snapshot{}));
  CHECK(p.pick(snapshot{}, some_context(1).with(idle)) == no_backend);
  auto list = backends(5);
  for (auto& b : list) b.healthy = false;
  const auto down = of(list);
  REQUIRE(p.rebuild(down));
  CHECK(p.pick(down, some_context(1).with(idle)) == no_backend);
  CHECK(p.pick(down, some_context(1).with(idle), nobody) == no_backend);
  // The only one.
  list[3].healthy = true;
  const auto one = of(list);
  REQUIRE(p.rebuild(one));
  for (std::uint64_t k = 0; k < 200; ++k) CHECK(p.pick(one, some_context(k).with(idle)) == 3);
  CHECK(p.pick(one, some_context(1).with(idle), nobody) == no_backend);
  // Weight 0, draining and unhealthy ones get nothing; exclusions hold; the only one allowed is
  // found; the same call gives the same answer.
  list = backends(40);
  list[0].weight = 0;
  list[7].healthy = false;
  list[11].draining = true;
  const auto some = of(list);
  REQUIRE(p.rebuild(some));
  for (std::uint64_t k = 0; k < 500; ++k) {
    const auto c = some_context(k).with(idle);
    const auto i = p.pick(some, c);
    CHECK(some.is_eligible(i));
    if constexpr (!requires { typename Policy::threading; }) CHECK(p.pick(some, c) == i);
    const auto other = p.pick(some, c, [&](backend_index j) { return j != i; });
    CHECK(some.is_eligible(other));
    CHECK(other != i);
    const auto last = static_cast<backend_index>(12 + k % 28);
    CHECK(p.pick(some, c, [&](backend_index j) { return j == last; }) == last);
    CHECK(p.pick(some, c, nobody) == no_backend);
  }
  // A copy picks the same.
  auto copy = p;
  for (std::uint64_t k = 0; k < 100; ++k) {
    CHECK(copy.pick(some, some_context(k).with(idle)) == p.pick(some, some_context(k).with(idle)));
  }
}

}  // namespace

static_assert(balance::policy<balance::modulo_hash>);
static_assert(balance::policy<balance::rendezvous_hash>);
static_assert(balance::policy<balance::jump_hash>);
static_assert(balance::policy<balance::anchor_hash>);
static_assert(balance::policy<balance::ip_hash<>, balance::address_context>);
static_assert(balance::policy<balance::ipvs_source_hash, balance::address_context>);
static_assert(balance::policy<balance::bounded_loads<balance::anchor_hash>>);
static_assert(balance::learns_of_starts<balance::bounded_loads<balance::jump_hash>>);
static_assert(balance::learns_of_outcomes<balance::bounded_loads<balance::jump_hash>>);
static_assert(balance::has_address<balance::address_context>);
static_assert(!balance::has_address<balance::context>);
static_assert(balance::is_thread_safe<balance::ip_hash<>>());
static_assert(balance::is_thread_safe<balance::bounded_loads<balance::jump_hash>>());
static_assert(!balance::is_thread_safe<
              balance::bounded_loads<balance::jump_hash, balance::single_threaded>>());
static_assert(
    !balance::is_thread_safe<
        balance::ip_hash<balance::bounded_loads<balance::jump_hash, balance::single_threaded>>>());

TEST_CASE("computed hashes keep the promises of a policy") {
  keeps_promises(balance::modulo_hash{});
  keeps_promises(balance::rendezvous_hash{});
  keeps_promises(balance::jump_hash{});
  keeps_promises(balance::anchor_hash{});
  keeps_promises(balance::ip_hash<>{});
  keeps_promises(balance::ip_hash<balance::random_choice>{});
  keeps_promises(balance::ipvs_source_hash{});
  keeps_promises(balance::bounded_loads<balance::modulo_hash>{});
  keeps_promises(balance::bounded_loads<balance::rendezvous_hash, balance::single_threaded>{1});
  keeps_promises(balance::bounded_loads<balance::ip_hash<>>{});
}

TEST_CASE("client_address reads IPv4") {
  const auto a = client_address::parse("192.0.2.17").value();
  CHECK(a.is_v4());
  CHECK(a.size() == 4);
  CHECK(a.word(0) == 0xc0000211);
  CHECK(a == client_address{std::array<std::uint8_t, 4>{192, 0, 2, 17}});
  CHECK(client_address::parse("0.0.0.0").value().word(0) == 0);
  CHECK(client_address::parse("255.255.255.255").value().word(0) == 0xffffffff);
  for (const auto* bad : {"1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3.4", "1..2.3", "a.b.c.d",
                          " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "123", "1.2.3.4/24", "0x1.2.3.4"}) {
    CAPTURE(bad);
    CHECK(wrong_with(bad).find("four numbers") != std::string::npos);
  }
  CHECK(wrong_with("").find("empty") != std::string::npos);
  CHECK(wrong_with("1.2.3.256") == "not an IP address: \"1.2.3.256\": a number is above 255");
  CHECK(wrong_with("1.2.3.99999999999999").find("above 255") != std::string::npos);
  CHECK(wrong_with("01.2.3.4").find("leading zero") != std::string::npos);
  CHECK(wrong_with("1.2.3.00").find("leading zero") != std::string::npos);
  CHECK(wrong_with("1.2.3.4:80").find("port") != std::string::npos);
  CHECK(wrong_with(std::string(1000, '7').c_str()).size() < 200);
}

TEST_CASE("client_address reads IPv6") {
  const auto words = [](const char* text) {
    const auto a = client_address::parse(text);
    REQUIRE(a);
    CHECK(a->is_v6());
    CHECK(a->size() == 16);
    return std::vector<std::uint32_t>{a->word(0), a->word(1), a->word(2), a->word(3)};
  };
  using list = std::vector<std::uint32_t>;
  CHECK(words("::") == list{0, 0, 0, 0});
  CHECK(words("::1") == list{0, 0, 0, 1});
  CHECK(words("1::") == list{0x10000, 0, 0, 0});
  CHECK(words("2001:db8::ff00:42:8329") == list{0x20010db8, 0, 0xff00, 0x00428329});
  CHECK(words("2001:0DB8:0000:0000:0000:FF00:0042:8329") ==
        list{0x20010db8, 0, 0xff00, 0x00428329});
  CHECK(words("1:2:3:4:5:6:7:8") == list{0x10002, 0x30004, 0x50006, 0x70008});
  CHECK(words("1:2:3:4:5:6:7::") == list{0x10002, 0x30004, 0x50006, 0x70000});
  CHECK(words("::2:3:4:5:6:7:8") == list{0x2, 0x30004, 0x50006, 0x70008});
  CHECK(words("::ffff:192.0.2.1") == list{0, 0, 0xffff, 0xc0000201});
  CHECK(words("1:2:3:4:5:6:1.2.3.4") == list{0x10002, 0x30004, 0x50006, 0x01020304});
  CHECK(words("64:ff9b::1.2.3.4") == list{0x0064ff9b, 0, 0, 0x01020304});
  for (const auto* bad : {":",
                          ":::",
                          "1:",
                          ":1",
                          "1::2::3",
                          "1:2:3:4:5:6:7",
                          "1:2:3:4:5:6:7:8:9",
                          "1:2:3:4:5:6:7:8::",
                          "::1:2:3:4:5:6:7:8",
                          "1:2:3:4::5:6:7:8",
                          "12345::",
                          "g::",
                          "fe80::1%eth0",
                          "[::1]",
                          "[::1]:80",
                          "::1/64",
                          "1.2.3.4::",
                          "::1.2.3",
                          "::1.2.3.4:5",
                          "1:2:3:4:5:6:7:1.2.3.4",
                          "::1 ",
                          "1:2:3:4:::"}) {
    CAPTURE(bad);
    CHECK(wrong_with(bad).rfind("not an IP address: \"", 0) == 0);
  }
  CHECK(wrong_with("fe80::1%eth0").find("zone") != std::string::npos);
  CHECK(wrong_with("[::1]:80").find("brackets") != std::string::npos);
  CHECK(wrong_with("::1/64").find("prefix length") != std::string::npos);
  CHECK(wrong_with("1::2::3").find("more than one") != std::string::npos);
}

TEST_CASE("client_address networks, mapped addresses and hashes") {
  const auto parse = [](const char* text) { return client_address::parse(text).value(); };
  CHECK(parse("192.0.2.17").network(24, 64) == parse("192.0.2.0"));
  CHECK(parse("192.0.255.17").network(17, 64) == parse("192.0.128.0"));
  CHECK(parse("192.0.2.17").network(32, 64) == parse("192.0.2.17"));
  CHECK(parse("192.0.2.17").network(99, 64) == parse("192.0.2.17"));
  CHECK(parse("192.0.2.17").network(0, 64) == parse("0.0.0.0"));
  CHECK(parse("2001:db8:1:2:3::1").network(24, 64) == parse("2001:db8:1:2::"));
  CHECK(parse("::ffff:192.0.2.17").unmapped() == parse("192.0.2.17"));
  CHECK(parse("::fffe:192.0.2.17").unmapped() == parse("::fffe:192.0.2.17"));
  CHECK(parse("192.0.2.17").unmapped() == parse("192.0.2.17"));
  CHECK(client_address{}.size() == 0);
  CHECK(client_address{}.hash() != parse("0.0.0.0").hash());
  CHECK(parse("0.0.0.0").hash() != parse("::").hash());
  CHECK(parse("192.0.2.1").hash(1) != parse("192.0.2.1").hash(2));
  std::set<std::uint64_t> seen;
  for (unsigned k = 0; k < 65'536; ++k) {
    const auto high = static_cast<std::uint8_t>(k >> 8);
    const auto low = static_cast<std::uint8_t>(k);
    seen.insert(client_address{std::array<std::uint8_t, 4>{10, 0, high, low}}.hash());
    std::array<std::uint8_t, 16> wide{};
    wide[7] = high;
    wide[15] = low;
    seen.insert(client_address{wide}.hash());
  }
  CHECK(seen.size() == 131'072);
}

TEST_CASE("address_context makes the hash of the address unless it is given") {
  const auto a = client_address::parse("192.0.2.1").value();
  CHECK(balance::address_context{a}.hash == a.hash());
  CHECK(balance::address_context{a, hashed(7)}.hash == 7);
  CHECK(balance::address_context{a, {}, 443}.port == 443);
  const balance::loads<balance::single_threaded> idle{1};
  CHECK(balance::address_context{a}.with(idle).address == a);
}

TEST_CASE("modulo_hash takes the hash modulo the eligible ones") {
  auto list = backends(7);
  list[2].healthy = false;
  const auto s = of(list);
  balance::modulo_hash p;
  REQUIRE(p.rebuild(s));
  const backend_index expected[] = {0, 1, 3, 4, 5, 6};
  for (std::uint64_t h = 0; h < 100; ++h) CHECK(p.pick(s, hashed(h)) == expected[h % 6]);
  CHECK(p.pick(s, hashed(~0ULL)) == expected[~0ULL % 6]);
}

TEST_CASE("modulo_hash walks unequal weights") {
  const auto check = [](const std::vector<backend>& list) {
    const auto s = of(list);
    balance::modulo_hash p;
    REQUIRE(p.rebuild(s));
    const auto total = s.total_weight();
    const std::uint64_t step = total > 100'000 ? total / 100'000 : 1;
    for (std::uint64_t h = 0; h < 2 * total; h += step) {
      auto left = h % total;
      backend_index expected = 0;
      while (left >= s.weight(expected)) left -= s.weight(expected++);
      if (p.pick(s, hashed(h)) != expected) {
        CAPTURE(h);
        CHECK(p.pick(s, hashed(h)) == expected);
        break;
      }
    }
  };
  check(weighted({3, 1, 0, 2}));
  check(weighted({0, 0, 5}));
  check(weighted({1, 4'000'000'000, 1, 1, 1, 0, 1}));
  check(weighted({0.5, 0.25, 3}));
  auto list = backends(300);
  for (std::size_t i = 0; i < list.size(); ++i) list[i].weight = i == 150 ? 1e6 : double(i % 4);
  check(list);
}

TEST_CASE("ip_hash keeps the places of backends that fail") {
  auto list = weighted({1, 2, 1, 3});
  const auto before = of(list);
  list[1].healthy = false;
  const auto after = of(list);
  balance::ip_hash<> p;
  balance::ip_hash<> q;
  REQUIRE(p.rebuild(before));
  REQUIRE(q.rebuild(after));
  std::array<int, 4> moved_to{};
  for (std::uint64_t k = 0; k < 3000; ++k) {
    const auto c = some_context(k);
    const auto i = p.pick(before, c);
    const auto j = q.pick(after, c);
    if (i != 1) CHECK(j == i);
    if (i == 1) ++moved_to[j];
    CHECK(p.pick(before, c, [](backend_index b) { return b != 1; }) == j);
  }
  CHECK(moved_to[1] == 0);
  CHECK(moved_to[0] > 0);
  CHECK(moved_to[3] > moved_to[0]);
}

TEST_CASE("ip_hash falls back when 21 values do not do") {
  auto list = backends(2000);
  for (std::size_t i = 1; i < list.size(); ++i) list[i].healthy = false;
  const auto s = of(list);
  balance::ip_hash<asked> p;
  REQUIRE(p.rebuild(s));
  int direct = 0;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    int tries = 0;
    (void)p.pick(s, some_context(k), [&](backend_index) { return ++tries > 0; });
    direct += tries > 0 ? 1 : 0;
  }
  CHECK(direct < 50);  // about 21 in 2000
  balance::ip_hash<asked> broken{asked{0, true}};
  CHECK(!broken.rebuild(s));
}

TEST_CASE("ip_hash leaves out whom a wrapper left out") {
  const auto all = of(backends(1000));
  const std::vector<backend_index> few{5, 900};
  const auto s = all.restricted(few);
  balance::ip_hash<> p;
  REQUIRE(p.rebuild(s));
  for (std::uint64_t k = 0; k < 500; ++k) {
    const auto c = some_context(k);
    CHECK(p.pick(s, c) == few[balance::detail::nginx_ip_hash(c.address, 89) % 2]);
  }
}

TEST_CASE("ipvs_source_hash drops or falls back") {
  auto list = backends(3);
  list[2].healthy = false;
  const auto s = of(list);
  balance::ipvs_source_hash dropping{{false}};
  balance::ipvs_source_hash falling;
  REQUIRE(dropping.rebuild(s));
  REQUIRE(falling.rebuild(s));
  int dropped = 0;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const auto c = some_context(k);
    const auto bucket = balance::ipvs_source_hash::bucket_of(c.address);
    const auto owner = static_cast<backend_index>(2 - bucket % 3);
    CHECK(dropping.pick(s, c) == (owner == 2 ? no_backend : owner));
    dropped += owner == 2 ? 1 : 0;
    const auto next = static_cast<backend_index>(2 - 2 * bucket % 256 % 3);
    const auto after = static_cast<backend_index>(2 - (2 * bucket + 1) % 256 % 3);
    CHECK(falling.pick(s, c) == (owner != 2 ? owner : next != 2 ? next : after));
  }
  CHECK(dropped > 200);
}

TEST_CASE("ipvs_source_hash finds backends that have no bucket") {
  const auto s = of(backends(1000));
  balance::ipvs_source_hash p;
  REQUIRE(p.rebuild(s));
  CHECK(p.pick(s, from("192.0.2.1"), [](backend_index i) { return i == 3; }) == 3);
}

TEST_CASE("rendezvous_hash depends on keys and not on indices") {
  auto list = weighted({1, 2, 3, 1, 2.5, 0.1});
  const auto s = of(list);
  std::reverse(list.begin(), list.end());
  const auto reversed = of(list);
  balance::rendezvous_hash p;
  balance::rendezvous_hash q;
  balance::rendezvous_hash seeded{1};
  REQUIRE(p.rebuild(s));
  REQUIRE(q.rebuild(reversed));
  REQUIRE(seeded.rebuild(s));
  int same = 0;
  for (std::uint64_t k = 0; k < 2000; ++k) {
    CHECK(s.key(p.pick(s, key(k))) == reversed.key(q.pick(reversed, key(k))));
    same += seeded.pick(s, key(k)) == p.pick(s, key(k)) ? 1 : 0;
  }
  CHECK(same < 800);
}

TEST_CASE("rendezvous_hash bears extreme weights") {
  const auto s = of(weighted({1e300, 1e-300, 5e-324, 1e300}));
  balance::rendezvous_hash p;
  REQUIRE(p.rebuild(s));
  for (std::uint64_t k = 0; k < 100; ++k) {
    const auto i = p.pick(s, key(k));
    CHECK((i == 0 || i == 3));
    CHECK(p.pick(s, key(k), [](backend_index j) { return j == 2; }) == 2);
  }
}

TEST_CASE("negative_log rises and is close to the logarithm") {
  using balance::detail::negative_log;
  CHECK(negative_log(0) == 0);
  CHECK(negative_log(1) == 32);
  const auto end = std::uint64_t{1} << 53;
  CHECK(std::abs(static_cast<double>(negative_log(end - 1)) / 0x1p58 - 53 * std::log(2.0)) < 1e-10);
  std::uint64_t wrong = 0;
  const auto near = [&](std::uint64_t v) {
    const auto log = negative_log(v);
    if (v > 0 && negative_log(v - 1) >= log) ++wrong;
    if (log < 32 * v) ++wrong;
    const auto exact = -std::log1p(-static_cast<double>(v) / 0x1p53);
    if (std::abs(static_cast<double>(log) / 0x1p58 - exact) > 1e-11 * exact + 0x1p-52) ++wrong;
  };
  // Around every border between two pieces.
  for (unsigned shift = 0; shift < 46; ++shift) {
    for (std::uint64_t c = 128; c < 256; ++c) {
      const auto u = (c << 45) >> shift;
      for (std::uint64_t k = 0; k < 5; ++k) {
        if (u + 2 > k && u + 2 - k < end) near(end - (u + 2 - k));
      }
    }
  }
  for (std::uint64_t k = 0; k < 100'000; ++k) {
    near(lepton::detail::mix(k) >> 11);
    near(lepton::detail::mix(k) >> (11 + k % 52));
  }
  CHECK(wrong == 0);
}

TEST_CASE("jump_hash takes no weights") {
  balance::jump_hash p;
  const auto result = p.rebuild(of(weighted({1, 2})));
  REQUIRE(!result);
  CHECK(result.error().message.find("same") != std::string::npos);
  CHECK(p.rebuild(of(weighted({2, 2, 0}))));
  CHECK(balance::jump_hash::bucket(12345, 1) == 0);
}

TEST_CASE("anchor_hash checks its options") {
  using options = balance::anchor_hash::options;
  const auto s = of(backends(10));
  CHECK(!balance::anchor_hash{options{0, -1}}.rebuild(s));
  CHECK(!balance::anchor_hash{options{0, std::nan("")}}.rebuild(s));
  CHECK(!balance::anchor_hash{options{0, 1e300}}.rebuild(s));
  CHECK(!balance::anchor_hash{options{(1U << 28) + 1, 0}}.rebuild(s));
  balance::anchor_hash p{options{9, 1}};
  const auto result = p.rebuild(s);
  REQUIRE(!result);
  CHECK(result.error().message.find("10 slots are needed and 9") != std::string::npos);
  balance::anchor_hash fits{options{10, 1}};
  REQUIRE(fits.rebuild(s));
  CHECK(fits.slots() == 10);
  CHECK(fits.capacity() == 10);
  // What fails leaves the policy as it was.
  CHECK(!fits.rebuild(of(backends(11))));
  std::set<backend_index> seen;
  for (std::uint64_t k = 0; k < 500; ++k) seen.insert(fits.pick(s, key(k)));
  CHECK(seen.size() == 10);
}

TEST_CASE("anchor_hash gives slots by weight") {
  balance::anchor_hash p;
  REQUIRE(p.rebuild(of(weighted({1, 2, 5, 0}))));
  CHECK(p.slots() == 48);  // six each unit, so that the average has 16
  balance::anchor_hash q;
  REQUIRE(q.rebuild(of(weighted({0.5, 1.5}))));
  CHECK(q.slots() == 32);
  balance::anchor_hash r{{30, 0}};
  REQUIRE(r.rebuild(of(backends(10))));
  CHECK(r.slots() == 20);
  CHECK(r.capacity() == 30);
  balance::anchor_hash many;
  REQUIRE(many.rebuild(of(backends(5000))));
  CHECK(many.slots() == 5000);
}

TEST_CASE("anchor_hash starts afresh when it is outgrown") {
  balance::anchor_hash p;
  REQUIRE(p.rebuild(of(backends(4))));
  CHECK(p.capacity() == 96);
  const auto larger = of(backends(20));
  REQUIRE(p.rebuild(larger));
  CHECK(p.slots() == 320);
  CHECK(p.capacity() == 480);
  balance::anchor_hash q;
  REQUIRE(q.rebuild(larger));
  for (std::uint64_t k = 0; k < 1000; ++k) CHECK(p.pick(larger, key(k)) == q.pick(larger, key(k)));
}

TEST_CASE("anchor_hash gives a backend that took an index nothing of the former") {
  auto list = backends(6);
  const auto before = of(list);
  balance::anchor_hash p;
  REQUIRE(p.rebuild(before));
  balance::anchor_hash q = p;
  list[2].key = "newcomer";
  const auto after = of(list);
  REQUIRE(p.rebuild(after));
  for (std::uint64_t k = 0; k < 2000; ++k) {
    const auto was = q.pick(before, key(k));
    const auto is = p.pick(after, key(k));
    CHECK(((was == is) || was == 2 || is == 2));
  }
}

TEST_CASE("bounded_loads checks its factor") {
  using bounded = balance::bounded_loads<balance::jump_hash>;
  const auto s = of(backends(3));
  CHECK(bounded{1}.rebuild(s));
  CHECK(bounded{10'000}.rebuild(s));
  for (const auto bad : {0.99, 0.0, -1.0, 10'001.0, std::nan("")}) CHECK(!bounded{bad}.rebuild(s));
  CHECK(!bounded{}.rebuild(of(weighted({1, 2}))));  // the inner policy's word
}

TEST_CASE("bounded_loads computes the bound exactly") {
  using bounded = balance::bounded_loads<balance::modulo_hash>;
  const auto s = of(weighted({1, 2, 3}));
  bounded p{1.25};
  REQUIRE(p.rebuild(s));
  // ceil(1.25 * (total + 1) * w / 6)
  CHECK(p.bound(s, 0, 0) == 1);
  CHECK(p.bound(s, 2, 0) == 1);
  CHECK(p.bound(s, 0, 23) == 5);
  CHECK(p.bound(s, 1, 23) == 10);
  CHECK(p.bound(s, 2, 23) == 15);
  CHECK(p.bound(s, 2, 24) == 16);
  bounded even{1};
  const auto three = of(backends(3));
  REQUIRE(even.rebuild(three));
  CHECK(even.bound(three, 0, 2) == 1);  // no rounding up of a third of three
  CHECK(even.bound(three, 0, 3) == 2);
}

TEST_CASE("bounded_loads sends only the overflow elsewhere") {
  using bounded = balance::bounded_loads<balance::modulo_hash, balance::single_threaded>;
  const auto s = of(backends(4));
  bounded p{1.5};
  REQUIRE(p.rebuild(s));
  balance::loads<balance::single_threaded> l{4};
  // All for backend 1: it takes its bound, the rest overflow.
  for (int k = 0; k < 40; ++k) {
    const auto total = l.total();
    const auto c = hashed(static_cast<std::uint64_t>(4 * k + 1));
    const auto bound = p.bound(s, 1, total);
    const auto room = l[1] < bound;
    const auto i = p.pick(s, c.with(l));
    CHECK((i == 1) == room);
    l.start(i);
    p.started(i, c);
    for (backend_index j = 0; j < 4; ++j) CHECK(l[j] <= p.bound(s, j, total));
  }
  CHECK(l[1] == 15);
  // Whoever is alone is picked above any bound.
  CHECK(p.pick(s, hashed(1).with(l), [](backend_index i) { return i == 1; }) == 1);
  for (int k = 0; k < 15; ++k) {
    l.finish(1);
    p.finished(1, {});
  }
  CHECK(p.pick(s, hashed(1).with(l)) == 1);
  // More ends than starts do no harm.
  for (int k = 0; k < 100; ++k) p.finished(0, {});
  CHECK(p.pick(s, hashed(2).with(l)) != no_backend);
}

TEST_CASE("bounded_loads asks shared loads for the sum") {
  const auto s = of(backends(2));
  balance::bounded_loads<balance::modulo_hash> p{1};
  REQUIRE(p.rebuild(s));
  balance::loads<balance::shared> plain{2};
  balance::summed_loads<balance::shared> summed{2};
  for (int k = 0; k < 4; ++k) {
    plain.start(0);
    summed.start(0);
  }
  // ceil(5 / 2) = 3, and four are in flight.
  CHECK(p.pick(s, hashed(0).with(plain)) == 1);
  CHECK(p.pick(s, hashed(0).with(summed)) == 1);
  for (int k = 0; k < 4; ++k) {
    plain.start(1);
    summed.start(1);
  }
  CHECK(p.pick(s, hashed(0).with(plain)) == 0);
  CHECK(p.pick(s, hashed(0).with(summed)) == 0);
  static_assert(balance::reads_total_load<balance::bounded_loads<balance::modulo_hash>>());
}

TEST_CASE("bounded_loads takes the total from loads that know it") {
  struct known {
    std::array<std::uint32_t, 2> of{8, 0};
    std::uint64_t total = 0;
    auto operator[](backend_index i) const -> std::uint32_t { return of[i]; }
    auto in_flight() const -> std::uint64_t { return total; }
  } l;
  balance::bounded_loads<balance::modulo_hash> p{1};
  const auto s = of(backends(2));
  REQUIRE(p.rebuild(s));
  CHECK(p.pick(s, hashed(0).with(l)) == 1);
  l.total = 100;
  CHECK(p.pick(s, hashed(0).with(l)) == 0);
}
