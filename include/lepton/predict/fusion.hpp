// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/fusion_board.hpp>
#include <lepton/predict/histogram_member.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/quantile_order.hpp>

namespace lepton::predict {

/// Combines the forecasts of several models. `last_value` and `histogram_member` are always members
/// 0 and 1, so that something sensible is at hand whatever the series does.
///
/// - A quantile of the combination is the weighted mean of the members' quantiles (Vincentization;
///   Ratcliff, Psychological Bulletin 86, 1979), with weights for each step ahead and for the lower
///   tail, the middle and the upper tail (`online_weights` on the pinball loss of what was forecast
///   and has come).
/// - `conformal` offsets make quantiles other than the median right in the long run.
/// - When the errors of one step rise for good (`page_hinkley`), weights learn anew.
/// - `fit` first fits members to the older part of the history and forecasts the rest as if it were
///   the future, so that weights and offsets are at work from the start; then to all of it. Members
///   that cannot be fitted are left out (`left_out()`).
///
/// `update` costs an update of each member and, at every `score_every`-th value, a forecast of
/// `horizon` steps and nine quantiles by each, and O(members · log horizon). Forecasts reach at
/// most 8192 steps ahead; later ones repeat the last. A quantile that a member gives as NaN or
/// infinite is replaced by the last value.
template <class... Members>
class fusion {
  static_assert((trainable<Members> && ...),
                "lepton: the members of a fusion must be predictors that can be fitted, see "
                "predict/concept.hpp");

 public:
  static constexpr std::string_view model_name = "fusion";
  static constexpr std::size_t member_count = sizeof...(Members) + 2;

  fusion() : fusion(fusion_options{}, histogram_options{}, Members{}...) {}
  explicit fusion(fusion_options o, histogram_options histogram, Members... members)
      : options_(o),
        members_(last_value{}, histogram_member{histogram}, std::move(members)...),
        board_(member_count, o),
        reasons_(member_count) {
    set_up_scratch();
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    last_value naive;
    const auto checked = naive.fit(values);
    if (!checked) return failure("fusion: " + checked.error().message);

    fusion fitted = *this;
    fitted.board_ = detail::fusion_board{member_count, options_};
    fitted.last_ = std::numeric_limits<double>::quiet_NaN();
    const auto first = static_cast<std::size_t>(std::clamp(options_.train, 0.0, 1.0) *
                                                static_cast<double>(values.size()));
    if (first > 0 && values.size() - first > board_.horizon()) {
      static_cast<void>(fitted.fit_members(values.first(first)));
      for (const double x : values.subspan(first)) fitted.update(x);
    }
    fit_report report;
    report.converged = fitted.fit_members(values);
    report.observations = checked->observations;
    report.parameters = member_count;
    for (const double x : values)
      if (!std::isnan(x)) fitted.last_ = x;
    if (fitted.left_out().size() + 2 == member_count && member_count > 2)
      report.fallback = last_value::model_name;
    *this = std::move(fitted);
    return report;
  }

  /// Fits the members anew, to a series that ends with the latest update, and keeps what was learnt
  /// about them. One that cannot be fitted to it stays as it is.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    if (!ready()) return fit(values);
    fusion fitted = *this;
    fit_report report;
    if (const auto checked = last_value{}.fit(values); !checked)
      return failure("fusion: " + checked.error().message);
    else
      report.observations = checked->observations;
    report.parameters = member_count;
    fitted.for_each_member([&](std::size_t i, auto& member) {
      auto again = member;
      const auto result = fit_one(again, values, true);
      if (!result) return;
      member = std::move(again);
      report.converged = report.converged && result->converged;
      fitted.board_.weights().include(i, true);
      fitted.reasons_[i].clear();
    });
    *this = std::move(fitted);
    return report;
  }

