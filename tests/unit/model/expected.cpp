// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/expected.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/model/error.hpp>

#include "catch.hpp"

using lepton::error;
using lepton::expected;
using lepton::failure;
using lepton::status;
using lepton::unexpected;

namespace {

struct counted {
  explicit counted(int v) : value(v) { ++alive; }
  counted(const counted& other) : value(other.value) { ++alive; }
  counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
  auto operator=(const counted&) -> counted& = default;
  ~counted() { --alive; }
  int value;
  static inline int alive = 0;
};

auto half(int n) -> expected<int> {
  if (n % 2 != 0) return failure("odd");
  return n / 2;
}

static_assert(!std::is_convertible_v<expected<int>, bool>);
static_assert(std::is_constructible_v<bool, expected<int>>);
static_assert(std::is_nothrow_move_constructible_v<expected<std::string>>);

}  // namespace

TEST_CASE("an expected holds a value or the reason why not") {
  const auto good = half(6);
  REQUIRE(good);
  CHECK(good.has_value());
  CHECK(*good == 3);
  CHECK(good.value() == 3);
  const auto bad = half(7);
  CHECK_FALSE(bad);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().message == "odd");
}

TEST_CASE("copies and moves of an expected keep what it holds, and nothing leaks") {
  {
    expected<counted> a{counted{1}};
    expected<counted> bad{unexpected{error{"no"}}};
    auto copy = a;
    CHECK(copy->value == 1);
    copy->value = 2;
    CHECK(a->value == 1);
    a = bad;
    CHECK_FALSE(a);
    CHECK(a.error().message == "no");
    bad = copy;
    CHECK((*bad).value == 2);
    const auto& same = bad;
    bad = same;
    CHECK(bad->value == 2);
    auto moved = std::move(bad);
    CHECK(moved->value == 2);
    CHECK(bad->value == -1);
    CHECK(std::move(moved).value().value == 2);
  }
  CHECK(counted::alive == 0);
}

TEST_CASE("a value that can only be moved") {
  expected<std::unique_ptr<int>> e{std::make_unique<int>(4)};
  const auto taken = *std::move(e);
  CHECK(*taken == 4);
}

TEST_CASE("a status is success or an error") {
  const status fine;
  CHECK(fine);
  const status bad = failure("broken");
  CHECK_FALSE(bad);
  CHECK(bad.error() == error{"broken"});
}

TEST_CASE("errors may be of any type") {
  const auto f = [](bool good) -> expected<std::string, int> {
    if (good) return std::string{"yes"};
    return unexpected{42};
  };
  CHECK(*f(true) == "yes");
  CHECK(f(false).error() == 42);
}

TEST_CASE("an error says where it stands, as far as that is known") {
  CHECK(error{"bad"}.to_string() == "bad");
  CHECK(error("bad", "f.csv", 3, 7).to_string() == "f.csv:3:7: bad");
  CHECK(error("bad", "f.csv", 3).to_string() == "f.csv:3: bad");
  CHECK(error("bad", "f.csv", 0).to_string() == "f.csv: bad");
  CHECK(error("bad", "", 3, 7).to_string() == "line 3:7: bad");
  CHECK(error("bad", "", 0, 7).to_string() == "bad");
}
