// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <lepton/place/item_size.hpp>
#include <lepton/place/packing.hpp>

namespace lepton_test {

/// Vector packing word by word as it is documented, looking at every item and every bin each time.
/// Sizes are fractions over the product of the largest capacities, so these must be small. Only the
/// weights come from the library.
template <std::size_t N>
class naive_packing {
 public:
  using R = lepton::resources<N>;
  __extension__ typedef __int128 wide;

  std::vector<R> items;
  std::vector<lepton::place::bin_type<R>> types;

  auto decreasing(lepton::place::packing_order order, bool best_fit) -> lepton::place::packing<R> {
    start(order.weights);
    for (const auto i : largest_first(order)) {
      std::size_t to = free_.size();
      for (std::size_t b = 0; b < free_.size(); ++b) {
        if (!holds(free_[b], items[i])) continue;
        if (to == free_.size() || (best_fit && size(order, free_[b]) < size(order, free_[to])))
          to = b;
      }
      if (to == free_.size()) open(items[i]);
      put(i, to);
    }
    return finish();
  }

  /// `norm`: by the L2 norm, not the dot product.
  auto bin_centric(lepton::place::demand_weights weights, bool norm) -> lepton::place::packing<R> {
    start(weights);
    const auto order = largest_first({lepton::place::item_size::sum, weights});
    while (true) {
      const auto largest =
          std::find_if(order.begin(), order.end(), [&](std::size_t i) { return !packed_[i]; });
      if (largest == order.end()) break;
      const auto bin = free_.size();
      open(items[*largest]);
      while (true) {
        auto best = items.size();
        for (std::size_t i = 0; i < items.size(); ++i) {
          if (packed_[i] || !holds(free_[bin], items[i])) continue;
          if (best == items.size() ||
              score(items[i], free_[bin], norm) > score(items[best], free_[bin], norm))
            best = i;
        }
        if (best == items.size()) break;
        put(best, bin);
      }
    }
    return finish();
  }

 private:
  static auto holds(const R& free, const R& demand) -> bool {
    for (std::size_t d = 0; d < N; ++d) {
      if (demand[d] > free[d]) return false;
    }
    return true;
  }

  void start(lepton::place::demand_weights weights) {
    result_ = {};
    result_.bin_of.resize(items.size());
    free_.clear();
    packed_.assign(items.size(), false);
    R largest;
    for (const auto& t : types) {
      for (std::size_t d = 0; d < N; ++d) largest[d] = std::max(largest[d], t.capacity[d]);
    }
    for (std::size_t d = 0; d < N; ++d) {
      unit_[d] = largest[d] == 0 ? 0 : 1;
      for (std::size_t e = 0; e < N; ++e) {
        if (e != d && largest[e] != 0) unit_[d] *= largest[e];
      }
    }
    const auto p = lepton::place::detail::packing_problem<R>::of(items, types).value();
    weights_ = lepton::place::detail::weights_of(p, weights);
    const auto means =
        lepton::place::detail::weights_of(p, lepton::place::demand_weights::mean_demand);
    for (std::size_t d = 0; d < N; ++d) {
      dot_weights_[d] = means[d];
      if (weights == lepton::place::demand_weights::mean_demand && means[d] != 0)
        dot_weights_[d] = std::max<std::int64_t>(means[d] * means[d] / 65536, 1);
    }
  }

  auto size(lepton::place::packing_order order, const R& amounts) const -> wide {
    wide sum = 0;
    wide most = 0;
    for (std::size_t d = 0; d < N; ++d) {
      const auto weight =
          order.size == lepton::place::item_size::dot_product ? dot_weights_[d] : weights_[d];
      const auto part = wide{weight} * unit_[d] * amounts[d];
      sum += part;
      most = std::max(most, part);
    }
    return order.size == lepton::place::item_size::largest ? most : sum;
  }
  auto score(const R& demand, const R& free, bool norm) const -> wide {
    wide sum = 0;
    for (std::size_t d = 0; d < N; ++d) {
      const auto x = wide{unit_[d]} * demand[d];
      const auto r = wide{unit_[d]} * free[d];
      sum += weights_[d] * (norm ? -(x - r) * (x - r) : x * r);
    }
    return sum;
  }
  auto largest_first(lepton::place::packing_order order) const -> std::vector<std::size_t> {
    std::vector<std::size_t> all(items.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::stable_sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
      return size(order, items[a]) > size(order, items[b]);
    });
    return all;
  }

  void open(const R& demand) {
    const auto volume = [&](const R& capacity) {
      wide sum = 0;
      for (std::size_t d = 0; d < N; ++d) sum += wide{unit_[d]} * capacity[d];
      return sum;
    };
    auto best = types.size();
    for (std::size_t t = 0; t < types.size(); ++t) {
      if (!holds(types[t].capacity, demand)) continue;
      if (best == types.size() || types[t].cost * volume(types[best].capacity) <
                                      types[best].cost * volume(types[t].capacity))
        best = t;
    }
    free_.push_back(types[best].capacity);
    result_.bins.push_back({static_cast<std::uint32_t>(best), R{}});
  }
  void put(std::size_t item, std::size_t bin) {
    packed_[item] = true;
    result_.bin_of[item] = static_cast<std::uint32_t>(bin);
    result_.bins[bin].load += items[item];
    free_[bin] -= items[item];
  }
  auto finish() -> lepton::place::packing<R> {
    for (auto& bin : result_.bins) {
      for (std::uint32_t t = 0; t < types.size(); ++t) {
        if (types[t].cost < types[bin.type].cost && holds(types[t].capacity, bin.load))
          bin.type = t;
      }
      result_.cost += types[bin.type].cost;
    }
    return result_;
  }

  lepton::place::packing<R> result_;
  std::vector<R> free_;
  std::vector<bool> packed_;
  std::array<std::int64_t, N> unit_{};
  std::array<std::int64_t, N> weights_{};
  std::array<std::int64_t, N> dot_weights_{};
};

}  // namespace lepton_test
