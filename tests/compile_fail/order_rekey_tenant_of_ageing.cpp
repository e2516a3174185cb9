// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/task.hpp>
#include <lepton/order/ageing.hpp>
#include <lepton/order/queue_of.hpp>

// Ageing does not depend on the tenant, so the queue keeps no lists of tenants.
// expect: rekey_tenant is for orderings whose priorities depend on the tenant

int main() {
  using lepton::order::ageing;
  lepton::order::queue_of_t<lepton::task<1>, ageing<>> queue{ageing{lepton::duration{5}}};
#ifdef LEPTON_EXPECT_OK
  queue.rekey_all({});
#else
  queue.rekey_tenant(1, {});
#endif
  return queue.size() == 0 ? 0 : 1;
}
