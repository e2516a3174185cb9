// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <lepton/config.hpp>
#include <lepton/predict/pack.hpp>

// Products of a matrix of weights with strips: `strip` numbers for each row, one a window of the
// batch. Weights are row after row: `w[k * columns + m]` leads from input k to output m. Tiles of
// eight packs stay in registers (Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication", 2008); they are written out, as g++ does not unroll such loops at -O2.
namespace lepton::predict::detail {

/// Sums of `Rows` outputs (1 or 4) for a strip of two packs.
template <class Scalar, std::size_t Rows>
struct strip_tile {
  static_assert(Rows == 1 || Rows == 4);

  pack<Scalar> a0{}, b0{}, a1{}, b1{}, a2{}, b2{}, a3{}, b3{};

  /// Adds a number for each row times the strip at `in`; the numbers are `step` apart.
  LEPTON_ALWAYS_INLINE void add(const Scalar* weight, std::size_t step, const Scalar* in) noexcept {
    const auto a = load(in);
    const auto b = load(in + pack_size<Scalar>);
    auto w = spread(weight[0]);
    a0 = a0 + w * a;
    b0 = b0 + w * b;
    if constexpr (Rows == 4) {
      w = spread(weight[step]);
      a1 = a1 + w * a;
      b1 = b1 + w * b;
      w = spread(weight[2 * step]);
      a2 = a2 + w * a;
      b2 = b2 + w * b;
      w = spread(weight[3 * step]);
      a3 = a3 + w * a;
      b3 = b3 + w * b;
    }
  }
  LEPTON_ALWAYS_INLINE void put(Scalar* out) const noexcept {
    constexpr std::size_t half = pack_size<Scalar>;
    store(out, a0);
    store(out + half, b0);
    if constexpr (Rows == 4) {
      store(out + 2 * half, a1);
      store(out + 3 * half, b1);
      store(out + 4 * half, a2);
      store(out + 5 * half, b2);
      store(out + 6 * half, a3);
      store(out + 7 * half, b3);
    }
  }
};

/// Outputs `first` to `first + Rows - 1` from all inputs: out[m] = sum of w[k][m] in[k] over k.
/// `w` stands at column `first`.
template <std::size_t Rows, class Scalar>
LEPTON_ALWAYS_INLINE auto strip_outputs(const Scalar* w, std::size_t inputs, std::size_t columns,
                                        const Scalar* in) noexcept -> strip_tile<Scalar, Rows> {
  strip_tile<Scalar, Rows> tile;
  for (std::size_t k = 0; k < inputs; ++k) {
    tile.add(w, 1, in);
    w += columns;
    in += strip<Scalar>;
  }
  return tile;
}

/// The way back: out[k] = sum of w[k][m] d[m] over m, for `rows` rows k of w.
template <class Scalar>
void strip_inputs(const Scalar* w, std::size_t rows, std::size_t columns, const Scalar* d,
                  Scalar* out) noexcept {
  std::size_t k = 0;
  for (; k + 4 <= rows; k += 4) {
    strip_tile<Scalar, 4> tile;
    for (std::size_t m = 0; m < columns; ++m)
      tile.add(w + k * columns + m, columns, d + m * strip<Scalar>);
    tile.put(out + k * strip<Scalar>);
  }
  for (; k < rows; ++k) {
    strip_tile<Scalar, 1> tile;
    for (std::size_t m = 0; m < columns; ++m)
      tile.add(w + k * columns + m, columns, d + m * strip<Scalar>);
    tile.put(out + k * strip<Scalar>);
  }
}

/// Sum of the elements.
template <class Scalar>
LEPTON_ALWAYS_INLINE auto total(pack<Scalar> x) noexcept -> Scalar {
  Scalar parts[pack_size<Scalar>];
  store(parts, x);
  Scalar sum = 0;
  for (const auto part : parts) sum += part;
  return sum;
}

/// Strips of a row at successive steps.
template <class Scalar>
struct strip_sequence {
  const Scalar* at;
  std::size_t step;  ///< numbers from a strip to that of the next step
};

/// Adds to `gradient[r * columns + c]` the products of strips `in` + r and `d` + c, summed over
/// windows and steps, for a tile of Rows (1 or 2) by 4.
template <std::size_t Rows, class Scalar>
LEPTON_ALWAYS_INLINE void strip_gradient_tile(strip_sequence<Scalar> in, const Scalar* d,
                                              std::size_t steps, std::size_t columns,
                                              Scalar* gradient) noexcept {
  constexpr std::size_t width = strip<Scalar>;
  pack<Scalar> s00{}, s01{}, s02{}, s03{}, s10{}, s11{}, s12{}, s13{};
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t half = 0; half < width; half += pack_size<Scalar>) {
      const auto left = load(in.at + half);
      const auto d0 = load(d + half);
      const auto d1 = load(d + width + half);
      const auto d2 = load(d + 2 * width + half);
      const auto d3 = load(d + 3 * width + half);
      s00 = s00 + left * d0;
      s01 = s01 + left * d1;
      s02 = s02 + left * d2;
      s03 = s03 + left * d3;
      if constexpr (Rows == 2) {
        const auto lower = load(in.at + width + half);
        s10 = s10 + lower * d0;
        s11 = s11 + lower * d1;
        s12 = s12 + lower * d2;
        s13 = s13 + lower * d3;
      }
    }
    in.at += in.step;
    d += 4 * width;
  }
  gradient[0] += total<Scalar>(s00);
  gradient[1] += total<Scalar>(s01);
  gradient[2] += total<Scalar>(s02);
  gradient[3] += total<Scalar>(s03);
  if constexpr (Rows == 2) {
    gradient[columns] += total<Scalar>(s10);
    gradient[columns + 1] += total<Scalar>(s11);
    gradient[columns + 2] += total<Scalar>(s12);
    gradient[columns + 3] += total<Scalar>(s13);
  }
}

