// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/place/concept.hpp>

namespace lepton::place {

/// Any policy for one type of tasks and views, chosen at run time: by a name on a command line,
/// say. One indirect call a decision, never one a node. A value: copies are independent.
template <class Task, class View>
class any_policy {
 public:
  template <class Policy>
    requires(!std::same_as<std::remove_cvref_t<Policy>, any_policy>)
  any_policy(Policy&& p)
      : held_(std::make_unique<holder<std::remove_cvref_t<Policy>>>(std::forward<Policy>(p))) {
    static_assert(policy<std::remove_cvref_t<Policy>, Task, View>,
                  "lepton: any_policy holds policies: decision pick(task, view). A score becomes "
                  "one as greedy{score}");
  }
  any_policy(const any_policy& other)
      : held_(other.held_ == nullptr ? nullptr : other.held_->copy()) {}
  any_policy(any_policy&&) noexcept = default;
  auto operator=(any_policy other) noexcept -> any_policy& {
    held_ = std::move(other.held_);
    return *this;
  }
  ~any_policy() = default;

  /// A moved-from `any_policy` must not be asked.
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    LEPTON_ASSERT(held_ != nullptr, "any_policy: the policy was moved away");
    return held_->pick(t, v);
  }

 private:
  struct base {
    base() = default;
    base(const base&) = default;
    auto operator=(const base&) -> base& = delete;
    virtual ~base() = default;
    [[nodiscard]] virtual auto pick(const Task& t, const View& v) -> decision = 0;
    [[nodiscard]] virtual auto copy() const -> std::unique_ptr<base> = 0;
  };
  template <class Policy>
  struct holder final : base {
    explicit holder(Policy p) : held(std::move(p)) {}
    auto pick(const Task& t, const View& v) -> decision override { return held.pick(t, v); }
    auto copy() const -> std::unique_ptr<base> override { return std::make_unique<holder>(held); }
    Policy held;
  };

  std::unique_ptr<base> held_;
};

}  // namespace lepton::place
