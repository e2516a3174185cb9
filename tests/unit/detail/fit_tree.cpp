// SPDX-License-Identifier: Apache-2.0
// tests/property/trees.cpp compares the tree with a plain search; here are the corners.
#include <lepton/detail/fit_tree.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"

using tree = lepton::detail::fit_tree<2>;
using lepton::detail::order_place;

namespace {

constexpr auto any = [](std::uint32_t) { return true; };
constexpr auto start = order_place::least();

}  // namespace

TEST_CASE("fit_tree gives the first in the order of keys, then of numbers, with room in all") {
  tree t;
  t.assign(
      4, [](std::size_t i) { return i == 3 ? std::int64_t{-5} : std::int64_t{0}; },
      [](std::size_t i) {
        return tree::amounts{static_cast<std::int64_t>(i), i == 3 ? 0 : 10};
      });
  CHECK(t.first({0, 0}, start, any) == order_place{-5, 3});
  CHECK(t.first({0, 1}, start, any) == order_place{0, 0});
  CHECK(t.first({1, 1}, start, any) == order_place{0, 1});
  CHECK(t.first({3, 0}, start, any) == order_place{-5, 3});
  CHECK_FALSE(t.first({3, 1}, start, any));
  CHECK_FALSE(t.first({0, 11}, start, any));
}

TEST_CASE("fit_tree starts where it is told, and passes over what is not accepted") {
  tree t;
  t.assign(
      100, [](std::size_t i) { return static_cast<std::int64_t>(i / 10); },
      [](std::size_t) {
        return tree::amounts{1, 1};
      });
  CHECK(t.first({1, 1}, {3, 0}, any) == order_place{3, 30});
  CHECK(t.first({1, 1}, {3, 35}, any) == order_place{3, 35});
  CHECK(t.first({1, 1}, {3, 40}, any) == order_place{4, 40});
  CHECK_FALSE(t.first({1, 1}, {10, 0}, any));
  CHECK(t.first({1, 1}, start, [](std::uint32_t i) { return i % 77 == 76; }) == order_place{7, 76});

  std::vector<std::uint32_t> asked;
  CHECK_FALSE(t.first({1, 1}, {9, 95}, [&](std::uint32_t i) {
    asked.push_back(i);
    return false;
  }));
  CHECK(asked == std::vector<std::uint32_t>{95, 96, 97, 98, 99});
}

TEST_CASE("fit_tree without items finds nothing") {
  tree t;
  t.assign(
      0, [](std::size_t) { return std::int64_t{0}; }, [](std::size_t) { return tree::amounts{}; });
  CHECK(t.size() == 0);
  CHECK_FALSE(t.first({0, 0}, start, any));
}

TEST_CASE("fit_tree follows an item whose key changes") {
  tree t;
  t.assign(
      500, [](std::size_t i) { return static_cast<std::int64_t>(i); },
      [](std::size_t) {
        return tree::amounts{1, 1};
      });
  t.update(250, -1, {5, 5});
  CHECK(t.first({1, 1}, start, any) == order_place{-1, 250});
  t.update(250, 1000, {5, 5});
  CHECK(t.first({1, 1}, start, any) == order_place{0, 0});
  CHECK(t.first({2, 2}, start, any) == order_place{1000, 250});
  t.update(250, 1000, {5, 0});
  CHECK_FALSE(t.first({2, 2}, start, any));
}
