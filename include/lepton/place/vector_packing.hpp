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
#include <lepton/place/packing.hpp>
#include <lepton/place/packing_problem.hpp>

namespace lepton::place {
namespace detail {

/// Bins while they are filled.
template <resource_vector R>
class open_bins {
 public:
  explicit open_bins(const packing_problem<R>& p) : problem_(p) { packed_.bin_of.resize(p.size()); }

  [[nodiscard]] auto free(std::uint32_t bin) const noexcept -> const R& { return free_[bin]; }

  /// Opens a bin of a type that holds the demand.
  auto open_for(const R& demand) -> std::uint32_t {
    const auto type = problem_.type_for(demand);
    packed_.bins.push_back({type, R{}});
    free_.push_back(problem_.types()[type].capacity);
    return static_cast<std::uint32_t>(free_.size() - 1);
  }
  void put(std::uint32_t item, std::uint32_t bin) noexcept {
    packed_.bin_of[item] = bin;
    packed_.bins[bin].load += problem_.demands()[item];
    free_[bin] -= problem_.demands()[item];
  }
  /// All items are in: makes each bin as cheap as its load allows.
  [[nodiscard]] auto close() && noexcept -> packing<R> {
    for (auto& bin : packed_.bins) {
      bin.type = problem_.cheapest_for(bin);
      packed_.cost += problem_.types()[bin.type].cost;
    }
    return std::move(packed_);
  }

 private:
  const packing_problem<R>& problem_;
  packing<R> packed_;
  std::vector<R> free_;
};

/// Bins in the order in which they were opened.
struct oldest_bin_first {
  template <class R>
  [[nodiscard]] static constexpr auto key(std::uint32_t bin, const R&) noexcept -> std::int64_t {
    return bin;
  }
};

/// Bins with the least room first, equal ones in the order in which they were opened.
template <resource_vector R>
struct fullest_bin_first {
  size_of_amounts<R> size;

  [[nodiscard]] auto key(std::uint32_t, const R& free) const noexcept -> std::int64_t {
    return size.of(free);
  }
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

/// Takes the items largest first, and puts each into the first bin of an index that holds it.
template <template <class...> class Index = bin_index, resource_vector R, class Order>
[[nodiscard]] auto pack_decreasing(const packing_problem<R>& p, const size_of_amounts<R>& size,
                                   const Order& order) -> packing<R> {
  open_bins<R> bins{p};
  Index<R, Order> index{p, order};
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
/// Fails when an item fits in no type of bin or an amount is negative. Feasibility is exact; so are
/// the sizes if the least common multiple of the capacities is at most 2^40 (else see
/// `capacity_parts`). At most 64 dimensions.
///
/// O(n log n + misses) for n items, a miss being a block of some 24 bins or more that has room for
/// the item in each dimension, but no single bin that has it in all. In one dimension there are
/// none.
template <item_view Items>
[[nodiscard]] auto first_fit_decreasing(const Items& items,
                                        std::span<const bin_type<item_resources_t<Items>>> types,
                                        packing_order order = {})
    -> expected<packing<item_resources_t<Items>>> {
  const auto p = detail::packing_problem<item_resources_t<Items>>::of(items, types);
  if (!p) return unexpected{p.error()};
  return detail::pack_decreasing(*p, detail::size_of_amounts{*p, order},
                                 detail::oldest_bin_first{});
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
  return detail::pack_decreasing(*p, size, detail::fullest_bin_first{size});
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
