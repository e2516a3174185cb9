// SPDX-License-Identifier: Apache-2.0
// Priorities as their sources define them. Red is legitimate only if a source was misread; then
// correct the policy, its comment and the figure together.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

#include <lepton/order/ageing.hpp>
#include <lepton/order/earliest_deadline.hpp>
#include <lepton/order/multifactor.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/regression_scores.hpp>
#include <lepton/order/unicef.hpp>
#include <lepton/order/wfp3.hpp>

#include "catch.hpp"

namespace {

namespace order = lepton::order;
using lepton::at;
using namespace std::chrono_literals;

struct job {
  lepton::resources<1> demand{1};
  lepton::duration estimate = 1h;
  lepton::tenant_id tenant = 0;
  order::multifactor_facts facts{};
};
using waiting = order::queued<job>;

auto sized(std::int64_t processors, lepton::duration estimate, lepton::duration submitted)
    -> waiting {
  job j;
  j.demand = lepton::resources<1>{processors};
  j.estimate = estimate;
  return {j, 0, at(submitted), 0};
}

struct own_facts {
  auto operator()(const job& j) const -> order::multifactor_facts { return j.facts; }
};
/// The fair share factor of tenant t is t millionths.
struct millionths {
  auto operator()(lepton::tenant_id t) const -> double { return static_cast<double>(t) / 1e6; }
};

auto slurm(const order::multifactor_options& o) {
  return order::multifactor<own_facts, millionths>{o, {}, {}};
}
auto slurm_job(const order::multifactor_facts& f, lepton::tenant_id share = 0) -> waiting {
  job j;
  j.facts = f;
  j.tenant = share;
  return {j, 0, at(0s), 0};
}

auto close(double a, double b) -> bool {
  return std::abs(a - b) <= 1e-13 * std::max(std::abs(a), std::abs(b));
}

}  // namespace

// Slurm's manual page sprio(1) shows jobs under the weights age 1000, fair share 100000, job size
// 1000, partition 10000, QoS 1: parts cut to whole points, and the priority of their sum, which is
// cut once. Where parts do not add up to the priority, their fractions made one more point.
TEST_CASE("sprio's example: the sum of the weighted factors is cut once") {
  order::multifactor_options o;
  o.age = 1000;
  o.fair_share = 100'000;
  o.job_size = 1000;
  o.partition = 10'000;
  o.qos = 1;
  o.max_age = std::chrono::seconds{1'000'000};
  o.processors = 64;
  o.nodes = 8;
  order::multifactor_facts whole;
  whole.processors = 64;
  whole.nodes = 8;
  whole.partition = 1;
  const auto policy = slurm(o);
  // Jobs 65539 to 65541 with the age factor 0.000718 of sprio -n: parts 0, 51664, 1000, 10000, 0.
  CHECK(policy.priority(slurm_job(whole, 516'640), at(718s)) == 62'664);
  CHECK(policy.priority(slurm_job(whole, 516'630), at(718s)) == 62'663);
  CHECK(policy.priority(slurm_job(whole, 516'620), at(718s)) == 62'662);
  // Jobs 65548 and 65549 of sprio --users: parts 1, 51077, 1000, 10000, 0 make 62079.
  CHECK(policy.priority(slurm_job(whole, 510'776), at(1500s)) == 62'079);
  CHECK(policy.priority(slurm_job(whole, 510'786), at(1500s)) == 62'080);
}

// The size factors of set_priority_factors in src/plugins/priority/multifactor (Slurm 17.11 and
// later), worked out by hand for a machine of 100 nodes and 1600 processors.
TEST_CASE("Slurm's job size factor favours large, small or short jobs") {
  order::multifactor_options o;
  o.job_size = 1000;
  o.processors = 1600;
  o.nodes = 100;
  order::multifactor_facts f;
  f.nodes = 25;
  f.processors = 800;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 375);  // (25/100 + 800/1600) / 2
  o.favour_small = true;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 625);  // (75/100 + 800/1600) / 2
  f.processors = 0;                                       // not known: nodes alone
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 750);
  o.favour_small = false;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 250);
  o.relative_to_time = true;  // max(25 · 1600/100, 0) = 400 processors; 60 minutes
  o.job_size = 1'000'000;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 4166);  // 10^6 · 400 / 60 / 1600
  f.processors = 800;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 8333);
  o.favour_small = true;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 991'666);
}

TEST_CASE("Slurm's priorities stay between 1 and 2^32 - 1, site and nice are points") {
  order::multifactor_options o;
  o.qos = 1000;
  order::multifactor_facts f;
  f.qos = 0.5;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 500);
  f.nice = 100;
  f.site = 7;
  f.tres = 3.5;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 410);
  f.nice = 10'000;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 1);
  f.nice = -2'147'483'645;
  f.site = 2'147'483'645;
  f.association = 1;
  o.association = 4'294'967'295U;
  CHECK(slurm(o).priority(slurm_job(f), at(0s)) == 4'294'967'295U);
}

// (wait / estimate)³ · size and wait / (log2(size) · estimate): Tang et al. 2009, as restated by
// Carastan-Santos and de Camargo, SC'17.
TEST_CASE("WFP3 and UNICEF of three jobs") {
  const auto a = sized(8, 3600s, 0s);
  CHECK(order::wfp3<>{}.priority(a, at(7200s)) == 64);
  CHECK(close(order::unicef<>{}.priority(a, at(7200s)), 2.0 / 3));
  const auto b = sized(64, 3600s, 6600s);
  CHECK(close(order::wfp3<>{}.priority(b, at(7200s)), 0.2962962962962962));
  CHECK(close(order::unicef<>{}.priority(b, at(7200s)), 0.027777777777777776));
  const auto c = sized(2, 1000s, 7100s);
  CHECK(close(order::wfp3<>{}.priority(c, at(7200s)), 0.002));
  CHECK(close(order::unicef<>{}.priority(c, at(7200s)), 0.1));
}

// The formulas of SC'17, computed by another program (Python's math).
TEST_CASE("F1 to F4 of four jobs") {
  struct expected {
    std::int64_t n;
    std::int64_t r;
    std::int64_t s;
    double f1, f2, f3, f4;
  };
  const expected all[] = {
      {16, 3600, 86400, 4351.667795968914, 127334.75180745966, 33922084.27340521,
       2630752.2835138133},
      {1, 60, 1, 1.7781512503836436, 7.745966692414834, 60.0, 60.0},
      {100, 86400, 31536000, 7017.613122281659, 221363.32605094358, 60081813.32357662,
       4838367.5016757455},
      {4, 1, 10, 870.0, 25604.0, 6860004.0, 530002.0},
  };
  for (const auto& e : all) {
    const auto q = sized(e.n, std::chrono::seconds{e.r}, std::chrono::seconds{e.s});
    CHECK(close(order::f1{}.key(q), e.f1));
    CHECK(close(order::f2{}.key(q), e.f2));
    CHECK(close(order::f3{}.key(q), e.f3));
    CHECK(close(order::f4{}.key(q), e.f4));
  }
}
