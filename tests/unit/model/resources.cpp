// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/resources.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "catch.hpp"

using lepton::amount;
using lepton::resources;

namespace {

struct rack_units {
  static constexpr std::array<std::string_view, 3> names{"height", "watt", "ports"};
};
struct c_names {
  static constexpr const char* names[] = {"a", "b"};
};
struct no_names {};
struct number_names {
  static constexpr std::array<int, 2> names{1, 2};
};

static_assert(lepton::dimensions<rack_units, 3>);
static_assert(lepton::dimensions<rack_units, 1>);
static_assert(!lepton::dimensions<rack_units, 4>);
static_assert(lepton::dimensions<c_names, 2>);
static_assert(!lepton::dimensions<c_names, 3>);
static_assert(!lepton::dimensions<no_names, 1>);
static_assert(!lepton::dimensions<number_names, 1>);

static_assert(lepton::resource_vector<resources<1>>);
static_assert(lepton::resource_vector<resources<3, rack_units>>);
static_assert(!lepton::resource_vector<const resources<1>&>);
static_assert(!lepton::resource_vector<std::array<amount, 2>>);
static_assert(!lepton::resource_vector<amount>);

// One amount for each dimension, no fewer and no more, and only whole numbers.
static_assert(std::is_constructible_v<resources<2>, int, int>);
static_assert(!std::is_constructible_v<resources<2>, int>);
static_assert(!std::is_constructible_v<resources<2>, int, int, int>);
static_assert(!std::is_constructible_v<resources<2>, double, int>);
static_assert(!std::is_convertible_v<int, resources<1>>);
// Vectors are only partly ordered.
template <class T>
concept has_less = requires(T a, T b) {
  a < b;
};
static_assert(!has_less<resources<2>>);
static_assert(!std::is_convertible_v<resources<2>, resources<3>>);
static_assert(!std::is_same_v<resources<3>, resources<3, rack_units>>);

// All of it works at compile time.
static_assert(resources<2>{1, 2} + resources<2>{3, 4} == resources<2>{4, 6});
static_assert(fits(resources<2>{1, 2}, resources<2>{1, 2}));

}  // namespace

TEST_CASE("resources start at zero and add exactly") {
  resources<3> r;
  for (const auto a : r) CHECK(a == 0);
  r += {1, 2, 3};
  r -= {0, 5, 0};
  CHECK(r == resources<3>{1, -3, 3});
  CHECK(r - r == resources<3>{});
  CHECK(r[1] == -3);
  r[1] = 7;
  CHECK(r == resources<3>{1, 7, 3});
  CHECK(resources<4>::filled(9) == resources<4>{9, 9, 9, 9});
  CHECK(resources<4>::size() == 4);
}

TEST_CASE("fits asks for every component") {
  const resources<3> free{5, 5, 5};
  CHECK(fits(resources<3>{}, free));
  CHECK(fits(free, free));
  for (std::size_t i = 0; i < 3; ++i) {
    auto demand = free;
    demand[i] = 6;
    CHECK_FALSE(fits(demand, free));
  }
  CHECK(fits(resources<1>{-1}, resources<1>{0}));
  CHECK_FALSE(fits(resources<1>{0}, resources<1>{-1}));
  constexpr auto high = amount{1} << 62;
  CHECK(fits(resources<2>{-high, high}, resources<2>{high - 1, high}));
  CHECK_FALSE(fits(resources<2>{high, 0}, resources<2>{1 - high, 0}));
}

TEST_CASE("any_negative finds a negative amount anywhere") {
  CHECK_FALSE(any_negative(resources<3>{}));
  CHECK_FALSE(any_negative(resources<3>{1, 0, lepton::max_amount}));
  CHECK(any_negative(resources<3>{-1, 0, 0}));
  CHECK(any_negative(resources<3>{5, 0, -1}));
}

TEST_CASE("add_overflows sees both ends of the range") {
  constexpr auto top = std::numeric_limits<amount>::max();
  constexpr auto bottom = std::numeric_limits<amount>::min();
  CHECK_FALSE(add_overflows(resources<2>{top, 0}, resources<2>{0, 0}));
  CHECK_FALSE(add_overflows(resources<2>{top, 0}, resources<2>{bottom, 0}));
  CHECK(add_overflows(resources<2>{0, top}, resources<2>{0, 1}));
  CHECK(add_overflows(resources<2>{bottom, 0}, resources<2>{-1, 0}));
  CHECK_FALSE(add_overflows(resources<2>{bottom, 0}, resources<2>{1, 0}));
}

TEST_CASE("dimensions have names") {
  CHECK(resources<4>::name(0) == "cpu");
  CHECK(resources<4>::name(1) == "memory");
  CHECK(resources<4>::name(2) == "gpu");
  CHECK(resources<4>::name(3) == "storage");
  CHECK(resources<8>::name(7) == "resource 7");
  CHECK(resources<2>::dimension("memory") == 1);
  CHECK_FALSE(resources<2>::dimension("gpu"));
  CHECK(resources<3, rack_units>::dimension("ports") == 2);
  CHECK_FALSE(resources<2, rack_units>::dimension("ports"));
  CHECK(resources<2, c_names>::name(1) == "b");
}
