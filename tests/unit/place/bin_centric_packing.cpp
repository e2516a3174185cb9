// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/bin_centric_packing.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::place;

namespace {
using bins_of = std::vector<std::uint32_t>;
using two = resources<2>;
}  // namespace

TEST_CASE("bin-centric packing: the dot product takes the item that needs what is plentiful") {
  // The first leaves (2, 8). Of the rest, (2, 1) has 12 and (0, 3) has 24.
  const std::vector<two> all{{8, 2}, {2, 1}, {0, 3}};
  const auto p = dot_product_greedy(all, bin_type{two{10, 10}});
  REQUIRE(p);
  CHECK(p->bin_of == bins_of{0, 0, 0});
  // Alone, (0, 7) and (2, 6) exclude each other beside (8, 2): 56 beats 52.
  const std::vector<two> rivals{{8, 2}, {2, 6}, {0, 7}};
  CHECK(dot_product_greedy(rivals, bin_type{two{10, 10}})->bin_of == bins_of{0, 1, 0});
}

TEST_CASE("bin-centric packing: the L2 norm takes the item that comes closest to what is free") {
  // (2, 8) is free: (2, 6) misses it by 2² + 0, (0, 7) by 2² + 1.
  const std::vector<two> rivals{{8, 2}, {2, 6}, {0, 7}};
  CHECK(l2_norm_greedy(rivals, bin_type{two{10, 10}})->bin_of == bins_of{0, 0, 1});
}

TEST_CASE("bin-centric packing: weights by mean demand") {
  // Almost three times as much is asked for of the first dimension as of the second.
  const std::vector<two> all{{6, 5}, {7, 3}, {9, 0}};
  const bin_type bin{two{10, 10}};
  CHECK(dot_product_greedy(all, bin)->bin_of == bins_of{0, 1, 2});
  CHECK(dot_product_greedy(all, bin, demand_weights::mean_demand)->bin_of == bins_of{2, 1, 0});
}

TEST_CASE("bin-centric packing: a bin opened for an item may fill up with others") {
  // The first item is the largest by sum, but the second comes closer to a whole bin.
  const std::vector<two> all{{10, 2}, {5, 6}};
  CHECK(l2_norm_greedy(all, bin_type{two{10, 10}})->bin_of == bins_of{1, 0});
}

TEST_CASE("bin-centric packing: equal scores go to the lowest index") {
  const std::vector<two> all{{3, 0}, {0, 3}, {3, 0}, {0, 3}, {3, 3}};
  CHECK(dot_product_greedy(all, bin_type{two{6, 6}})->bin_of == bins_of{0, 0, 1, 1, 0});
  const std::vector<two> nothing(3);
  CHECK(dot_product_greedy(nothing, bin_type{two{}})->bin_of == bins_of{0, 0, 0});
  CHECK(l2_norm_greedy(nothing, bin_type{two{5, 0}}, demand_weights::mean_demand)->bin_of ==
        bins_of{0, 0, 0});
  CHECK(l2_norm_greedy(std::vector<two>{}, bin_type{two{1, 1}})->bin_count() == 0);
}

TEST_CASE("bin-centric packing: of several types, the cheapest is kept") {
  const std::vector<bin_type<two>> types{{two{4, 4}, 3}, {two{10, 10}, 5}};
  for (const auto& p : {dot_product_greedy(std::vector<two>{{7, 7}, {4, 4}}, types),
                        l2_norm_greedy(std::vector<two>{{7, 7}, {4, 4}}, types)}) {
    REQUIRE(p);
    CHECK(p->bin_of == bins_of{0, 1});
    CHECK(p->bins[0].type == 1);
    CHECK(p->bins[1].type == 0);
    CHECK(p->cost == 8);
  }
}

TEST_CASE("bin-centric packing: what cannot be packed is named") {
  const std::vector<two> all{{1, 1}, {1, 11}};
  CHECK(dot_product_greedy(all, bin_type{two{10, 10}}).error().to_string() ==
        "item 1 asks for 11 of memory, more than the 10 of any bin");
  CHECK(l2_norm_greedy(all, bin_type{two{10, 10}}).error().message ==
        dot_product_greedy(all, bin_type{two{10, 10}}).error().message);
}
