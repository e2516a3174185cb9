// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <lepton/predict/feature.hpp>
#include <lepton/predict/joined_name.hpp>

namespace lepton::predict {

/// Several features side by side: `feature_set{lags{1, 2, 24}, rolling_mean{12}, fourier{24, 3}}`.
template <feature... Features>
class feature_set {
 public:
  static constexpr std::string_view model_name = detail::joined_name<Features...>::value;

  feature_set() = default;
  explicit feature_set(Features... parts) : parts_(std::move(parts)...) {}

  [[nodiscard]] auto width() const noexcept -> std::size_t {
    return std::apply([](const auto&... f) { return (std::size_t{0} + ... + f.width()); }, parts_);
  }
  [[nodiscard]] auto reach() const noexcept -> std::size_t {
    std::size_t longest = 0;
    each([&](const auto& f) {
      longest = std::max(longest, f.reach());
      return false;
    });
    return longest;
  }
  [[nodiscard]] auto level(std::size_t i) const noexcept -> bool {
    bool result = false;
    each([&](const auto& f) {
      if (i < f.width()) {
        result = f.level(i);
        return true;
      }
      i -= f.width();
      return false;
    });
    return result;
  }
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    std::string result;
    each([&](const auto& f) {
      if (i < f.width()) {
        result = f.name(i);
        return true;
      }
      i -= f.width();
      return false;
    });
    return result;
  }
  void write(std::span<const double> past, std::uint64_t time,
             std::span<double> out) const noexcept {
    each([&](const auto& f) {
      f.write(past, time, out.first(f.width()));
      out = out.subspan(f.width());
      return false;
    });
  }
  /// Part `I` of the set.
  template <std::size_t I>
  [[nodiscard]] auto part() const noexcept -> const auto& {
    return std::get<I>(parts_);
  }

  template <class Archive>
  void persist(Archive& a) {
    std::apply([&a](auto&... f) { a(f...); }, parts_);
  }

 private:
  /// Visits the parts in order until `visit` returns true.
  template <class Visit>
  void each(Visit&& visit) const {
    std::apply([&](const auto&... f) { static_cast<void>((visit(f) || ...)); }, parts_);
  }

  std::tuple<Features...> parts_;
};

}  // namespace lepton::predict
