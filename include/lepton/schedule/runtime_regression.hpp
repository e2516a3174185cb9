// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <lepton/detail/decay.hpp>
#include <lepton/detail/natural_log.hpp>
#include <lepton/detail/normalized_regression.hpp>
#include <lepton/detail/recent_table.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/runtime_bounds.hpp>
#include <lepton/schedule/runtime_keys.hpp>
#include <lepton/schedule/runtime_loss.hpp>

namespace lepton::schedule {

/// Guesses by a linear regression that learns from every task that ends. It guesses the logarithm
/// of the part of the estimate that the task runs, and looks at the logarithms of
///
/// - the estimate, the demand of the first resource, and its ratio to the tenant's mean;
/// - the last three run times of the tenant, the means of the last two, of the last three and of
///   all, and the time since one of its tasks ended;
/// - the last three run times, and the mean of all, of the tenant's tasks of the same application
///   and estimate;
///
/// and at the time of day and of the week. Run times not known yet are taken to be the estimate.
/// The first guess of all is the estimate.
///
/// A guess that was too short becomes the estimate; `corrected_runtime` knows other ways.
///
/// O(1) a call, about 40 multiplications. Remembers so many tenants and so many of their kinds of
/// tasks; when there are more, those of which no task ended for the longest time are forgotten.
/// Sums, products, quotients and square roots of doubles only: the same everywhere where the
/// compiler does not fuse multiplications with additions.
///
/// Source: after Gaussier, Glesser, Reis, Trystram, "Improving backfilling by using machine
/// learning to predict running times", SC 2015, which guesses seconds, and from products of
/// features too.
class runtime_regression {
 public:
  struct options {
    runtime_loss loss{};
    double rate = 1;                          ///< of learning
    duration unit = std::chrono::seconds{1};  ///< shorter run times are all alike
    std::size_t remembered = std::size_t{1} << 18;
  };

  runtime_regression() : runtime_regression(options{}) {}
  explicit runtime_regression(options o)
      : options_(o), model_(o.rate), tenants_(o.remembered), kinds_(o.remembered) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t, time_point now) const noexcept -> duration {
    const auto estimate = estimate_of(t);
    if (model_.examples() == 0) return detail::within_estimate(duration::max(), estimate);
    const auto log =
        std::clamp(log_of(units(estimate)) + model_.guess(features_of(t, now)), 0.0, 44.0);
    const auto ns = static_cast<double>(options_.unit.count()) / lepton::detail::decay(log);
    if (!(ns < 9.2e18)) return detail::within_estimate(duration::max(), estimate);
    return detail::within_estimate(duration{static_cast<duration::rep>(ns)}, estimate);
  }

  template <class Task>
  void observe(const Task& t, duration ran, time_point now) {
    const double run = units(ran);
    const double truth = log_of(run) - log_of(units(estimate_of(t)));
    const double weight = options_.loss.by_area ? log_of(1 + demand(t) * run) : 1;
    model_.learn(features_of(t, now - ran),
                 [&](double guess) { return weight * options_.loss.slope(guess - truth); });
    tenants_.touch(tenant_of(t)).add(run, demand(t), now);
    kinds_.touch(same_estimate{}(t)).add(run, demand(t), now);
  }

  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration) const noexcept -> duration {
    return detail::within_rest(duration::max(), ran, estimate_of(t));
  }

 private:
  static constexpr std::size_t feature_count = 19;
  using features = std::array<double, feature_count>;

  /// What is known of alike tasks; the logarithms are kept, as they are asked for much more often.
  struct history {
    std::array<double, 3> last{};  // run times in units, the latest first
    std::array<double, 3> logs{};
    double log_mean2 = 0;
    double log_mean3 = 0;
    double log_mean = 0;
    double log_demand = 0;  // of the mean
    double count = 0;
    double run = 0;
    double demand = 0;
    time_point ended{};

    /// The last three beside the estimate, up to 0; what is not known is left as it was.
    void compare_last(double most, double* out) const noexcept {
      for (std::size_t i = 0; i < 3 && static_cast<double>(i) < count; ++i)
        out[i] = std::min(logs[i] - most, 0.0);
    }
    [[nodiscard]] auto longest() const noexcept -> double {
      return std::max({last[0], last[1], last[2]});
    }
    void add(double units, double size, time_point now) noexcept {
      last = {units, last[0], last[1]};
      logs = {log_of(units), logs[0], logs[1]};
      ++count;
      run += units;
      demand += size;
      log_mean2 = count < 2 ? logs[0] : log_of((last[0] + last[1]) / 2);
      log_mean3 = count < 3 ? log_mean2 : log_of((last[0] + last[1] + last[2]) / 3);
      log_mean = log_of(run / count);
      log_demand = log_of(demand / count);
      ended = now;
    }
  };

  template <class Task>
  [[nodiscard]] static auto demand(const Task& t) noexcept -> double {
    return std::max(static_cast<double>(demand_of(t)[0]), 1.0);
  }
  /// ln x, 0 below 1.
  [[nodiscard]] static auto log_of(double x) noexcept -> double {
    return x > 1 ? lepton::detail::natural_log(x) : 0;
  }
  [[nodiscard]] auto units(duration d) const noexcept -> double {
    return static_cast<double>(d.count()) / static_cast<double>(options_.unit.count());
  }

  /// Something like sin(2 pi x), made of two parabolas.
  [[nodiscard]] static constexpr auto wave(double x) noexcept -> double {
    x -= static_cast<double>(static_cast<std::int64_t>(x));
    return x < 0.5 ? 16 * x * (0.5 - x) : 16 * (x - 0.5) * (x - 1);
  }

  /// Times are in logarithms of parts of the estimate: 0 for what is as long, or not known.
  template <class Task>
  [[nodiscard]] auto features_of(const Task& t, time_point when) const noexcept -> features {
    const double estimate = units(estimate_of(t));
    const double most = log_of(estimate);
    const double size = log_of(demand(t));
    constexpr auto day = static_cast<double>(duration{std::chrono::hours{24}}.count());
    // Far from 0, as only the part after the point counts and must not be negative.
    const double days = static_cast<double>(when.time_since_epoch().count()) / day + 2e5;

    features x{1, most, size, wave(days), wave(days + 0.25), wave(days / 7), wave(days / 7 + 0.25)};
    if (const auto* own = tenants_.find(tenant_of(t))) {
      x[7] = size - own->log_demand;
      x[8] = log_of(units(when - own->ended));
      x[9] = own->log_mean - most;
      own->compare_last(most, &x[10]);
      x[13] = own->log_mean2 - most;
      x[14] = own->log_mean3 - most;
      if (own->longest() > estimate) {  // the means are of what each would have run at most
        const auto run = [&](std::size_t i) { return std::min(own->last[i], estimate); };
        if (own->count >= 2) x[13] = log_of((run(0) + run(1)) / 2) - most;
        if (own->count >= 3) x[14] = log_of((run(0) + run(1) + run(2)) / 3) - most;
        x[13] = std::min(x[13], 0.0);
        x[14] = std::min(x[14], 0.0);
      }
    }
    x[15] = x[16] = x[17] = x[18] = x[13];
    if (const auto* kind = kinds_.find(same_estimate{}(t))) {
      kind->compare_last(most, &x[15]);
      x[18] = std::min(kind->log_mean - most, 0.0);
    }
    return x;
  }

  options options_;
  lepton::detail::normalized_regression<feature_count> model_;
  lepton::detail::recent_table<history> tenants_;
  lepton::detail::recent_table<history> kinds_;
};

}  // namespace lepton::schedule
