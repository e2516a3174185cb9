// SPDX-License-Identifier: Apache-2.0
// The two search trees against models that look at everything.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/fit_tree.hpp>
#include <lepton/detail/winner_tree.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using lepton::detail::fit_tree;
using lepton::detail::order_place;
using lepton::detail::winner_tree;
using lepton_test::choices;

namespace {

constexpr std::size_t sizes[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 5000};

// --- winner_tree
// -----------------------------------------------------------------------------------

/// Few different values, so that most comparisons are between equals; sometimes an extreme one.
auto winner_value(choices& c) -> std::int32_t {
  constexpr std::int32_t odd[] = {winner_tree::lowest, winner_tree::lowest + 1, 0, -1,
                                  std::numeric_limits<std::int32_t>::max()};
  if (c.chance(10)) return c.one_of(odd);
  return static_cast<std::int32_t>(c.below(6)) - 3;
}

auto winner_tree_history(choices& c, std::size_t n, std::size_t steps) -> std::string {
  std::vector<std::int32_t> model(n);
  winner_tree tree;
  const auto assign = [&] {
    for (auto& v : model) v = winner_value(c);
    tree.assign(n, [&](std::size_t i) { return model[i]; });
  };
  assign();
  if (tree.size() != n) return "size";
  for (std::size_t step = 0; n != 0 && step < steps; ++step) {
    if (c.chance(1)) assign();
    const auto i = c.below(static_cast<std::uint32_t>(n));
    model[i] = winner_value(c);
    tree.set(i, model[i]);
    if (tree[i] != model[i]) return "operator[] after step " + std::to_string(step);
    const auto first = std::max_element(model.begin(), model.end());
    const auto best = tree.best();
    if (best.best != *first || best.position != static_cast<std::size_t>(first - model.begin())) {
      return "step " + std::to_string(step) + ": " + std::to_string(best.best) + " at " +
             std::to_string(best.position) + ", not " + std::to_string(*first) + " at " +
             std::to_string(first - model.begin());
    }
  }
  return {};
}

// --- fit_tree
// --------------------------------------------------------------------------------------

template <std::size_t K>
struct fit_model {
  using tree_type = fit_tree<K>;
  using amounts = typename tree_type::amounts;
  struct item {
    std::int64_t key;
    amounts have;
  };
  std::vector<item> items;

  template <class Accept>
  auto first(const amounts& demand, const order_place& from, Accept accept) const
      -> std::optional<order_place> {
    std::optional<order_place> best;
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      const order_place here{items[i].key, i};
      bool reaches = !(here < from) && accept(i);
      for (std::size_t k = 0; k < K; ++k) reaches = reaches && items[i].have[k] >= demand[k];
      if (reaches && (!best || here < *best)) best = here;
    }
    return best;
  }
};

