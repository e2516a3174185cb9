// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <lepton/detail/recent_table.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/runtime_accuracy.hpp>

namespace lepton::simulate {

/// A run-time predictor that is watched: the last guess for each task before its end, corrections
/// apart, is compared with how long it ran. O(1) more a call; remembers the guesses for so many
/// tasks.
template <class Predictor>
class measured_runtime {
 public:
  explicit measured_runtime(Predictor predictor, std::size_t remembered = std::size_t{1} << 22)
      : predictor_(std::move(predictor)), guesses_(remembered) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t, time_point now) -> duration {
    const duration guess = predictor_.predict(t, now);
    guesses_.touch(static_cast<std::uint64_t>(id_of(t))) = guess;
    return guess;
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point now) {
    const auto id = static_cast<std::uint64_t>(id_of(t));
    if (const auto* guess = guesses_.find(id)) accuracy_.add(*guess, ran);
    guesses_.erase(id);
    predictor_.observe(t, ran, now);
  }
  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration expired) -> duration {
    ++corrections_;
    return predictor_.correct(t, ran, expired);
  }

  [[nodiscard]] auto accuracy() const noexcept -> const runtime_accuracy& { return accuracy_; }
  /// How often a guess expired.
  [[nodiscard]] auto corrections() const noexcept -> std::uint64_t { return corrections_; }

 private:
  Predictor predictor_;
  lepton::detail::recent_table<duration> guesses_;
  runtime_accuracy accuracy_;
  std::uint64_t corrections_ = 0;
};

template <class Predictor>
measured_runtime(Predictor) -> measured_runtime<Predictor>;
template <class Predictor>
measured_runtime(Predictor, std::size_t) -> measured_runtime<Predictor>;

}  // namespace lepton::simulate
