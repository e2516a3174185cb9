// SPDX-License-Identifier: Apache-2.0
// Offline vector packing against the number of items: the library's index and a plain scan of all
// open bins in the same run, on the same items and with the same answer.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/place/bin_centric_packing.hpp>
#include <lepton/place/bin_count_lower_bound.hpp>
#include <lepton/place/vector_packing.hpp>

namespace {

using lepton::amount;
using lepton::resources;
namespace place = lepton::place;

constexpr amount capacity = 1000;

/// Each asks for 0 to half a bin of every resource.
template <std::size_t N>
auto items(std::size_t n) -> std::vector<resources<N>> {
  lepton::detail::pcg32 random{2011};
  std::vector<resources<N>> all(n);
  for (auto& one : all) {
    for (auto& a : one) a = random.below(capacity / 2 + 1);
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

template <class R, class Order>
auto pack_by_scan(const std::vector<R>& all, const place::bin_type<R>& bin) {
  const auto p = place::detail::packing_problem<R>::of(all, std::span{&bin, 1});
  const place::detail::size_of_amounts size{*p, place::packing_order{}};
  const auto order = [&] {
    if constexpr (std::is_same_v<Order, place::detail::oldest_bin_first>) {
      return Order{};
    } else {
      return Order{size};
    }
  }();
  return place::detail::pack_decreasing(*p, size, bin_scan<R, Order>{*p, order});
}

template <std::size_t N, class Pack>
void measure(benchmark::State& run, Pack pack) {
  const auto all = items<N>(static_cast<std::size_t>(run.range(0)));
  const place::bin_type bin{resources<N>::filled(capacity)};
  std::size_t bins = 0;
  for (auto _ : run) bins = pack(all, bin).bin_count();
  run.SetItemsProcessed(run.iterations() * run.range(0));
  run.counters["bins"] = static_cast<double>(bins);
  run.counters["lower_bound"] = static_cast<double>(*place::bin_count_lower_bound(all, bin));
}

template <std::size_t N>
void first_fit_index(benchmark::State& run) {
  measure<N>(
      run, [](const auto& all, const auto& bin) { return *place::first_fit_decreasing(all, bin); });
}
template <std::size_t N>
void first_fit_scan(benchmark::State& run) {
  measure<N>(run, pack_by_scan<resources<N>, place::detail::oldest_bin_first>);
}
template <std::size_t N>
void best_fit_index(benchmark::State& run) {
  measure<N>(
      run, [](const auto& all, const auto& bin) { return *place::best_fit_decreasing(all, bin); });
}
template <std::size_t N>
void best_fit_scan(benchmark::State& run) {
  measure<N>(run, pack_by_scan<resources<N>, place::detail::fullest_bin_first<resources<N>>>);
}
template <std::size_t N>
void dot_product(benchmark::State& run) {
  measure<N>(run,
             [](const auto& all, const auto& bin) { return *place::dot_product_greedy(all, bin); });
}
template <std::size_t N>
void l2_norm(benchmark::State& run) {
  measure<N>(run,
             [](const auto& all, const auto& bin) { return *place::l2_norm_greedy(all, bin); });
}

void sizes(benchmark::internal::Benchmark* one) {
  one->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(first_fit_index<2>)->Apply(sizes);
BENCHMARK(first_fit_scan<2>)->Apply(sizes);
BENCHMARK(best_fit_index<2>)->Apply(sizes);
BENCHMARK(best_fit_scan<2>)->Apply(sizes);
BENCHMARK(first_fit_index<4>)->Apply(sizes);
BENCHMARK(first_fit_scan<4>)->Apply(sizes);
BENCHMARK(best_fit_index<4>)->Apply(sizes);
BENCHMARK(best_fit_scan<4>)->Apply(sizes);
BENCHMARK(dot_product<2>)->Apply(sizes);
BENCHMARK(dot_product<4>)->Apply(sizes);
BENCHMARK(l2_norm<2>)->Apply(sizes);
BENCHMARK(l2_norm<4>)->Apply(sizes);

BENCHMARK_MAIN();
