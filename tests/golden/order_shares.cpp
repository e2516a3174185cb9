// SPDX-License-Identifier: Apache-2.0
// Whose turn it is: what papers and other schedulers answer. Turning red is never legitimate: the
// vectors are those of the sources named with them. Where a source names its clients, they are
// numbered in the order of their names, as ties go by name there.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/task.hpp>
#include <lepton/order/condor_priority.hpp>
#include <lepton/order/drf.hpp>
#include <lepton/order/fair_share.hpp>
#include <lepton/order/fair_tree.hpp>
#include <lepton/order/hierarchical_drf.hpp>
#include <lepton/order/kueue_share.hpp>
#include <lepton/order/per_tenant.hpp>
#include <lepton/order/stride.hpp>
#include <lepton/schedule/quota.hpp>

#include "catch.hpp"

namespace order = lepton::order;
using lepton::at;
using lepton::resources;
using lepton::tenant_id;
using order::tenant_slot;
using namespace std::chrono_literals;

namespace {

using task = lepton::task<2>;
using queued = order::queued<task>;

auto use(resources<2> demand) -> queued {
  queued q;
  q.what.demand = demand;
  return q;
}

/// A share policy as a sorter: the clients 'a', 'b' ... in the order in which it would serve them.
template <class Share>
class sorter {
 public:
  explicit sorter(Share s) : share_(std::move(s)) {}

  void add(char name) {
    share_.join(slot(name));
    names_.push_back({slot(name), name});
  }
  void remove(char name) { share_.leave(slot(name)); }
  void allocated(char name, resources<2> r) { share_.charge(slot(name), use(r), at(0s)); }
  void unallocated(char name, resources<2> r) { share_.refund(slot(name), use(r), at(0s)); }
  [[nodiscard]] auto share() -> Share& { return share_; }
  [[nodiscard]] auto slot(char name) -> tenant_slot {
    return share_.slot(static_cast<tenant_id>(name));
  }
  [[nodiscard]] auto sorted() -> std::string {
    std::string found;
    share_.begin_pass(at(0s));
    for (auto i = share_.next(); i != order::no_slot; i = share_.next()) {
      const auto at = std::find_if(names_.begin(), names_.end(),
                                   [i](const auto& known) { return known.first == i; });
      found += at->second;
      share_.hold(i);
    }
    share_.begin_pass(at(0s));
    return found;
  }

 private:
  Share share_;
  std::vector<std::pair<tenant_slot, char>> names_;
};

/// Tasks of several tenants on one machine: serves them in passes until nothing more starts, and
/// says how many of each tenant run.
template <class Policy>
class machine {
 public:
  machine(resources<2> capacity, Policy p) : free_(capacity), queue_(std::move(p)) {}

  void submit(tenant_id tenant, int count, resources<2> demand) {
    for (int i = 0; i < count; ++i) {
      queued q = use(demand);
      q.what.tenant = tenant;
      q.sequence = q.id = tasks_.size();
      tasks_.push_back(q);
      queue_.push(tasks_.back(), at(0s));
    }
  }
  void run() {
    queue_.begin_pass(at(0s));
    while (const auto* q = queue_.next()) {
      if (!fits(q->what.demand, free_)) continue;
      free_ -= q->what.demand;
      queue_.take();
      started_.push_back(q->what.tenant);
    }
  }
  [[nodiscard]] auto running(tenant_id tenant) const -> int {
    int n = 0;
    for (const auto t : started_) n += t == tenant ? 1 : 0;
    return n;
  }
  [[nodiscard]] auto started() const -> const std::vector<tenant_id>& { return started_; }

