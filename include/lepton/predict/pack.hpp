// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>

namespace lepton::predict::detail {

#if defined(__AVX__)
inline constexpr std::size_t pack_bytes = 32;
#else
inline constexpr std::size_t pack_bytes = 16;
#endif

template <class Scalar>
inline constexpr std::size_t pack_size = pack_bytes / sizeof(Scalar);

#if defined(__GNUC__) || defined(__clang__)
template <class Scalar>
struct pack_of;
template <>
struct pack_of<float> {
  using type [[gnu::vector_size(pack_bytes)]] = float;
};
template <>
struct pack_of<double> {
  using type [[gnu::vector_size(pack_bytes)]] = double;
};
/// As many numbers as the machine adds at once, with the usual operators, element by element.
template <class Scalar>
using pack = typename pack_of<Scalar>::type;
#else
template <class Scalar>
struct pack {
  Scalar value[pack_size<Scalar>];
  Scalar& operator[](std::size_t i) noexcept { return value[i]; }
  Scalar operator[](std::size_t i) const noexcept { return value[i]; }
#define LEPTON_DETAIL_PACK_OPERATOR(op)                                                        \
  friend pack operator op(pack a, pack b) noexcept {                                           \
    for (std::size_t i = 0; i < pack_size<Scalar>; ++i) a.value[i] = a.value[i] op b.value[i]; \
    return a;                                                                                  \
  }
  LEPTON_DETAIL_PACK_OPERATOR(+)
  LEPTON_DETAIL_PACK_OPERATOR(-)
  LEPTON_DETAIL_PACK_OPERATOR(*)
  LEPTON_DETAIL_PACK_OPERATOR(/)
#undef LEPTON_DETAIL_PACK_OPERATOR
};
#endif

/// Numbers that are worked on side by side, one of each window of a batch.
template <class Scalar>
inline constexpr std::size_t strip = 2 * pack_size<Scalar>;

template <class Scalar>
[[nodiscard]] inline auto load(const Scalar* from) noexcept -> pack<Scalar> {
  pack<Scalar> x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

template <class Scalar>
inline void store(Scalar* to, pack<Scalar> x) noexcept {
  std::memcpy(to, &x, sizeof x);
}

/// The same number everywhere.
template <class Scalar>
[[nodiscard]] inline auto spread(Scalar x) noexcept -> pack<Scalar> {
#if defined(__GNUC__) || defined(__clang__)
  return x - pack<Scalar>{};
#else
  pack<Scalar> all;
  for (auto& one : all.value) one = x;
  return all;
#endif
}

}  // namespace lepton::predict::detail
