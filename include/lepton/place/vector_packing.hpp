// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/fit_kd_tree.hpp>
#include <lepton/place/item_size.hpp>
#include <lepton/place/open_bins.hpp>
#include <lepton/place/packing_problem.hpp>

namespace lepton::place {
namespace detail {

/// Bins in the order in which they were opened.
struct oldest_bin_first {
  template <class R>
  [[nodiscard]] static constexpr auto key(std::uint32_t bin, const R&) noexcept -> std::int64_t {
    return bin;
  }
};

/// Bins with the least room first, equal ones in the order in which they were opened.
template <resource_vector R>
class fullest_bin_first {
 public:
  explicit fullest_bin_first(const size_of_amounts<R>& size) noexcept : size_(size) {}

  [[nodiscard]] auto key(std::uint32_t, const R& free) const noexcept -> std::int64_t {
    return size_.of(free);
  }

 private:
  size_of_amounts<R> size_;
};

/// The open bins in an order, to find the first that holds a demand.
template <resource_vector R, class Order>
class bin_index {
 public:
  bin_index(const packing_problem<R>& p, const Order& order)
      : order_(order), tree_(as_array(p.largest())) {}

  [[nodiscard]] auto first(const R& demand) const noexcept -> std::optional<std::uint32_t> {
    return tree_.first(as_array(demand));
  }
  /// What is free in a bin has changed, or it was opened.
  void update(std::uint32_t bin, const R& free) {
    tree_.set(bin, order_.key(bin, free), as_array(free));
  }

 private:
  using tree = lepton::detail::fit_kd_tree<R::dimension_count>;

  [[nodiscard]] static auto as_array(const R& from) noexcept -> typename tree::amounts {
    typename tree::amounts a;
    for (std::size_t d = 0; d < a.size(); ++d) a[d] = from[d];
    return a;
  }

  Order order_;
  tree tree_;
};

/// Takes the items largest first, and puts each into the first bin of an (empty) index that holds
/// it, or a new one.
template <resource_vector R, class Index>
[[nodiscard]] auto pack_decreasing(const packing_problem<R>& p, const size_of_amounts<R>& size,
                                   Index index) -> packing<R> {
  open_bins<R> bins{p};
  for (const auto& next : largest_first(p, size)) {
    const auto& demand = p.demands()[next.item];
    const auto found = index.first(demand);
    const auto bin = found ? *found : bins.open_for(demand);
    bins.put(next.item, bin);
    index.update(bin, bins.free(bin));
  }
  return std::move(bins).close();
}

}  // namespace detail

/// First fit decreasing: takes the items largest first (`order`), and puts each into the bin opened
/// earliest that has room for it; if there is none, into a new one.
///
/// A new bin is of the type with the least cost for its size (the sum over the dimensions, each in
/// parts of the largest capacity) among those that hold the item; at the end each bin becomes the
/// cheapest type that holds its load, after Kang and Park, "Algorithms for the variable sized bin
/// packing problem" (2003). With one type this changes nothing. Ties go to the lowest index.
///
/// Fails when an item fits in no type of bin, or an amount is out of range. Feasibility is exact;
/// so are the sizes if the least common multiple of the capacities is at most 2^40, else x_d is
/// rounded down to a multiple of 2^−40. At most 64 dimensions.
///
/// n items in b bins take O(n log n + n log² b) and n searches in a k-d tree of the bins: O(log b)
/// in one dimension, O(b^(1 − 1/N)) at worst in N, far less as a rule.
template <item_view Items>
[[nodiscard]] auto first_fit_decreasing(const Items& items,
                                        std::span<const bin_type<item_resources_t<Items>>> types,
                                        packing_order order = {})
    -> expected<packing<item_resources_t<Items>>> {
  const auto p = detail::packing_problem<item_resources_t<Items>>::of(items, types);
  if (!p) return unexpected{p.error()};
  const detail::size_of_amounts size{*p, order};
  return detail::pack_decreasing(*p, size, detail::bin_index{*p, detail::oldest_bin_first{}});
}
/// The same for bins of one type.
template <item_view Items>
[[nodiscard]] auto first_fit_decreasing(const Items& items,
                                        const bin_type<item_resources_t<Items>>& type,
                                        packing_order order = {})
    -> expected<packing<item_resources_t<Items>>> {
  return first_fit_decreasing(items, std::span{&type, 1}, order);
}

/// Best fit decreasing: as `first_fit_decreasing`, but puts each item into the bin with the least
/// room of those that hold it; room is measured as the items are (`order`).
template <item_view Items>
[[nodiscard]] auto best_fit_decreasing(const Items& items,
                                       std::span<const bin_type<item_resources_t<Items>>> types,
                                       packing_order order = {})
    -> expected<packing<item_resources_t<Items>>> {
  const auto p = detail::packing_problem<item_resources_t<Items>>::of(items, types);
  if (!p) return unexpected{p.error()};
  const detail::size_of_amounts size{*p, order};
  return detail::pack_decreasing(*p, size, detail::bin_index{*p, detail::fullest_bin_first{size}});
}
/// The same for bins of one type.
template <item_view Items>
[[nodiscard]] auto best_fit_decreasing(const Items& items,
                                       const bin_type<item_resources_t<Items>>& type,
                                       packing_order order = {})
    -> expected<packing<item_resources_t<Items>>> {
  return best_fit_decreasing(items, std::span{&type, 1}, order);
}

}  // namespace lepton::place
