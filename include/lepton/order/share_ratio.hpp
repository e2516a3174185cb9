// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/detail/fraction.hpp>
#include <lepton/model/resources.hpp>

namespace lepton::order {

/// A weighted share, used / (total × weight), compared exactly. A share of what does not exist, or
/// of the weight 0, is above all others unless it is 0.
using share_ratio = lepton::detail::fraction;

/// The largest of the shares of `used` in `total`, dimension by dimension (Ghodsi et al.,
/// "Dominant Resource Fairness", NSDI'11); 0 if nothing is used. Negative amounts count as none.
template <resource_vector Resources>
[[nodiscard]] constexpr auto dominant_share(const Resources& used, const Resources& total,
                                            std::uint32_t weight = 1) noexcept -> share_ratio {
  share_ratio most;
  for (std::size_t d = 0; d < Resources::size(); ++d) {
    if (used[d] <= 0) continue;
    const share_ratio one{static_cast<std::uint64_t>(used[d]),
                          total[d] > 0 ? static_cast<std::uint64_t>(total[d]) : 0, weight};
    if (most.used == 0 || one > most) most = one;
  }
  return most;
}

}  // namespace lepton::order
