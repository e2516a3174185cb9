// SPDX-License-Identifier: Apache-2.0
#include <lepton/detail/rng.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "catch.hpp"

using lepton::detail::pcg32;

TEST_CASE("pcg32 gives the numbers of O'Neill's demonstration program") {
  // pcg32-demo with seed 42 and stream 54, round 1.
  constexpr std::array<std::uint32_t, 6> published{0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                                   0x83d2f293, 0xbfa4784b, 0xcbed606e};
  pcg32 random{42, 54};
  for (const auto number : published) CHECK(random() == number);
}

TEST_CASE("pcg32 can be used at compile time, and equal seeds give equal numbers") {
  constexpr auto first = [] {
    pcg32 random{1};
    return random();
  }();
  pcg32 random{1};
  CHECK(random() == first);
  pcg32 other{2};
  CHECK(other() != first);
  pcg32 stream{1, 1};
  CHECK(stream() != first);
}

TEST_CASE("below stays below, and every number is equally likely") {
  pcg32 random{7};
  for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
  std::array<int, 6> count{};
  for (int i = 0; i < 60'000; ++i) {
    const auto n = random.below(6);
    REQUIRE(n < 6);
    ++count[n];
  }
  // Six standard deviations.
  for (const auto c : count) CHECK((c > 9450 && c < 10'550));
}

TEST_CASE("below has no bias for bounds that do not divide 2^32") {
  // With the plain product a third of the numbers would come up a third too often.
  constexpr std::uint32_t bound = 3'221'225'472;  // 3/4 of 2^32
  pcg32 random{3};
  int low = 0;
  for (int i = 0; i < 30'000; ++i) {
    const auto n = random.below(bound);
    REQUIRE(n < bound);
    low += n % 3 == 0 ? 1 : 0;
  }
  CHECK((low > 9500 && low < 10'500));
}

TEST_CASE("shuffle gives every order, each as often") {
  std::map<std::array<int, 3>, int> seen;
  pcg32 random{9};
  for (int i = 0; i < 12'000; ++i) {
    std::array<int, 3> values{1, 2, 3};
    lepton::detail::shuffle(values, random);
    ++seen[values];
  }
  CHECK(seen.size() == 6);
  for (const auto& [order, count] : seen) CHECK((count > 1750 && count < 2250));

  std::vector<int> none;
  lepton::detail::shuffle(none, random);
  CHECK(none.empty());
}
