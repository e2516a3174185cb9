// SPDX-License-Identifier: Apache-2.0
#include <lepton/balance/ip_hash.hpp>

// A hash is not enough: nginx hashes part of the address.
// expect: this balancing policy hashes the client's address: pick with address_context\{address\}

int main() {
  namespace balance = lepton::balance;
  const balance::snapshot backends;
  balance::ip_hash<> policy;
#ifdef LEPTON_EXPECT_OK
  return policy.pick(backends, balance::address_context{balance::client_address{}}) == 0 ? 1 : 0;
#else
  return policy.pick(backends, balance::context{.hash = 7}) == 0 ? 1 : 0;
#endif
}
