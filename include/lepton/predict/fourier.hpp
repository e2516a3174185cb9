// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lepton/config.hpp>
#include <lepton/predict/feature.hpp>

namespace lepton::predict {

/// Sines and cosines of a season and its first harmonics: `fourier{24, 3}` are six numbers of
/// periods 24, 12 and 8. The season need not be whole (365.25 days).
class fourier {
 public:
  static constexpr std::string_view model_name = "fourier";

  fourier() = default;
  /// `offset` is the time of the season at which the series begins.
  fourier(double season, std::uint32_t harmonics, double offset = 0)
      : season_(season), offset_(offset), harmonics_(harmonics) {
    LEPTON_ASSERT(season > 0, "fourier: a season lasts longer than 0");
  }

  [[nodiscard]] auto width() const noexcept -> std::size_t { return 2 * std::size_t{harmonics_}; }
  [[nodiscard]] auto reach() const noexcept -> std::size_t { return 0; }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return (i % 2 == 0 ? "sine " : "cosine ") + std::to_string(i / 2 + 1) + " of season " +
           std::to_string(season_);
  }
  void write(std::span<const double>, std::uint64_t time, std::span<double> out) const noexcept {
    if (harmonics_ == 0) return;
    const double phase = std::fmod(static_cast<double>(time) + offset_, season_) / season_;
    const double s = std::sin(6.283185307179586477 * phase);
    const double c = std::cos(6.283185307179586477 * phase);
    out[0] = s;
    out[1] = c;
    for (std::size_t k = 1; k < harmonics_; ++k) {
      out[2 * k] = out[2 * k - 2] * c + out[2 * k - 1] * s;
      out[2 * k + 1] = out[2 * k - 1] * c - out[2 * k - 2] * s;
    }
  }

  template <class Archive>
  void persist(Archive& a) {
    a(season_, offset_, harmonics_);
    if constexpr (Archive::reads)
      if (!(season_ > 0) || !std::isfinite(season_) || !std::isfinite(offset_) ||
          harmonics_ > detail::longest_reach)
        a.reject();
  }

 private:
  double season_ = 1;
  double offset_ = 0;
  std::uint32_t harmonics_ = 1;
};

/// The index of the value in the series, divided by `unit`: a straight line in time.
class trend {
 public:
  static constexpr std::string_view model_name = "trend";

  trend() = default;
  explicit trend(double unit) : unit_(unit) {
    LEPTON_ASSERT(unit > 0, "trend: the unit of time is positive");
  }

  [[nodiscard]] auto width() const noexcept -> std::size_t { return 1; }
  [[nodiscard]] auto reach() const noexcept -> std::size_t { return 0; }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  [[nodiscard]] auto name(std::size_t) const -> std::string { return "trend"; }
  void write(std::span<const double>, std::uint64_t time, std::span<double> out) const noexcept {
    out[0] = static_cast<double>(time) / unit_;
  }

  template <class Archive>
  void persist(Archive& a) {
    a(unit_);
    if constexpr (Archive::reads)
      if (!(unit_ > 0)) a.reject();
  }

 private:
  double unit_ = 1;
};

}  // namespace lepton::predict
