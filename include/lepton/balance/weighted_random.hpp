// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/weighted_scan.hpp>
#include <lepton/detail/mul_div.hpp>

namespace lepton::balance {

/// A random eligible backend, with probabilities in proportion to the weights; reads
/// `context::random`. O(1): an alias table, of which a pick touches one cache line.
///
/// The table is of whole numbers: of the n 2^32 units of probability of n columns each backend gets
/// its share rounded to a whole unit, and exactly that. Probabilities are so within 2^-32 / n of
/// proportional (and 64 random bits choose among the units with a bias below n 2^-32 of each).
///
/// While the drawn backend is not allowed it draws again, eight times; then among all that are
/// allowed, O(n).
///
/// The columns are all indices of the snapshot; a table takes 8 bytes for each. Built in O(n).
///
/// Source: Walker 1977; Vose 1991, "A linear algorithm for generating random numbers with a given
/// distribution".
class weighted_random {
 public:
  auto rebuild(const snapshot& s) -> status {
    if (s.eligible().empty()) {
      columns_.clear();
      return {};
    }
    const std::uint64_t n = s.size();
    std::vector<std::uint64_t> units(n);
    std::uint64_t sum = 0;
    std::uint64_t before = 0;
    for (const auto i : s.eligible()) {
      sum += s.weight(i);
      const auto upto = lepton::detail::mul_div(sum, n << 32, s.total_weight());
      units[i] = upto - before;
      before = upto;
    }

    // Columns of less than 2^32 units are filled up from those of more: `small` from the front of
    // one list, `large` from its back.
    columns_.assign(n, {});
    std::vector<backend_index> open(n);
    std::size_t small = 0;
    std::size_t large = n;
    for (std::size_t k = n; k-- > 0;) {
      const auto i = static_cast<backend_index>(k);
      open[units[i] < full ? small++ : --large] = i;
    }
    while (small > 0 && large < n) {
      const auto poor = open[--small];
      const auto rich = open[large];
      columns_[poor] = {static_cast<std::uint32_t>(units[poor]), rich};
      units[rich] -= full - units[poor];
      if (units[rich] >= full) continue;
      ++large;
      open[small++] = rich;
    }
    // What is left is full.
    for (; large < n; ++large) columns_[open[large]] = {0, open[large]};
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    if (columns_.empty()) return no_backend;
    auto i = draw(c.random);
    for (std::uint64_t k = 0; !allowed(i); ++k) {
      if (k == 8) return detail::weighted_scan(s, more_random(c.random, 8), allowed);
      i = draw(more_random(c.random, k));
    }
    return i;
  }

  /// The probability of backend i in units of 2^-32 / columns. O(n).
  [[nodiscard]] auto units(backend_index i) const noexcept -> std::uint64_t {
    std::uint64_t sum = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (k == i) sum += columns_[k].kept;
      if (columns_[k].other == i) sum += full - columns_[k].kept;
    }
    return sum;
  }

 private:
  static constexpr std::uint64_t full = std::uint64_t{1} << 32;

  /// Of 2^32 units so many are the column's own, the others another backend's.
  struct entry {
    std::uint32_t kept = 0;
    backend_index other = 0;
  };

  [[nodiscard]] auto draw(std::uint64_t random) const noexcept -> backend_index {
    const auto k = static_cast<backend_index>(below(random, columns_.size()));
    // The low half of the product that `below` has the high half of.
    const auto unit = static_cast<std::uint32_t>(random * columns_.size() >> 32);
    // Not a branch: nobody could predict it.
    const auto& column = columns_[k];
    const auto own = backend_index{0} - static_cast<backend_index>(unit < column.kept);
    return (k & own) | (column.other & ~own);
  }

  std::vector<entry> columns_;
};

}  // namespace lepton::balance