 private:
  resources<2> free_;
  order::queue_of_t<task, Policy> queue_;
  std::deque<queued> tasks_;
  std::vector<tenant_id> started_;
};

constexpr auto unlimited = order::kueue_terms<resources<2>>::unlimited;

/// Kueue's terms for one resource ("cpu" first).
auto terms(resources<2> nominal, resources<2> lend = resources<2>::filled(unlimited),
           std::uint32_t weight = 1) -> order::kueue_terms<resources<2>> {
  order::kueue_terms<resources<2>> t;
  t.nominal = nominal;
  t.lend_limit = lend;
  t.weight = weight;
  return t;
}

/// A share in Kueue's whole thousandths.
auto thousandths(const order::share_ratio& s) -> std::uint64_t {
  return s.used * 1000 / (s.total * s.weight);
}

}  // namespace

TEST_CASE("golden: dominant resource fairness serves as in the paper") {
  // Ghodsi et al., NSDI'11, section 4.1: 9 CPUs and 18 GB, user A asks for (1, 4), B for (3, 1).
  machine m{{9, 18}, order::per_tenant{order::drf{resources<2>{9, 18}}}};
  m.submit('A', 10, {1, 4});
  m.submit('B', 10, {3, 1});
  m.run();
  CHECK(m.running('A') == 3);
  CHECK(m.running('B') == 2);
  // The paper's table begins with B; its ties go at random.
  CHECK(m.started() == std::vector<tenant_id>{'A', 'B', 'A', 'B', 'A'});
}

TEST_CASE("golden: Mesos' DRF sorter") {
  // apache/mesos src/tests/sorter_tests.cpp, SorterTest.DRFSorter.
  sorter s{order::drf{resources<2>{100, 100}}};
  s.add('a');
  s.allocated('a', {5, 5});
  s.allocated('b', {6, 6});
  s.add('b');
  CHECK(s.sorted() == "ab");
  s.add('c');
  s.allocated('c', {1, 1});
  s.add('d');
  s.allocated('d', {3, 1});
  CHECK(s.sorted() == "cdab");
  s.remove('a');
  s.unallocated('b', {4, 4});
  CHECK(s.sorted() == "cbd");
  s.add('e');
  s.allocated('e', {1, 5});
  s.share().set_capacity({50, 100});
  CHECK(s.sorted() == "cbed");
  s.share().set_capacity({50, 200});
  s.add('f');
  s.allocated('f', {5, 1});
  s.allocated('c', {0, 15});
  CHECK(s.sorted() == "ebdcf");
  s.remove('d');
  CHECK(s.sorted() == "ebcf");
  s.add('d');
  CHECK(s.sorted() == "ebdcf");
}

TEST_CASE("golden: Mesos' weighted DRF sorter") {
  // The same, SorterTest.WDRFSorter; its weights 1, 2, 10 and 0.1 are ten times as large here.
  sorter s{order::drf{resources<2>{100, 100}}};
  for (char name = 'a'; name <= 'z'; ++name) s.share().set_weight(static_cast<tenant_id>(name), 10);
  s.add('a');
  s.allocated('a', {5, 5});
  s.add('b');
  s.share().set_weight('b', 20);
  s.allocated('b', {6, 6});
  CHECK(s.sorted() == "ba");
  s.add('c');
  s.allocated('c', {4, 4});
  CHECK(s.sorted() == "bca");
  s.add('d');
  s.share().set_weight('d', 100);
  s.allocated('d', {10, 20});
  CHECK(s.sorted() == "dbca");
  s.remove('b');
  CHECK(s.sorted() == "dca");
  s.allocated('d', {10, 25});
  CHECK(s.sorted() == "cda");
  s.add('e');
  s.share().set_weight('e', 1);
  s.allocated('e', {1, 1});
  CHECK(s.sorted() == "cdae");
  s.remove('a');
  CHECK(s.sorted() == "cde");
}

