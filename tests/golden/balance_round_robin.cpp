// SPDX-License-Identifier: Apache-2.0
// The orders of nginx, Envoy, gRPC and IPVS, and our own of the slot table. The former are other
// people's: turning red is legitimate only when such a system changes its arithmetic and Lepton
// follows (say so in the header of the policy). The latter may change only with a note for users
// that the order of picks has changed.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <lepton/balance/edf_round_robin.hpp>
#include <lepton/balance/ipvs_round_robin.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/smooth_round_robin.hpp>
#include <lepton/balance/static_stride.hpp>
#include <lepton/balance/stride_sequence.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/balance/weighted_round_robin.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::single_threaded;
using balance::snapshot;

namespace {

auto of(const std::vector<double>& weights) -> snapshot {
  std::vector<balance::backend> list(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    list[i].id = i + 1;
    list[i].weight = weights[i];
  }
  return snapshot::build(list).value();
}

/// The next picks as letters: backend 0 is a.
template <class Policy>
auto letters(Policy& p, const snapshot& s, std::size_t picks) -> std::string {
  std::string text;
  for (std::size_t k = 0; k < picks; ++k) {
    balance::context c;
    c.random = lepton::detail::mix(k);
    text += static_cast<char>('a' + p.pick(s, c));
  }
  return text;
}
template <class Policy>
auto first_letters(Policy p, const std::vector<double>& weights, std::size_t picks) -> std::string {
  const auto s = of(weights);
  REQUIRE(p.rebuild(s));
  return letters(p, s, picks);
}

template <class Policy>
auto counts_of(Policy& p, const snapshot& s, std::size_t picks) -> std::vector<int> {
  std::vector<int> counts(s.size());
  for (std::size_t k = 0; k < picks; ++k) ++counts[p.pick(s, balance::context{})];
  return counts;
}

/// As gRPC's tests pick: numbers from 0, going on where one does not pick.
struct stride_picks {
  balance::stride_sequence sequence;
  std::uint32_t number = 0;
  explicit stride_picks(std::initializer_list<float> weights)
      : sequence(std::span<const float>{weights.begin(), weights.size()}) {}

  auto pick() -> std::size_t {
    for (;;) {
      const auto step = sequence.at(number++);
      if (step.picked) return step.entry;
    }
  }
  auto counts(int picks) -> std::vector<int> {
    std::vector<int> result(sequence.size());
    for (int k = 0; k < picks; ++k) ++result[pick()];
    return result;
  }
};

}  // namespace

// nginx: the example of the change that brought the algorithm in (2012).
TEST_CASE("golden: nginx's smooth weighted round robin of 5, 1, 1") {
  balance::smooth_round_robin p;
  const auto s = of({5, 1, 1});
  REQUIRE(p.rebuild(s));
  const std::array<std::array<std::int64_t, 3>, 7> current{
      {{-2, 1, 1}, {-4, 2, 2}, {1, -4, 3}, {-1, -3, 4}, {4, -2, -2}, {2, -1, -1}, {0, 0, 0}}};
  std::string order;
  for (const auto& after : current) {
    order += letters(p, s, 1);
    for (balance::backend_index i = 0; i < 3; ++i) CHECK(p.current_weight(i) == after[i]);
  }
  CHECK(order == "aabacaa");
  CHECK(letters(p, s, 7) == "aabacaa");
  CHECK(first_letters(balance::smooth_round_robin{}, {4, 2, 1}, 7) == "abacaba");
}

// nginx, ngx_http_upstream_round_robin.c: a failure costs weight / max_fails (whole division), each
// pick gives one back, after what was gained and before the next is compared.
TEST_CASE("golden: nginx's effective weight after failures") {
  balance::smooth_round_robin p{{3}};
  const auto s = of({10, 1});
  REQUIRE(p.rebuild(s));
  p.finished(0, {.success = false});
  CHECK(p.effective_weight(0) == 7);
  p.finished(0, {.success = false});
  p.finished(0, {.success = false});
  CHECK(p.effective_weight(0) == 1);
  p.finished(0, {.success = false});
  CHECK(p.effective_weight(0) == 0);
  // Gains of a: 0, 1, 2, 3, 4; of b: 1 each.
  CHECK(letters(p, s, 5) == "babaa");
  CHECK(p.effective_weight(0) == 5);
  p.finished(0, {.success = true});
  CHECK(p.effective_weight(0) == 5);
}

