// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/task.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/queue_of.hpp>

// An ordering that neither compares nor ranks.
// expect: an ordering has bool before\(const queued<Task>&, const queued<Task>&\) const, or rank

struct orders_nothing {
  [[nodiscard]] auto pick() const -> int { return 0; }
};

int main() {
#ifdef LEPTON_EXPECT_OK
  using order = lepton::order::fcfs;
#else
  using order = orders_nothing;
#endif
  lepton::order::queue_of_t<lepton::task<1>, order> queue;
  return queue.size() == 0 ? 0 : 1;
}