TEST_CASE("golden: Mesos' DRF sorter when the total changes") {
  // The same, SorterTest.UpdateTotal and MultipleSlavesUpdateTotal.
  sorter s{order::drf{resources<2>{10, 100}}};
  s.add('a');
  s.add('b');
  s.allocated('a', {2, 1});
  s.allocated('b', {1, 2});
  CHECK(s.sorted() == "ba");
  s.share().set_capacity({100, 10});
  CHECK(s.sorted() == "ab");

  sorter more{order::drf{resources<2>{10, 100}}};
  more.add('a');
  more.add('b');
  more.allocated('a', {2, 1});
  more.allocated('b', {1, 3});
  CHECK(more.sorted() == "ba");
  more.share().set_capacity({100, 100});
  CHECK(more.sorted() == "ab");
}

TEST_CASE("golden: Mesos' hierarchical sorter") {
  // The same, SorterTest.HierarchicalAllocation: clients a, b/c, b/d, then b/e/f; in tenths.
  sorter s{order::hierarchical_drf{resources<2>{1000, 1000}}};
  auto& tree = s.share();
  REQUIRE(tree.add_tenant('a', 0));
  const auto b = *tree.add_account();
  REQUIRE(tree.add_tenant('c', b));
  REQUIRE(tree.add_tenant('d', b));
  for (const char name : {'a', 'c', 'd'}) s.add(name);
  CHECK(s.sorted() == "acd");
  s.allocated('a', {60, 60});
  CHECK(s.sorted() == "cda");
  s.allocated('c', {40, 40});
  s.allocated('d', {30, 30});
  CHECK(s.sorted() == "adc");
  s.allocated('a', {20, 20});
  CHECK(s.sorted() == "dca");
  const auto e = *tree.add_account(b);
  REQUIRE(tree.add_tenant('f', e));
  s.add('f');
  CHECK(s.sorted() == "fdca");
  s.allocated('f', {35, 35});
  CHECK(s.sorted() == "adfc");
  s.unallocated('f', {35, 35});
  s.remove('f');
  CHECK(s.sorted() == "dca");
  s.unallocated('c', {30, 30});
  CHECK(s.sorted() == "cda");
  s.add('f');
  s.allocated('f', {35, 35});
  CHECK(s.sorted() == "cdfa");
}

TEST_CASE("golden: Mesos' hierarchical sorter with an account that is a client too") {
  // The same, SorterTest.HierarchicalIterationOrder: clients a/b, c, d, d/e.
  sorter s{order::hierarchical_drf{resources<2>{100, 100}}};
  auto& tree = s.share();
  const auto a = *tree.add_account();
  REQUIRE(tree.add_tenant('b', a));
  REQUIRE(tree.add_tenant('c', 0));
  const auto d = *tree.add_account();
  REQUIRE(tree.add_tenant('d', d));
  REQUIRE(tree.add_tenant('e', d));
  for (const char name : {'b', 'c', 'd', 'e'}) s.add(name);
  CHECK(s.sorted() == "bcde");
  s.allocated('c', {8, 8});
  CHECK(s.sorted() == "bdec");
  s.allocated('d', {3, 3});
  s.allocated('e', {2, 2});
  CHECK(s.sorted() == "bedc");
  s.allocated('b', {6, 6});
  CHECK(s.sorted() == "edbc");
}

