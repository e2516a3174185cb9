// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/scheduler.hpp>

// The policies stand in the order of the questions: who is next, then where to.
// expect: the scheduler's second part must be an ordering: bool before\(queued, queued\) const

int main() {
#ifdef LEPTON_EXPECT_OK
  lepton::scheduler s{lepton::cluster<2>{}, lepton::order::fcfs{},
                      lepton::place::greedy{lepton::place::best_fit{}}};
#else
  lepton::scheduler s{lepton::cluster<2>{}, lepton::place::greedy{lepton::place::best_fit{}},
                      lepton::order::fcfs{}};
#endif
  return static_cast<int>(s.waiting_count());
}
