// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <lepton/place/concept.hpp>

namespace lepton::place {

/// GPU packing (Weng et al., USENIX ATC 2023, after the Gandiva and HiveD practice): devices in use
/// before free devices of nodes in use, and those before idle nodes.
///
/// Score, at most 100: every device of the node free: max(33 − devices, devices); else, taking the
/// devices with the least left first, n > 0 wholly free ones needed: max(50 − n, 33); none needed:
/// max(100 − milli left on the chosen device / 100, 50). A task without devices: 0.
struct gpu_packing {
  static constexpr score_kind kind = score_kind::local;

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    const auto& request = devices_of(t);
    if (request.none()) return 0;
    const auto& devices = devices_of(n);
    const auto whole = static_cast<std::int32_t>(devices.whole_count());
    if (devices.whole_count() == devices.count()) return std::max(33 - whole, whole);
    if (!request.is_share()) return std::max(50 - request.count(), 33);
    const auto chosen = devices.tightest(request);
    if ((chosen & devices.whole()) != 0) return 49;
    const std::int32_t left = devices.free(static_cast<std::size_t>(std::countr_zero(chosen)));
    return std::max((10'000 - left) / 100, 50);
  }
};

}  // namespace lepton::place
