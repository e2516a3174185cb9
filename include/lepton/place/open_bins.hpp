// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/place/packing.hpp>
#include <lepton/place/packing_problem.hpp>

namespace lepton::place::detail {

/// Bins while they are filled.
template <resource_vector R>
class open_bins {
 public:
  /// The problem must outlive this.
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
    const auto& demand = problem_.demands()[item];
    packed_.bin_of[item] = bin;
    packed_.bins[bin].load += demand;
    free_[bin] -= demand;
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

}  // namespace lepton::place::detail
