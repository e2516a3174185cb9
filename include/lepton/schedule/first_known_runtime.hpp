// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/model/time.hpp>

namespace lepton::schedule {

/// Asks the first predictor that knows tasks like this one, and the last one if none does: from the
/// most particular to the most general, as in
///
///     first_known_runtime{recent_runs<same_request>{}, recent_runs<>{}}
///
/// All observe what ended. `First` says by `knows(task)` whether it can tell.
template <class First, class Second>
class first_known_runtime {
 public:
  first_known_runtime() = default;
  first_known_runtime(First first, Second second)
      : first_(std::move(first)), second_(std::move(second)) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t, time_point now) -> duration {
    return first_.knows(t) ? first_.predict(t, now) : second_.predict(t, now);
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point now) {
    first_.observe(t, ran, now);
    second_.observe(t, ran, now);
  }
  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration expired) -> duration {
    return first_.knows(t) ? first_.correct(t, ran, expired) : second_.correct(t, ran, expired);
  }
  template <class Task>
  [[nodiscard]] auto knows(const Task& t) const noexcept -> bool {
    return first_.knows(t) || second_.knows(t);
  }

 private:
  First first_;
  Second second_;
};

template <class First, class Second>
first_known_runtime(First, Second) -> first_known_runtime<First, Second>;

}  // namespace lepton::schedule
