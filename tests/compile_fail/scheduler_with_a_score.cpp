// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/scheduler.hpp>

// A score is no policy yet.
// expect: the scheduler's third part must be a placement policy: decision pick\(task, cluster\). A
// expect: score becomes one as place::greedy{score}

int main() {
#ifdef LEPTON_EXPECT_OK
  lepton::scheduler s{lepton::cluster<2>{}, lepton::order::fcfs{},
                      lepton::place::greedy{lepton::place::best_fit{}}};
#else
  lepton::scheduler s{lepton::cluster<2>{}, lepton::order::fcfs{}, lepton::place::best_fit{}};
#endif
  return static_cast<int>(s.waiting_count());
}
