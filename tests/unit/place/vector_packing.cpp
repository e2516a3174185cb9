// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/vector_packing.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <list>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/task.hpp>
#include <lepton/place/bin_count_lower_bound.hpp>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::place;

namespace theirs {
struct job {
  std::int64_t cores = 0;
  std::int64_t gigabytes = 0;
};
}  // namespace theirs

template <>
struct lepton::adapt<theirs::job> {
  static auto demand(const theirs::job& j) noexcept -> resources<2> {
    return {1000 * j.cores, 1024 * j.gigabytes};
  }
};

namespace {

using bins_of = std::vector<std::uint32_t>;
using one = resources<1>;
using two = resources<2>;

auto items(std::initializer_list<int> amounts) -> std::vector<one> {
  std::vector<one> all;
  for (const auto a : amounts) all.emplace_back(a);
  return all;
}

/// The items as they are taken, largest first.
template <class R>
auto order_of(const std::vector<R>& all, const bin_type<R>& bin, packing_order order) -> bins_of {
  const auto p = place::detail::packing_problem<R>::of(all, std::span{&bin, 1}).value();
  bins_of taken;
  for (const auto& next :
       place::detail::largest_first(p, place::detail::size_of_amounts<R>{p, order}))
    taken.push_back(next.item);
  return taken;
}

struct without_subscript {
  [[nodiscard]] static auto size() -> std::size_t { return 0; }
};
struct without_size {
  auto operator[](std::size_t) const -> two { return {}; }
};

static_assert(packable<two> && packable<task<2>> && packable<theirs::job>);
static_assert(!packable<int> && !packable<std::vector<two>>);
static_assert(item_view<std::vector<two>> && item_view<std::span<const theirs::job>> &&
              item_view<std::array<task<3>, 4>>);
static_assert(!item_view<without_subscript> && !item_view<without_size> &&
              !item_view<std::list<two>> && !item_view<std::vector<int>>);
static_assert(std::same_as<item_resources_t<std::span<const theirs::job>>, two>);

}  // namespace

TEST_CASE("vector packing: first fit decreasing takes the largest first, and the oldest bin") {
  const auto p = first_fit_decreasing(items({4, 8, 1, 4, 2, 1}), bin_type{one{10}});
  REQUIRE(p);
  CHECK(p->bin_count() == 2);
  CHECK(p->bin_of == bins_of{1, 0, 1, 1, 0, 1});
  CHECK(p->bins[0].load == one{10});
  CHECK(p->bins[1].load == one{10});
  CHECK(p->cost == 2);
}

TEST_CASE("vector packing: best fit takes the fullest bin that has room") {
  // The first leaves (4, 5); the second and third share a bin and leave (1, 3).
  const std::vector<two> all{{6, 5}, {9, 1}, {0, 6}, {1, 3}};
  const bin_type bin{two{10, 10}};
  CHECK(first_fit_decreasing(all, bin)->bin_of == bins_of{0, 1, 1, 0});
  CHECK(best_fit_decreasing(all, bin)->bin_of == bins_of{0, 1, 1, 1});
}

TEST_CASE("vector packing: the order of size decides") {
  const std::vector<two> all{{5, 5}, {8, 1}, {1, 7}};
  const bin_type bin{two{10, 10}};
  CHECK(first_fit_decreasing(all, bin)->bin_of == bins_of{0, 1, 1});
  CHECK(first_fit_decreasing(all, bin, {item_size::largest})->bin_of == bins_of{1, 0, 0});
}

TEST_CASE("vector packing: mean demand weighs the scarce dimension, as the dot product does") {
  // Three times as much is asked for of the second dimension as of the first.
  const std::vector<two> all{{6, 2}, {0, 7}, {2, 9}, {0, 6}};
  const bin_type bin{two{10, 10}};
  CHECK(order_of(all, bin, {}) == bins_of{2, 0, 1, 3});
  CHECK(order_of(all, bin, {item_size::largest}) == bins_of{2, 1, 0, 3});
  const bins_of weighed{2, 1, 3, 0};
  CHECK(order_of(all, bin, {item_size::sum, demand_weights::mean_demand}) == weighed);
  CHECK(order_of(all, bin, {item_size::dot_product}) == weighed);
  CHECK(order_of(all, bin, {item_size::dot_product, demand_weights::mean_demand}) == weighed);
}

