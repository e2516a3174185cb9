// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/concepts.hpp>

namespace lepton::place {

/// The domains of a topology: nodes with the same value of one label.
struct topology {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::string key;
  std::vector<std::uint32_t> domain_of;  ///< for each node its domain, or `none`
  std::uint32_t domains = 0;

  /// Reads the label of every node; an empty key makes each node a domain. O(n log n).
  template <node_view View>
  [[nodiscard]] static auto read(std::string_view key, const View& v) -> topology {
    topology result;
    result.key = key;
    const auto n = static_cast<std::size_t>(v.size());
    result.domain_of.resize(n, none);
    if (key.empty()) {
      for (std::size_t i = 0; i < n; ++i) result.domain_of[i] = static_cast<std::uint32_t>(i);
      result.domains = static_cast<std::uint32_t>(n);
      return result;
    }
    std::vector<std::string> values;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& own = labels_of(v[i]);
      if (const auto* value = own.find(key)) values.push_back(*value);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    result.domains = static_cast<std::uint32_t>(values.size());
    for (std::size_t i = 0; i < n; ++i) {
      const auto& own = labels_of(v[i]);
      if (const auto* value = own.find(key)) {
        const auto at = std::lower_bound(values.begin(), values.end(), *value);
        result.domain_of[i] = static_cast<std::uint32_t>(at - values.begin());
      }
    }
    return result;
  }
};

/// Topologies read so far of one view; read anew when its nodes or their labels changed.
class topology_cache {
 public:
  /// Pointers stay valid until the next call.
  template <node_view View>
  [[nodiscard]] auto find(std::string_view key, const View& v) -> const topology& {
    if constexpr (revisioned_view<View>) {
      if (identity_ != v.identity() || structure_ != v.structure_revision()) {
        identity_ = v.identity();
        structure_ = v.structure_revision();
        known_.clear();
      }
    } else {
      known_.clear();
    }
    const auto at =
        std::find_if(known_.begin(), known_.end(), [&](const topology& t) { return t.key == key; });
    if (at != known_.end()) return *at;
    if (known_.size() == most_known) known_.erase(known_.begin());
    known_.push_back(topology::read(key, v));
    return known_.back();
  }

 private:
  static constexpr std::size_t most_known = 16;
  std::uint64_t identity_ = 0;
  std::uint64_t structure_ = 0;
  std::vector<topology> known_;
};

}  // namespace lepton::place
