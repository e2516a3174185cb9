// SPDX-License-Identifier: Apache-2.0
// The round robins and the weighted draw: what they pick and why, nobody left, bad options. Their
// orders are in tests/golden/balance_round_robin.cpp, their twins in tests/property.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
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
#include <lepton/detail/least_set.hpp>
#include <lepton/detail/mul_div.hpp>
#include <lepton/detail/rng.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using balance::is_thread_safe;
using balance::no_backend;
using balance::shared;
using balance::single_threaded;
using balance::snapshot;

namespace {

static_assert(balance::policy<balance::round_robin<>>);
static_assert(balance::policy<balance::round_robin<single_threaded>>);
static_assert(balance::policy<balance::smooth_round_robin>);
static_assert(balance::policy<balance::edf_round_robin>);
static_assert(balance::policy<balance::static_stride<>>);
static_assert(balance::policy<balance::static_stride<single_threaded>>);
static_assert(balance::policy<balance::weighted_round_robin<>>);
static_assert(balance::policy<balance::weighted_round_robin<single_threaded>>);
static_assert(balance::policy<balance::ipvs_weighted_round_robin>);
static_assert(balance::policy<balance::weighted_random>);
static_assert(balance::learns_of_outcomes<balance::smooth_round_robin>);

static_assert(is_thread_safe<balance::round_robin<>>());
static_assert(is_thread_safe<balance::weighted_round_robin<>>());
static_assert(is_thread_safe<balance::static_stride<>>());
static_assert(is_thread_safe<balance::weighted_random>());
static_assert(!is_thread_safe<balance::round_robin<single_threaded>>());
static_assert(!is_thread_safe<balance::smooth_round_robin>());
static_assert(!is_thread_safe<balance::edf_round_robin>());
static_assert(!is_thread_safe<balance::ipvs_weighted_round_robin>());
// What threads write stands apart from what they only read.
static_assert(alignof(balance::round_robin<>) == 64);
static_assert(alignof(balance::round_robin<single_threaded>) == 8);

auto backends(std::initializer_list<double> weights) -> std::vector<balance::backend> {
  std::vector<balance::backend> list(weights.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].id = i + 1;
    list[i].weight = weights.begin()[i];
  }
  return list;
}
auto of(const std::vector<balance::backend>& list) -> snapshot {
  return snapshot::build(list).value();
}
auto of(std::initializer_list<double> weights) -> snapshot { return of(backends(weights)); }

struct only {
  std::vector<backend_index> in;
  auto operator()(backend_index i) const -> bool {
    return std::find(in.begin(), in.end(), i) != in.end();
  }
};

template <class Policy, class Allowed = balance::everyone>
auto counts(Policy& p, const snapshot& s, std::size_t picks, const Allowed& allowed = {})
    -> std::vector<std::size_t> {
  std::vector<std::size_t> had(s.size(), 0);
  lepton::detail::pcg32 random{picks};
  for (std::size_t k = 0; k < picks; ++k) {
    balance::context c;
    c.random = (std::uint64_t{random()} << 32) | random();
    const auto i = p.pick(s, c, allowed);
    if (i < s.size()) ++had[i];
  }
  return had;
}

using counted = std::vector<std::size_t>;

}  // namespace

TEMPLATE_TEST_CASE("round robins: nobody to pick", "", balance::round_robin<>,
                   balance::round_robin<single_threaded>, balance::smooth_round_robin,
                   balance::edf_round_robin, balance::static_stride<>,
                   balance::weighted_round_robin<>, balance::weighted_round_robin<single_threaded>,
                   balance::ipvs_weighted_round_robin, balance::weighted_random) {
  TestType p{};
  const balance::context c{};
  CHECK(p.pick(snapshot{}, c) == no_backend);
  REQUIRE(p.rebuild(snapshot{}));
  CHECK(p.pick(snapshot{}, c) == no_backend);

  auto list = backends({3, 0, 2});
  list[0].healthy = false;
  list[2].draining = true;
  const auto dead = of(list);
  REQUIRE(p.rebuild(dead));
  CHECK(p.pick(dead, c) == no_backend);

  list[2].draining = false;
  const auto one = of(list);
  REQUIRE(p.rebuild(one));
  CHECK(counts(p, one, 10) == counted{0, 0, 10});
  CHECK(p.pick(one, c, only{{}}) == no_backend);
  CHECK(p.pick(one, c, only{{0, 1}}) == no_backend);
  CHECK(p.pick(one, c) == 2);

  // Back again; what has weight 0 gets nothing.
  const auto s = of({3, 0, 2, 5});
  REQUIRE(p.rebuild(s));
  const auto had = counts(p, s, 3000);
  CHECK(had[1] == 0);
  for (const std::size_t i : {0U, 2U, 3U}) CHECK(had[i] > 500);
  for (int k = 0; k < 20; ++k) CHECK(p.pick(s, c, only{{}}) == no_backend);
  CHECK(p.pick(s, c, only{{1}}) == no_backend);
  CHECK(counts(p, s, 10, only{{1, 2}}) == counted{0, 0, 10, 0});
  // And recovers.
  const auto recovered = of({3, 6, 2, 5});
  REQUIRE(p.rebuild(recovered));
  CHECK(counts(p, recovered, 3000)[1] > 600);

  const auto copy_picks = [&](TestType copy) { return counts(copy, recovered, 50); };
  CHECK(copy_picks(p) == copy_picks(p));
}