TEST_CASE("vector packing: what is equal goes by index, in whatever unit") {
  // A third of a bin each, which has no finite binary fraction.
  const std::vector<two> thirds{{0, 30}, {10, 0}, {0, 30}, {10, 0}, {5, 15}};
  CHECK(order_of(thirds, bin_type{two{30, 90}}, {}) == bins_of{0, 1, 2, 3, 4});
  const auto p = best_fit_decreasing(items({3, 3, 3, 3, 3, 3}), bin_type{one{6}});
  CHECK(p->bin_of == bins_of{0, 0, 1, 1, 2, 2});
}

TEST_CASE("vector packing: tasks and foreign types are items") {
  const std::vector<theirs::job> jobs{{4, 8}, {2, 16}, {8, 4}};
  const auto p =
      first_fit_decreasing(std::span<const theirs::job>{jobs}, bin_type{two{8000, 32 * 1024}, 7});
  REQUIRE(p);
  CHECK(p->bin_of == bins_of{1, 1, 0});
  CHECK(p->bins[1].load == two{6000, 24 * 1024});
  CHECK(p->cost == 14);

  std::array<task<1>, 2> tasks{};
  tasks[1].demand = one{3};
  CHECK(best_fit_decreasing(tasks, bin_type{one{3}})->bin_count() == 1);
}

TEST_CASE("vector packing: of several types, the best value is opened and the cheapest kept") {
  const std::vector<bin_type<one>> types{{one{4}, 3}, {one{10}, 5}, {one{12}, 9}};
  const auto p = first_fit_decreasing(items({7, 4, 2, 11}), types);
  REQUIRE(p);
  CHECK(p->bin_of == bins_of{1, 2, 1, 0});
  REQUIRE(p->bin_count() == 3);
  CHECK(p->bins[0].type == 2);  // the only one for 11
  CHECK(p->bins[1].type == 1);
  CHECK(p->bins[2].type == 0);  // opened as type 1, but 4 fits in the cheaper one
  CHECK(p->cost == 9 + 5 + 3);
  CHECK(*bin_count_lower_bound(items({7, 4, 2, 11}), types) == 2);

  // Equal value and equal cost: the type of the lowest index.
  const std::vector<bin_type<one>> twins{{one{8}, 2}, {one{4}, 1}, {one{8}, 2}};
  CHECK(best_fit_decreasing(items({5}), twins)->bins[0].type == 0);
  CHECK(best_fit_decreasing(items({4}), twins)->bins[0].type == 1);
}

TEST_CASE("vector packing: a new bin holds its item though another type is better value") {
  const std::vector<bin_type<two>> types{{two{10, 1}, 1}, {two{1, 10}, 5}};
  const auto p = first_fit_decreasing(std::vector<two>{{1, 8}, {9, 1}}, types);
  REQUIRE(p);
  CHECK(p->bins[p->bin_of[0]].type == 1);
  CHECK(p->bins[p->bin_of[1]].type == 0);
}

TEST_CASE("vector packing: nothing, and items that ask for nothing") {
  const bin_type bin{two{10, 0}};
  CHECK(first_fit_decreasing(std::vector<two>{}, bin)->bin_count() == 0);
  CHECK(*bin_count_lower_bound(std::vector<two>{}, bin) == 0);
  for (const auto weights : {demand_weights::equal, demand_weights::mean_demand}) {
    const auto p = best_fit_decreasing(std::vector<two>(3), bin, {item_size::sum, weights});
    REQUIRE(p);
    CHECK(p->bin_of == bins_of{0, 0, 0});
    const std::vector<two> some{{6, 0}, {0, 0}, {6, 0}};
    CHECK(first_fit_decreasing(some, bin, {item_size::dot_product, weights})->bin_of ==
          bins_of{0, 0, 1});
  }
  CHECK(*bin_count_lower_bound(std::vector<two>(3), bin) == 1);
  CHECK(first_fit_decreasing(std::vector<two>(3), bin_type{two{}})->bin_count() == 1);
}