// Envoy, test/common/upstream/edf_scheduler_test.cc: Unweighted, Weighted.
TEST_CASE("golden: Envoy's EDF orders and counts") {
  {
    balance::edf_round_robin p;
    const auto s = of(std::vector<double>(128, 1.0));
    REQUIRE(p.rebuild(s));
    bool in_order = true;
    for (std::uint32_t k = 0; k < 128 * 128; ++k)
      in_order = in_order && p.pick(s, balance::context{}) == k % 128;
    CHECK(in_order);
  }
  {
    std::vector<double> weights(128);
    for (std::size_t i = 0; i < 128; ++i) weights[i] = static_cast<double>(i + 1);
    balance::edf_round_robin p;
    const auto s = of(weights);
    REQUIRE(p.rebuild(s));
    const auto counts = counts_of(p, s, 128 * 129 / 2);
    for (std::size_t i = 0; i < 128; ++i) CHECK(counts[i] == static_cast<int>(i) + 1);
  }
  // By hand: deadlines of a are k/3, of b k/2, of c k; ties to who was picked longest ago.
  CHECK(first_letters(balance::edf_round_robin{}, {3, 2, 1}, 12) == "abacbaabacba");
}

// The same file: SchedulerWithSomePicks..., SchedulerWithRandomPicksFirstPickDistribution.
TEST_CASE("golden: Envoy's EDF after a random number of picks") {
  for (const auto& weights : std::vector<std::vector<double>>{
           {25, 75}, {1, 99}, {50, 50}, {1, 20, 79}, {99, 1}, {33, 33, 34}}) {
    const auto s = of(weights);
    std::vector<int> first(weights.size());
    const int restarts = 100'000;
    for (std::uint64_t seed = 1; seed <= restarts; ++seed) {
      balance::edf_round_robin p{seed};
      REQUIRE(p.rebuild(s));
      ++first[p.pick(s, balance::context{})];
    }
    for (std::size_t i = 0; i < weights.size(); ++i)
      CHECK(std::abs(100.0 * first[i] / restarts - weights[i]) < 1.0);
  }
  const std::vector<double> weights{7, 3, 19, 1, 1, 12, 40};
  const auto whole = first_letters(balance::edf_round_robin{}, weights, 2 * 83);
  for (std::uint64_t seed = 1; seed < 500; ++seed) {
    const auto done = balance::below(lepton::detail::mix(seed), 83);
    CHECK(first_letters(balance::edf_round_robin{seed}, weights, 83) ==
          whole.substr(static_cast<std::size_t>(done), 83));
  }
}

