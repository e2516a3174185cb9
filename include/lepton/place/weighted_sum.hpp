// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lepton/detail/hash.hpp>
#include <lepton/place/concept.hpp>

namespace lepton::place {

/// A score and its weight: `3 * least_allocated{}`, or `weighted{my_score{}, 3}`.
template <class Score>
struct weighted {
  Score score;
  std::int32_t weight = 1;

  constexpr explicit weighted(Score s, std::int32_t w = 1) : score(std::move(s)), weight(w) {}
};

/// The weighted sum of scores: `3 * least_allocated{} + balanced_allocation{}`.
///
/// Local if all its parts look at no more than the task's class and the node, else global. The sum
/// must stay within 32 bits when it is local. The first part that chooses devices decides on them.
template <class... Scores>
class weighted_sum {
 public:
  static constexpr score_kind kind =
      ((kind_of<Scores>() == score_kind::global) || ...) ? score_kind::global : score_kind::local;
  using value = std::conditional_t<kind == score_kind::local, std::int32_t, std::int64_t>;

  constexpr explicit weighted_sum(weighted<Scores>... parts) : parts_(std::move(parts)...) {}

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> value {
    return static_cast<value>(std::apply(
        [&](const auto&... part) {
          return (std::int64_t{0} + ... + (std::int64_t{part.weight} * part.score(t, n)));
        },
        parts_));
  }
  /// For parts that ask for the whole view.
  template <class Task, class View>
    requires(kind == score_kind::global)
  [[nodiscard]] auto operator()(const Task& t, const View& v, node_index i) const noexcept
      -> value {
    const auto one = [&](const auto& score) -> std::int64_t {
      if constexpr (requires { score(t, v, i); }) {
        return static_cast<std::int64_t>(score(t, v, i));
      } else {
        return static_cast<std::int64_t>(score(t, v[i]));
      }
    };
    return std::apply(
        [&](const auto&... part) {
          return (std::int64_t{0} + ... + (std::int64_t{part.weight} * one(part.score)));
        },
        parts_);
  }

  template <class View>
    requires(preparable<Scores, View> || ...)
  void prepare(const View& v) {
    each([&](auto& score) {
      if constexpr (preparable<std::remove_cvref_t<decltype(score)>, View>) score.prepare(v);
    });
  }
  template <class Task, class View>
    requires(looks_first<Scores, Task, View> || ...)
  void look(const Task& t, const View& v) {
    each([&](auto& score) {
      if constexpr (looks_first<std::remove_cvref_t<decltype(score)>, Task, View>) score.look(t, v);
    });
  }
  template <class Task, class Node>
    requires(chooses_devices<Scores, Task, Node> || ...)
  [[nodiscard]] auto choose_devices(const Task& t, const Node& n) const noexcept -> device_mask {
    device_mask chosen = 0;
    bool found = false;
    const auto ask = [&](const auto& part) {
      if constexpr (chooses_devices<std::remove_cvref_t<decltype(part.score)>, Task, Node>) {
        if (!found) chosen = part.score.choose_devices(t, n);
        found = true;
      }
    };
    std::apply([&](const auto&... part) { (ask(part), ...); }, parts_);
    return chosen;
  }

  /// What the parts look at of the task besides its class.
  template <class Task>
    requires(has_class_key<Scores, Task> || ...)
  [[nodiscard]] auto class_key(const Task& t) const noexcept -> std::uint64_t {
    std::uint64_t key = 0;
    const auto fold = [&](const auto& score) {
      if constexpr (has_class_key<std::remove_cvref_t<decltype(score)>, Task>) {
        key = lepton::detail::combine(key, static_cast<std::uint64_t>(score.class_key(t)));
      }
    };
    std::apply([&](const auto&... part) { (fold(part.score), ...); }, parts_);
    return key;
  }

  template <class Score>
  [[nodiscard]] constexpr auto plus(weighted<Score> last) const {
    return std::apply(
        [&](const auto&... part) {
          return weighted_sum<Scores..., Score>{part..., std::move(last)};
        },
        parts_);
  }

 private:
  template <class Visit>
  void each(Visit visit) {
    std::apply([&](auto&... part) { (visit(part.score), ...); }, parts_);
  }

  std::tuple<weighted<Scores>...> parts_;
};

namespace detail {
template <class T>
inline constexpr bool is_weighted = false;
template <class S>
inline constexpr bool is_weighted<weighted<S>> = true;
template <class T>
inline constexpr bool is_sum = false;
template <class... S>
inline constexpr bool is_sum<weighted_sum<S...>> = true;

/// A class with a static `kind`: what the operators below apply to.
template <class T>
concept plain_score = requires {
  { T::kind } -> std::convertible_to<score_kind>;
}
&&!is_sum<T>;
template <class T>
concept summand = plain_score<T> || is_weighted<T>;

template <class T>
[[nodiscard]] constexpr auto as_weighted(T part) {
  if constexpr (is_weighted<T>) {
    return part;
  } else {
    return weighted<T>{std::move(part)};
  }
}
}  // namespace detail

template <detail::plain_score Score>
[[nodiscard]] constexpr auto operator*(std::int32_t weight, Score score) -> weighted<Score> {
  return weighted<Score>{std::move(score), weight};
}
template <detail::summand A, detail::summand B>
[[nodiscard]] constexpr auto operator+(A a, B b) {
  return weighted_sum{detail::as_weighted(std::move(a)), detail::as_weighted(std::move(b))};
}
template <class... Scores, detail::summand B>
[[nodiscard]] constexpr auto operator+(const weighted_sum<Scores...>& sum, B b) {
  return sum.plus(detail::as_weighted(std::move(b)));
}

}  // namespace lepton::place