TEST_CASE("vector packing: the bound is the fullest dimension's sum, rounded up") {
  const bin_type bin{two{10, 100}};
  CHECK(*bin_count_lower_bound(std::vector<two>{{5, 10}, {5, 10}}, bin) == 1);
  CHECK(*bin_count_lower_bound(std::vector<two>{{5, 10}, {6, 10}}, bin) == 2);
  CHECK(*bin_count_lower_bound(std::vector<two>{{1, 100}, {1, 100}, {1, 1}}, bin) == 3);
  const std::vector<one> whole(5, one{max_amount});
  CHECK(*bin_count_lower_bound(whole, bin_type{one{max_amount}}) == 5);
}

TEST_CASE("vector packing: the largest amounts do not overflow") {
  const bin_type bin{resources<3>{max_amount, max_amount - 1, max_amount - 3}};
  std::vector<resources<3>> all(6, bin.capacity);
  all.push_back({max_amount / 2, 0, 1});
  all.push_back({max_amount / 2, 1, 0});
  for (const auto size : {item_size::sum, item_size::largest, item_size::dot_product}) {
    for (const auto weights : {demand_weights::equal, demand_weights::mean_demand}) {
      CHECK(first_fit_decreasing(all, bin, {size, weights})->bin_count() == 7);
      CHECK(best_fit_decreasing(all, bin, {size, weights})->bin_count() == 7);
    }
  }
}

TEST_CASE("vector packing: what cannot be packed is named") {
  const auto message = [](const std::vector<two>& all, const std::vector<bin_type<two>>& types) {
    const auto p = first_fit_decreasing(all, types);
    REQUIRE_FALSE(p);
    CHECK(best_fit_decreasing(all, types).error() == p.error());
    CHECK(bin_count_lower_bound(all, types).error() == p.error());
    return p.error().to_string();
  };
  CHECK(message({}, {}) == "there is no bin type; give at least one");
  CHECK(message({{1, 1}, {11, 1}}, {two{10, 10}}) ==
        "item 1 asks for 11 of cpu, more than the 10 of any bin");
  CHECK(message({{1, 1}, {1, -1}}, {two{10, 10}}) ==
        "item 1 asks for -1 of memory; it must not be negative");
  CHECK(message({{9, 9}}, {two{10, 1}, two{1, 10}}) ==
        "item 0 fits in no bin type; add one that holds all that it asks for");
  CHECK(message({{std::numeric_limits<amount>::max(), 1}}, {two{10, 10}}) ==
        "item 0 asks for 9223372036854775807 of cpu, more than the 10 of any bin");
  CHECK(message({{1, std::numeric_limits<amount>::min()}}, {two{10, 10}}) ==
        "item 0 asks for -9223372036854775808 of memory; it must not be negative");
  CHECK(message({}, {two{1, 1}, two{1, -2}}) ==
        "bin type 1 has a capacity of -2 of memory; it must be 0 to 9007199254740991");
  CHECK(message({}, {two{max_amount + 1, 1}}) ==
        "bin type 0 has a capacity of 9007199254740992 of cpu; it must be 0 to 9007199254740991");
  CHECK(message({}, {{two{1, 1}, -1}}) == "bin type 0 costs -1; it must be 0 to 1000000000");
  CHECK(message({}, {{two{1, 1}, max_bin_cost + 1}}) ==
        "bin type 0 costs 1000000001; it must be 0 to 1000000000");
}
