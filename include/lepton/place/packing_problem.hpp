// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/place/capacity_parts.hpp>
#include <lepton/place/packing.hpp>

namespace lepton::place::detail {

/// The sum of demands in one dimension: `bins` times the largest capacity, and `rest` below it.
struct total_demand {
  std::uint64_t bins = 0;
  amount rest = 0;
};

/// Items and bin types that were found good: every item fits in a bin of some type.
template <resource_vector R>
class packing_problem {
 public:
  static constexpr std::size_t dimension_count = R::dimension_count;

  template <item_view Items>
  [[nodiscard]] static auto of(const Items& items, std::span<const bin_type<R>> types)
      -> expected<packing_problem> {
    packing_problem p;
    p.types_.assign(types.begin(), types.end());
    if (auto good = p.check_types(); !good) return unexpected{good.error()};
    p.rank_types();
    const auto n = static_cast<std::size_t>(items.size());
    if (n >= std::numeric_limits<std::uint32_t>::max())
      return failure("there are more than 4294967294 items; pack them in several calls");
    p.demands_.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      p.demands_.push_back(amounts_of(items[i]));
      if (!p.is_good(p.demands_.back())) return p.bad_item(i);
      p.add_to_total(p.demands_.back());
    }
    return p;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return demands_.size(); }
  [[nodiscard]] auto demands() const noexcept -> const std::vector<R>& { return demands_; }
  [[nodiscard]] auto types() const noexcept -> const std::vector<bin_type<R>>& { return types_; }
  /// In each dimension, the largest capacity of a type.
  [[nodiscard]] auto largest() const noexcept -> const R& { return largest_; }
  [[nodiscard]] auto total(std::size_t d) const noexcept -> const total_demand& {
    return total_[d];
  }

  /// The type to open for an item: of those that hold it, the one of least cost for its size.
  [[nodiscard]] auto type_for(const R& demand) const noexcept -> std::uint32_t {
    std::size_t i = 0;
    while (!fits(demand, types_[preferred_[i]].capacity)) ++i;
    return preferred_[i];
  }
  /// The cheapest type for all that is in a bin; the bin's own unless another is cheaper.
  [[nodiscard]] auto cheapest_for(const packed_bin<R>& bin) const noexcept -> std::uint32_t {
    auto best = bin.type;
    for (std::uint32_t t = 0; t < types_.size(); ++t) {
      if (types_[t].cost < types_[best].cost && fits(bin.load, types_[t].capacity)) best = t;
    }
    return best;
  }

 private:
  [[nodiscard]] auto check_types() const -> status {
    if (types_.empty()) return failure("there is no bin type; give at least one");
    if (types_.size() >= std::numeric_limits<std::uint32_t>::max())
      return failure("there are more than 4294967294 bin types");
    for (std::size_t t = 0; t < types_.size(); ++t) {
      const auto name = "bin type " + std::to_string(t);
      for (std::size_t d = 0; d < dimension_count; ++d) {
        const auto c = types_[t].capacity[d];
        if (c >= 0 && c <= max_amount) continue;
        return failure(name + " has a capacity of " + std::to_string(c) + " of " +
                       std::string{R::name(d)} + "; it must be 0 to " + std::to_string(max_amount));
      }
      if (types_[t].cost < 0 || types_[t].cost > max_bin_cost) {
        return failure(name + " costs " + std::to_string(types_[t].cost) + "; it must be 0 to " +
                       std::to_string(max_bin_cost));
      }
    }
    return {};
  }

  void rank_types() {
    for (const auto& type : types_) {
      for (std::size_t d = 0; d < dimension_count; ++d)
        largest_[d] = std::max(largest_[d], type.capacity[d]);
    }
    const capacity_parts<R> parts{largest_, 20};
    std::vector<amount> sizes;
    for (const auto& type : types_) {
      amount size = 0;
      for (std::size_t d = 0; d < dimension_count; ++d) size += parts.of(d, type.capacity[d]);
      sizes.push_back(std::max<amount>(size, 1));
    }
    preferred_.resize(types_.size());
    std::iota(preferred_.begin(), preferred_.end(), 0U);
    std::sort(preferred_.begin(), preferred_.end(), [&](auto a, auto b) {
      const auto of_a = types_[a].cost * sizes[b];
      const auto of_b = types_[b].cost * sizes[a];
      return of_a != of_b ? of_a < of_b : a < b;
    });
  }

  [[nodiscard]] auto is_good(const R& demand) const noexcept -> bool {
    for (const auto a : demand) {
      if (a < 0 || a > max_amount) return false;
    }
    for (const auto& type : types_) {
      if (fits(demand, type.capacity)) return true;
    }
    return false;
  }

  [[nodiscard]] LEPTON_COLD auto bad_item(std::size_t i) const -> unexpected<error> {
    const auto name = "item " + std::to_string(i);
    for (std::size_t d = 0; d < dimension_count; ++d) {
      const auto a = demands_[i][d];
      const auto asks = name + " asks for " + std::to_string(a) + " of " + std::string{R::name(d)};
      if (a < 0) return failure(asks + "; it must not be negative");
      if (a > largest_[d])
        return failure(asks + ", more than the " + std::to_string(largest_[d]) + " of any bin");
    }
    return failure(name + " fits in no bin type; add one that holds all that it asks for");
  }

  void add_to_total(const R& demand) noexcept {
    for (std::size_t d = 0; d < dimension_count; ++d) {
      total_[d].rest += demand[d];
      if (largest_[d] == 0 || total_[d].rest < largest_[d]) continue;
      total_[d].rest -= largest_[d];
      ++total_[d].bins;
    }
  }

  std::vector<bin_type<R>> types_;
  std::vector<std::uint32_t> preferred_;
  std::vector<R> demands_;
  R largest_{};
  std::array<total_demand, dimension_count> total_{};
};

}  // namespace lepton::place::detail
