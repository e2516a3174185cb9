// SPDX-License-Identifier: Apache-2.0
// The scores of Weng et al., "Beware of Fragmentation" (USENIX ATC 2023), beside twins that are
// slow and plainly right: written in doubles, from the definitions, one typical task and one device
// at a time. Turning red is legitimate only when a definition changes; the figures of
// load_experiment.cpp then change with it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/dot_product.hpp>
#include <lepton/place/fragment_measure.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/gpu_clustering.hpp>
#include <lepton/place/gpu_packing.hpp>

#include "catch.hpp"

namespace place = lepton::place;
using lepton::device_request;
using lepton::device_types;

namespace {

/// A node as the definitions see it.
struct twin_node {
  double cpu = 0;
  std::size_t type = 0;
  std::vector<double> gpu{};           // free milli of each
  std::map<std::size_t, int> kinds{};  // 0: shares, k: tasks of k whole ones; how many

  [[nodiscard]] auto free_gpu() const -> double {
    double sum = 0;
    for (const auto g : gpu) sum += g;
    return sum;
  }
};

auto can_run(const twin_node& n, double cpu, const device_request& r) -> bool {
  if (cpu > n.cpu) return false;
  if (r.count() == 0) return true;
  if (n.gpu.empty() || !r.acceptable().contains(static_cast<lepton::device_type>(n.type)))
    return false;
  std::size_t enough = 0;
  for (const auto g : n.gpu) enough += g >= r.milli() ? 1U : 0U;
  return enough >= r.count();
}

/// Expected fragment over the typical tasks, in milli.
auto fragment(const twin_node& n, const std::vector<place::typical_task>& typical) -> double {
  double total = 0;
  for (const auto& t : typical) total += static_cast<double>(t.count);
  double expected = 0;
  for (const auto& t : typical) {
    double wasted = n.free_gpu();
    if (t.devices.count() != 0 && can_run(n, static_cast<double>(t.demand), t.devices)) {
      wasted = 0;
      for (const auto g : n.gpu) wasted += g < t.devices.milli() ? g : 0;
    }
    expected += static_cast<double>(t.count) / total * wasted;
  }
  return expected;
}

auto sigmoid(double x) -> double { return 1 / (1 + std::exp(-x)); }

/// The devices that whole requests take: the first free ones.
auto first_free(const twin_node& n, std::size_t count) -> std::vector<std::size_t> {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < n.gpu.size() && chosen.size() < count; ++i) {
    if (n.gpu[i] == 1000) chosen.push_back(i);
  }
  return chosen;
}
/// The fitting device with the least left.
auto tightest(const twin_node& n, double milli) -> std::size_t {
  std::size_t best = n.gpu.size();
  for (std::size_t i = 0; i < n.gpu.size(); ++i) {
    if (n.gpu[i] >= milli && (best == n.gpu.size() || n.gpu[i] < n.gpu[best])) best = i;
  }
  return best;
}

auto with_task(twin_node n, double cpu, const device_request& r,
               const std::vector<std::size_t>& devices) -> twin_node {
  n.cpu -= cpu;
  for (const auto d : devices) n.gpu[d] -= r.milli();
  return n;
}

/// FGD's score before rounding, for each choice of devices.
auto gradient(const twin_node& n, double cpu, const device_request& r,
              const std::vector<place::typical_task>& typical)
    -> std::vector<std::pair<double, unsigned>> {
  std::vector<std::pair<double, unsigned>> all;
  const auto before = fragment(n, typical);
  const auto consider = [&](const std::vector<std::size_t>& devices) {
    const auto after = fragment(with_task(n, cpu, r, devices), typical);
    unsigned mask = 0;
    for (const auto d : devices) mask |= 1U << d;
    all.emplace_back(100 * sigmoid((before - after) / 1000), mask);
  };
  if (r.count() == 1 && r.milli() < 1000) {
    for (std::size_t i = 0; i < n.gpu.size(); ++i) {
      if (n.gpu[i] >= r.milli()) consider({i});
    }
  } else {
    consider(first_free(n, r.count()));
  }
  return all;
}

auto near_whole(double x) -> bool { return std::abs(x - std::round(x)) < 1e-9; }
/// Rounded toward zero, where rounding noise does not decide.
auto same(std::int32_t found, double wanted) -> bool {
  return found == static_cast<std::int32_t>(wanted) ||
         (near_whole(wanted) && std::abs(found - std::round(wanted)) <= 1);
}