  void update(double value) noexcept {
    if (std::isfinite(value)) last_ = value;
    const bool drifted = board_.score(value);
    for_each_member([&](std::size_t i, auto& member) {
      if (!included(i)) return;
      if constexpr (requires { member.forget(); }) {
        if (drifted && options_.forget_on_drift) member.forget();
      }
      member.update(value);
    });
    if (board_.due() && ready()) make_forecasts();
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (out.empty()) return;
    const std::size_t reached = std::min(horizon, room);
    const std::size_t n = quantiles.size();
    const std::size_t at_once = std::max<std::size_t>(1, std::min(n, room / reached));
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t from = 0; from < n; from += at_once) {
      const auto some = quantiles.subspan(from, std::min(at_once, n - from));
      for_each_member([&](std::size_t i, auto& member) {
        if (!included(i)) return;
        const std::span<double> theirs{scratch_.data(), reached * some.size()};
        member.forecast(reached, some, theirs);
        add(i, some, theirs, out.subspan(from), n);
      });
    }
    for (std::size_t h = 0; h < reached; ++h) {
      correct(h, quantiles, out.subspan(h * n, n));
      detail::put_in_order(quantiles, out.subspan(h * n, n));
    }
    for (double& x : out) x = std::clamp(x, options_.lowest, options_.highest);
    for (std::size_t h = reached; h < horizon; ++h)
      std::copy_n(out.begin() + static_cast<std::ptrdiff_t>((reached - 1) * n), n,
                  out.begin() + static_cast<std::ptrdiff_t>(h * n));
  }

  /// The mean of the members' peaks, moved out (never in) as the last step's offsets are; at least
  /// the largest quantile q of any step.
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (horizon == 0 || !ready()) return std::numeric_limits<double>::quiet_NaN();
    const auto step = board_.step_place(horizon - 1);
    double peak = 0;
    for_each_member([&](std::size_t i, auto& member) {
      if (!included(i)) return;
      const double theirs = member.peak_quantile(horizon, q);
      peak += board_.mean_weight(i, step) * (std::isfinite(theirs) ? theirs : last_);
    });
    peak += board_.widening(step, q);
    const std::size_t reached = std::min(horizon, room / 2);
    const std::span<double> steps{peaks_.data(), reached};
    forecast(reached, {&q, 1}, steps);
    for (const double x : steps) peak = std::max(peak, x);
    return std::clamp(peak, options_.lowest, options_.highest);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return !std::isnan(last_); }

  /// Weights of the members, `step` + 1 steps ahead, at a quantile level.
  [[nodiscard]] auto weights(std::size_t step, double level = 0.5) const noexcept
      -> std::array<double, member_count> {
    std::array<double, member_count> w{};
    for (std::size_t i = 0; i < member_count; ++i)
      w[i] = board_.weight(i, board_.step_place(step), board_.level_place(level));
    return w;
  }
  [[nodiscard]] static auto member_names() -> std::array<std::string_view, member_count> {
    return {last_value::model_name, histogram_member::model_name, Members::model_name...};
  }
  [[nodiscard]] auto members() const noexcept -> const auto& { return members_; }
  /// Members that could not be fitted, and why (empty after loading).
  [[nodiscard]] auto left_out() const -> std::vector<std::pair<std::string_view, std::string>> {
    std::vector<std::pair<std::string_view, std::string>> out;
    for (std::size_t i = 0; i < member_count; ++i)
      if (!included(i)) out.emplace_back(member_names()[i], reasons_[i]);
    return out;
  }
  /// Times that drift was noticed.
  [[nodiscard]] auto drifts() const noexcept -> std::uint64_t { return board_.drift().alarms(); }
  [[nodiscard]] auto options() const noexcept -> const fusion_options& { return options_; }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t names = 0;
    for (const auto name : member_names()) names = names * 31 + detail::name_hash(name);
    std::uint64_t theirs = names;
    a(theirs, options_.train, options_.forget_on_drift, options_.lowest, options_.highest, board_,
      last_);
    if constexpr (Archive::reads) {
      if (!a.good() || theirs != names || board_.weights().experts() != member_count ||
          std::isinf(last_) || !(options_.lowest <= options_.highest))
        return a.reject();
    }
    std::apply([&](auto&... member) { a(member...); }, members_);
    if constexpr (Archive::reads)
      if (a.good()) set_up_scratch();
  }

 private:
  static constexpr std::size_t room = 8192;

  template <class F>
  void for_each_member(F f) {
    each(f, std::make_index_sequence<member_count>{});
  }
  template <class F, std::size_t... I>
  void each(F& f, std::index_sequence<I...>) {
    (f(I, std::get<I>(members_)), ...);
  }
  [[nodiscard]] auto included(std::size_t i) const noexcept -> bool {
    return board_.weights().included(i);
  }

  template <class Member>
  [[nodiscard]] static auto fit_one(Member& member, std::span<const double> values, bool again)
      -> fit_result {
    if constexpr (refittable<Member>) {
      if (again) return member.refit(values);
    }
    static_cast<void>(again);
    return member.fit(values);
  }
  // True if all searches converged.
  auto fit_members(std::span<const double> values) -> bool {
    bool converged = true;
    for_each_member([&](std::size_t i, auto& member) {
      const auto result = fit_one(member, values, false);
      board_.weights().include(i, result.has_value());
      reasons_[i] = result ? std::string{} : result.error().message;
      if (result) converged = converged && result->converged;
    });
    return converged;
  }

  void set_up_scratch() {
    scratch_.assign(room, 0.0);
    peaks_.assign(room / 2, 0.0);
    theirs_.assign(member_count * board_.horizon() * board_.levels.size(), 0.0);
    fused_.assign(board_.horizon() * board_.levels.size(), 0.0);
  }

  // Adds a member's quantiles, weighted, to those in rows of `width` numbers.
  void add(std::size_t i, std::span<const double> quantiles, std::span<const double> theirs,
           std::span<double> out, std::size_t width) const noexcept {
    const std::size_t n = quantiles.size();
    for (std::size_t h = 0; h * n < theirs.size(); ++h) {
      const auto step = board_.step_place(h);
      for (std::size_t k = 0; k < n; ++k) {
        const double x = theirs[h * n + k];
        const double w = board_.weight(i, step, board_.level_place(quantiles[k]));
        out[h * width + k] += w * (std::isfinite(x) ? x : last_);
      }
    }
  }
  // Puts the offsets on the quantiles of one step.
  void correct(std::size_t h, std::span<const double> quantiles,
               std::span<double> row) const noexcept {
    const auto step = board_.step_place(h);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] += board_.offset(step, quantiles[k]);
  }
  void make_forecasts() noexcept {
    const auto& levels = detail::fusion_board::levels;
    const std::size_t size = fused_.size();
    std::fill(fused_.begin(), fused_.end(), 0.0);
    for_each_member([&](std::size_t i, auto& member) {
      const std::span<double> theirs{theirs_.data() + i * size, size};
      if (!included(i)) {
        std::fill(theirs.begin(), theirs.end(), std::numeric_limits<double>::quiet_NaN());
        return;
      }
      member.forecast(board_.horizon(), levels, theirs);
      add(i, levels, theirs, fused_, levels.size());
    });
    for (std::size_t h = 0; h < board_.horizon(); ++h)
      correct(h, levels, std::span{fused_}.subspan(h * levels.size(), levels.size()));
    board_.keep(theirs_, fused_);
  }

  fusion_options options_{};
  std::tuple<last_value, histogram_member, Members...> members_;
  detail::fusion_board board_;
  double last_ = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> reasons_;  // why members are left out
  std::vector<double> scratch_, peaks_, theirs_, fused_;
};

}  // namespace lepton::predict
