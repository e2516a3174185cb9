// SPDX-License-Identifier: Apache-2.0
// An ordering of your own: one function. It composes with the library's by then_by.

#include <chrono>
#include <cstdio>
#include <string>

#include <lepton/lepton.hpp>

using namespace std::chrono_literals;

struct request {
  int id;
  int cores;
  bool paid;
};
template <>
struct lepton::adapt<request> {
  static auto demand(const request& r) { return resources<1>{r.cores}; }
};

/// Paying customers first.
struct paid_first {
  auto before(const lepton::order::queued<request>& a,
              const lepton::order::queued<request>& b) const -> bool {
    return a.what.paid && !b.what.paid;
  }
};

int main() {
  lepton::cluster<1> nodes;
  (void)nodes.add({.name = "a", .capacity = lepton::resources<1>{8}});
  auto live = lepton::make_scheduler<request>(
      nodes, lepton::order::then_by{paid_first{}, lepton::order::smallest_first{}},
      lepton::place::greedy{lepton::place::first_fit{}});
  for (const auto& r : {request{1, 2, false}, request{2, 4, true}, request{3, 3, true}})
    (void)live.submit(r, lepton::at(0s));
  std::string order;
  for (const auto& a : live.run(lepton::at(0s))) order += std::to_string(a.id) + " ";
  std::printf("%s\n", order.c_str());
  return order == "3 2 " ? 0 : 1;
}
