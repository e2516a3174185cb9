// SPDX-License-Identifier: Apache-2.0
// The k-d tree of the offline packings against a model that looks at everything.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <lepton/detail/fit_kd_tree.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using lepton::detail::fit_kd_tree;
using lepton_test::choices;

namespace {

template <std::size_t K>
struct kd_model {
  using amounts = typename fit_kd_tree<K>::amounts;
  struct item {
    std::int64_t key;
    amounts have;
  };
  std::vector<item> items;

  [[nodiscard]] auto first(const amounts& demand) const -> std::optional<std::uint32_t> {
    std::optional<std::uint32_t> best;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      bool reaches = true;
      for (std::size_t k = 0; k < K; ++k) reaches = reaches && items[i].have[k] >= demand[k];
      if (reaches && (!best || items[i].key < items[*best].key)) best = i;
    }
    return best;
  }
};

template <std::size_t K>
auto largest() -> typename fit_kd_tree<K>::amounts {
  typename fit_kd_tree<K>::amounts a;
  for (std::size_t k = 0; k < K; ++k) a[k] = std::int64_t{1200} << (6 * k);
  return a;
}

/// Small amounts for many ties, or all different ones; at times the largest.
template <std::size_t K>
auto some_amounts(choices& c, bool ties, std::int64_t beyond = 0) ->
    typename fit_kd_tree<K>::amounts {
  auto a = largest<K>();
  for (auto& value : a) {
    if (c.chance(5)) {
      value += beyond;
    } else if (!ties) {
      value = c.below(static_cast<std::uint32_t>(value));
    } else {
      value = c.chance(50) ? c.below(6) : value / 12 * c.below(13);
    }
  }
  return a;
}

/// Items come and change; after each step the tree must agree with the model.
template <std::size_t K>
auto history(choices& c, std::size_t most_items, std::size_t steps) -> std::string {
  kd_model<K> model;
  fit_kd_tree<K> tree{largest<K>()};
  const auto keys = c.chance(50) ? 4U : 1'000'000U;
  const auto ties = c.chance(50);
  const auto newcomers = 1 + c.below(99);
  for (std::size_t step = 0; step < steps; ++step) {
    const auto n = static_cast<std::uint32_t>(model.items.size());
    const auto fresh = n == 0 || (n < most_items && c.chance(newcomers));
    const auto i = fresh ? n : c.below(n);
    if (fresh) model.items.emplace_back();
    model.items[i] = {static_cast<std::int64_t>(c.below(keys)) - 2, some_amounts<K>(c, ties)};
    tree.set(i, model.items[i].key, model.items[i].have);
    for (const auto& demand : {model.items[i].have, some_amounts<K>(c, ties, 1)}) {
      if (tree.first(demand) != model.first(demand)) return "step " + std::to_string(step);
    }
  }
  return tree.size() == model.items.size() ? std::string{} : "size";
}

/// Amounts that only rise, as those of newly opened bins do: without rebalancing, a list.
auto drift(choices& c, std::int64_t direction) -> std::string {
  kd_model<2> model;
  fit_kd_tree<2> tree{{1'000'000, 1'000'000}};
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto a = 500'000 + direction * i;
    model.items.push_back({-std::int64_t{i}, {a, 1'000'000 - a}});
    tree.set(i, model.items[i].key, model.items[i].have);
    if (i % 50 != 0) continue;
    const kd_model<2>::amounts demand{500'000 + direction * c.below(20'000), c.below(600'000)};
    if (tree.first(demand) != model.first(demand)) return "item " + std::to_string(i);
  }
  return {};
}

}  // namespace

TEST_CASE("fit_kd_tree gives the first item with room, whatever happened before") {
  for (const std::size_t n : {1U, 2U, 24U, 25U, 32U, 33U, 300U, 3000U}) {
    for (std::uint64_t round = 0; round < 4; ++round) {
      choices c{lepton_test::seed_for("fit_kd_tree", n * 8 + round)};
      INFO(n << " items, round " << round << ", " << lepton_test::how_to_repeat());
      CHECK(history<1>(c, n, 3000) == "");
      CHECK(history<2>(c, n, 3000) == "");
      CHECK(history<4>(c, n, 3000) == "");
    }
  }
  CHECK(rc::check("fit_kd_tree, shrinking", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    RC_ASSERT(history<2>(c, 1 + c.below(200), bytes.size()) == "");
  }));
}

TEST_CASE("fit_kd_tree stays in balance while amounts drift") {
  choices c{lepton_test::seed_for("fit_kd_tree drift", 0)};
  INFO(lepton_test::how_to_repeat());
  CHECK(drift(c, 1) == "");
  CHECK(drift(c, -1) == "");
}

TEST_CASE("fit_kd_tree takes any number of equal items") {
  fit_kd_tree<3> tree{{9, 9, 0}};
  for (std::uint32_t i = 0; i < 5000; ++i) tree.set(i, 7, {3, 0, 0});
  CHECK(tree.first({3, 0, 0}) == 0);
  CHECK(tree.first({0, 0, 0}) == 0);
  CHECK_FALSE(tree.first({4, 0, 0}));
  for (std::uint32_t i = 0; i < 4999; ++i) tree.set(i, 7, {2, 0, 0});
  CHECK(tree.first({3, 0, 0}) == 4999);
}
