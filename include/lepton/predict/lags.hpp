// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/feature.hpp>

namespace lepton::predict {

/// Past values themselves: `lags{1, 2, 24}` are the last one, the one before, and that of 24 steps
/// ago; `lags::up_to(24)` are the last 24.
class lags {
 public:
  static constexpr std::string_view model_name = "lags";

  lags() = default;
  lags(std::initializer_list<std::uint64_t> which) : lags(std::vector<std::uint64_t>(which)) {}
  explicit lags(std::vector<std::uint64_t> which) : lags_(std::move(which)) {
    for (const auto lag : lags_) LEPTON_ASSERT(lag > 0, "lags: a lag is at least 1");
  }
  [[nodiscard]] static auto up_to(std::size_t longest) -> lags {
    std::vector<std::uint64_t> all(longest);
    for (std::size_t i = 0; i < longest; ++i) all[i] = i + 1;
    return lags{std::move(all)};
  }

  [[nodiscard]] auto width() const noexcept -> std::size_t { return lags_.size(); }
  [[nodiscard]] auto reach() const noexcept -> std::size_t {
    return lags_.empty() ? 0
                         : static_cast<std::size_t>(*std::max_element(lags_.begin(), lags_.end()));
  }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return true; }
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return "lag " + std::to_string(lags_[i]);
  }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    for (std::size_t i = 0; i < lags_.size(); ++i)
      out[i] = detail::lagged(past, static_cast<std::size_t>(lags_[i]));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(lags_);
    if constexpr (Archive::reads)
      for (const auto lag : lags_)
        if (lag == 0 || lag > detail::longest_reach) a.reject();
  }

 private:
  std::vector<std::uint64_t> lags_{1};
};

/// What the series has changed by: `differences{1, 24}` are the last value less that before it, and
/// less that 24 steps before it.
class differences {
 public:
  static constexpr std::string_view model_name = "differences";

  differences() = default;
  differences(std::initializer_list<std::uint64_t> over) : over_(over) {}

  [[nodiscard]] auto width() const noexcept -> std::size_t { return over_.width(); }
  [[nodiscard]] auto reach() const noexcept -> std::size_t { return over_.reach() + 1; }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return "difference over " + over_.name(i).substr(4);
  }
  void write(std::span<const double> past, std::uint64_t time,
             std::span<double> out) const noexcept {
    const double last = detail::lagged(past, 1);
    over_.write(past.first(past.empty() ? 0 : past.size() - 1), time, out);
    for (std::size_t i = 0; i < width(); ++i) out[i] = last - out[i];
  }

  template <class Archive>
  void persist(Archive& a) {
    a(over_);
  }

 private:
  lags over_;
};

}  // namespace lepton::predict