/// Adds to the gradient of a matrix of weights: `rows` inputs and `columns` outputs, whose errors
/// are `d`. `packed` has room for `steps` times four strips.
template <class Scalar>
void strip_gradient(strip_sequence<Scalar> in, std::size_t rows, strip_sequence<Scalar> d,
                    std::size_t columns, std::size_t steps, Scalar* packed,
                    Scalar* gradient) noexcept {
  constexpr std::size_t width = 4 * strip<Scalar>;
  std::size_t c = 0;
  for (; c + 4 <= columns; c += 4) {
    // Rows of d that are a large power of two apart would share few lines of the cache.
    for (std::size_t t = 0; t < steps; ++t)
      for (std::size_t i = 0; i < width; i += pack_size<Scalar>)
        store(packed + t * width + i, load(d.at + t * d.step + c * strip<Scalar> + i));
    std::size_t r = 0;
    for (; r + 2 <= rows; r += 2)
      strip_gradient_tile<2, Scalar>({in.at + r * strip<Scalar>, in.step}, packed, steps, columns,
                                     gradient + r * columns + c);
    for (; r < rows; ++r)
      strip_gradient_tile<1, Scalar>({in.at + r * strip<Scalar>, in.step}, packed, steps, columns,
                                     gradient + r * columns + c);
  }
  for (; c < columns; ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      strip_tile<Scalar, 1> sum;
      const Scalar* left = in.at + r * strip<Scalar>;
      const Scalar* right = d.at + c * strip<Scalar>;
      for (std::size_t t = 0; t < steps; ++t, left += in.step, right += d.step) {
        sum.a0 = sum.a0 + load(left) * load(right);
        sum.b0 = sum.b0 + load(left + pack_size<Scalar>) * load(right + pack_size<Scalar>);
      }
      gradient[r * columns + c] += total<Scalar>(sum.a0 + sum.b0);
    }
  }
}

}  // namespace lepton::predict::detail
