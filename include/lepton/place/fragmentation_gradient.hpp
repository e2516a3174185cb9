// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lepton/place/concept.hpp>
#include <lepton/place/fragment_measure.hpp>

namespace lepton::place {

/// FGD, fragmentation gradient descent (Weng et al., USENIX ATC 2023): the node whose expected
/// fragment grows least. Score: 100 · sigmoid((F before − F after) / 1000), rounded toward zero,
/// F in milli-devices; a share goes to the device of the node that scores best (the first of
/// equals), whole requests to the first free ones.
///
/// Assumes that the tasks to come resemble the typical ones. All in integers: the sigmoid is a
/// table of the 99 steps of its rounded value. Use it as `greedy{fragmentation_gradient{typical}}`.
/// O(devices) for a node.
class fragmentation_gradient {
 public:
  static constexpr score_kind kind = score_kind::local;

  explicit fragmentation_gradient(std::span<const typical_task> typical, std::size_t dimension = 0)
      : measure_(typical), dimension_(dimension) {
    for (std::size_t j = 1; j < steps_.size() + 1; ++j) {
      const auto odds = static_cast<double>(j) / static_cast<double>(100 - j);
      steps_[j - 1] =
          j == 50 ? 0
                  : static_cast<std::int64_t>(std::ceil(
                        1000.0 * static_cast<double>(measure_.total_count()) * std::log(odds)));
    }
  }

  [[nodiscard]] auto measure() const noexcept -> const fragment_measure& { return measure_; }

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    return best(t, n).score;
  }
  template <class Task, class Node>
  [[nodiscard]] auto choose_devices(const Task& t, const Node& n) const noexcept -> device_mask {
    return devices_of(t).is_share() ? best(t, n).devices : devices_of(n).tightest(devices_of(t));
  }

 private:
  struct choice {
    std::int32_t score;
    device_mask devices;
  };

  template <class Task, class Node>
  [[nodiscard]] auto best(const Task& t, const Node& n) const noexcept -> choice {
    const auto& devices = devices_of(n);
    const auto& request = devices_of(t);
    const auto free = free_of(n)[dimension_];
    const auto before_row = measure_.row_for(devices.type(), free);
    const auto after_row = measure_.row_for(devices.type(), free - demand_of(t)[dimension_]);
    const auto rest = measure_.use_of(after_row, devices);
    const auto lost =
        measure_.total_count() * request.total_milli() - measure_.use_of(before_row, devices);
    const auto whole = devices.whole_count();
    if (!request.is_share()) {
      const auto left = whole - request.count();
      return {step(lost + rest - measure_.use_of_whole(after_row, whole) +
                   measure_.use_of_whole(after_row, left)),
              0};
    }
    choice result{-1, 0};
    const auto consider = [&](std::int64_t use, device_mask device) {
      const auto score = step(lost + use);
      if (score > result.score || (score == result.score && device < result.devices))
        result = {score, device};
    };
    if (whole != 0) {
      const auto remainder = static_cast<std::uint16_t>(device_milli - request.milli());
      consider(rest - measure_.use_of_whole(after_row, whole) +
                   measure_.use_of_whole(after_row, whole - 1) +
                   measure_.use_of_partial(after_row, remainder),
               static_cast<device_mask>(devices.whole() & -devices.whole()));
    }
    for (auto left = devices.partial(); left != 0;
         left = static_cast<device_mask>(left & (left - 1))) {
      const auto milli = devices.free(static_cast<std::size_t>(std::countr_zero(left)));
      if (milli < request.milli()) continue;
      consider(rest - measure_.use_of_partial(after_row, milli) +
                   measure_.use_of_partial(after_row,
                                           static_cast<std::uint16_t>(milli - request.milli())),
               static_cast<device_mask>(left & -left));
    }
    return result;
  }

  /// The rounded score for a decrease of the fragment, `total_count()` times the milli.
  [[nodiscard]] auto step(std::int64_t decrease) const noexcept -> std::int32_t {
    return static_cast<std::int32_t>(std::upper_bound(steps_.begin(), steps_.end(), decrease) -
                                     steps_.begin());
  }

  fragment_measure measure_;
  std::size_t dimension_;
  std::array<std::int64_t, 99> steps_{};  ///< least decrease for the scores 1 … 99
};

}  // namespace lepton::place
