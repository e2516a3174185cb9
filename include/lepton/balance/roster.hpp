// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/balance/backend.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/detail/bit_set.hpp>

namespace lepton::balance::detail {

/// What of the backends stays the same while they are members. Snapshots that differ in weights and
/// health only share one.
struct roster {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> ids;
  std::vector<std::uint32_t> priorities;
  std::vector<std::uint32_t> zones;     ///< index into zone_names
  std::vector<std::string> zone_names;  ///< sorted
  std::vector<labels> own_labels;
  std::vector<time_point> joined;
  lepton::detail::bit_set present;

  roster() = default;
  /// Of the backends at the positions in `members`.
  roster(std::span<const backend> slots, const lepton::detail::bit_set& members)
      : keys(slots.size()),
        ids(slots.size()),
        priorities(slots.size()),
        zones(slots.size()),
        own_labels(slots.size()),
        joined(slots.size()),
        present(members) {
    members.for_each([&](std::size_t i) { zone_names.push_back(slots[i].zone); });
    std::sort(zone_names.begin(), zone_names.end());
    zone_names.erase(std::unique(zone_names.begin(), zone_names.end()), zone_names.end());
    members.for_each([&](std::size_t i) {
      const auto& b = slots[i];
      keys[i] = b.key;
      ids[i] = b.id;
      priorities[i] = b.priority;
      zones[i] = static_cast<std::uint32_t>(
          std::lower_bound(zone_names.begin(), zone_names.end(), b.zone) - zone_names.begin());
      own_labels[i] = b.own_labels;
      joined[i] = b.joined;
    });
  }
};

}  // namespace lepton::balance::detail
