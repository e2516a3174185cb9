// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>
#include <utility>

#include <lepton/place/concept.hpp>

namespace lepton::place {

/// A chain of policies: the first that places the task decides. If none does, the answer of the
/// last one stands, but busy if any of them was busy.
template <class... Policies>
class fallback {
  static_assert(sizeof...(Policies) >= 1, "lepton: fallback{policy...} needs at least one policy");

 public:
  constexpr explicit fallback(Policies... policies) : policies_(std::move(policies)...) {}

  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    static_assert((policy<Policies, Task, View> && ...),
                  "lepton: every part of fallback{policy...} must be a policy: decision pick(task, "
                  "view). A score becomes "
                  "one as greedy{score}");
    auto last = decision::infeasible();
    bool busy = false;
    std::apply(
        [&](auto&... p) {
          (void)((last = p.pick(t, v), busy = busy || last.outcome() == verdict::busy,
                  last.is_placed()) ||
                 ...);
        },
        policies_);
    if (busy && last.outcome() == verdict::infeasible) return decision::busy(last.reasons());
    return last;
  }

 private:
  std::tuple<Policies...> policies_;
};

}  // namespace lepton::place
