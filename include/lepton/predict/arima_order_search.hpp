// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lepton::predict {

/// Orders that a search may choose between; differences are settled before.
struct arima_candidate {
  std::array<std::uint8_t, 4> orders{};  ///< p, q, P, Q
  bool constant = false;                 ///< a mean, or a drift if the series is differenced
  /// The criterion, the smaller the better; infinite if there is no such fit.
  double criterion = std::numeric_limits<double>::infinity();
  /// Modulus of the polynomials' root nearest to 0, of the seasonal ones' in powers of the season's
  /// lag; infinite without roots.
  double least_root = std::numeric_limits<double>::infinity();
  /// What the criterion must be better by than that of a regular model; infinite: never chosen.
  double handicap = 0;
  std::vector<double> coefficients{};  ///< of the fit: ar, ma, sar, sma

  /// What models are compared by.
  [[nodiscard]] constexpr auto rank() const noexcept -> double { return criterion + handicap; }
  [[nodiscard]] constexpr auto sum() const noexcept -> std::size_t {
    std::size_t s = 0;
    for (const auto x : orders) s += x;
    return s;
  }
  [[nodiscard]] constexpr auto same_as(const arima_candidate& o) const noexcept -> bool {
    return orders == o.orders && constant == o.constant;
  }
};

namespace detail {

/// What `order_search` may try.
struct order_bounds {
  std::array<std::uint8_t, 4> most{5, 5, 2, 2};  ///< of p, q, P, Q
  bool constant = true;                          ///< whether a constant may be there
  std::size_t fits = 400;                        ///< models to try at most
};

/// Searches the orders with the least criterion. `Evaluate` is called with a span of candidates and
/// fills in criterion, root and coefficients of each; it may work on them at the same time. It is
/// also given a candidate that they are neighbours of, to start from for a quick fit, or none.
/// Nothing is tried twice but in this way: before the neighbours of a candidate are tried, it is
/// fitted thoroughly. The order of the work, and so the result, does not depend on time.
template <class Evaluate>
class order_search {
 public:
  order_search(order_bounds bounds, Evaluate evaluate)
      : bounds_(bounds), evaluate_(std::move(evaluate)) {}

  /// Everything that was tried, in the order it was.
  [[nodiscard]] auto tried() const noexcept -> std::span<const arima_candidate> { return tried_; }
  /// Place of the best candidate tried; of equals the first. Something was tried (contract).
  [[nodiscard]] auto best() const noexcept -> std::size_t {
    std::size_t at = 0;
    for (std::size_t i = 1; i < tried_.size(); ++i)
      if (tried_[i].rank() < tried_[at].rank()) at = i;
    return at;
  }

  /// Every model with p + q + P + Q <= `most`.
  void exhaust(std::size_t most) {
    std::vector<arima_candidate> all;
    for (std::uint8_t p = 0; p <= bounds_.most[0]; ++p)
      for (std::uint8_t q = 0; q <= bounds_.most[1]; ++q)
        for (std::uint8_t P = 0; P <= bounds_.most[2]; ++P)
          for (std::uint8_t Q = 0; Q <= bounds_.most[3]; ++Q)
            for (const bool constant : {false, true}) {
              arima_candidate c;
              c.orders = {p, q, P, Q};
              c.constant = constant;
              if (c.sum() <= most && (!constant || bounds_.constant)) all.push_back(c);
            }
    attempt(all);
  }

  /// The walk of Hyndman and Khandakar (J. Statistical Software 27, 2008), as the R package
  /// "forecast" takes it: from the best of a few simple models to the first neighbour that is
  /// better, where a model with a root within `margin` of the unit circle counts as none.
  void walk(bool few_values, double margin) {
    const auto value = [&](const arima_candidate& c) {
      const auto at = attempt(c);
      return at == none || tried_[at].least_root < margin ? std::numeric_limits<double>::infinity()
                                                          : tried_[at].rank();
    };
    const auto two = static_cast<std::uint8_t>(few_values ? 1 : 2);
    const auto one = static_cast<std::uint8_t>(few_values ? 0 : 1);
    std::vector<arima_candidate> starts;
    for (const auto& o : {std::array<std::uint8_t, 4>{two, two, one, one},
                          {0, 0, 0, 0},
                          {1, 0, 1, 0},
                          {0, 1, 0, 1}})
      starts.push_back(candidate(o, bounds_.constant));
    if (bounds_.constant) starts.push_back(candidate({0, 0, 0, 0}, false));
    attempt(starts);
    arima_candidate at = starts.front();
    double least = value(at);
    for (const auto& c : starts)
      if (const double v = value(c); v < least) {
        least = v;
        at = c;
      }
    constexpr std::array<std::array<int, 4>, 16> steps{{{0, 0, -1, 0},
                                                        {0, 0, 0, -1},
                                                        {0, 0, 1, 0},
                                                        {0, 0, 0, 1},
                                                        {0, 0, -1, -1},
                                                        {0, 0, -1, 1},
                                                        {0, 0, 1, -1},
                                                        {0, 0, 1, 1},
                                                        {-1, 0, 0, 0},
                                                        {0, -1, 0, 0},
                                                        {1, 0, 0, 0},
                                                        {0, 1, 0, 0},
                                                        {-1, -1, 0, 0},
                                                        {-1, 1, 0, 0},
                                                        {1, -1, 0, 0},
                                                        {1, 1, 0, 0}}};
    for (bool moved = true; moved;) {
      moved = false;
      const auto step_to = [&](const arima_candidate& next) {
        const double v = value(next);
        if (!(v < least)) return false;
        least = v;
        at = next;
        return true;
      };
      for (const auto& s : steps) {
        arima_candidate next = at;
        if (!shift(next, s)) continue;
        if (step_to(next)) {
          moved = true;
          break;
        }
      }
      if (moved || !bounds_.constant) continue;
      arima_candidate next = at;
      next.constant = !at.constant;
      moved = step_to(next);
    }
  }

