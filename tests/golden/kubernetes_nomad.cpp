// SPDX-License-Identifier: Apache-2.0
// The numbers of kube-scheduler's plugins and of Nomad's scoring. They are other people's: turning
// red is legitimate only when such a scheduler changes its arithmetic and Lepton follows (say so in
// the header of the score).

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <tuple>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/most_allocated.hpp>
#include <lepton/place/nomad_fit.hpp>
#include <lepton/place/requested_to_capacity_ratio.hpp>

#include "catch.hpp"

namespace place = lepton::place;

namespace {

struct host {
  lepton::resources<2> free;
  lepton::resources<2> capacity;
};
struct wide_host {
  lepton::resources<3> free;
  lepton::resources<3> capacity;
};

auto asks(lepton::amount cpu, lepton::amount memory) -> lepton::task<2> {
  lepton::task<2> t;
  t.demand = {cpu, memory};
  return t;
}

/// kube-scheduler counts what runs on the node and the pod together as requested.
const host empty{{4000, 10000}, {4000, 10000}};
const auto pod = asks(3000, 5000);

auto weights(std::int32_t cpu, std::int32_t memory) -> place::dimension_weights {
  place::dimension_weights w;
  w.resource = {cpu, memory, 1, 1, 1, 1, 1, 1};
  return w;
}

}  // namespace

TEST_CASE("golden: LeastAllocated, MostAllocated and BalancedAllocation") {
  CHECK(place::least_allocated{}(pod, empty) == 37);
  CHECK(place::most_allocated{}(pod, empty) == 62);
  CHECK(place::balanced_allocation{}(pod, empty) == 87);
  CHECK(place::least_allocated{weights(1, 2)}(pod, empty) == 41);
  CHECK(place::most_allocated{weights(1, 2)}(pod, empty) == 58);

  // The same, half of it on the node already.
  const host half{{2500, 7500}, {4000, 10000}};
  CHECK(place::least_allocated{}(asks(1500, 2500), half) == 37);
  CHECK(place::most_allocated{}(asks(1500, 2500), half) == 62);
  CHECK(place::balanced_allocation{}(asks(1500, 2500), half) == 87);
}

TEST_CASE("golden: the scores of one dimension") {
  CHECK(place::least_allocated::of(0, 4000) == 100);
  CHECK(place::least_allocated::of(4000, 4000) == 0);
  CHECK(place::least_allocated::of(4001, 4000) == 0);
  CHECK(place::least_allocated::of(1, 0) == 0);
  CHECK(place::least_allocated::of(1, 3) == 66);
  CHECK(place::most_allocated::of(0, 4000) == 0);
  CHECK(place::most_allocated::of(4000, 4000) == 100);
  CHECK(place::most_allocated::of(4001, 4000) == 100);
  CHECK(place::most_allocated::of(1, 0) == 0);
  CHECK(place::most_allocated::of(1, 3) == 33);
}

TEST_CASE("golden: BalancedAllocation of three dimensions is one minus the standard deviation") {
  const wide_host n{{1000, 1000, 1000}, {1000, 1000, 1000}};
  const auto score = [&](lepton::amount a, lepton::amount b, lepton::amount c) {
    lepton::task<3> t;
    t.demand = {a, b, c};
    return place::balanced_allocation{}(t, n);
  };
  CHECK(score(500, 500, 500) == 100);
  CHECK(score(0, 0, 1000) == 52);    // 1 - sqrt(2/9)
  CHECK(score(0, 500, 1000) == 59);  // 1 - sqrt(1/6)
  CHECK(score(250, 500, 250) == 88);
}

TEST_CASE("golden: RequestedToCapacityRatio") {
  const place::requested_to_capacity_ratio line{{10, 1}, {90, 9}};
  for (const auto& [utilisation, score] : std::initializer_list<std::tuple<int, int>>{{-10, 1},
                                                                                      {0, 1},
                                                                                      {9, 1},
                                                                                      {10, 1},
                                                                                      {15, 1},
                                                                                      {19, 1},
                                                                                      {20, 2},
                                                                                      {89, 8},
                                                                                      {90, 9},
                                                                                      {99, 9},
                                                                                      {100, 9},
                                                                                      {110, 9}}) {
    CAPTURE(utilisation);
    CHECK(line.of(utilisation) == score);
  }
  const place::requested_to_capacity_ratio zigzag{{0, 2}, {40, 10}, {100, 0}};
  for (const auto& [utilisation, score] : std::initializer_list<std::tuple<int, int>>{
           {-10, 2}, {0, 2}, {20, 6}, {30, 8}, {40, 10}, {70, 5}, {100, 0}, {110, 0}}) {
    CAPTURE(utilisation);
    CHECK(zigzag.of(utilisation) == score);
  }

  // Weights 3 and 5 with component scores 2 and 5: 31/8, rounded to nearest.
  place::requested_to_capacity_ratio::mean m;
  m.add(2, 3);
  m.add(5, 5);
  CHECK(m.value() == 4);
  // A component without a score does not weigh either.
  m.add(0, 100);
  CHECK(m.value() == 4);
  CHECK(place::requested_to_capacity_ratio::mean{}.value() == 0);
  place::requested_to_capacity_ratio::mean half;
  half.add(1, 1);
  half.add(2, 1);
  CHECK(half.value() == 2);  // 1.5 rounds away from zero

  // Utilisation with the pod: 75 % and 50 %.
  const place::requested_to_capacity_ratio identity{{0, 0}, {100, 100}};
  CHECK(identity(pod, empty) == 63);
  const place::requested_to_capacity_ratio packing{{{0, 0}, {100, 10}}, weights(3, 5)};
  CHECK(packing(pod, empty) == 6);  // 7 and 5: 46/8
}

TEST_CASE("golden: Nomad's bin packing and spread") {
  // Usable 2048 MHz and 4096 MB, used 1024 and 2048.
  const host n{{2048, 4096}, {2048, 4096}};
  const auto t = asks(1024, 2048);
  CHECK(place::nomad_bin_pack{}(t, n) == 13'675'444);
  CHECK(place::nomad_spread{}(t, n) == 4'324'555);
  CHECK(place::nomad_bin_pack::of(0.5, 0.5) == lepton_test::approx(13.675).epsilon(1e-4));
  CHECK(place::nomad_spread::of(0.5, 0.5) == lepton_test::approx(4.325).epsilon(1e-3));
  CHECK(place::nomad_bin_pack::of(0, 0) == 18);
  CHECK(place::nomad_bin_pack::of(1, 1) == 0);
  CHECK(place::nomad_spread::of(0, 0) == 0);
  CHECK(place::nomad_spread::of(1, 1) == 18);
  // A tenth of the CPU and half of the memory left.
  CHECK(place::nomad_bin_pack::of(0.1, 0.5) ==
        lepton_test::approx(20 - std::pow(10, 0.1) - std::pow(10, 0.5)));
}
