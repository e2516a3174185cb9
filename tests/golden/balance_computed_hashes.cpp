// SPDX-License-Identifier: Apache-2.0
// What other implementations of the same algorithms answer, and what ours answer on every machine.
// The vectors that name a source are that system's: turning red is never legitimate. Those marked
// "ours" may change when an algorithm or a hash is meant to change; then the new numbers must be
// the same under GCC and Clang, and a release must say that keys move.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/anchor_hash.hpp>
#include <lepton/balance/ip_hash.hpp>
#include <lepton/balance/ipvs_source_hash.hpp>
#include <lepton/balance/jump_hash.hpp>
#include <lepton/balance/negative_log.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using balance::client_address;
using balance::jump_hash;

namespace {

auto servers(std::size_t n, bool unequal = false) -> balance::snapshot {
  std::vector<balance::backend> list(n);
  for (std::size_t i = 0; i < n; ++i) {
    list[i].key = "10.0.0." + std::to_string(i) + ":80";
    if (unequal) list[i].weight = 0.5 + static_cast<double>(i * 7 % 5);
  }
  return balance::snapshot::build(list).value();
}

auto at(const char* text) -> client_address { return client_address::parse(text).value(); }

/// A hash of the picks of 5000 keys.
template <class Policy>
auto fingerprint(const Policy& p, const balance::snapshot& s) -> std::uint64_t {
  std::uint64_t result = 0;
  for (std::uint64_t k = 0; k < 5000; ++k) {
    balance::context c;
    c.hash = lepton::detail::mix(k);
    result = lepton::detail::combine(result, p.pick(s, c));
  }
  return result;
}

}  // namespace

