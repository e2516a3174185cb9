// SPDX-License-Identifier: Apache-2.0
#include <lepton/detail/box.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using lepton::detail::box;

namespace {

struct counted {
  counted() { ++alive; }
  counted(const counted& other) : value(other.value) { ++alive; }
  auto operator=(const counted&) -> counted& = default;
  ~counted() { --alive; }
  int value = 0;
  static inline int alive = 0;
};

}  // namespace

TEST_CASE("a box makes its value when it is first asked for, and keeps it") {
  {
    box b;
    CHECK(counted::alive == 0);
    b.get<counted>().value = 5;
    CHECK(b.get<counted>().value == 5);
    CHECK(counted::alive == 1);
  }
  CHECK(counted::alive == 0);
}

TEST_CASE("a box drops its value for one of another type") {
  box b;
  b.get<counted>().value = 5;
  b.get<std::string>() = "text";
  CHECK(counted::alive == 0);
  CHECK(b.get<std::string>() == "text");
  CHECK(b.get<counted>().value == 0);
  b.clear();
  CHECK(counted::alive == 0);
  CHECK(b.get<std::string>().empty());
}

TEST_CASE("copies of a box are independent, moves are cheap") {
  box a;
  a.get<std::vector<int>>() = {1, 2};
  box b = a;
  b.get<std::vector<int>>().push_back(3);
  CHECK(a.get<std::vector<int>>() == std::vector{1, 2});
  CHECK(b.get<std::vector<int>>() == std::vector{1, 2, 3});

  const auto* before = b.get<std::vector<int>>().data();
  box c = std::move(b);
  CHECK(c.get<std::vector<int>>().data() == before);
  CHECK(b.get<std::vector<int>>().empty());

  a = c;
  CHECK(a.get<std::vector<int>>().size() == 3);
  const auto& same = a;
  a = same;
  CHECK(a.get<std::vector<int>>().size() == 3);
  a = box{};
  CHECK(a.get<std::vector<int>>().empty());

  box empty;
  box copy_of_empty = empty;
  CHECK(copy_of_empty.get<int>() == 0);
}
