// SPDX-License-Identifier: Apache-2.0
// Bins that each offline packing needs on published instances. A change here is legitimate only if
// a heuristic was meant to pack otherwise; never below the bound, nor below the known optimum of
// 33 bins for pympl_2d.

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include <lepton/place/bin_centric_packing.hpp>
#include <lepton/place/bin_count_lower_bound.hpp>
#include <lepton/place/vector_packing.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/vbp_reader.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::place;

namespace {

struct twenty_dimensions {
  static constexpr std::array<std::string_view, 20> names{
      "r0",  "r1",  "r2",  "r3",  "r4",  "r5",  "r6",  "r7",  "r8",  "r9",
      "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17", "r18", "r19"};
};

template <class R>
auto instance_in(const std::filesystem::path& file) -> simulate::vbp_instance<R> {
  const auto text = simulate::read_file(file.string());
  REQUIRE(text);
  const auto read = simulate::read_vbp<R>(*text, file.filename().string());
  REQUIRE(read);
  return *read;
}

struct counts {
  std::size_t sum, largest, dot, bin_centric_dot, bin_centric_l2;
};

/// The same counts hold for first and best fit, with equal weights and by mean demand.
template <class R>
void check(const simulate::vbp_instance<R>& instance, const counts& wanted) {
  const auto items = instance.items();
  const bin_type bin{instance.capacity};
  for (const auto weights : {demand_weights::equal, demand_weights::mean_demand}) {
    CAPTURE(static_cast<int>(weights));
    const auto both = [&](item_size size, std::size_t bins) {
      CAPTURE(static_cast<int>(size));
      CHECK(first_fit_decreasing(items, bin, {size, weights})->bin_count() == bins);
      CHECK(best_fit_decreasing(items, bin, {size, weights})->bin_count() == bins);
    };
    both(item_size::sum, wanted.sum);
    both(item_size::largest, wanted.largest);
    both(item_size::dot_product, wanted.dot);
    CHECK(dot_product_greedy(items, bin, weights)->bin_count() == wanted.bin_centric_dot);
    CHECK(l2_norm_greedy(items, bin, weights)->bin_count() == wanted.bin_centric_l2);
  }
}

}  // namespace

TEST_CASE("vector packing: two dimensions, 99 items, optimum 33") {
  LEPTON_DATA_OR_SKIP(file, "vbp/pympl_2d.vbp");
  const auto instance = instance_in<resources<2>>(file);
  CHECK(instance.types.size() == 97);
  CHECK(instance.items().size() == 99);
  CHECK(*bin_count_lower_bound(instance.items(), instance.capacity) == 33);
  check(instance,
        {.sum = 37, .largest = 36, .dot = 37, .bin_centric_dot = 36, .bin_centric_l2 = 36});
}

TEST_CASE("vector packing: twenty dimensions, 51 items") {
  LEPTON_DATA_OR_SKIP(file, "vbp/vpsolver_20d.vbp");
  const auto instance = instance_in<resources<20, twenty_dimensions>>(file);
  CHECK(instance.items().size() == 51);
  CHECK(*bin_count_lower_bound(instance.items(), instance.capacity) == 17);
  check(instance,
        {.sum = 21, .largest = 22, .dot = 21, .bin_centric_dot = 21, .bin_centric_l2 = 21});
}