TEST_CASE("golden: jump_hash answers as the published vectors say") {
  // ClickHouse, tests/queries/0_stateless/00580_consistent_hashing_functions;
  // python-jump-consistent- hash and DotNext have the same.
  CHECK(jump_hash::bucket(1, 1) == 0);
  CHECK(jump_hash::bucket(42, 57) == 43);
  CHECK(jump_hash::bucket(256, 1024) == 520);
  CHECK(jump_hash::bucket(3735883980, 1) == 0);
  CHECK(jump_hash::bucket(3735883980, 666) == 361);
  CHECK(jump_hash::bucket(16045690984833335023ULL, 255) == 237);
  // The Rust crate jump-consistent-hash, tests.
  CHECK(jump_hash::bucket(10863919174838991, 11) == 6);
  CHECK(jump_hash::bucket(2016238256797177309, 11) == 3);
  CHECK(jump_hash::bucket(1673758223894951030, 11) == 5);
  CHECK(jump_hash::bucket(2, 100'001) == 80'343);
  CHECK(jump_hash::bucket(2201, 100'001) == 22'152);
  CHECK(jump_hash::bucket(2202, 100'001) == 15'018);
  // dgryski/go-jump, jump_test.go ("generated from the reference C++ code"): 1 to 19 buckets.
  struct row {
    std::uint64_t key;
    std::array<std::uint32_t, 19> buckets;
  };
  const row rows[] = {
      {0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
      {1, {0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 17, 17}},
      {0xdeadbeef, {0, 1, 2, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 16, 16, 16}},
      {0x0ddc0ffeebadf00d, {0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 15, 15, 15, 15}}};
  balance::jump_hash p;
  for (const auto& r : rows) {
    for (std::uint32_t n = 1; n <= 19; ++n) {
      CHECK(jump_hash::bucket(r.key, n) == r.buckets[n - 1]);
      balance::context c;
      c.hash = r.key;
      CHECK(p.pick(servers(n), c) == r.buckets[n - 1]);
    }
  }
}

TEST_CASE("golden: ip_hash spreads clients as nginx's own test expects") {
  // nginx-tests, upstream_ip_hash.t: thirty clients 127.0.$i.2, split 15/15 and 10/10/10.
  for (std::size_t n = 2; n <= 3; ++n) {
    const auto s = servers(n);
    balance::ip_hash<> p;
    REQUIRE(p.rebuild(s));
    std::vector<int> served(n);
    for (std::uint8_t i = 1; i <= 30; ++i) {
      const client_address client{std::array<std::uint8_t, 4>{127, 0, i, 2}};
      ++served[p.pick(s, balance::address_context{client})];
    }
    CHECK(served == std::vector<int>(n, static_cast<int>(30 / n)));
  }
}

TEST_CASE("golden: nginx's ip_hash worked by hand") {
  // (89 * 113 + 192) % 6271 = 3978, (3978 * 113 + 0) % 6271 = 4273, (4273 * 113 + 2) % 6271 = 6255.
  const auto first = balance::detail::nginx_ip_hash(at("192.0.2.77"), 89);
  CHECK(first == 6255);
  CHECK(balance::detail::nginx_ip_hash(at("192.0.2.1"), 89) == first);
  CHECK(balance::detail::nginx_ip_hash(at("192.0.3.1"), 89) != first);
  CHECK(balance::detail::nginx_ip_hash(client_address{}, 89) ==
        balance::detail::nginx_ip_hash(at("0.0.0.1"), 89));
  // All sixteen bytes of IPv6, reduced after each as nginx does.
  for (const auto* text :
       {"::1", "2001:db8::ff00:42:8329", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    std::uint32_t h = 6270;
    const auto address = at(text);
    for (const auto byte : address.bytes()) h = (h * 113 + byte) % 6271;
    CHECK(balance::detail::nginx_ip_hash(at(text), 6270) == h);
  }
}

TEST_CASE("golden: ipvs_source_hash takes Linux's hash_32 of eight bits") {
  // include/linux/hash.h: hash_32(1, 8) = GOLDEN_RATIO_32 >> 24, with 0x61c88647.
  using balance::ipvs_source_hash;
  CHECK(ipvs_source_hash::bucket_of(at("0.0.0.0")) == 0);
  CHECK(ipvs_source_hash::bucket_of(at("0.0.0.1")) == 0x61);
  CHECK(ipvs_source_hash::bucket_of(at("0.0.0.2")) == 0xc3);
  CHECK(ipvs_source_hash::bucket_of(at("0.0.0.3")) == 0x25);
  CHECK(ipvs_source_hash::bucket_of(at("0.0.0.1"), 2) == 0x25);
  CHECK(ipvs_source_hash::bucket_of(at("::1")) == 0x61);
  CHECK(ipvs_source_hash::bucket_of(at("0:1::2")) == 0x25);  // words are xored
  CHECK(ipvs_source_hash::bucket_of(at("255.255.255.255")) == ((0U - 0x61c88647U) >> 24));
}

TEST_CASE("golden: ipvs_source_hash deals its buckets as ip_vs_sh_reassign") {
  // The kernel's list has the destination added last first; 2 buckets for weight 2, 1 for 0.
  std::vector<balance::backend> list(3);
  for (std::size_t i = 0; i < 3; ++i) list[i].id = i + 1;
  list[0].weight = 2;
  list[1].weight = 0;
  const auto s = balance::snapshot::build(list).value();
  balance::ipvs_source_hash p{{false}};
  REQUIRE(p.rebuild(s));
  const backend_index dealt[] = {2, balance::no_backend, 0, 0};
  for (std::uint32_t a = 0; a < 5000; ++a) {
    const client_address client{std::array<std::uint8_t, 4>{
        10, 0, static_cast<std::uint8_t>(a >> 8), static_cast<std::uint8_t>(a)}};
    CHECK(p.pick(s, balance::address_context{client}) ==
          dealt[balance::ipvs_source_hash::bucket_of(client) % 4]);
  }
}

TEST_CASE("golden: negative_log is the same everywhere") {
  // Ours.
  using balance::detail::negative_log;
  // ln 2 is 6393154322601327829 units of 2^-63.
  CHECK(balance::detail::logs.ln2 == 6393154322601327338ULL);
  std::uint64_t sum = 0;
  for (std::uint64_t k = 0; k < 10'000; ++k)
    sum = lepton::detail::combine(sum, negative_log(lepton::detail::mix(k) >> (11 + k % 40)));
  CHECK(sum == 10856595060230010759ULL);
}

TEST_CASE("golden: addresses hash the same everywhere") {
  // Ours.
  CHECK(client_address{}.hash() == 8841707400507832957ULL);
  CHECK(at("192.0.2.1").hash() == 10905416215385706624ULL);
  CHECK(at("192.0.2.1").hash(1) == 5676394311858399215ULL);
  CHECK(at("2001:db8::1").hash() == 3138881728033050433ULL);
}

TEST_CASE("golden: consistent hashes place keys the same everywhere") {
  // Ours.
  const auto equal = servers(37);
  const auto unequal = servers(37, true);
  balance::rendezvous_hash r;
  REQUIRE(r.rebuild(equal));
  CHECK(fingerprint(r, equal) == 16837425077763580542ULL);
  REQUIRE(r.rebuild(unequal));
  CHECK(fingerprint(r, unequal) == 3971627024409644289ULL);
  balance::anchor_hash a;
  REQUIRE(a.rebuild(equal));
  CHECK(fingerprint(a, equal) == 4373395933996389981ULL);
  REQUIRE(a.rebuild(unequal));
  CHECK(fingerprint(a, unequal) == 8121087063714835565ULL);
  balance::anchor_hash b{{400, 4}};
  REQUIRE(b.rebuild(unequal));
  CHECK(fingerprint(b, unequal) == 4548217620621508757ULL);
}
