// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/id_map.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::simulate {

/// Means of a figure of the jobs by tenant, and how much they differ.
class tenant_means {
 public:
  void add(tenant_id tenant, double value) {
    auto at = places_.find(tenant);
    if (at == lepton::detail::id_map::none) {
      at = static_cast<std::uint32_t>(sums_.size());
      places_.insert(tenant, at);
      sums_.emplace_back();
    }
    sums_[at].sum += value;
    ++sums_[at].count;
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return sums_.size(); }
  /// Jain's index of the means x: (Σx)² / (n Σx²), from 1 / n (one tenant has it all) to 1 (all
  /// have the same); 1 without tenants. (Jain, Chiu and Hawe, DEC-TR-301, 1984.)
  [[nodiscard]] auto jain() const noexcept -> double {
    double sum = 0;
    double squares = 0;
    for (const auto& t : sums_) {
      const double mean = t.sum / static_cast<double>(t.count);
      sum += mean;
      squares += mean * mean;
    }
    return squares > 0 ? sum * sum / (static_cast<double>(sums_.size()) * squares) : 1;
  }

 private:
  struct tenant_sum {
    double sum = 0;
    std::size_t count = 0;
  };
  lepton::detail::id_map places_{};
  std::vector<tenant_sum> sums_{};
};

}  // namespace lepton::simulate
