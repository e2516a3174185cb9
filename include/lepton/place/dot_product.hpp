// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/percent_scale.hpp>
#include <lepton/place/ratio_sum.hpp>

namespace lepton::place {

/// Dot product of demand and free capacity, each in parts of the scale, averaged over the
/// dimensions (Tetris: Grandl et al., SIGCOMM 2014).
///
/// `alignment` prefers the largest product, as Tetris does: a task goes where what it needs most is
/// plentiful. `tightness` prefers the smallest, as the comparison of Weng et al. (USENIX ATC 2023)
/// does. Score: 0 to 100, rounded toward zero.
class dot_product {
 public:
  static constexpr score_kind kind = score_kind::local;
  enum class preference : std::uint8_t { alignment, tightness };

  constexpr explicit dot_product(const percent_scale& scale,
                                 preference prefer = preference::alignment) noexcept
      : mean_({square(scale.resource[0]), square(scale.resource[1]), square(scale.resource[2]),
               square(scale.resource[3]), square(scale.resource[4]), square(scale.resource[5]),
               square(scale.resource[6]), square(scale.resource[7]), square(scale.devices)}),
        prefer_(prefer) {}

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    const auto& demand = demand_of(t);
    const auto& free = free_of(n);
    std::int64_t product =
        mean_.part(8, coarse(devices_of(n).free_milli()) * coarse(devices_of(t).total_milli()));
    for (std::size_t i = 0; i < std::min<std::size_t>(demand.size(), 8); ++i) {
      product += mean_.part(i, coarse(free[i]) * coarse(demand[i]));
    }
    if (prefer_ == preference::tightness) product = mean_.denominator() - product;
    return static_cast<std::int32_t>(100 * product / mean_.denominator());
  }

 private:
  [[nodiscard]] static constexpr auto coarse(amount a) noexcept -> amount { return a; }
  [[nodiscard]] static constexpr auto square(amount a) noexcept -> amount { return a * a; }

  detail::ratio_mean mean_;
  preference prefer_;
};

}  // namespace lepton::place