TEST_CASE("golden: Volcano's hierarchical DRF tests") {
  // volcano-sh/volcano pkg/scheduler/plugins/drf/hdrf_test.go, memory in gigabytes.
  SECTION("rescaling test") {
    order::account_tree tree;
    REQUIRE(tree.add_tenant(1, 0, 50));  // sci
    const auto eng = *tree.add_account(0, 50);
    REQUIRE(tree.add_tenant(21, eng, 50));
    REQUIRE(tree.add_tenant(22, eng, 50));
    machine m{{10, 10}, order::per_tenant{order::hierarchical_drf{resources<2>{10, 10}, tree}}};
    m.submit(1, 10, {1, 1});
    m.submit(21, 10, {1, 0});
    m.submit(22, 10, {0, 1});
    m.run();
    CHECK(m.running(1) == 5);
    CHECK(m.running(21) == 5);
    CHECK(m.running(22) == 5);
  }
  SECTION("blocking nodes test") {
    order::account_tree tree;
    REQUIRE(tree.add_tenant(1, 0, 25));
    REQUIRE(tree.add_tenant(2, 0, 25));
    const auto pg3 = *tree.add_account(0, 25);
    REQUIRE(tree.add_tenant(31, pg3, 50));
    REQUIRE(tree.add_tenant(32, pg3, 50));
    REQUIRE(tree.add_tenant(4, 0, 25));
    machine m{{30, 30}, order::per_tenant{order::hierarchical_drf{resources<2>{30, 30}, tree}}};
    m.submit(1, 30, {1, 0});
    m.submit(2, 30, {1, 0});
    m.submit(31, 30, {1, 0});
    m.submit(32, 30, {0, 1});
    m.submit(4, 30, {0, 1});
    m.run();
    CHECK(m.running(1) == 10);
    CHECK(m.running(2) == 10);
    CHECK(m.running(31) == 10);
    CHECK(m.running(32) == 15);
    CHECK(m.running(4) == 15);
  }
}

TEST_CASE("golden: stride scheduling serves as in the paper") {
  // Waldspurger and Weihl, MIT/LCS/TM-528, figure 2: tickets 3 : 2 : 1.
  order::stride<> tickets;
  tickets.set_tickets(1, 3);
  tickets.set_tickets(2, 2);
  tickets.set_tickets(3, 1);
  machine m{{100, 100}, order::per_tenant{tickets}};
  for (const tenant_id t : {1U, 2U, 3U}) m.submit(t, 4, {1, 1});
  m.run();
  const std::vector<tenant_id> first(m.started().begin(), m.started().begin() + 6);
  CHECK(first == std::vector<tenant_id>{1, 2, 1, 1, 2, 3});
}

TEST_CASE("golden: Slurm's classic fair share example") {
  // SchedMD/slurm doc/html/classic_fair_share.shtml, "Example"; the machine has used 1000.
  order::account_tree tree;
  const auto a = *tree.add_account(0, 40);
  const auto d = *tree.add_account(0, 60);
  const auto b = *tree.add_account(a, 30);
  const auto c = *tree.add_account(a, 10);
  const auto e = *tree.add_account(d, 25);
  const auto f = *tree.add_account(d, 35);
  const std::vector<tenant_slot> users{*tree.add_tenant(1, b), *tree.add_tenant(2, c),
                                       *tree.add_tenant(3, c), *tree.add_tenant(4, e),
                                       *tree.add_tenant(5, f)};
  order::fair_share<> fair{tree};
  const auto now = at(1h);
  fair.usage().add(users[0], 200, now);
  fair.usage().add(users[1], 250, now);
  fair.usage().add(users[3], 250, now);
  fair.usage().add(0, 300, now);  // others, long gone: their accounts are not in the example
  const double shares[] = {.3, .05, .05, .25, .35};
  const double usage[] = {.3875, .275, .15, .25, .1458};
  const double factors[] = {.408479, .022097, .125, .5, .749154};
  CHECK(std::abs(fair.effective_usage(a, now) - .45) < 1e-12);
  CHECK(std::abs(fair.effective_usage(b, now) - .3875) < 1e-12);
  CHECK(std::abs(fair.effective_usage(c, now) - .3) < 1e-12);
  for (std::size_t u = 0; u < 5; ++u) {
    CAPTURE(u);
    CHECK(std::abs(fair.normalised_shares(users[u]) - shares[u]) < 1e-12);
    CHECK(std::abs(fair.effective_usage(users[u], now) - usage[u]) < 5e-5);
    CHECK(std::abs(fair.factor(u + 1, now) - factors[u]) < 1e-4);
  }
  // User 5 would be served first.
  for (const auto u : users) fair.join(u);
  fair.begin_pass(now);
  CHECK(fair.next() == users[4]);
}