auto packing_score(const twin_node& n, const device_request& r) -> double {
  if (r.count() == 0) return 0;
  const auto free = static_cast<double>(std::count(n.gpu.begin(), n.gpu.end(), 1000.0));
  if (free == static_cast<double>(n.gpu.size())) return std::max(33 - free, free);
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < n.gpu.size(); ++i) {
    if (n.gpu[i] >= r.milli()) fitting.push_back(i);
  }
  std::stable_sort(fitting.begin(), fitting.end(),
                   [&](auto a, auto b) { return n.gpu[a] < n.gpu[b]; });
  double wholly_free = 0;
  double percent_left = 0;
  for (std::size_t i = 0; i < r.count(); ++i) {
    if (n.gpu[fitting[i]] == 1000) wholly_free += 1;
    percent_left += n.gpu[fitting[i]] / 10;
  }
  if (wholly_free > 0) return std::max(50 - wholly_free, 33.0);
  return std::max(100 - percent_left / 10, 50.0);
}

auto clustering_score(const twin_node& n, const device_request& r) -> double {
  if (r.count() == 0) return 0;
  const auto u = 25 * (8000 - n.free_gpu()) / 8000;
  const std::size_t kind = r.milli() < 1000 ? 0 : r.count();
  std::size_t kinds = 0;
  bool mine = false;
  for (const auto& [k, tasks] : n.kinds) {
    if (tasks == 0) continue;
    ++kinds;
    mine = mine || k == kind;
  }
  if (kinds == 0) return 25 + u;
  if (!mine) return u;
  return (kinds == 1 ? 75 : 50) + u;
}

auto best_fit_score(const twin_node& n, double cpu, const device_request& r) -> double {
  const auto gpu = static_cast<double>(r.total_milli());
  return 100 * (1 - 0.5 * (n.cpu - cpu) / 128000 - 0.5 * (n.free_gpu() - gpu) / 8000);
}
auto dot_product_score(const twin_node& n, double cpu, const device_request& r) -> double {
  const auto gpu = static_cast<double>(r.total_milli());
  return 100 * (1 - 0.5 * (n.cpu / 128000 * cpu / 128000 + n.free_gpu() / 8000 * gpu / 8000));
}

// --- random nodes and tasks
// ------------------------------------------------------------------------

class generator {
 public:
  explicit generator(std::uint64_t seed) : random_(seed) {}

