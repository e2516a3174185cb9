// SPDX-License-Identifier: Apache-2.0
#include <lepton/balance/loads.hpp>
#include <lepton/balance/power_of_d.hpp>

// A policy that compares loads must be given them.
// expect: this balancing policy compares loads: pick with context\{...\}.with\(loads\)

int main() {
  namespace balance = lepton::balance;
  const balance::snapshot backends;
  const balance::loads<balance::single_threaded> in_flight{1};
  balance::power_of_d<2> policy;
#ifdef LEPTON_EXPECT_OK
  return policy.pick(backends, balance::context{}.with(in_flight)) == 0 ? 1 : 0;
#else
  return policy.pick(backends, balance::context{}) == 0 ? 1 : 0;
#endif
}
