// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/runtime_bounds.hpp>

namespace lepton::schedule {

/// A predictor with another way to correct guesses that were too short.
///
/// `c.correct(task, ran, expired)` of a correction gives the new guess of the whole run time, which
/// is then brought between what the task ran already and its estimate; if it keeps notes,
/// `c.ended(task)` tells it that the task ended. There are `incremental_correction`,
/// `doubling_correction` and `estimate_correction`.
template <class Predictor, class Correction>
class corrected_runtime {
 public:
  corrected_runtime() = default;
  corrected_runtime(Predictor predictor, Correction correction)
      : predictor_(std::move(predictor)), correction_(std::move(correction)) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t,
                             time_point now) noexcept(noexcept(predictor_.predict(t, now)))
      -> duration {
    return predictor_.predict(t, now);
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point now) {
    if constexpr (requires { correction_.ended(t); }) correction_.ended(t);
    predictor_.observe(t, ran, now);
  }
  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration expired) -> duration {
    return detail::within_rest(correction_.correct(t, ran, expired), ran, estimate_of(t));
  }
  template <class Task>
  [[nodiscard]] auto knows(const Task& t) const noexcept -> bool requires
      requires(const Predictor& p) {
    p.knows(t);
  }
  { return predictor_.knows(t); }

  [[nodiscard]] auto predictor() const noexcept -> const Predictor& { return predictor_; }

 private:
  Predictor predictor_;
  Correction correction_;
};

template <class Predictor, class Correction>
corrected_runtime(Predictor, Correction) -> corrected_runtime<Predictor, Correction>;

}  // namespace lepton::schedule
