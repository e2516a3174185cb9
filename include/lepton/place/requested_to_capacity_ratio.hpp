// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/utilisation.hpp>

namespace lepton::place {

/// One corner of a broken line.
struct shape_point {
  std::int64_t utilisation = 0;  ///< percent, 0 to 100
  std::int64_t score = 0;
};

/// Kubernetes' RequestedToCapacityRatio: a broken line turns each dimension's utilisation (whole
/// percent, the task included) into a score; then the weighted mean over the dimensions whose score
/// is above 0, rounded to nearest. The same numbers as kube-scheduler's plugin, which multiplies
/// the scores of its configuration (0 to 10) by 10 first.
class requested_to_capacity_ratio {
 public:
  static constexpr score_kind kind = score_kind::local;

  /// @param shape  corners by rising utilisation, at least one
  requested_to_capacity_ratio(std::initializer_list<shape_point> shape,
                              dimension_weights weights = {})
      : shape_(shape), weights_(weights) {
    LEPTON_ASSERT(!shape_.empty(),
                  "requested_to_capacity_ratio: the shape needs at least one point");
    for (std::size_t i = 1; i < shape_.size(); ++i) {
      LEPTON_ASSERT(shape_[i - 1].utilisation < shape_[i].utilisation,
                    "requested_to_capacity_ratio: the utilisation of the shape's points must rise");
    }
  }

  /// The broken line at a utilisation: level before the first and after the last corner, integer
  /// division (toward zero) between.
  [[nodiscard]] auto of(std::int64_t utilisation) const noexcept -> std::int64_t {
    for (std::size_t i = 0; i < shape_.size(); ++i) {
      if (utilisation > shape_[i].utilisation) continue;
      if (i == 0) return shape_[0].score;
      const auto& a = shape_[i - 1];
      const auto& b = shape_[i];
      return a.score +
             (b.score - a.score) * (utilisation - a.utilisation) / (b.utilisation - a.utilisation);
    }
    return shape_.back().score;
  }

  /// The weighted mean of the positive component scores, as the plugin rounds it.
  class mean {
   public:
    constexpr void add(std::int64_t score, std::int64_t weight) noexcept {
      if (score <= 0) return;
      sum_ += score * weight;
      weights_ += weight;
    }
    [[nodiscard]] constexpr auto value() const noexcept -> std::int64_t {
      return weights_ == 0 ? 0 : (2 * sum_ + weights_) / (2 * weights_);
    }

   private:
    std::int64_t sum_ = 0;
    std::int64_t weights_ = 0;
  };

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    mean all;
    detail::for_each_dimension(
        t, n, weights_, [&](amount requested, amount capacity, std::int32_t weight) {
          all.add(of(requested > capacity ? 100 : requested * 100 / capacity), weight);
        });
    return static_cast<std::int32_t>(all.value());
  }

 private:
  std::vector<shape_point> shape_;
  dimension_weights weights_;
};

}  // namespace lepton::place
