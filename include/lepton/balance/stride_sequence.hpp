// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lepton::balance {

/// gRPC's static stride scheduler, bit for bit: weights scaled so that the largest is 65,535, and
/// for each sequence number an answer whether its entry is picked. Number s is entry s mod n in
/// generation s / n, and the entry is picked in so many of 65,535 generations as its weight says,
/// spread evenly.
///
/// Weights of 0 stand for the mean of the others. Weights above 10 times the mean count as that,
/// weights below 0.01 of the mean as that.
///
/// Source: gRPC, src/core/load_balancing/weighted_round_robin/static_stride_scheduler.cc.
class stride_sequence {
 public:
  static constexpr std::uint32_t most_weight = 65'535;
  static constexpr double most_ratio = 10;
  static constexpr double least_ratio = 0.01;

  stride_sequence() = default;
  /// Weights that are finite and not negative. No sequence (`empty()`) of fewer than two, or if all
  /// are 0: then gRPC leaves the weights alone.
  explicit stride_sequence(std::span<const float> weights) {
    const auto n = weights.size();
    double sum = 0;
    float most = 0;
    std::size_t known = 0;
    for (const auto w : weights) {
      sum += static_cast<double>(w);
      most = std::max(most, w);
      known += w != 0 ? 1 : 0;
    }
    if (n < 2 || known == 0) return;
    const double mean = sum / static_cast<double>(known);
    if (static_cast<double>(most) / mean > most_ratio) most = static_cast<float>(most_ratio * mean);

    const double scale = static_cast<double>(static_cast<float>(most_weight) / most);
    const auto scaled_mean = to_16_bits(scale * mean);
    const auto least = std::max<std::uint16_t>(1, to_16_bits(scaled_mean * least_ratio));
    weights_.reserve(n);
    for (const auto w : weights) {
      const auto scaled = to_16_bits(static_cast<double>(std::min(w, most)) * scale);
      weights_.push_back(w == 0 ? scaled_mean : std::max(scaled, least));
    }
  }

  [[nodiscard]] auto empty() const noexcept -> bool { return weights_.empty(); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return weights_.size(); }
  /// The scaled weight of an entry.
  [[nodiscard]] auto weight(std::size_t k) const noexcept -> std::uint16_t { return weights_[k]; }

  struct step {
    std::uint32_t entry;
    bool picked;  ///< no: go on with the next number
  };
  /// What sequence number s says. There must be a sequence.
  [[nodiscard]] auto at(std::uint32_t s) const noexcept -> step {
    const auto n = static_cast<std::uint32_t>(weights_.size());
    const auto entry = s % n;
    return {entry, residue(entry, s / n) >= most_weight - weights_[entry]};
  }
  /// How many numbers after s is the next that picks this entry: 0 if s itself does.
  [[nodiscard]] auto distance(std::uint32_t s, std::uint32_t entry) const noexcept
      -> std::uint64_t {
    const auto n = static_cast<std::uint32_t>(weights_.size());
    const auto ahead = entry >= s % n ? entry - s % n : entry + n - s % n;
    // The residue grows by the weight each generation, and the first time in reach it is not past.
    const auto now = residue(entry, (std::uint64_t{s} + ahead) / n);
    const std::uint32_t weight = weights_[entry];
    const auto picked_from = most_weight - weight;
    const auto generations = now >= picked_from ? 0 : (picked_from - now + weight - 1) / weight;
    return ahead + std::uint64_t{n} * generations;
  }

 private:
  [[nodiscard]] static auto to_16_bits(double value) noexcept -> std::uint16_t {
    return static_cast<std::uint16_t>(std::lround(value));
  }
  [[nodiscard]] auto residue(std::uint32_t entry, std::uint64_t generation) const noexcept
      -> std::uint32_t {
    constexpr std::uint64_t offset = most_weight / 2;
    return static_cast<std::uint32_t>((weights_[entry] * generation + entry * offset) %
                                      most_weight);
  }

  std::vector<std::uint16_t> weights_;
};

}  // namespace lepton::balance