// gRPC, test/core/load_balancing/static_stride_scheduler_test.cc, all of it.
TEST_CASE("golden: gRPC's static stride scheduler") {
  CHECK(stride_picks{}.sequence.empty());
  CHECK(stride_picks{0}.sequence.empty());
  CHECK(stride_picks{0, 0, 0, 0}.sequence.empty());
  CHECK(stride_picks{1}.sequence.empty());
  CHECK(stride_picks{1, 2, 3}.counts(6) == std::vector<int>{1, 2, 3});
  CHECK(stride_picks{3, 0, 1}.counts(6) == std::vector<int>{3, 2, 1});

  stride_picks equal{300, 300, 0};
  const std::array<std::size_t, 3> round{equal.pick(), equal.pick(), equal.pick()};
  CHECK((round[0] != round[1] && round[1] != round[2] && round[0] != round[2]));
  bool same = true;
  for (std::size_t k = 0; k < 1000; ++k) same = same && equal.pick() == round[k % 3];
  CHECK(same);

  // LargestIsPickedEveryGeneration: mean 2, so 65,535 generations are 2 × 65,535 picks.
  CHECK(stride_picks{1, 2, 3}.counts(65'535 * 2)[2] == 65'535);
  // MaxIsClampedForHighRatio, MinIsClampedForHighRatio.
  std::vector<int> clamped(20, 1);
  clamped[0] = 50;
  CHECK(stride_picks{81, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}.counts(69) ==
        clamped);
  CHECK(stride_picks{100, 1e-10F}.counts(201) == std::vector<int>{200, 1});
  // The policy is the sequence, from number 0.
  stride_picks twin{1, 2, 3};
  balance::static_stride<> p;
  const auto s = of({1, 2, 3});
  REQUIRE(p.rebuild(s));
  bool alike = true;
  for (int k = 0; k < 10'000; ++k) alike = alike && p.pick(s, balance::context{}) == twin.pick();
  CHECK(alike);
}

// The scaled weights by hand: largest 65,535; the mean's own; 0.01 of the mean at least.
TEST_CASE("golden: gRPC's scaled weights") {
  const auto scaled = [](std::initializer_list<float> weights) {
    const stride_picks p{weights};
    std::vector<int> all;
    for (std::size_t k = 0; k < p.sequence.size(); ++k) all.push_back(p.sequence.weight(k));
    return all;
  };
  CHECK(scaled({1, 2, 3}) == std::vector<int>{21'845, 43'690, 65'535});
  CHECK(scaled({3, 0, 1}) == std::vector<int>{65'535, 43'690, 21'845});
  CHECK(scaled({100, 1e-10F}) == std::vector<int>{65'535, 328});
}

// Linux Virtual Server's documentation of weighted round robin: weights 4, 3, 2 give AABABCABC.
// Of 2, 3, 4, by its formula: CBCABCABC.
TEST_CASE("golden: IPVS's weighted round robin of 4, 3, 2") {
  CHECK(first_letters(balance::ipvs_weighted_round_robin{}, {4, 3, 2}, 18) == "aababcabcaababcabc");
  CHECK(first_letters(balance::ipvs_weighted_round_robin{}, {2, 3, 4}, 9) == "cbcabcabc");
  CHECK(first_letters(balance::ipvs_weighted_round_robin{}, {40, 0, 20}, 6) == "aacaac");
}

// Ours: the most even order, ties to the one that waits longest, then to the lower index.
TEST_CASE("golden: the slots of weighted_round_robin") {
  CHECK(first_letters(balance::weighted_round_robin<>{}, {5, 1, 1}, 14) == "aaabacaaaabaca");
  CHECK(first_letters(balance::weighted_round_robin<>{}, {1, 1, 1, 1, 4}, 8) == "eaebecde");
  CHECK(first_letters(balance::weighted_round_robin<>{}, {30, 20, 10}, 12) == "abacbaabacba");
  CHECK(first_letters(balance::weighted_round_robin<>{}, {2, 2, 2}, 6) == "abcabc");
  CHECK(first_letters(balance::weighted_round_robin<single_threaded>{}, {5, 0, 2}, 14) ==
        "aacaacaaacaaca");
  // Too few slots: largest remainders, and one at least.
  CHECK(first_letters(balance::weighted_round_robin<>{{10, 0}}, {500, 1, 250, 250}, 10) ==
        "acadabacda");
}

// Ours: where a seed, a rebuild and random bits lead.
TEST_CASE("golden: seeds of the round robins, draws of weighted_random") {
  CHECK(first_letters(balance::round_robin<>{5}, {1, 1, 1, 1, 1}, 7) == "deabcde");
  CHECK(first_letters(balance::weighted_round_robin<>{{0, 7}}, {5, 1, 1}, 7) == "abacaaa");
  CHECK(first_letters(balance::static_stride<>{7}, {5, 1, 1}, 7) == "baaacaa");
  CHECK(first_letters(balance::weighted_random{}, {5, 1, 1}, 28) == "abaaccaaaaaaaaaaaaaaaaaaaaaa");
  balance::round_robin<> p;
  const auto s = of({1, 1, 1, 1, 1});
  std::string starts;
  for (int k = 0; k < 10; ++k) {
    REQUIRE(p.rebuild(s));
    starts += letters(p, s, 1);
  }
  CHECK(starts == "adbecadbec");
}
