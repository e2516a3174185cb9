// SPDX-License-Identifier: Apache-2.0
#include <lepton/balance/balancer.hpp>

// expect: the first part of a balancer must be a balancing policy: status

namespace {
struct always_first {
  auto rebuild(const lepton::balance::snapshot&) -> lepton::status { return {}; }
  template <class Context, class Allowed = lepton::balance::everyone>
  auto pick(const lepton::balance::snapshot& s, const Context&, const Allowed& = {})
#ifdef LEPTON_EXPECT_OK
      noexcept
#endif
      -> lepton::balance::backend_index {
    return s.size() == 0 ? lepton::balance::no_backend : 0;
  }
};
}  // namespace

int main() {
  lepton::balance::balancer<always_first> b;
  return b.pick({}) ? 1 : 0;
}
