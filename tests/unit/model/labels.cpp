// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/labels.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using lepton::labels;

TEST_CASE("labels are sorted by key, and a key occurs once") {
  labels set{{"zone", "a"}, {"app", "web"}, {"zone", "b"}};
  CHECK(set.size() == 2);
  REQUIRE(set.find("zone") != nullptr);
  CHECK(*set.find("zone") == "b");
  std::vector<std::string> keys;
  for (const auto& [key, value] : set) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"app", "zone"});

  set.set("app", "db");
  set.set("middle", "");
  CHECK(set.size() == 3);
  CHECK(*set.find("app") == "db");
  CHECK(set.find("middle")->empty());
}

TEST_CASE("a key that is not there is not found, however near") {
  const labels set{{"b", "1"}, {"d", "2"}};
  for (const auto* key : {"a", "c", "e", "", "bb", "B"}) CHECK(set.find(key) == nullptr);
  CHECK(labels{}.empty());
  CHECK(labels{}.find("") == nullptr);
}

TEST_CASE("labels compare by content, whatever order they came in") {
  CHECK(labels{{"a", "1"}, {"b", "2"}} == labels{{"b", "2"}, {"a", "1"}});
  CHECK_FALSE(labels{{"a", "1"}} == labels{{"a", "2"}});
  CHECK_FALSE(labels{{"a", "1"}} == labels{});
}