TEST_CASE("golden: Slurm's fair tree ranks as sshare prints") {
  // The table in the documentation of EPFL's clusters (scitas-data.epfl.ch, "Fairshare"): of 300
  // users, those of one account without usage have the factor 0.29, then come 0.253333, 0.25 and
  // 0.246667 with the usage 344, 351 and 681. So equal users share a rank and all count.
  order::account_tree tree;
  const auto better = *tree.add_account(0, 1);
  const auto scitas = *tree.add_account(0, 1);
  const auto worse = *tree.add_account(0, 1);
  tenant_id next = 1000;
  for (int i = 0; i < 213; ++i) REQUIRE(tree.add_tenant(next++, better));
  for (int i = 0; i < 11; ++i) REQUIRE(tree.add_tenant(static_cast<tenant_id>(100 + i), scitas));
  const auto eroche = *tree.add_tenant(1, scitas);
  const auto qubit = *tree.add_tenant(2, scitas);
  const auto rezzonic = *tree.add_tenant(3, scitas);
  for (int i = 0; i < 73; ++i) REQUIRE(tree.add_tenant(next++, worse));
  order::fair_tree<> fair{tree};
  fair.usage().add(eroche, 344, at(0s));
  fair.usage().add(qubit, 351, at(0s));
  fair.usage().add(rezzonic, 681, at(0s));
  fair.usage().add(worse, 1e6, at(0s));
  CHECK(std::abs(fair.factor(100, at(0s)) - .29) < 1e-6);
  CHECK(std::abs(fair.factor(110, at(0s)) - .29) < 1e-6);
  CHECK(std::abs(fair.factor(1, at(0s)) - .253333) < 1e-6);
  CHECK(std::abs(fair.factor(2, at(0s)) - .25) < 1e-6);
  CHECK(std::abs(fair.factor(3, at(0s)) - .246667) < 1e-6);
}

TEST_CASE("golden: HTCondor's user priorities") {
  // HTCondor's manual, "User Priorities and Negotiation": with a half-life of a day a priority of
  // 10 without running jobs is 5 a day later, then 2.5, and never below 0.5; ten machines in use
  // for long make it 10. Effective priorities of 5, 10 and 20 share the pool as 4 : 2 : 1.
  order::condor_priority<> condor{70, 24h};
  const auto a = condor.slot('a');
  condor.charge(a, use({10, 0}), at(0s));
  CHECK(std::abs(condor.real_priority(a, at(24h)) - 5.25) < 1e-9);
  CHECK(std::abs(condor.real_priority(a, at(24h * 60)) - 10) < 1e-9);
  condor.refund(a, use({10, 0}), at(24h * 60));
  CHECK(std::abs(condor.real_priority(a, at(24h * 61)) - 5) < 1e-9);
  CHECK(std::abs(condor.real_priority(a, at(24h * 62)) - 2.5) < 1e-9);
  CHECK(condor.real_priority(a, at(24h * 90)) == 0.5);

  order::condor_priority<> pie{70, 24h};
  pie.set_factor('a', 10);
  pie.set_factor('b', 20);
  pie.set_factor('c', 40);
  machine m{{70, 70}, order::per_tenant{pie}};
  for (const char user : {'a', 'b', 'c'}) m.submit(static_cast<tenant_id>(user), 100, {1, 0});
  m.run();
  CHECK(m.running('a') == 40);
  CHECK(m.running('b') == 20);
  CHECK(m.running('c') == 10);
  CHECK(m.started().front() == 'a');
  CHECK(m.started().back() == 'c');
}

