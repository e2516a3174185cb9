// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/vector_packing.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/task.hpp>

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
  // 7 and 6 open bins, 5 another; 3 fits in all: first fit takes the first, best fit likewise; 4
  // then goes to the bin with 6, though that of 5 has room too.
  const auto all = items({7, 6, 5, 4, 3});
  CHECK(first_fit_decreasing(all, bin_type{one{11}})->bin_of == bins_of{0, 1, 1, 0, 2});
  CHECK(best_fit_decreasing(all, bin_type{one{11}})->bin_of == bins_of{0, 1, 1, 0, 2});
  const std::vector<two> some{{6, 0}, {5, 3}, {2, 2}};
  CHECK(first_fit_decreasing(some, bin_type{two{10, 10}})->bin_of == bins_of{1, 0, 0});
  const std::vector<two> others{{6, 1}, {5, 6}, {3, 3}};
  CHECK(first_fit_decreasing(others, bin_type{two{10, 10}})->bin_of == bins_of{1, 0, 0});
}

TEST_CASE("vector packing: the order of size decides") {
  const std::vector<two> all{{5, 5}, {8, 1}, {1, 7}};
  const bin_type bin{two{10, 10}};
  // sum: 10, 9, 8
  CHECK(first_fit_decreasing(all, bin)->bin_of == bins_of{0, 1, 1});
  // largest: 5, 8, 7
  CHECK(first_fit_decreasing(all, bin, {item_size::largest})->bin_of == bins_of{1, 0, 0});
}

TEST_CASE("vector packing: mean demand weighs the scarce dimension, as does the dot product") {
  // The second dimension is asked for three times as much as the first.
  const std::vector<two> all{{6, 2}, {0, 7}, {2, 9}, {0, 6}};
  const bin_type bin{two{10, 10}};
  const auto heavy = packing_order{item_size::sum, demand_weights::mean_demand};
  const auto p = detail_free_order(all, bin, heavy);
  CHECK(p == std::vector<std::uint32_t>{2, 1, 3, 0});
}