  auto request() -> device_request {
    constexpr std::uint16_t shares[] = {10, 250, 300, 470, 500, 500, 660, 900, 999};
    constexpr std::uint8_t whole[] = {1, 1, 1, 2, 2, 4, 8};
    auto types = device_types::any();
    if (random_.below(3) == 0) {
      types = device_types::only(static_cast<lepton::device_type>(random_.below(3)));
      types.insert(static_cast<lepton::device_type>(random_.below(3)));
    }
    switch (random_.below(4)) {
      case 0:
        return {};
      case 1:
        return device_request::whole(whole[random_.below(7)], types);
      case 2:
        return device_request::share(static_cast<std::uint16_t>(1 + random_.below(999)), types);
      default:
        return device_request::share(shares[random_.below(9)], types);
    }
  }
  auto cpu() -> lepton::amount {
    return random_.below(2) == 0 ? 1000 * random_.below(12) : random_.below(20'000);
  }
  auto typical() -> std::vector<place::typical_task> {
    std::vector<place::typical_task> all;
    for (auto n = 1 + random_.below(25); n > 0; --n) {
      all.push_back({cpu(), request(), 1 + random_.below(500)});
    }
    return all;
  }
  /// A node with tasks on it, and its twin.
  auto node() -> std::pair<lepton::cluster<2>, twin_node> {
    constexpr std::uint8_t counts[] = {0, 1, 2, 4, 8, 8, 8, 8};
    const auto count = counts[random_.below(8)];
    const auto type = static_cast<lepton::device_type>(random_.below(3));
    lepton::node_spec<2> spec;
    spec.capacity = {32'000 + 1000 * random_.below(97), 1};
    spec.devices = lepton::device_set{count, type};
    twin_node twin{static_cast<double>(spec.capacity[0]), type, std::vector<double>(count, 1000.0)};
    lepton::cluster<2> c;
    REQUIRE(c.add(spec));
    for (auto tasks = random_.below(12); tasks > 0; --tasks) {
      const auto demand = cpu() / 2;
      const auto r = request();
      if (!can_run(twin, static_cast<double>(demand), r)) continue;
      REQUIRE(c.allocate(0, {demand, 0}, r));
      const auto devices = r.milli() < 1000 && r.count() == 1
                               ? std::vector{tightest(twin, r.milli())}
                               : first_free(twin, r.count());
      twin = with_task(twin, static_cast<double>(demand), r, devices);
      if (r.count() != 0) ++twin.kinds[r.milli() < 1000 ? 0 : r.count()];
    }
    return {std::move(c), std::move(twin)};
  }

 private:
  lepton::detail::pcg32 random_;
};

auto task_of(lepton::amount cpu, const device_request& r) -> lepton::task<2> {
  lepton::task<2> t;
  t.demand = {cpu, 0};
  t.devices = r;
  return t;
}

auto paper_scale() -> place::percent_scale {
  place::percent_scale scale;
  scale.resource[0] = 128'000;
  scale.devices = 8000;
  return scale;
}

}  // namespace

TEST_CASE("golden: the library's nodes and the twins' are the same nodes") {
  generator g{1};
  for (int i = 0; i < 500; ++i) {
    const auto [c, twin] = g.node();
    REQUIRE(static_cast<double>(c[0].free()[0]) == twin.cpu);
    REQUIRE(c[0].devices().count() == twin.gpu.size());
    for (std::size_t d = 0; d < twin.gpu.size(); ++d) {
      REQUIRE(static_cast<double>(c[0].devices().free(d)) == twin.gpu[d]);
    }
  }
}

TEST_CASE("golden: the fragment of a node") {
  generator g{2};
  for (int round = 0; round < 60; ++round) {
    const auto typical = g.typical();
    const place::fragment_measure measure{typical};
    for (int i = 0; i < 60; ++i) {
      const auto [c, twin] = g.node();
      const auto found = static_cast<double>(measure.fragment(c[0].free()[0], c[0].devices())) /
                         static_cast<double>(measure.total_count());
      const auto wanted = fragment(twin, typical);
      CAPTURE(round, i);
      REQUIRE(std::abs(found - wanted) <= 1e-9 * std::max(1.0, wanted));
    }
  }
}

TEST_CASE("golden: fragmentation gradient descent, score and devices") {
  generator g{3};
  int scored = 0;
  for (int round = 0; round < 60; ++round) {
    const auto typical = g.typical();
    const place::fragmentation_gradient score{typical};
    for (int i = 0; i < 150; ++i) {
      const auto [c, twin] = g.node();
      const auto cpu = g.cpu();
      const auto r = g.request();
      if (!can_run(twin, static_cast<double>(cpu), r)) continue;
      ++scored;
      const auto all = gradient(twin, static_cast<double>(cpu), r, typical);
      double best = -1;
      for (const auto& [worth, devices] : all) best = std::max(best, worth);
      const auto t = task_of(cpu, r);
      const auto found = score(t, c[0]);
      CAPTURE(round, i, found, best);
      REQUIRE(same(found, best));
      // The first device whose rounded score is the best.
      const unsigned chosen = r.none() ? 0U : score.choose_devices(t, c[0]);
      bool close = false;
      unsigned first = 0;
      for (const auto& [worth, devices] : all) {
        close = close || near_whole(worth);
        if (first == 0 && static_cast<std::int32_t>(worth) == static_cast<std::int32_t>(best)) {
          first = devices;
        }
      }
      if (!close) REQUIRE(chosen == first);
    }
  }
  CHECK(scored > 3000);
}

TEST_CASE("golden: every step of the sigmoid") {
  // Of use to nobody, all that is free is fragment: a share of m milli lowers it by m, and whole
  // devices by thousands.
  const std::vector<place::typical_task> typical{{1000, {}, 1}};
  const place::fragmentation_gradient score{typical};
  lepton::cluster<2> c;
  lepton::node_spec<2> spec;
  spec.devices = lepton::device_set{16, 0};
  REQUIRE(c.add(spec));
  for (std::uint16_t m = 1; m < 1000; ++m) {
    CAPTURE(m);
    CHECK(score(task_of(0, device_request::share(m)), c[0]) ==
          static_cast<std::int32_t>(100 * sigmoid(m / 1000.0)));
  }
  for (std::uint8_t k = 1; k <= 16; ++k) {
    CHECK(score(task_of(0, device_request::whole(k)), c[0]) ==
          static_cast<std::int32_t>(100 * sigmoid(k)));
  }
}

TEST_CASE("golden: the other scores of the comparison") {
  generator g{4};
  const place::gpu_packing packing;
  const place::gpu_clustering clustering;
  const place::best_fit_percent best_fit{paper_scale()};
  const place::dot_product product{paper_scale(), place::dot_product::preference::tightness};
  int scored = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto [c, twin] = g.node();
    const auto cpu = g.cpu();
    const auto r = g.request();
    const auto demand = static_cast<double>(cpu);
    if (!can_run(twin, demand, r)) continue;
    ++scored;
    const auto t = task_of(cpu, r);
    CAPTURE(i);
    REQUIRE(same(packing(t, c[0]), packing_score(twin, r)));
    REQUIRE(same(clustering(t, c[0]), clustering_score(twin, r)));
    REQUIRE(same(best_fit(t, c[0]), best_fit_score(twin, demand, r)));
    REQUIRE(same(product(t, c[0]), dot_product_score(twin, demand, r)));
  }
  CHECK(scored > 8000);
}
