// SPDX-License-Identifier: Apache-2.0
#include <lepton/detail/hash.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "catch.hpp"

using lepton::detail::combine;
using lepton::detail::mix;

TEST_CASE("mix is the finaliser of SplitMix64") {
  // The first outputs of SplitMix64 from seed 0: the finaliser of multiples of the golden ratio.
  CHECK(mix(0x9e3779b97f4a7c15ULL) == 0xe220a8397b1dcdafULL);
  CHECK(mix(0x9e3779b97f4a7c15ULL * 2) == 0x6e789e6aa1b965f4ULL);
  CHECK(mix(0x9e3779b97f4a7c15ULL * 3) == 0x06c45d188009454fULL);
  STATIC_REQUIRE(mix(0) == 0);
}

TEST_CASE("combine tells values, orders and texts apart") {
  CHECK(combine(combine(0, std::uint64_t{1}), std::uint64_t{2}) !=
        combine(combine(0, std::uint64_t{2}), std::uint64_t{1}));
  const auto both = [](std::string_view a, std::string_view b) {
    return combine(combine(1, a), b);
  };
  CHECK(both("ab", "c") != both("a", "bc"));
  CHECK(both("", "abc") != both("abc", ""));
  CHECK(both("a", "a") != both("a", ""));

  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < 10'000; ++i) seen.insert(combine(17, i));
  for (int i = 0; i < 10'000; ++i) seen.insert(combine(17, std::string_view{std::to_string(i)}));
  CHECK(seen.size() == 20'000);
}
