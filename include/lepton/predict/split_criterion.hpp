// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::predict::detail {

// What a split of a node gains. A criterion has:
//   target                   what a row contributes
//   total(n, at)             takes in a node of rows at(0)...at(n - 1)
//   pure()                   all targets of the node are alike
//   weight(), impurity(...)  of the node; the impurity is weight times mean impurity
//   sweep()                  all rows of the node on the right; add(target) moves one to the left;
//                            score() grows with what the split gains
//   gain(score)              decrease of weight times impurity
//   noise()                  scores that near to each other are the same

/// Squared deviation from the mean.
class variance_criterion {
 public:
  struct target {
    double y = 0;
    double w = 0;
  };
  struct sweep_state {
    double mean;
    double weight;
    double sum = 0;
    double left = 0;

    void add(const target& t) noexcept {
      sum += t.w * t.y;
      left += t.w;
    }
    void add_sums(double s, double w) noexcept {
      sum += s;
      left += w;
    }
    [[nodiscard]] auto score() const noexcept -> double {
      const double d = sum - mean * left;
      const double spread = left * (weight - left);
      return spread > 0 ? d * d / spread : 0;
    }
  };

  template <class At>
  void total(std::size_t n, At at) noexcept {
    double sum = 0;
    double weight = 0;
    const double first = at(0).y;
    bool pure = true;
    for (std::size_t i = 0; i < n; ++i) {
      const target& t = at(i);
      sum += t.w * t.y;
      weight += t.w;
      pure = pure && t.y == first;
    }
    weight_ = weight;
    pure_ = pure;
    mean_ = pure ? first : sum / weight;
  }
  template <class At>
  [[nodiscard]] auto impurity(std::size_t n, At at) const noexcept -> double {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const target& t = at(i);
      sum += t.w * (t.y - mean_) * (t.y - mean_);
    }
    return sum;
  }
  [[nodiscard]] auto pure() const noexcept -> bool { return pure_; }
  [[nodiscard]] auto weight() const noexcept -> double { return weight_; }
  [[nodiscard]] auto value() const noexcept -> double { return mean_; }
  [[nodiscard]] auto sweep() const noexcept -> sweep_state { return {mean_, weight_}; }
  [[nodiscard]] auto gain(double score) const noexcept -> double { return score * weight_; }
  [[nodiscard]] static auto noise() noexcept -> double { return 1e-24; }

 private:
  double mean_ = 0;
  double weight_ = 0;
  bool pure_ = true;
};

/// Gini's index, 1 - sum of squared shares, times weight: the sums of squared counts are kept.
struct gini_impurity {
  [[nodiscard]] static auto part(double count) noexcept -> double { return count * count; }
  [[nodiscard]] static auto together(double parts, double weight) noexcept -> double {
    return weight > 0 ? parts / weight : 0;
  }
};

/// Entropy in bits, times weight.
struct entropy_impurity {
  [[nodiscard]] static auto part(double count) noexcept -> double {
    return count > 0 ? count * std::log2(count) : 0;
  }
  [[nodiscard]] static auto together(double parts, double weight) noexcept -> double {
    return parts - part(weight);
  }
};

/// Classes 0, 1, ... and how mixed they are.
template <class Impurity>
class class_criterion {
 public:
  struct target {
    std::uint32_t y = 0;
    double w = 0;
  };
  struct sweep_state {
    double* left_counts;
    double* right_counts;
    double left_parts;
    double right_parts;
    double left;
    double right;
    double before;

    void add(const target& t) noexcept {
      double& l = left_counts[t.y];
      double& r = right_counts[t.y];
      left_parts -= Impurity::part(l);
      right_parts -= Impurity::part(r);
      l += t.w;
      r -= t.w;
      left_parts += Impurity::part(l);
      right_parts += Impurity::part(r);
      left += t.w;
      right -= t.w;
    }
    [[nodiscard]] auto score() const noexcept -> double {
      return Impurity::together(left_parts, left) + Impurity::together(right_parts, right) - before;
    }
  };

  class_criterion() = default;
  explicit class_criterion(std::size_t classes)
      : counts_(classes), left_(classes), right_(classes) {}

  template <class At>
  void total(std::size_t n, At at) noexcept {
    for (auto& c : counts_) c = 0;
    weight_ = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const target& t = at(i);
      counts_[t.y] += t.w;
      weight_ += t.w;
    }
    parts_ = 0;
    std::size_t kinds = 0;
    for (const double c : counts_) {
      parts_ += Impurity::part(c);
      kinds += c > 0;
    }
    pure_ = kinds <= 1;
  }
  template <class At>
  [[nodiscard]] auto impurity(std::size_t, At) const noexcept -> double {
    return pure_ ? 0
                 : Impurity::together(Impurity::part(weight_), weight_) -
                       Impurity::together(parts_, weight_);
  }
  [[nodiscard]] auto pure() const noexcept -> bool { return pure_; }
  [[nodiscard]] auto weight() const noexcept -> double { return weight_; }
  /// The most frequent class, the lowest of several.
  [[nodiscard]] auto value() const noexcept -> double {
    std::size_t most = 0;
    for (std::size_t c = 1; c < counts_.size(); ++c)
      if (counts_[c] > counts_[most]) most = c;
    return static_cast<double>(most);
  }
  [[nodiscard]] auto counts() const noexcept -> const std::vector<double>& { return counts_; }
  [[nodiscard]] auto sweep() noexcept -> sweep_state {
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      left_[c] = 0;
      right_[c] = counts_[c];
    }
    return {
        left_.data(), right_.data(), 0, parts_, 0, weight_, Impurity::together(parts_, weight_)};
  }
  [[nodiscard]] static auto gain(double score) noexcept -> double { return score; }
  [[nodiscard]] auto noise() const noexcept -> double { return 1e-11 * weight_; }

 private:
  std::vector<double> counts_;
  std::vector<double> left_;
  std::vector<double> right_;
  double parts_ = 0;
  double weight_ = 0;
  bool pure_ = true;
};

using gini_criterion = class_criterion<gini_impurity>;
using entropy_criterion = class_criterion<entropy_impurity>;

}  // namespace lepton::predict::detail