auto fit_key(choices& c, std::uint32_t style) -> std::int64_t {
  constexpr auto most = std::int64_t{1} << 61;
  constexpr std::int64_t odd[] = {-most, 1 - most, most, most - 1, 0};
  if (style == 0) return 0;  // all equal
  if (c.chance(5)) return c.one_of(odd);
  if (style == 1) return static_cast<std::int64_t>(c.below(4)) - 2;
  return static_cast<std::int64_t>(c.below(1'000'000'000)) - 500'000'000;
}

template <std::size_t K>
auto fit_amounts(choices& c) -> typename fit_tree<K>::amounts {
  typename fit_tree<K>::amounts a;
  for (auto& value : a) {
    value = c.chance(5) ? (c.chance(50) ? fit_tree<K>::lowest : (std::int64_t{1} << 53) - 1)
                        : c.below(12);
  }
  return a;
}

template <std::size_t K>
auto fit_tree_history(choices& c, std::size_t n, std::size_t steps) -> std::string {
  fit_model<K> model;
  model.items.resize(n);
  fit_tree<K> tree;
  const auto style = c.below(3);
  const auto assign = [&] {
    for (auto& it : model.items) it = {fit_key(c, style), fit_amounts<K>(c)};
    tree.assign(
        n, [&](std::size_t i) { return model.items[i].key; },
        [&](std::size_t i) { return model.items[i].have; });
  };
  assign();
  if (tree.size() != n) return "size";
  for (std::size_t step = 0; step < steps; ++step) {
    if (c.chance(1) && c.chance(10)) assign();
    if (n != 0) {
      const auto i = c.below(static_cast<std::uint32_t>(n));
      auto& it = model.items[i];
      if (c.chance(70)) it.key = fit_key(c, style);
      if (c.chance(70)) it.have = fit_amounts<K>(c);
      tree.update(i, it.key, it.have);
    }
    typename fit_tree<K>::amounts demand;
    for (auto& d : demand) d = c.below(14);
    order_place from = order_place::least();
    if (c.chance(50)) from = {fit_key(c, style), c.below(static_cast<std::uint32_t>(n) + 1)};
    if (c.chance(1)) from = order_place::greatest();
    const auto modulus = c.chance(30) ? 7U : 1U;
    const auto accept = [&](std::uint32_t i) { return i % modulus == 0; };
    const auto found = tree.first(demand, from, accept);
    const auto wanted = model.first(demand, from, accept);
    if (found != wanted) {
      return "step " + std::to_string(step) + ": found " +
             (found ? std::to_string(found->item) : "none") + ", not " +
             (wanted ? std::to_string(wanted->item) : "none");
    }
  }
  return {};
}

/// Keys that only rise (or fall) fill the last (or first) blocks again and again: splits at every
/// level, blocks that run empty, and the rebuilding that clears them away.
auto fit_tree_drift(choices& c, std::size_t n, std::int64_t direction) -> std::string {
  fit_model<1> model;
  model.items.resize(n, {0, {1}});
  fit_tree<1> tree;
  tree.assign(
      n, [](std::size_t) { return std::int64_t{0}; },
      [](std::size_t) { return fit_tree<1>::amounts{1}; });
  std::int64_t key = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto i = c.below(static_cast<std::uint32_t>(n));
    key += direction;
    model.items[i] = {key, {static_cast<std::int64_t>(c.below(3))}};
    tree.update(i, key, model.items[i].have);
    if (step % 50 != 0) continue;
    for (std::int64_t demand = 0; demand < 4; ++demand) {
      const auto all = [](std::uint32_t) { return true; };
      if (tree.first({demand}, order_place::least(), all) !=
          model.first({demand}, order_place::least(), all)) {
        return "step " + std::to_string(step);
      }
    }
  }
  return {};
}

auto steps_for(std::size_t n) -> std::size_t { return n > 1000 ? 1500 : 3000; }

}  // namespace

TEST_CASE("winner_tree gives the leftmost maximum, whatever happened before") {
  for (const auto n : sizes) {
    choices c{lepton_test::seed_for("winner_tree", n)};
    INFO(n << " values, " << lepton_test::how_to_repeat());
    CHECK(winner_tree_history(c, n, steps_for(n)) == "");
  }
  CHECK(rc::check("winner_tree, shrinking", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    const auto n = 1 + c.below(300);
    RC_ASSERT(winner_tree_history(c, n, bytes.size()) == "");
  }));
}

TEST_CASE("fit_tree gives the first item with room, whatever happened before") {
  for (const auto n : sizes) {
    for (std::uint64_t round = 0; round < 3; ++round) {
      choices c{lepton_test::seed_for("fit_tree", n * 8 + round)};
      INFO(n << " items, round " << round << ", " << lepton_test::how_to_repeat());
      CHECK(fit_tree_history<1>(c, n, steps_for(n)) == "");
      CHECK(fit_tree_history<3>(c, n, steps_for(n)) == "");
    }
  }
  CHECK(rc::check("fit_tree, shrinking", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    const auto n = c.below(80);
    RC_ASSERT(fit_tree_history<2>(c, n, bytes.size()) == "");
  }));
}

TEST_CASE("fit_tree under keys that drift one way") {
  for (const std::int64_t direction : {1, -1}) {
    for (const std::size_t n : {1U, 33U, 700U}) {
      choices c{lepton_test::seed_for("fit_tree drift", n)};
      INFO(n << " items, direction " << direction << ", " << lepton_test::how_to_repeat());
      CHECK(fit_tree_drift(c, n, direction) == "");
    }
  }
}
