// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/balance/concept.hpp>
#include <lepton/balance/uniform_pick.hpp>

namespace lepton::balance {

/// Any eligible backend, all equally likely; reads `context::random`. O(1).
class random_choice {
 public:
  auto rebuild(const snapshot& /*backends*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    return detail::uniform_pick(s, c.random, allowed);
  }
};

}  // namespace lepton::balance
