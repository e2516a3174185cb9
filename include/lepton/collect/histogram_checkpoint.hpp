// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>

namespace lepton::collect {

/// A histogram as it is kept outside of the program: what a VerticalPodAutoscalerCheckpoint of
/// Kubernetes holds.
struct histogram_checkpoint {
  /// The share of the heaviest bucket.
  static constexpr double whole = 10000;

  time_point reference{};
  double total_weight = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> weights{};  ///< bucket, share

  /// Whether a histogram of so many buckets can be restored from it.
  [[nodiscard]] auto check(std::size_t buckets) const -> status {
    if (!(total_weight >= 0) || std::isinf(total_weight)) {
      return failure("histogram checkpoint: the total weight is " + std::to_string(total_weight) +
                     "; it must be 0 or more");
    }
    for (const auto& [bucket, share] : weights) {
      if (bucket >= buckets) {
        return failure("histogram checkpoint: there is a bucket " + std::to_string(bucket) +
                       ", but the histogram has " + std::to_string(buckets) + ", from 0");
      }
    }
    return {};
  }

  friend auto operator==(const histogram_checkpoint&, const histogram_checkpoint&)
      -> bool = default;
};

}  // namespace lepton::collect
