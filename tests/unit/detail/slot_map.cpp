// SPDX-License-Identifier: Apache-2.0
#include <lepton/detail/slot_map.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/allocation.hpp>

#include "catch.hpp"

using receipt = lepton::allocation_id;
using map = lepton::detail::slot_map<std::string, receipt>;

TEST_CASE("a receipt leads to its value until it is erased, and never again") {
  map m;
  const auto a = m.insert("a");
  const auto b = m.insert("b");
  CHECK(m.size() == 2);
  REQUIRE(m.find(a) != nullptr);
  CHECK(*m.find(a) == "a");
  CHECK(*m.find(b) == "b");

  m.erase(a);
  CHECK(m.size() == 1);
  CHECK(m.find(a) == nullptr);
  CHECK(*m.find(b) == "b");

  const auto c = m.insert("c");
  CHECK(c.slot == a.slot);
  CHECK(c != a);
  CHECK(m.find(a) == nullptr);
  CHECK(*m.find(c) == "c");
}

TEST_CASE("receipts that were never given out lead nowhere") {
  map m;
  CHECK(m.find(receipt{}) == nullptr);
  const auto a = m.insert("a");
  CHECK(m.find(receipt{}) == nullptr);
  CHECK(m.find({a.slot + 1, a.generation}) == nullptr);
  CHECK(m.find({a.slot, a.generation + 2}) == nullptr);
  m.erase(a);
  // The generation of an empty slot is even, hence that of no receipt.
  CHECK(m.find({a.slot, a.generation + 1}) == nullptr);
}

TEST_CASE("slots are used again, last erased first, and visited in order") {
  map m;
  std::vector<receipt> all;
  for (int i = 0; i < 10; ++i) all.push_back(m.insert(std::to_string(i)));
  m.erase(all[3]);
  m.erase(all[7]);
  CHECK(m.insert("x").slot == 7);
  CHECK(m.insert("y").slot == 3);
  CHECK(m.insert("z").slot == 10);
  m.erase(all[0]);

  std::vector<std::string> seen;
  m.for_each([&](receipt r, const std::string& value) {
    CHECK(m.find(r) == &value);
    seen.push_back(value);
  });
  CHECK(seen == std::vector<std::string>{"1", "2", "y", "4", "5", "6", "x", "8", "9", "z"});
  CHECK(m.size() == 10);
}
