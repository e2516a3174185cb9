// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include <lepton/place/concept.hpp>

namespace lepton::place {

/// GPU clustering (Weng et al., USENIX ATC 2023): tasks of the same kind (a share, one device, two,
/// …) come together on nodes.
///
/// With u = 25 · used / scale (milli-devices): the node hosts only this kind: 75 + u; this kind
/// among others: 50 + u; no task with devices: 25 + u; only other kinds: u; rounded toward zero. A
/// task without devices: 0.
class gpu_clustering {
 public:
  static constexpr score_kind kind = score_kind::local;

  /// @param device_scale  the most milli-devices a node has
  constexpr explicit gpu_clustering(std::int64_t device_scale = 8 * device_milli) noexcept
      : scale_(device_scale) {}

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    const auto& request = devices_of(t);
    if (request.none()) return 0;
    const auto& devices = devices_of(n);
    const auto mine = std::uint32_t{1} << request.kind();
    std::int64_t base = 0;
    if (devices.kinds() == mine) {
      base = 75;
    } else if ((devices.kinds() & mine) != 0) {
      base = 50;
    } else if (devices.kinds() == 0) {
      base = 25;
    }
    return static_cast<std::int32_t>((base * scale_ + 25 * (scale_ - devices.free_milli())) /
                                     scale_);
  }

 private:
  std::int64_t scale_;
};

}  // namespace lepton::place
