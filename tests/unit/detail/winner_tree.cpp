// SPDX-License-Identifier: Apache-2.0
// tests/property/trees.cpp compares the tree with a plain search; here are the corners.
#include <lepton/detail/winner_tree.hpp>

#include <cstdint>
#include <limits>

#include "catch.hpp"

using lepton::detail::winner_tree;

TEST_CASE("winner_tree prefers the leftmost of equals") {
  winner_tree t;
  t.assign(300, [](std::size_t) { return 7; });
  CHECK(t.best().position == 0);
  CHECK(t.best().best == 7);
  t.set(0, 6);
  CHECK(t.best().position == 1);
  t.set(299, 8);
  CHECK(t.best().position == 299);
  t.set(17, 8);
  CHECK(t.best().position == 17);
}

TEST_CASE("winner_tree finds the next best when the best sinks") {
  winner_tree t;
  t.assign(257, [](std::size_t i) { return static_cast<std::int32_t>(i); });
  for (std::int32_t i = 256; i >= 0; --i) {
    CHECK(t.best().best == i);
    CHECK(t.best().position == static_cast<std::size_t>(i));
    t.set(static_cast<std::size_t>(i), winner_tree::lowest);
  }
  CHECK(t.best().position == 0);
  CHECK(t.best().best == winner_tree::lowest);
}

TEST_CASE("winner_tree can be assigned anew, smaller or larger, and copied") {
  winner_tree t;
  t.assign(5000, [](std::size_t i) { return static_cast<std::int32_t>(i); });
  t.assign(3, [](std::size_t i) { return static_cast<std::int32_t>(2 - i); });
  CHECK(t.size() == 3);
  CHECK(t.best().best == 2);
  auto copy = t;
  copy.set(2, 9);
  CHECK(copy.best().position == 2);
  CHECK(t.best().position == 0);
  t.assign(0, [](std::size_t) { return 0; });
  CHECK(t.size() == 0);
  t.assign(1, [](std::size_t) { return std::numeric_limits<std::int32_t>::max(); });
  CHECK(t.best().best == std::numeric_limits<std::int32_t>::max());
}