TEST_CASE("golden: HTCondor repartitions what a user does not need") {
  // The same: "if A does not use the full number of resources that A may be given, the available
  // resources are repartitioned by the inverse ratio rule".
  order::condor_priority<> pie{70, 24h};
  pie.set_factor('a', 10);
  pie.set_factor('b', 20);
  pie.set_factor('c', 40);
  machine m{{70, 70}, order::per_tenant{pie}};
  m.submit('a', 10, {1, 0});
  m.submit('b', 100, {1, 0});
  m.submit('c', 100, {1, 0});
  m.run();
  CHECK(m.running('a') == 10);
  CHECK(m.running('b') + m.running('c') == 60);
  CHECK(m.running('b') > m.running('c'));
}

TEST_CASE("golden: Kueue's dominant resource shares") {
  // kubernetes-sigs/kueue pkg/cache/fair_sharing_test.go; CPUs in thousandths, then GPUs.
  const auto share = [](order::kueue_terms<resources<2>> own,
                        order::kueue_terms<resources<2>> lender, resources<2> used,
                        resources<2> more) {
    order::kueue_share<resources<2>> kueue;
    const auto cq = *kueue.add_tenant(1, 0, own);
    REQUIRE(kueue.add_tenant(2, 0, lender));
    kueue.charge(cq, use(used), at(0s));
    return kueue.share_of(cq, more);
  };
  const auto two_five = terms({2000, 5});
  const auto eight_five = terms({8000, 5});
  CHECK(share(two_five, eight_five, {1000, 2}, {}).used == 0);                   // below nominal
  CHECK(thousandths(share(two_five, eight_five, {3000, 7}, {})) == 200);         // above
  CHECK(thousandths(share(two_five, eight_five, {3000, 3}, {})) == 100);         // one resource
  CHECK(thousandths(share(two_five, eight_five, {1000, 2}, {4000, 4})) == 300);  // with a workload
  CHECK(thousandths(share(terms({2000, 2}, {unlimited, 0}), terms({8000, 64}, {unlimited, 0}),
                          {1000, 1}, {4000, 4})) == 300);  // zero lendable
  const auto gpus_5 = terms({0, 5});
  CHECK(thousandths(share(terms({0, 5}, resources<2>::filled(unlimited), 2), gpus_5, {0, 7}, {})) ==
        100);
  // A weight of a half is one of 1 beside 2.
  CHECK(2 * thousandths(share(gpus_5, gpus_5, {0, 7}, {})) == 400);
  const auto none =
      share(terms({0, 5}, resources<2>::filled(unlimited), 0), terms({0, 10}), {0, 7}, {});
  CHECK(none > order::share_ratio{1'000'000, 1, 1});  // zero weight: above all others
}

TEST_CASE("golden: Kueue's dominant resource shares of cohorts") {
  // kubernetes-sigs/kueue pkg/cache/scheduler/fair_sharing_test.go, GPUs.
  const auto shares = [](int root_has, int child_weight, int cq_has) {
    order::kueue_share<resources<2>> kueue{terms({0, root_has})};
    const auto cohort = *kueue.add_cohort(
        0, terms({}, resources<2>::filled(unlimited), static_cast<std::uint32_t>(child_weight)));
    const auto cq = *kueue.add_tenant(1, cohort, terms({0, cq_has}));
    kueue.charge(cq, use({0, 10}), at(0s));
    return std::pair{thousandths(kueue.share_of(cq)), thousandths(kueue.share_of(cohort))};
  };
  CHECK(shares(45, 2, 5) == std::pair<std::uint64_t, std::uint64_t>{100, 50});
  CHECK(shares(50, 2, 0) == std::pair<std::uint64_t, std::uint64_t>{200, 100});

  // "resource share affected by borrowing limit"
  order::kueue_share<resources<2>> kueue{terms({0, 50})};
  auto limited = terms({});
  limited.borrow_limit[1] = 10;
  const auto cohort = *kueue.add_cohort(0, limited);
  const auto cq = *kueue.add_tenant(1, cohort, terms({}));
  kueue.charge(cq, use({0, 10}), at(0s));
  CHECK(thousandths(kueue.share_of(cq)) == 1000);
  CHECK(thousandths(kueue.share_of(cohort)) == 200);
}