  /// Tries a candidate, to start from it.
  void start(const std::array<std::uint8_t, 4>& orders, bool constant) {
    static_cast<void>(attempt(candidate(orders, constant && bounds_.constant)));
  }

  /// Tries all neighbours of the `width` best candidates, again and again until those have no
  /// neighbour left to try. Neighbours differ by one in one or two of p, q, P and Q, or in the
  /// constant. Only those with p + q + P + Q <= `most`, or one more than the best so far has.
  void spread(std::size_t width, std::size_t most) {
    for (;;) {
      std::vector<std::size_t> order(tried_.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return tried_[a].rank() < tried_[b].rank();
      });
      std::size_t next = none;
      for (std::size_t i = 0; i < std::min(width, order.size()) && next == none; ++i)
        if (!spread_[order[i]] && std::isfinite(tried_[order[i]].rank())) next = order[i];
      if (next == none || tried_.size() >= bounds_.fits) return;
      if (quick_[next]) {
        quick_[next] = false;
        arima_candidate again = candidate(tried_[next].orders, tried_[next].constant);
        evaluate_(std::span{&again, 1}, nullptr);
        tried_[next] = again;
        continue;  // it may have changed its place
      }
      spread_[next] = true;
      const arima_candidate from = tried_[next];
      attempt(neighbours(from, std::max(most, tried_[best()].sum() + 1)), &from);
    }
  }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] auto candidate(std::array<std::uint8_t, 4> orders, bool constant) const
      -> arima_candidate {
    arima_candidate c;
    for (std::size_t i = 0; i < 4; ++i) c.orders[i] = std::min(orders[i], bounds_.most[i]);
    c.constant = constant;
    return c;
  }

  /// Adds the steps to the orders; false if one leaves its bounds.
  [[nodiscard]] auto shift(arima_candidate& c, const std::array<int, 4>& steps) const noexcept
      -> bool {
    for (std::size_t i = 0; i < 4; ++i) {
      const int x = c.orders[i] + steps[i];
      if (x < 0 || x > bounds_.most[i]) return false;
      c.orders[i] = static_cast<std::uint8_t>(x);
    }
    return true;
  }

  [[nodiscard]] auto neighbours(const arima_candidate& c, std::size_t most) const
      -> std::vector<arima_candidate> {
    std::vector<arima_candidate> out;
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = i; j < 4; ++j)
        for (const int a : {-1, 1})
          for (const int b : {-1, 1}) {
            if (i == j && b != a) continue;
            std::array<int, 4> steps{};
            steps[i] = a;
            steps[j] = b;
            arima_candidate next = c;
            if (shift(next, steps) && next.sum() <= most) out.push_back(next);
          }
    if (bounds_.constant) {
      out.push_back(c);
      out.back().constant = !c.constant;
    }
    return out;
  }

  [[nodiscard]] auto find(const arima_candidate& c) const noexcept -> std::size_t {
    for (std::size_t i = 0; i < tried_.size(); ++i)
      if (tried_[i].same_as(c)) return i;
    return none;
  }

  void attempt(const std::vector<arima_candidate>& batch, const arima_candidate* near = nullptr) {
    const std::size_t from = tried_.size();
    for (const auto& c : batch)
      if (find(c) == none && tried_.size() < bounds_.fits)
        tried_.push_back(candidate(c.orders, c.constant));
    spread_.resize(tried_.size());
    quick_.resize(tried_.size(), near != nullptr);
    evaluate_(std::span{tried_}.subspan(from), near);
    for (auto& c : std::span{tried_}.subspan(from))
      if (std::isnan(c.criterion)) c.criterion = std::numeric_limits<double>::infinity();
  }
  auto attempt(const arima_candidate& c) -> std::size_t {
    if (find(c) == none) attempt(std::vector{c});
    return find(c);
  }

  order_bounds bounds_;
  Evaluate evaluate_;
  std::vector<arima_candidate> tried_;
  std::vector<bool> spread_;  // their neighbours were tried
  std::vector<bool> quick_;   // fitted from a neighbour only
};

}  // namespace detail
}  // namespace lepton::predict
