// SPDX-License-Identifier: Apache-2.0
// Offline vector packing: the indexed answer is the one of looking at everything, and a packing is
// always a packing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <lepton/place/bin_centric_packing.hpp>
#include <lepton/place/bin_count_lower_bound.hpp>
#include <lepton/place/vector_packing.hpp>

#include "catch.hpp"
#include "property/choices.hpp"
#include "property/naive_packing.hpp"

namespace place = lepton::place;
using lepton::amount;
using lepton::resources;
using lepton_test::choices;
using lepton_test::naive_packing;

namespace {

constexpr place::item_size item_sizes[] = {place::item_size::sum, place::item_size::largest,
                                           place::item_size::dot_product};
constexpr place::demand_weights weightings[] = {place::demand_weights::equal,
                                                place::demand_weights::mean_demand};

/// What is wrong with a packing, whatever made it.
template <std::size_t N>
auto fault(const std::vector<resources<N>>& items,
           const std::vector<place::bin_type<resources<N>>>& types,
           const lepton::expected<place::packing<resources<N>>>& result) -> std::string {
  if (!result) return result.error().to_string();
  if (result->bin_of.size() != items.size()) return "an item without a bin";
  std::vector<resources<N>> loads(result->bin_count());
  std::vector<bool> used(result->bin_count());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (result->bin_of[i] >= loads.size()) return "a bin that is not there";
    loads[result->bin_of[i]] += items[i];
    used[result->bin_of[i]] = true;
  }
  amount cost = 0;
  for (std::size_t b = 0; b < loads.size(); ++b) {
    const auto& bin = result->bins[b];
    if (!used[b]) return "an empty bin";
    if (bin.type >= types.size()) return "a type that is not there";
    if (!(loads[b] == bin.load)) return "a wrong load";
    if (!fits(loads[b], types[bin.type].capacity)) return "an overfull bin";
    cost += types[bin.type].cost;
  }
  if (cost != result->cost) return "a wrong cost";
  const auto fewest = place::bin_count_lower_bound(items, types);
  if (!fewest || *fewest > result->bin_count()) return "fewer bins than possible";
  return {};
}

/// The first of all packings that is not what it should be.
template <std::size_t N>
auto first_difference(naive_packing<N>& naive) -> std::string {
  const auto& items = naive.items;
  const auto& types = naive.types;
  const auto compare = [&](const std::string& name, const auto& got, const auto& wanted) {
    const auto wrong = fault(items, types, got);
    if (!wrong.empty()) return name + ": " + wrong;
    return *got == wanted ? std::string{} : name + ": not what the naive packing gives";
  };
  std::string difference;
  for (const auto weights : weightings) {
    const auto suffix = weights == place::demand_weights::equal ? "" : ", by mean demand";
    for (const auto size : item_sizes) {
      const place::packing_order order{size, weights};
      const auto name = " " + std::to_string(static_cast<int>(size)) + suffix;
      difference += compare("first fit" + name, place::first_fit_decreasing(items, types, order),
                            naive.decreasing(order, false));
      difference += compare("best fit" + name, place::best_fit_decreasing(items, types, order),
                            naive.decreasing(order, true));
    }
    difference += compare(std::string{"dot product"} + suffix,
                          place::dot_product_greedy(items, types, weights),
                          naive.bin_centric(weights, false));
    difference +=
        compare(std::string{"L2 norm"} + suffix, place::l2_norm_greedy(items, types, weights),
                naive.bin_centric(weights, true));
    if (!difference.empty()) break;
  }
  return difference;
}

/// Few different amounts, so that ties and equal items abound; some dimensions unused.
template <std::size_t N>
auto some_problem(choices& c, std::size_t n, amount largest_capacity) -> naive_packing<N> {
  naive_packing<N> p;
  for (std::uint32_t t = 0; t < 1 + c.below(3); ++t) {
    resources<N> capacity;
    for (std::size_t d = 0; d < N; ++d) {
      capacity[d] = largest_capacity - c.below(static_cast<std::uint32_t>(largest_capacity / 2));
      if (c.chance(5)) capacity[d] = 0;
    }
    p.types.push_back({capacity, static_cast<amount>(c.below(5))});
  }
  const auto shapes = c.chance(30) ? 1 + c.below(6) : 0;
  const auto share = 1 + c.below(4);  // items ask for at most 1/share of a bin
  for (std::size_t i = 0; i < n; ++i) {
    if (shapes != 0 && i >= shapes) {
      p.items.push_back(p.items[c.below(shapes)]);
      continue;
    }
    const auto& bin = p.types[c.below(static_cast<std::uint32_t>(p.types.size()))].capacity;
    resources<N> item;
    for (std::size_t d = 0; d < N; ++d)
      item[d] = c.chance(15) ? 0 : c.below(static_cast<std::uint32_t>(bin[d]) / share + 1);
    p.items.push_back(item);
  }
  return p;
}

template <std::size_t N>
void compare_many(std::size_t decisions) {
  constexpr std::size_t packings = 16;
  std::uint64_t round = 0;
  for (std::size_t done = 0; done < decisions; ++round) {
    choices c{lepton_test::seed_for("vector_packing", 1000 * round + N)};
    const auto n = c.chance(3) ? 300 + c.below(500) : c.below(60);
    auto p = some_problem<N>(c, n, c.chance(50) ? 10 : 16);
    INFO(N << " dimensions, round " << round << ", " << lepton_test::how_to_repeat());
    REQUIRE(first_difference(p) == "");
    done += packings * (n + 1);
  }
}

}  // namespace

TEST_CASE("vector packing: the indices give what looking at everything gives") {
  constexpr std::size_t share = LEPTON_PROPERTY_DECISIONS / 6;
  compare_many<1>(share);
  compare_many<2>(share);
  compare_many<3>(share);
  compare_many<4>(share);
  compare_many<5>(share);
  compare_many<6>(share);
}

TEST_CASE("vector packing: the same, shrinking") {
  CHECK(rc::check("vector packing, shrinking", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    auto p = some_problem<3>(c, c.below(20), 6);
    RC_ASSERT(first_difference(p) == "");
  }));
}

TEST_CASE("vector packing: amounts up to the largest make good packings") {
  for (std::uint64_t round = 0; round < 20; ++round) {
    choices c{lepton_test::seed_for("vector packing, large", round)};
    // Odd capacities without common factors: sizes are rounded.
    const std::vector<place::bin_type<resources<4>>> types{
        {resources<4>{lepton::max_amount, lepton::max_amount - 2, 1'000'000'007, 97}, 3},
        {resources<4>{lepton::max_amount / 3, lepton::max_amount - 4, 999'999'937, 89}, 2}};
    std::vector<resources<4>> items(1 + c.below(400));
    const auto shift = c.below(3);
    for (auto& item : items) {
      for (std::size_t d = 0; d < 4; ++d) {
        const auto most = types[0].capacity[d] >> shift;
        const auto random = (std::int64_t{c.below(1U << 31)} << 31) + c.below(1U << 31);
        item[d] = c.chance(10) ? most : random % (most + 1);
      }
    }
    INFO("round " << round << ", " << lepton_test::how_to_repeat());
    for (const auto weights : weightings) {
      for (const auto size : item_sizes) {
        CHECK(fault(items, types, place::first_fit_decreasing(items, types, {size, weights})) ==
              "");
        CHECK(fault(items, types, place::best_fit_decreasing(items, types, {size, weights})) == "");
      }
      CHECK(fault(items, types, place::dot_product_greedy(items, types, weights)) == "");
      CHECK(fault(items, types, place::l2_norm_greedy(items, types, weights)) == "");
    }
  }
}