TEST_CASE("golden: what Kueue's cluster queues can use") {
  // kubernetes-sigs/kueue pkg/cache/resource_test.go, TestAvailable; thousands of (red, cpu). What
  // a cohort has itself is here its guarantee less its children's.
  using one = resources<1>;
  using spec = lepton::schedule::quota_spec<one>;
  struct usage {
    tenant_id tenant;
    lepton::amount used, available, potential;
  };
  const auto node = [](std::string name, std::string parent, lepton::amount guaranteed,
                       tenant_id tenant = 0, lepton::amount borrow = spec::unlimited,
                       lepton::amount lend = spec::unlimited) {
    spec s;
    s.name = std::move(name);
    s.parent = std::move(parent);
    s.guaranteed = one{guaranteed};
    if (tenant != 0) s.tenant = tenant;
    s.borrow_limit = one{borrow};
    s.lend_limit = one{lend};
    return s;
  };
  const auto check = [](const std::vector<spec>& specs, const std::vector<usage>& all) {
    auto q = lepton::schedule::quota<one>::build(specs).value();
    for (const auto& u : all) CHECK(q.available(u.tenant) == one{u.potential});
    for (const auto& u : all) {
      CHECK(q.potential(u.tenant) == one{u.potential});
      lepton::task<1> t;
      t.tenant = u.tenant;
      t.demand = one{u.used};
      q.started(t);
    }
    for (const auto& u : all) {
      CAPTURE(u.tenant);
      CHECK(q.available(u.tenant) == one{u.available});
    }
  };
  const auto no = spec::unlimited;

  // cqs with cohort
  check({node("cohort", "", 30000), node("cq1", "cohort", 10000, 1),
         node("cq2", "cohort", 10000, 2, no, 9000)},
        {{1, 1000, 28000, 29000}, {2, 500, 28500, 30000}});
  // cq borrows from cohort
  check({node("cohort", "", 20), node("cq1", "cohort", 10, 1)}, {{1, 11, 9, 20}});
  // cq oversubscription spills into cohort
  check({node("cohort", "", 30), node("cq1", "cohort", 10, 1), node("cq2", "cohort", 10, 2, 0, 0)},
        {{1, 31, 0, 20}, {2, 0, 0, 10}});
  // lending and borrowing limits respected
  check({node("cohort", "", 40), node("cq1", "cohort", 10, 1), node("cq2", "cohort", 10, 2, 2),
         node("cq3", "cohort", 10, 3, no, 5)},
        {{1, 20, 4, 35}, {2, 10, 2, 12}, {3, 6, 4, 40}});
  // hierarchical cohort
  check({node("root", "", 40), node("left", "root", 20), node("right", "root", 20),
         node("cq1", "left", 10, 1), node("cq2", "right", 10, 2, no, 0)},
        {{1, 10, 20, 30}, {2, 5, 25, 40}});
  // hierarchical cohort respects borrowing limit
  check({node("root", "", 50), node("left", "root", 30, 0, 5), node("right", "root", 20),
         node("left-cq1", "left", 10, 1), node("left-cq2", "left", 10, 2, 5),
         node("right-cq", "right", 10, 3)},
        {{1, 0, 35, 35}, {2, 0, 15, 15}, {3, 0, 50, 50}});
  // hierarchical cohort respects lending limit
  check({node("root", "", 20), node("left", "root", 20, 0, no, 5), node("right", "root", 0),
         node("left-cq1", "left", 10, 1, no, 5), node("left-cq2", "left", 10, 2),
         node("right-cq", "right", 0, 3), node("root-cq", "root", 0, 4)},
        {{1, 0, 20, 20}, {2, 0, 15, 15}, {3, 0, 5, 5}, {4, 0, 5, 5}});
}
