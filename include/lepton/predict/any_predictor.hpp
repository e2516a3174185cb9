// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lepton/predict/concept.hpp>

namespace lepton::predict {

/// Any trainable predictor, chosen at run time: where a program picks models by name, or keeps
/// different ones in a list. A value, as what it holds is: copies go their own ways.
///
/// One indirect call for each call. An empty one (moved from, or made without a model) is never
/// ready and forgets what it is told. `load` needs one that holds a model of the kind saved.
class any_predictor {
 public:
  static constexpr std::string_view model_name = "any predictor";

  any_predictor() = default;
  // Itself is left out first: asking whether it is trainable would ask for this constructor.
  template <class P>
    requires(!std::same_as<P, any_predictor> && trainable<P>)
  explicit any_predictor(P model) : held_(std::make_unique<holder<P>>(std::move(model))) {}
  any_predictor(const any_predictor& other) : held_(other.held_ ? other.held_->copy() : nullptr) {}
  any_predictor(any_predictor&&) noexcept = default;
  auto operator=(any_predictor other) noexcept -> any_predictor& {
    held_.swap(other.held_);
    return *this;
  }
  ~any_predictor() = default;

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    if (!held_) return failure("any_predictor: it holds no model; assign one before fit");
    return held_->fit(values);
  }
  /// From the parameters it has, if the model can; else `fit`.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    if (!held_) return failure("any_predictor: it holds no model; assign one before refit");
    return held_->refit(values);
  }
  void update(double value) noexcept {
    if (held_) held_->update(value);
  }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    if (held_) return held_->forecast(horizon, quantiles, out);
    for (auto& x : out) x = std::numeric_limits<double>::quiet_NaN();
  }
  /// Mean and standard error where the model has them; else the median, and NaN as the error.
  void moments(std::span<double> mean, std::span<double> error) noexcept {
    if (held_) return held_->moments(mean, error);
    for (auto& x : mean) x = std::numeric_limits<double>::quiet_NaN();
    for (auto& x : error) x = std::numeric_limits<double>::quiet_NaN();
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return held_ ? held_->peak_quantile(horizon, q) : std::numeric_limits<double>::quiet_NaN();
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return held_ && held_->ready(); }

  /// The name of the model it holds; empty if none.
  [[nodiscard]] auto name() const noexcept -> std::string_view {
    return held_ ? held_->name() : std::string_view{};
  }
  /// The model, if it is of that type; else nullptr.
  template <trainable P>
  [[nodiscard]] auto get_if() noexcept -> P* {
    auto* const found = held_ && held_->type() == &tag<P> ? held_.get() : nullptr;
    return found == nullptr ? nullptr : &static_cast<holder<P>*>(found)->model;
  }

  void persist(state_writer& a) {
    const bool holds = held_ != nullptr;
    a(holds, holds ? detail::name_hash(held_->name()) : 0);
    if (holds) held_->write(a);
  }
  void persist(state_reader& a) {
    bool holds = false;
    std::uint64_t name = 0;
    a(holds, name);
    if (!a.good()) return;
    if (holds != (held_ != nullptr) || (holds && name != detail::name_hash(held_->name())))
      return a.reject();
    if (holds) held_->read(a);
  }

 private:
  template <class P>
  static constexpr char tag = 0;  // its address stands for the type, without RTTI

  struct base {
    base() = default;
    base(const base&) = default;
    auto operator=(const base&) -> base& = delete;
    virtual ~base() = default;
    [[nodiscard]] virtual auto copy() const -> std::unique_ptr<base> = 0;
    [[nodiscard]] virtual auto fit(std::span<const double>) -> fit_result = 0;
    [[nodiscard]] virtual auto refit(std::span<const double>) -> fit_result = 0;
    virtual void update(double) noexcept = 0;
    virtual void forecast(std::size_t, std::span<const double>, std::span<double>) noexcept = 0;
    virtual void moments(std::span<double>, std::span<double>) noexcept = 0;
    [[nodiscard]] virtual auto peak_quantile(std::size_t, double) noexcept -> double = 0;
    [[nodiscard]] virtual auto ready() const noexcept -> bool = 0;
    [[nodiscard]] virtual auto name() const noexcept -> std::string_view = 0;
    [[nodiscard]] virtual auto type() const noexcept -> const void* = 0;
    virtual void write(state_writer&) = 0;
    virtual void read(state_reader&) = 0;
  };

  template <class P>
  struct holder final : base {
    explicit holder(P m) : model(std::move(m)) {}
    [[nodiscard]] auto copy() const -> std::unique_ptr<base> override {
      return std::make_unique<holder>(*this);
    }
    [[nodiscard]] auto fit(std::span<const double> values) -> fit_result override {
      return model.fit(values);
    }
    [[nodiscard]] auto refit(std::span<const double> values) -> fit_result override {
      if constexpr (refittable<P>) {
        return model.refit(values);
      } else {
        return model.fit(values);
      }
    }
    void update(double value) noexcept override { model.update(value); }
    void forecast(std::size_t horizon, std::span<const double> quantiles,
                  std::span<double> out) noexcept override {
      model.forecast(horizon, quantiles, out);
    }
    void moments(std::span<double> mean, std::span<double> error) noexcept override {
      if constexpr (with_moments<P>) {
        model.moments(mean, error);
      } else {
        const double middle = 0.5;
        model.forecast(mean.size(), std::span<const double>{&middle, 1}, mean);
        for (auto& x : error) x = std::numeric_limits<double>::quiet_NaN();
      }
    }
    [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double override {
      return model.peak_quantile(horizon, q);
    }
    [[nodiscard]] auto ready() const noexcept -> bool override { return model.ready(); }
    [[nodiscard]] auto name() const noexcept -> std::string_view override { return P::model_name; }
    [[nodiscard]] auto type() const noexcept -> const void* override { return &tag<P>; }
    void write(state_writer& a) override { a(model); }
    void read(state_reader& a) override { a(model); }

    P model;
  };

  std::unique_ptr<base> held_;
};

}  // namespace lepton::predict
