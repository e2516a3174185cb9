// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/task.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/shortest_first.hpp>

// The task does not say how long it runs.
// expect: this ordering needs to know how long tasks run: give the task a member

struct job {
  lepton::resources<1> demand{1};
};

int main() {
#ifdef LEPTON_EXPECT_OK
  using task = lepton::task<1>;
#else
  using task = job;
#endif
  lepton::order::queue_of_t<task, lepton::order::shortest_first<>> queue;
  const lepton::order::queued<task> w{};
  queue.push(w, {});
  return queue.size() == 1 ? 0 : 1;
}
