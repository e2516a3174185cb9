// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <lepton/place/capacity_parts.hpp>
#include <lepton/place/packing_problem.hpp>

namespace lepton::place {

/// How large an item of several dimensions is. With x_d the item's demand in parts of the (largest)
/// capacity, w_d the weights, and m_d the mean of x_d over the items:
enum class item_size : std::uint8_t {
  sum,         ///< Σ w_d · x_d
  largest,     ///< max w_d · x_d, the L∞ norm
  dot_product  ///< Σ w_d · m_d · x_d: large where the items on the whole are
};

/// How much each dimension counts.
enum class demand_weights : std::uint8_t {
  equal,       ///< w_d = 1
  mean_demand  ///< w_d = m_d: scarce dimensions count more
};

/// The order in which a packing takes the items: largest first, equal ones by index.
///
/// `sum` with `mean_demand` is FFDAvgSum of Panigrahy, Talwar, Uyeda, Wieder: "Heuristics for
/// vector bin packing" (2011), and the same as `dot_product` with `equal`.
struct packing_order {
  item_size size = item_size::sum;
  demand_weights weights = demand_weights::equal;
};

namespace detail {

/// The weights as whole numbers, the largest 2^16 (or all 1); 0 where nothing is asked for.
template <resource_vector R>
[[nodiscard]] auto weights_of(const packing_problem<R>& p, demand_weights kind) noexcept
    -> std::array<std::int64_t, R::dimension_count> {
  std::array<std::int64_t, R::dimension_count> w;
  w.fill(1);
  if (kind == demand_weights::equal) return w;
  // The totals in bins, with 20 bits below the point, stand for the means: they are n times these.
  std::int64_t most = 0;
  for (std::size_t d = 0; d < w.size(); ++d) {
    const auto& total = p.total(d);
    w[d] =
        static_cast<std::int64_t>(total.bins << 20) + scaled_ratio(total.rest, p.largest()[d], 20);
    if (total.rest != 0) w[d] = std::max<std::int64_t>(w[d], 1);
    most = std::max(most, w[d]);
  }
  for (auto& one : w) {
    if (one != 0) one = std::max<std::int64_t>(scaled_ratio(one, most, 20) >> 4, 1);
  }
  return w;
}

/// The size of demands and of the room in bins, as whole numbers that do not overflow.
///
/// If one amount reaches another in every dimension, so does its size.
template <resource_vector R>
class size_of_amounts {
 public:
  static_assert(R::dimension_count <= 64, "vector packing is for at most 64 dimensions");

  size_of_amounts(const packing_problem<R>& p, packing_order order) noexcept
      : parts_(p.largest(), 40),
        weights_(weights_of(p, order.weights)),
        by_largest_(order.size == item_size::largest) {
    if (order.size != item_size::dot_product) return;
    const auto means = weights_of(p, demand_weights::mean_demand);
    const auto one = order.weights == demand_weights::equal ? 0 : 16;
    for (std::size_t d = 0; d < weights_.size(); ++d) {
      const auto product = weights_[d] * means[d];
      weights_[d] = product == 0 ? 0 : std::max<std::int64_t>(product >> one, 1);
    }
  }

  [[nodiscard]] auto of(const R& amounts) const noexcept -> std::int64_t {
    std::int64_t sum = 0;
    std::int64_t most = 0;
    for (std::size_t d = 0; d < weights_.size(); ++d) {
      const auto part = weights_[d] * parts_.of(d, amounts[d]);
      sum += part;
      most = std::max(most, part);
    }
    return by_largest_ ? most : sum;
  }

 private:
  capacity_parts<R> parts_;
  std::array<std::int64_t, R::dimension_count> weights_;
  bool by_largest_;
};

/// An item and its size.
struct sized_item {
  std::int64_t size;
  std::uint32_t item;
};

/// The items, largest first, equal ones by index. O(n log n).
template <resource_vector R>
[[nodiscard]] auto largest_first(const packing_problem<R>& p, const size_of_amounts<R>& size)
    -> std::vector<sized_item> {
  std::vector<sized_item> order(p.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {size.of(p.demands()[i]), i};
  std::sort(order.begin(), order.end(), [](const sized_item& a, const sized_item& b) {
    return a.size != b.size ? a.size > b.size : a.item < b.item;
  });
  return order;
}

}  // namespace detail
}  // namespace lepton::place
