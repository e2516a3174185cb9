// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/any_policy.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>

// A score is no policy yet.
// expect: any_policy holds policies: decision pick\(task, view\). A score becomes one as
// expect: greedy{score}

int main() {
  using policy = lepton::place::any_policy<lepton::task<2>, lepton::cluster<2>>;
#ifdef LEPTON_EXPECT_OK
  policy p{lepton::place::greedy{lepton::place::best_fit{}}};
#else
  policy p{lepton::place::best_fit{}};
#endif
  return p.pick(lepton::task<2>{}, lepton::cluster<2>{}).is_placed() ? 0 : 1;
}