TEST_CASE("round robin: excluded backends' turns go to the following") {
  const auto s = of({1, 1, 1, 1});
  balance::round_robin<> p;
  REQUIRE(p.rebuild(s));
  const balance::context c{};
  CHECK(p.pick(s, c) == 0);
  CHECK(p.pick(s, c, only{{0, 3}}) == 3);
  CHECK(p.pick(s, c, only{{1, 2, 3}}) == 1);
  CHECK(p.pick(s, c) == 2);
  // Equal shares of those that are left, not all to the neighbour.
  CHECK(counts(p, s, 300, only{{0, 2, 3}}) == counted{100, 0, 100, 100});
}

TEST_CASE("weighted round robin: exclusions keep the proportions of the others") {
  const auto s = of({4, 2, 1, 3});
  balance::weighted_round_robin<> p;
  REQUIRE(p.rebuild(s));
  CHECK(counts(p, s, 700, only{{0, 1, 2}}) == counted{400, 200, 100, 0});

  // Only some of a long table: by lot, in proportion.
  const auto skewed = of({1'000'000, 2, 1});
  balance::weighted_round_robin<> q;
  REQUIRE(q.rebuild(skewed));
  const auto had = counts(q, skewed, 30'000, only{{1, 2}});
  CHECK(had[0] == 0);
  CHECK(had[1] + had[2] == 30'000);
  CHECK((had[1] > 19'000 && had[1] < 21'000));
  CHECK(q.pick(skewed, balance::context{}, only{{}}) == no_backend);
}

TEST_CASE("weighted round robin: the size of the table") {
  balance::weighted_round_robin<> p{{4, 0}};
  REQUIRE(p.rebuild(of({1, 2, 1})));
  CHECK(p.slots() == 4);
  const auto too_many = p.rebuild(of({1, 1, 1, 1, 1}));
  REQUIRE(!too_many);
  CHECK(
      too_many.error().message ==
      "weighted_round_robin: 5 backends need as many slots; raise most_slots from 4 or leave it 0");
  CHECK(p.slots() == 4);  // as before
  CHECK(counts(p, of({1, 2, 1}), 4) == counted{1, 2, 1});

  balance::weighted_round_robin<> huge{{std::size_t{1} << 31, 0}};
  CHECK(!huge.rebuild(of({1})));

  // Weights that are no whole numbers.
  balance::weighted_round_robin<> q;
  const auto s = of({0.5, 1.5, 1e-9});
  REQUIRE(q.rebuild(s));
  CHECK(q.slots() == 65'536);
  const auto had = counts(q, s, 65'536);
  CHECK(had[0] == 16'384);
  CHECK(had[1] == 49'151);
  CHECK(had[2] == 1);
}

TEST_CASE("weighted round robin: more backends than 16 bits count") {
  std::vector<balance::backend> list(70'000);
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].id = i + 1;
    list[i].weight = static_cast<double>(i % 3);
  }
  const auto s = of(list);
  balance::weighted_round_robin<single_threaded> p;
  REQUIRE(p.rebuild(s));
  const auto had = counts(p, s, p.slots());
  bool exact = true;
  for (std::size_t i = 0; i < list.size(); ++i) exact = exact && had[i] == i % 3;
  CHECK(exact);
}

TEST_CASE("weighted round robin: forks share the table and start apart") {
  const auto s = of({5, 1, 1, 9, 3, 3, 3});
  balance::weighted_round_robin<> p;
  REQUIRE(p.rebuild(s));
  std::vector<backend_index> first;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto own = p.fork(seed);
    static_assert(std::is_same_v<decltype(own), balance::weighted_round_robin<single_threaded>>);
    auto again = own.fork(seed);
    CHECK(own.slots() == p.slots());
    CHECK(own.pick(s, balance::context{}) == again.pick(s, balance::context{}));
    CHECK(counts(own, s, 25) == counted{5, 1, 1, 9, 3, 3, 3});
    first.push_back(own.pick(s, balance::context{}));
  }
  std::sort(first.begin(), first.end());
  CHECK(std::unique(first.begin(), first.end()) - first.begin() > 3);
  // Before there is a table.
  CHECK(balance::weighted_round_robin<>{}.fork(1).pick(snapshot{}, balance::context{}) ==
        no_backend);
}

TEST_CASE("smooth round robin: failures take weight away for a while") {
  const auto s = of({2, 2});
  balance::smooth_round_robin p;
  REQUIRE(p.rebuild(s));
  p.finished(0, {.success = false});
  CHECK(p.effective_weight(0) == 0);
  CHECK(counts(p, s, 4)[0] == 1);
  CHECK(p.effective_weight(0) == 2);
  // Weights of another snapshot: a lowered one stays, within the new weight.
  p.finished(0, {.success = false});
  REQUIRE(p.rebuild(of({8, 6})));
  CHECK(p.effective_weight(0) == 0);
  CHECK(p.effective_weight(1) == 6);

  balance::smooth_round_robin never{{0}};
  REQUIRE(never.rebuild(s));
  never.finished(0, {.success = false});
  CHECK(never.effective_weight(0) == 2);
  never.finished(17, {.success = false});  // has left
}

TEST_CASE("smooth round robin: weights of another scale do not leave debts behind") {
  balance::smooth_round_robin p;
  // 1.5 makes 2^20 of the largest.
  const auto fine = of({1.5, 2, 0.1});
  const auto whole = of({1, 2, 1});
  REQUIRE(p.rebuild(fine));
  (void)counts(p, fine, 7);
  REQUIRE(p.rebuild(whole));
  const auto had = counts(p, whole, 400);
  CHECK(had[0] > 60);
  CHECK(had[1] > 120);
  CHECK(had[2] > 60);
}

TEST_CASE("EDF round robin: the excluded wait and are not made up for") {
  const auto s = of({2, 1, 1});
  balance::edf_round_robin p;
  REQUIRE(p.rebuild(s));
  CHECK(counts(p, s, 100, only{{1, 2}}) == counted{0, 50, 50});
  const balance::context c{};
  CHECK(p.pick(s, c) == 0);  // overdue
  CHECK(counts(p, s, 40) == counted{20, 10, 10});
}

TEST_CASE("EDF round robin: an update keeps who has waited how long") {
  balance::edf_round_robin p;
  const auto s = of({1, 1, 1, 1});
  REQUIRE(p.rebuild(s));
  const balance::context c{};
  CHECK(p.pick(s, c) == 0);
  CHECK(p.pick(s, c) == 1);
  const auto more = of({1, 2, 1, 1, 1});
  REQUIRE(p.rebuild(more));
  CHECK(p.pick(more, c) == 2);
  CHECK(p.pick(more, c) == 3);
  CHECK(p.pick(more, c) == 1);
  // A backend that was away is as overdue as it is.
  auto list = backends({1, 1, 1, 1});
  list[3].healthy = false;
  const auto without = of(list);
  balance::edf_round_robin q;
  REQUIRE(q.rebuild(s));
  REQUIRE(q.rebuild(without));
  (void)counts(q, without, 50);
  REQUIRE(q.rebuild(s));
  CHECK(q.pick(s, c) == 3);
  CHECK(q.pick(s, c) != 3);
}

TEST_CASE("EDF round robin: time starts again after 2^18 periods, and nobody notices") {
  balance::edf_round_robin p;
  const auto s = of({2, 1});
  REQUIRE(p.rebuild(s));
  std::string period;
  bool same = true;
  for (std::size_t k = 0; k < 3 * 530'000; ++k) {
    const auto i = static_cast<char>('a' + p.pick(s, balance::context{}));
    if (k < 3) period += i;
    same = same && period[k % 3] == i;
  }
  CHECK(period == "aba");
  CHECK(same);
}

TEST_CASE("EDF round robin: weights of 32 bits do not drift") {
  const double most = 4'294'967'295.0;
  const auto s = of({most, most - 1, 1});
  balance::edf_round_robin p;
  REQUIRE(p.rebuild(s));
  const auto had = counts(p, s, 1'000'000);
  CHECK(had[0] == 500'000);
  CHECK(had[1] == 500'000);
}

TEST_CASE("static stride: weights beyond 16 bits and beyond a float's range") {
  balance::static_stride<> p;
  const auto large = of({2e300, 1e300});
  REQUIRE(p.rebuild(large));
  CHECK(counts(p, large, 300) == counted{200, 100});
  balance::static_stride<> q;
  const auto small = of({2e-300, 1e-300});
  REQUIRE(q.rebuild(small));
  CHECK(counts(q, small, 300) == counted{200, 100});
  // The least share is 0.01 of the mean.
  balance::static_stride<> r;
  const auto skewed = of({1, 1e-200});
  REQUIRE(r.rebuild(skewed));
  CHECK(counts(r, skewed, 201) == counted{200, 1});
}

TEST_CASE("static stride: lost turns end") {
  std::vector<balance::backend> list(500);
  for (std::size_t i = 0; i < list.size(); ++i) list[i].id = i + 1;
  const auto s = of(list);
  balance::static_stride<> p;
  REQUIRE(p.rebuild(s));
  CHECK(p.pick(s, balance::context{}, only{{490}}) == 490);
  CHECK(p.pick(s, balance::context{}, only{{60, 300}}) == 300);  // from number 128
  CHECK(p.pick(s, balance::context{}) == 128);
}

TEST_CASE("static stride: how far an entry's next turn is") {
  const std::vector<float> weights{1, 2, 3, 0.5F};
  const balance::stride_sequence sequence{weights};
  bool right = true;
  for (std::uint32_t from = 0; from < 500; ++from) {
    for (std::uint32_t entry = 0; entry < 4; ++entry) {
      std::uint32_t ahead = 0;
      while (!sequence.at(from + ahead).picked || sequence.at(from + ahead).entry != entry) ++ahead;
      right = right && sequence.distance(from, entry) == ahead;
    }
  }
  CHECK(right);
}

TEST_CASE("IPVS round robin: an update keeps the place") {
  balance::ipvs_weighted_round_robin p;
  const auto s = of({1, 1, 1, 1});
  const balance::context c{};
  for (const backend_index expected : {0U, 1U, 2U, 3U, 0U}) {
    REQUIRE(p.rebuild(s));
    CHECK(p.pick(s, c) == expected);
  }
  auto list = backends({1, 1, 1, 1});
  list[0].healthy = list[1].healthy = false;
  const auto less = of(list);
  REQUIRE(p.rebuild(less));
  CHECK(p.pick(less, c) == 2);
  REQUIRE(p.rebuild(s));
  CHECK(p.pick(s, c) == 3);
  // A heavy one that may not be picked costs no passes.
  const auto skewed = of({4'000'000'000.0, 1, 1});
  REQUIRE(p.rebuild(skewed));
  CHECK(counts(p, skewed, 1000, only{{1, 2}}) == counted{0, 500, 500});
}

TEST_CASE("weighted random: shares, exclusions") {
  const auto s = of({1, 0, 2, 5});
  balance::weighted_random p;
  REQUIRE(p.rebuild(s));
  const auto near = [](std::size_t had, double share) {
    return std::abs(static_cast<double>(had) / 200'000 - share) < 0.005;
  };
  const auto all = counts(p, s, 200'000);
  CHECK((near(all[0], 1 / 8.0) && all[1] == 0 && near(all[2], 2 / 8.0) && near(all[3], 5 / 8.0)));
  const auto some = counts(p, s, 200'000, only{{0, 2}});
  CHECK((near(some[0], 1 / 3.0) && near(some[2], 2 / 3.0)));
  // 8 units of 2^32 / 2: exact.
  CHECK(p.units(0) == (std::uint64_t{1} << 31));
  CHECK(p.units(1) == 0);
  CHECK(p.units(3) == 5 * (std::uint64_t{1} << 31));
}

TEST_CASE("least_set and mul_div") {
  for (const std::size_t bound : {1U, 64U, 65U, 5000U, 300'000U}) {
    lepton::detail::least_set set{bound};
    std::vector<bool> model(bound, false);
    lepton::detail::pcg32 random{bound};
    bool right = true;
    for (int k = 0; k < 3000; ++k) {
      const auto i = random.below(static_cast<std::uint32_t>(bound));
      model[i] = random.below(3) == 0;
      model[i] ? set.insert(i) : set.erase(i);
      if (k % 16 != 0) continue;
      const auto least =
          static_cast<std::size_t>(std::find(model.begin(), model.end(), true) - model.begin());
      right = right && (least == bound ? set.empty() : !set.empty() && set.least() == least);
    }
    CHECK(right);
  }
  using lepton::detail::mul_div;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  static_assert(mul_div(6, 7, 5) == 8);
  static_assert(mul_div(most, most, most) == most);
  static_assert(mul_div(most, 3, 4) == 13'835'058'055'282'163'711ULL);
  static_assert(mul_div(0, most, 1) == 0);
}
