// SPDX-License-Identifier: Apache-2.0
// The same input and seed give the same decisions with every compiler, on every machine: one small
// history, pinned for a few policies. Turning red is legitimate when a score, the order of ties or
// the random numbers are meant to change; then the new numbers must be the same under GCC and
// Clang. (Nomad's scores are left out: they hang on the C library's pow.)

#include <cstdint>
#include <vector>

#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/any_policy.hpp>
#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/random_fit.hpp>
#include <lepton/place/ray_hybrid.hpp>

#include "catch.hpp"

namespace place = lepton::place;

namespace {

using policy = place::any_policy<lepton::task<2>, lepton::cluster<2>>;

auto some_task(lepton::detail::pcg32& random) -> lepton::task<2> {
  lepton::task<2> t;
  t.demand = {1000 * random.below(8), 512 * random.below(16)};
  const auto kind = random.below(4);
  if (kind == 0) {
    t.devices = lepton::device_request::share(static_cast<std::uint16_t>(100 + random.below(900)));
  } else if (kind == 1) {
    t.devices = lepton::device_request::whole(static_cast<std::uint8_t>(1 + random.below(3)));
  }
  return t;
}

/// A hash of all decisions of a history in which every third task leaves again.
auto history(policy p) -> std::uint64_t {
  lepton::detail::pcg32 random{2024};
  lepton::cluster<2> nodes;
  for (int i = 0; i < 60; ++i) {
    lepton::node_spec<2> spec;
    spec.capacity = {16'000 + 8000 * random.below(7), 32'768 + 4096 * random.below(9)};
    spec.devices = lepton::device_set{static_cast<std::uint8_t>(random.below(9)), 0};
    REQUIRE(nodes.add(spec));
  }
  std::uint64_t hash = 0;
  std::vector<lepton::allocation_id> held;
  for (int i = 0; i < 1500; ++i) {
    const auto t = some_task(random);
    const auto d = p.pick(t, nodes);
    hash =
        lepton::detail::combine(hash, d ? std::uint64_t{d.node()} * 65'536 + d.devices() : ~0ULL);
    hash = lepton::detail::combine(hash, d.reasons().total());
    if (d) held.push_back(*nodes.allocate(t, d));
    if (i % 3 == 0 && !held.empty()) {
      const auto leaves = random.below(static_cast<std::uint32_t>(held.size()));
      REQUIRE(nodes.release(held[leaves]));
      held.erase(held.begin() + leaves);
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("golden: a history of decisions is the same everywhere") {
  const std::vector<place::typical_task> typical{{1000, lepton::device_request::share(500), 30},
                                                 {4000, lepton::device_request::whole(1), 20},
                                                 {2000, {}, 10},
                                                 {7000, lepton::device_request::whole(3), 7}};
  CHECK(history(place::greedy{place::first_fit{}}.with_ties(1)) == 0x69f6564c0bae817dULL);
  CHECK(history(place::greedy{place::best_fit{}}) == 0x60104cbe9aaa81b4ULL);
  CHECK(history(place::greedy{place::ray_hybrid{}}.with_ties(2)) == 0x7db95623480ef971ULL);
  CHECK(history(place::greedy{place::least_allocated{}}) == 0xe39db4fed13b2ba6ULL);
  CHECK(history(place::greedy{place::balanced_allocation{}}.with_ties(3)) == 0xe8c3cff492b2c577ULL);
  CHECK(history(place::greedy{place::fragmentation_gradient{typical}}.with_ties(4)) ==
        0xbd632011374a1858ULL);
  CHECK(history(place::random_fit{5}) == 0xdee9dc79a8e33a6fULL);
}
