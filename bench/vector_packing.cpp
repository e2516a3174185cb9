// SPDX-License-Identifier: Apache-2.0
// Offline vector packing against the number of items: the library's index and a plain scan of all
// open bins in the same run, on the same items and with the same answer.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/place/vector_packing.hpp>

namespace {

using lepton::amount;
using lepton::resources;
namespace place = lepton::place;

template <std::size_t N>
auto items(std::size_t n, std::uint32_t largest_percent) -> std::vector<resources<N>> {
  lepton::detail::pcg32 random{2011};
  std::vector<resources<N>> all(n);
  for (auto& one : all) {
    for (auto& a : one) a = static_cast<amount>(random.below(10 * largest_percent + 1));
  }
  return all;
}

/// The bins in a plain list.
template <class R, class Order>
class bin_scan {
 public:
  bin_scan(const place::detail::packing_problem<R>&, const Order& order) : order_(order) {}

  [[nodiscard]] auto first(const R& demand) const -> std::optional<std::uint32_t> {
    std::optional<std::uint32_t> best;
    for (std::uint32_t b = 0; b < free_.size(); ++b) {
      if (!fits(demand, free_[b]) || (best && keys_[*best] <= keys_[b])) continue;
      best = b;
      if (std::is_same_v<Order, place::detail::oldest_bin_first>) break;
    }
    return best;
  }
  void update(std::uint32_t bin, const R& free) {
    free_.resize(std::max<std::size_t>(free_.size(), bin + 1));
    keys_.resize(free_.size());
    free_[bin] = free;
    keys_[bin] = order_.key(bin, free);
  }

 private:
  Order order_;
  std::vector<R> free_;
  std::vector<std::int64_t> keys_;
};

template <std::size_t N, bool BestFit, bool ByScan>
void pack(benchmark::State& run) {
  using R = resources<N>;
  const auto all = items<N>(static_cast<std::size_t>(run.range(0)), 50);
  const place::bin_type bin{R::filled(1000)};
  std::size_t bins = 0;
  for (auto _ : run) {
    if constexpr (!ByScan) {
      bins =
          (BestFit ? place::best_fit_decreasing(all, bin) : place::first_fit_decreasing(all, bin))
              ->bin_count();
    } else {
      const auto p = place::detail::packing_problem<R>::of(all, std::span{&bin, 1});
      const place::detail::size_of_amounts size{*p, place::packing_order{}};
      if constexpr (BestFit) {
        bins = place::detail::pack_decreasing<bin_scan>(*p, size,
                                                        place::detail::fullest_bin_first<R>{size})
                   .bin_count();
      } else {
        bins = place::detail::pack_decreasing<bin_scan>(*p, size, place::detail::oldest_bin_first{})
                   .bin_count();
      }
    }
  }
  run.SetItemsProcessed(run.iterations() * run.range(0));
  run.counters["bins"] = static_cast<double>(bins);
  run.counters["fewest"] = static_cast<double>(*place::fewest_bins(all, bin));
}

}  // namespace

#define SIZES Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond)
BENCHMARK(pack<2, false, false>)->SIZES;
BENCHMARK(pack<2, false, true>)->SIZES;
BENCHMARK(pack<2, true, false>)->SIZES;
BENCHMARK(pack<2, true, true>)->SIZES;
BENCHMARK(pack<4, false, false>)->SIZES;
BENCHMARK(pack<4, false, true>)->SIZES;
BENCHMARK(pack<4, true, false>)->SIZES;
BENCHMARK(pack<4, true, true>)->SIZES;
BENCHMARK_MAIN();
