// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/task.hpp>
#include <lepton/order/earliest_deadline.hpp>
#include <lepton/order/queue_of.hpp>

// The task has no deadline.
// expect: earliest_deadline needs the tasks' deadlines: give the task a member `deadline`

struct job {
  lepton::duration estimate{1};
};

int main() {
#ifdef LEPTON_EXPECT_OK
  using task = lepton::task<1>;
#else
  using task = job;
#endif
  lepton::order::queue_of_t<task, lepton::order::earliest_deadline> queue;
  const lepton::order::queued<task> w{};
  queue.push(w, {});
  return queue.size() == 1 ? 0 : 1;
}
