// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <lepton/balance/threading.hpp>

namespace lepton::balance::detail {

/// A quantile of the last 64 numbers of requests in flight that were reported.
template <class Threading>
class rif_quantile {
 public:
  static constexpr std::size_t window = 64;

  /// Takes one and works the quantile q out again, by nearest rank. O(window).
  void report(std::uint32_t rif, double q) noexcept {
    const auto k = reports_.add(1);
    values_[k % window].store(rif);
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(k + 1, window));
    std::array<std::uint32_t, window> sorted{};
    for (std::size_t j = 0; j < n; ++j) sorted[j] = values_[j].load();
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(n)));
    const auto at = rank == 0 ? 0 : std::min(rank, n) - 1;
    const auto begin = sorted.begin();
    std::nth_element(begin, begin + static_cast<std::ptrdiff_t>(at),
                     begin + static_cast<std::ptrdiff_t>(n));
    quantile_.store(sorted[at]);
  }
  /// The largest number before the first report, so that nothing is above it.
  [[nodiscard]] auto value() const noexcept -> std::uint32_t { return quantile_.load(); }

 private:
  template <class T>
  using cell = typename Threading::template cell<T>;

  std::array<cell<std::uint32_t>, window> values_{};
  cell<std::uint64_t> reports_;
  cell<std::uint32_t> quantile_{std::numeric_limits<std::uint32_t>::max()};
};

/// Hot before or after: the order of Prequal's rule, smaller is better. A backend with more
/// requests in flight than the limit is hot and comes after all cold ones, by its requests in
/// flight; the cold ones go by latency, then by requests in flight.
[[nodiscard]] constexpr auto hot_cold(std::uint32_t rif, std::uint32_t limit,
                                      std::uint32_t latency) noexcept -> std::uint64_t {
  const std::uint64_t hot = rif > limit ? 1 : 0;
  const std::uint64_t first = hot != 0 ? rif : latency;
  const std::uint64_t second = hot != 0 ? latency : rif;
  return hot << 63 | (first & 0x7fff'ffffU) << 32 | second;
}

}  // namespace lepton::balance::detail
