// SPDX-License-Identifier: Apache-2.0
#include <lepton/balance/balancer.hpp>
#include <lepton/balance/edf_round_robin.hpp>

// expect: threads cannot share this policy; take its <balance::shared> form if it

int main() {
  namespace balance = lepton::balance;
#ifdef LEPTON_EXPECT_OK
  balance::balancer<balance::edf_round_robin, balance::single_threaded> b;
#else
  balance::balancer<balance::edf_round_robin> b;
#endif
  return b.pick({}) ? 1 : 0;
}
