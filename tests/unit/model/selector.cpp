// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/selector.hpp>

#include <string>
#include <vector>

#include "catch.hpp"

using lepton::label_requirement;
using lepton::label_selector;
using lepton::labels;
using op = lepton::label_operator;

namespace {

auto holds(op how, std::vector<std::string> values, const labels& set) -> bool {
  return label_requirement{"k", how, std::move(values)}.matches(set);
}
const labels none{};
auto with(std::string value) -> labels { return {{"k", std::move(value)}}; }

}  // namespace

TEST_CASE("in and not_in, as in Kubernetes: a key that is not there is not in") {
  CHECK(holds(op::in, {"a", "b"}, with("a")));
  CHECK(holds(op::in, {"a", "b"}, with("b")));
  CHECK_FALSE(holds(op::in, {"a", "b"}, with("c")));
  CHECK_FALSE(holds(op::in, {"a", "b"}, none));
  CHECK_FALSE(holds(op::in, {}, with("a")));
  CHECK_FALSE(holds(op::in, {""}, none));

  CHECK_FALSE(holds(op::not_in, {"a", "b"}, with("a")));
  CHECK(holds(op::not_in, {"a", "b"}, with("c")));
  CHECK(holds(op::not_in, {"a", "b"}, none));
  CHECK(holds(op::not_in, {}, with("a")));
}

TEST_CASE("exists and absent look at the key only") {
  CHECK(holds(op::exists, {}, with("")));
  CHECK_FALSE(holds(op::exists, {}, none));
  CHECK(holds(op::absent, {}, none));
  CHECK_FALSE(holds(op::absent, {}, with("")));
  CHECK_FALSE(label_requirement{"k"}.matches(labels{{"kk", "1"}, {"j", "1"}}));
}

TEST_CASE("greater_than and less_than compare integers, not texts") {
  CHECK(holds(op::greater_than, {"9"}, with("10")));
  CHECK_FALSE(holds(op::greater_than, {"10"}, with("10")));
  CHECK_FALSE(holds(op::greater_than, {"10"}, with("9")));
  CHECK(holds(op::greater_than, {"-10"}, with("-9")));
  CHECK(holds(op::less_than, {"10"}, with("9")));
  CHECK_FALSE(holds(op::less_than, {"9"}, with("9")));
  CHECK(holds(op::less_than, {"9223372036854775807"}, with("-9223372036854775808")));
}

TEST_CASE("what is no integer is neither greater nor less") {
  for (const auto how : {op::greater_than, op::less_than}) {
    for (const auto* odd : {"", "five", "1.5", " 1", "1 ", "0x10", "9223372036854775808", "-"}) {
      CHECK_FALSE(holds(how, {"3"}, with(odd)));
      CHECK_FALSE(holds(how, {odd}, with("3")));
    }
    CHECK_FALSE(holds(how, {}, with("3")));
    CHECK_FALSE(holds(how, {"3"}, none));
  }
}

TEST_CASE("a selector holds if all its requirements do") {
  const label_selector both{{"app", op::in, {"web"}}, {"tier", op::absent, {}}};
  CHECK(both.matches({{"app", "web"}}));
  CHECK_FALSE(both.matches({{"app", "web"}, {"tier", "back"}}));
  CHECK_FALSE(both.matches({{"app", "db"}}));
  CHECK(label_selector{}.matches(none));
  CHECK(label_selector{}.matches({{"app", "web"}}));
  CHECK(label_selector::equals("app", "web").matches({{"app", "web"}}));
  CHECK_FALSE(label_selector::equals("app", "web").matches({{"app", "Web"}}));
}
