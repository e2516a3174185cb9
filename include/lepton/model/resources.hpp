// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include <lepton/model/fwd.hpp>

namespace lepton {

/// An exact amount of one resource in its smallest unit (milli-CPU, MiB, …).
using amount = std::int64_t;

/// Dimension names used unless a program brings its own: milli-CPU, MiB of memory, milli-GPU, MiB
/// of storage, then "resource 4" and so on.
struct default_dimensions {
  static constexpr std::array<std::string_view, 8> names{
      "cpu", "memory", "gpu", "storage", "resource 4", "resource 5", "resource 6", "resource 7"};
};

/// Names the dimensions of a resource vector: an array-like static member `names` of at least as
/// many names as the vector has dimensions.
template <class D, std::size_t N>
concept dimensions = requires {
  { D::names[0] } -> std::convertible_to<std::string_view>;
  requires std::size(D::names)
  >= N;
};

/// A vector of `N` exact integer amounts with named dimensions.
///
/// Sums never drift and are the same on every machine. Arithmetic is plain 64-bit: whoever builds
/// values from outside data checks them first (`add_overflows`); a `cluster` never lets free
/// amounts leave [0, capacity], so sums inside it cannot overflow.
///
/// There is deliberately no `operator<`: vectors are only partly ordered. Ask `fits(demand, free)`.
///
/// @tparam N           number of dimensions, 1 to 8 are named by default
/// @tparam Dimensions  type with a static `names` array
template <std::size_t N, class Dimensions>
class resources {
  static_assert(N >= 1, "lepton::resources needs at least one dimension");
  static_assert(dimensions<Dimensions, N>,
                "lepton::resources<N, Dimensions>: Dimensions must have a static array `names` "
                "with at least N names");

 public:
  using dimension_names = Dimensions;
  static constexpr std::size_t dimension_count = N;

  constexpr resources() noexcept = default;

  /// One amount for each dimension, in the order of the names.
  template <std::integral... Amounts>
    requires(sizeof...(Amounts) == N)
  constexpr explicit(N == 1) resources(Amounts... amounts) noexcept
      : amounts_{static_cast<amount>(amounts)...} {}

  /// The same amount in every dimension.
  [[nodiscard]] static constexpr auto filled(amount value) noexcept -> resources {
    resources all;
    for (auto& a : all.amounts_) a = value;
    return all;
  }

  [[nodiscard]] static constexpr auto size() noexcept -> std::size_t { return N; }
  [[nodiscard]] static constexpr auto name(std::size_t dimension) noexcept -> std::string_view {
    return Dimensions::names[dimension];
  }
  /// The dimension of that name, or nothing.
  [[nodiscard]] static constexpr auto dimension(std::string_view name) noexcept
      -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < N; ++i) {
      if (std::string_view{Dimensions::names[i]} == name) return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] constexpr auto operator[](std::size_t i) noexcept -> amount& { return amounts_[i]; }
  [[nodiscard]] constexpr auto operator[](std::size_t i) const noexcept -> const amount& {
    return amounts_[i];
  }
  [[nodiscard]] constexpr auto begin() noexcept { return amounts_.begin(); }
  [[nodiscard]] constexpr auto end() noexcept { return amounts_.end(); }
  [[nodiscard]] constexpr auto begin() const noexcept { return amounts_.begin(); }
  [[nodiscard]] constexpr auto end() const noexcept { return amounts_.end(); }

  constexpr auto operator+=(const resources& other) noexcept -> resources& {
    for (std::size_t i = 0; i < N; ++i) amounts_[i] += other.amounts_[i];
    return *this;
  }
  constexpr auto operator-=(const resources& other) noexcept -> resources& {
    for (std::size_t i = 0; i < N; ++i) amounts_[i] -= other.amounts_[i];
    return *this;
  }
  [[nodiscard]] friend constexpr auto operator+(resources a, const resources& b) noexcept
      -> resources {
    return a += b;
  }
  [[nodiscard]] friend constexpr auto operator-(resources a, const resources& b) noexcept
      -> resources {
    return a -= b;
  }
  [[nodiscard]] friend constexpr auto operator==(const resources&, const resources&) noexcept
      -> bool = default;

  /// Whether every component of `demand` is at most that of `free`. Both must be within
  /// ±2^62 (a cluster guarantees it), so that the differences do not overflow.
  [[nodiscard]] friend constexpr auto fits(const resources& demand, const resources& free) noexcept
      -> bool {
    std::uint64_t missing = 0;
    for (std::size_t i = 0; i < N; ++i)
      missing |= static_cast<std::uint64_t>(free.amounts_[i] - demand.amounts_[i]);
    return (missing >> 63) == 0;
  }

  [[nodiscard]] friend constexpr auto any_negative(const resources& r) noexcept -> bool {
    return !fits(resources{}, r);
  }

  /// Whether `a + b` leaves the range of `amount` in some dimension.
  [[nodiscard]] friend constexpr auto add_overflows(const resources& a, const resources& b) noexcept
      -> bool {
    for (std::size_t i = 0; i < N; ++i) {
      constexpr auto highest = std::numeric_limits<amount>::max();
      constexpr auto lowest = std::numeric_limits<amount>::min();
      if (b[i] > 0 ? a[i] > highest - b[i] : a[i] < lowest - b[i]) return true;
    }
    return false;
  }

 private:
  std::array<amount, N> amounts_{};
};

/// Largest amount a cluster accepts in one dimension of one node: 2^53 − 1, far above any real
/// machine, and low enough that sums over 500 such nodes and products with weights stay exact.
inline constexpr amount max_amount = (amount{1} << 53) - 1;

namespace detail {
template <class T>
inline constexpr bool is_resources = false;
template <std::size_t N, class D>
inline constexpr bool is_resources<resources<N, D>> = true;
}  // namespace detail

/// Any `resources<N, Dimensions>`.
template <class T>
concept resource_vector = detail::is_resources<T>;

}  // namespace lepton
