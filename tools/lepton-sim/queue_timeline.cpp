// SPDX-License-Identifier: Apache-2.0
#include "queue_timeline.hpp"

#include <algorithm>

namespace lepton_sim {

auto means_over_time(std::span<const lepton::simulate::curve_point> curve, lepton::time_point begin,
                     lepton::time_point end, std::size_t count) -> std::vector<double> {
  std::vector<double> means(count);
  const double width = static_cast<double>((end - begin).count()) / static_cast<double>(count);
  const auto place = [&](lepton::time_point t) {  // in stretches from the beginning
    const auto since = static_cast<double>((std::clamp(t, begin, end) - begin).count());
    return std::min(since / width, static_cast<double>(count));
  };
  for (std::size_t i = 0; i < curve.size(); ++i) {
    auto from = place(curve[i].when);
    const auto to = i + 1 < curve.size() ? place(curve[i + 1].when) : static_cast<double>(count);
    while (from < to) {
      const auto k = std::min(static_cast<std::size_t>(from), count - 1);
      const auto until = std::min(to, static_cast<double>(k + 1));
      means[k] += (until - from) * static_cast<double>(curve[i].value);
      from = until;
    }
  }
  return means;
}

}  // namespace lepton_sim
