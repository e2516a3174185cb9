// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/fallback.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/next_fit.hpp>

// A score is no policy yet.
// expect: every part of fallback{policy...} must be a policy: decision pick\(task, view\). A score
// expect: becomes one as greedy{score}

int main() {
#ifdef LEPTON_EXPECT_OK
  lepton::place::fallback p{lepton::place::next_fit{},
                            lepton::place::greedy{lepton::place::best_fit{}}};
#else
  lepton::place::fallback p{lepton::place::next_fit{}, lepton::place::best_fit{}};
#endif
  return p.pick(lepton::task<2>{}, lepton::cluster<2>{}).is_placed() ? 0 : 1;
}
