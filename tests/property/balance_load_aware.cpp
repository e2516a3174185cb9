// SPDX-License-Identifier: Apache-2.0
// The load-aware policies against slow twins that look at every backend, and their chances against
// the probabilities that they promise.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include <lepton/balance/ipvs_least_connections.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/nginx_least_connections.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/prequal.hpp>
#include <lepton/balance/zone_power_of_d.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using balance::no_backend;
using lepton_test::choices;

namespace {

#if !defined(LEPTON_PROPERTY_DECISIONS)
#define LEPTON_PROPERTY_DECISIONS 100000
#endif
constexpr std::uint64_t decisions = LEPTON_PROPERTY_DECISIONS;

struct world {
  std::vector<balance::backend> backends;

  [[nodiscard]] auto snapshot() const -> balance::snapshot {
    return *balance::snapshot::build(backends);
  }
};

auto some_weight(choices& c, std::uint32_t kind) -> double {
  switch (kind) {
    case 0:
      return 1;
    case 1:
      return 1 + c.below(3);
    case 2:
      return c.chance(10) ? 0 : 1 + c.below(1000);
    default:
      return c.chance(50) ? 1 : 4'294'967'295.0 - c.below(3);
  }
}

auto some_world(choices& c, std::size_t most) -> world {
  world w;
  const auto n = 1 + c.below(static_cast<std::uint32_t>(most));
  const auto kind = c.below(4);
  for (std::uint32_t i = 0; i < n; ++i) {
    balance::backend b;
    b.id = i + 1;
    b.weight = some_weight(c, kind);
    b.healthy = !c.chance(10);
    w.backends.push_back(b);
  }
  return w;
}

/// least_connections<single_threaded> as its comment tells it: every number kept by itself.
class slow_least_connections {
 public:
  struct member {
    std::uint32_t load = 0;
    std::uint64_t since = 0;  ///< when it came to its load
  };
  struct turn {
    std::uint64_t deadline = 0;
    std::uint64_t rest = 0;
    std::uint64_t total = 0;
  };

  void rebuild(const balance::snapshot& s) {
    members_.resize(s.size());
    const auto old_weights = weights_;
    auto known = eligible_;
    std::sort(known.begin(), known.end(), [&](backend_index a, backend_index b) {
      if (weights_[a] != weights_[b]) return weights_[a] > weights_[b];
      if (members_[a].load != members_[b].load) return members_[a].load < members_[b].load;
      return members_[a].since < members_[b].since;
    });
    for (const auto i : known) members_[i].since = ++time_;
    for (const auto i : s.eligible()) {
      if (!was_eligible(i)) members_[i].since = ++time_;
    }

    std::map<std::uint32_t, turn> turns;
    std::map<std::uint32_t, backend_index> first;
    std::uint64_t heaviest = 1;
    for (const auto i : s.eligible()) {
      auto& t = turns[s.weight(i)];
      t.total += s.weight(i);
      heaviest = std::max(heaviest, t.total);
      const auto [at, fresh] = first.try_emplace(s.weight(i), i);
      const auto order = [&](backend_index k) {
        return std::pair{members_[k].load, members_[k].since};
      };
      if (!fresh && order(i) < order(at->second)) at->second = i;
    }
    const auto unit = std::bit_ceil(heaviest) << 16;
    for (auto& [weight, t] : turns) {
      t.deadline = unit / t.total;
      const auto i = first.at(weight);
      if (!was_eligible(i)) continue;
      const auto& old = turns_.at(old_weights[i]);
      const auto ahead = old.deadline - std::min(old.deadline, now_);
      __extension__ using wide = unsigned __int128;
      const auto step = std::max(unit_ / old.total, std::uint64_t{1});
      t.deadline = static_cast<std::uint64_t>(wide{ahead} * t.deadline / step);
      if (old.total == t.total) t.rest = old.rest;
    }
    turns_ = turns;
    unit_ = unit;
    now_ = 0;
    eligible_.assign(s.eligible().begin(), s.eligible().end());
    weights_.resize(s.size());
    for (backend_index i = 0; i < s.size(); ++i) weights_[i] = s.weight(i);
  }

  template <class Allowed>
  [[nodiscard]] auto pick(const Allowed& allowed) const -> backend_index {
    auto best = no_backend;
    for (const auto i : eligible_) {
      if (allowed(i) && (best == no_backend || before(i, best))) best = i;
    }
    return best;
  }
  void started(backend_index i) {
    ++members_[i].load;
    members_[i].since = ++time_;
    if (!was_eligible(i)) return;
    auto& t = turns_.at(weights_[i]);
    now_ = std::max(now_, t.deadline);
    t.deadline = now_ + unit_ / t.total;
    t.rest += unit_ % t.total;
    if (t.rest >= t.total) {
      t.rest -= t.total;
      ++t.deadline;
    }
    if (t.deadline < std::uint64_t{1} << 62) return;
    for (auto& [weight, other] : turns_) other.deadline -= std::min(other.deadline, now_);
    now_ = 0;
    ++turned_back;
  }
  void finished(backend_index i) {
    if (members_[i].load == 0) return;
    --members_[i].load;
    members_[i].since = ++time_;
  }
  [[nodiscard]] auto load(backend_index i) const -> std::uint32_t { return members_[i].load; }
  std::size_t turned_back = 0;

 private:
  [[nodiscard]] auto was_eligible(backend_index i) const -> bool {
    return std::binary_search(eligible_.begin(), eligible_.end(), i);
  }
  [[nodiscard]] auto before(backend_index a, backend_index b) const -> bool {
    const auto x = std::uint64_t{members_[a].load} * weights_[b];
    const auto y = std::uint64_t{members_[b].load} * weights_[a];
    if (x != y) return x < y;
    if (weights_[a] == weights_[b]) return members_[a].since < members_[b].since;
    const auto da = turns_.at(weights_[a]).deadline;
    const auto db = turns_.at(weights_[b]).deadline;
    return da != db ? da < db : weights_[a] > weights_[b];
  }

  std::vector<member> members_;
  std::vector<std::uint32_t> weights_;
  std::vector<backend_index> eligible_;
  std::map<std::uint32_t, turn> turns_;
  std::uint64_t now_ = 0;
  std::uint64_t unit_ = 1U << 16;
  std::uint64_t time_ = 0;
};

/// A history of requests, refusals and changes; "" or where the two came apart.
auto least_connections_history(choices& c, std::size_t most, std::size_t steps) -> std::string {
  auto w = some_world(c, most);
  const auto kind = c.below(4);
  balance::least_connections<balance::single_threaded> fast;
  slow_least_connections slow;
  auto s = w.snapshot();
  if (!fast.rebuild(s)) return "rebuild";
  slow.rebuild(s);
  std::vector<backend_index> live;
  const auto refuses = c.below(4) * 30;
  const auto ends = 20 + c.below(60);
  const auto start = [&](backend_index i) {
    fast.started(i, {});
    slow.started(i);
    live.push_back(i);
  };
  for (std::size_t step = 0; step < steps; ++step) {
    const auto what = c.below(1000);
    if (what >= 990) {
      auto& b = w.backends[c.below(static_cast<std::uint32_t>(w.backends.size()))];
      if (what >= 996) b.weight = some_weight(c, kind);
      if (what < 996) b.healthy = !b.healthy;
      if (what >= 998 && w.backends.size() < most) {
        w.backends.emplace_back();
        w.backends.back().id = w.backends.size();
      }
      s = w.snapshot();
      if (!fast.rebuild(s)) return "rebuild";
      slow.rebuild(s);
    } else if (what >= 980) {
      // A backend that was not picked: a wrapper chose it, or it takes what it must.
      start(c.below(static_cast<std::uint32_t>(w.backends.size())));
    }
    const std::uint64_t salt = c.below(1U << 16);
    const auto allowed = [&](backend_index i) {
      return lepton::detail::mix(salt << 32 | i) % 100 >= refuses;
    };
    const auto picked = fast.pick(s, balance::context{}, allowed);
    if (picked != slow.pick(allowed)) return "pick in step " + std::to_string(step);
    if (fast.pick(s, balance::context{}) != slow.pick(balance::everyone{})) {
      return "pick of all in step " + std::to_string(step);
    }
    if (picked != no_backend) start(picked);
    while (!live.empty() && c.chance(ends)) {
      const auto at = c.below(static_cast<std::uint32_t>(live.size()));
      fast.finished(live[at], {});
      slow.finished(live[at]);
      live[at] = live.back();
      live.pop_back();
    }
  }
  for (backend_index i = 0; i < s.size(); ++i) {
    if (fast.load(i) != slow.load(i)) return "load of " + std::to_string(i);
  }
  for (const auto i : live) fast.finished(i, {});
  for (backend_index i = 0; i < s.size(); ++i) {
    if (fast.load(i) != 0) return "load left on " + std::to_string(i);
  }
  return {};
}

/// Pearson's statistic of counts that should be in proportion to `shares`.
auto chi_square(const std::vector<std::uint64_t>& counts, const std::vector<double>& shares)
    -> double {
  double all = 0;
  double whole = 0;
  for (const auto n : counts) all += static_cast<double>(n);
  for (const auto x : shares) whole += x;
  double sum = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const auto expected = all * shares[k] / whole;
    const auto off = static_cast<double>(counts[k]) - expected;
    sum += off * off / expected;
  }
  return sum;
}

/// Above this a statistic of `freedom` degrees is one in some 10,000 (Wilson and Hilferty).
auto chi_square_limit(std::size_t freedom) -> double {
  const auto f = static_cast<double>(freedom);
  const auto x = 1 - 2 / (9 * f) + 3.72 * std::sqrt(2 / (9 * f));
  return f * x * x * x;
}

auto equal_backends(std::size_t n) -> balance::snapshot {
  world w;
  for (std::size_t i = 0; i < n; ++i) {
    w.backends.emplace_back();
    w.backends.back().id = i + 1;
  }
  return w.snapshot();
}

}  // namespace

TEST_CASE("least_connections agrees with looking at all backends", "[property]") {
  std::uint64_t number = 0;
  for (std::uint64_t done = 0; done < 15 * decisions;) {
    choices c{lepton_test::seed_for("least connections", number++)};
    const std::size_t steps = 2000;
    const std::size_t most = number % 4 == 0 ? 200 : number % 4 == 1 ? 3 : 20;
    const auto apart = least_connections_history(c, most, steps);
    INFO(lepton_test::how_to_repeat() << " history " << number);
    REQUIRE(apart == "");
    done += 2 * steps;
  }
  CHECK(rc::check("a short history", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    RC_ASSERT(least_connections_history(c, 8, bytes.size()) == "");
  }));
}

TEST_CASE("least_connections shares without load in exact proportion", "[property]") {
  for (std::uint64_t round = 0; round < 60; ++round) {
    choices c{lepton_test::seed_for("no load", round)};
    world w;
    std::uint64_t cycle = 0;
    const auto n = 1 + c.below(30);
    for (std::uint32_t i = 0; i < n; ++i) {
      w.backends.emplace_back();
      w.backends.back().id = i + 1;
      w.backends.back().weight = 1 + c.below(20);
      cycle += static_cast<std::uint64_t>(w.backends.back().weight);
    }
    const auto s = w.snapshot();
    balance::least_connections<balance::single_threaded> p;
    REQUIRE(p.rebuild(s));
    for (int turn = 0; turn < 5; ++turn) {
      std::vector<std::uint64_t> counts(n);
      for (std::uint64_t k = 0; k < cycle; ++k) {
        const auto i = p.pick(s, balance::context{});
        ++counts[i];
        p.started(i, {});
        p.finished(i, {});
      }
      for (backend_index i = 0; i < n; ++i) CHECK(counts[i] == s.weight(i));
    }
  }
}

TEST_CASE("least_connections keeps its order when its virtual time turns back", "[property]") {
  world w;
  for (std::uint32_t i = 0; i < 3; ++i) {
    w.backends.emplace_back();
    w.backends.back().id = i + 1;
    w.backends.back().weight = i == 0 ? 1 : 4'294'967'295.0;
  }
  const auto s = w.snapshot();
  balance::least_connections<balance::single_threaded> fast;
  slow_least_connections slow;
  REQUIRE(fast.rebuild(s));
  slow.rebuild(s);
  choices c{7};
  for (int step = 0; step < 100'000; ++step) {
    const auto i = step % 3 == 0 ? fast.pick(s, balance::context{}) : 0;
    fast.started(i, {});
    fast.finished(i, {});
    slow.started(i);
    slow.finished(i);
    REQUIRE(fast.pick(s, balance::context{}) == slow.pick(balance::everyone{}));
  }
  CHECK(slow.turned_back > 2);
}

TEST_CASE("the scans pick the least of the allowed", "[property]") {
  const auto ratio_less = [](std::uint64_t a, std::uint64_t wa, std::uint64_t b, std::uint64_t wb) {
    return a * wb < b * wa;
  };
  for (std::uint64_t round = 0; round < decisions / 500; ++round) {
    choices c{lepton_test::seed_for("scans", round)};
    auto w = some_world(c, 30);
    const auto s = w.snapshot();
    balance::least_connections<balance::shared> shared_least;
    balance::nginx_least_connections nginx;
    REQUIRE(shared_least.rebuild(s));
    REQUIRE(nginx.rebuild(s));
    std::vector<std::uint64_t> active(s.size());
    std::vector<std::uint32_t> quiet(s.size());
    for (int step = 0; step < 50; ++step) {
      for (auto& a : active) a = c.below(4);
      for (auto& q : quiet) q = c.below(600);
      const std::uint64_t salt = c.below(1U << 16);
      const auto refuses = c.below(4) * 33;
      const auto allowed = [&](backend_index i) {
        return lepton::detail::mix(salt << 32 | i) % 100 >= refuses;
      };
      const auto least = [&](auto cost, auto weight) {
        auto best = no_backend;
        for (const auto i : s.eligible()) {
          if (!allowed(i)) continue;
          if (best == no_backend || ratio_less(cost(i), weight(i), cost(best), weight(best)))
            best = i;
        }
        return best;
      };
      const auto in_flight = [&](backend_index i) { return active[i]; };
      const auto overhead = [&](backend_index i) { return active[i] * 256 + quiet[i]; };
      const auto one_more = [&](backend_index i) { return active[i] + 1; };
      const auto weight = [&](backend_index i) { return s.weight(i); };
      const auto none = [](backend_index) { return 1U; };
      const balance::ipvs_context both{balance::context{}, active, quiet};
      const auto c1 = balance::context{}.with(active);

      CHECK(balance::ipvs_least_connections{}.pick(s, both, allowed) == least(overhead, none));
      CHECK(balance::ipvs_weighted_least_connections{}.pick(s, both, allowed) ==
            least(overhead, weight));
      CHECK(balance::ipvs_weighted_least_connections{}.pick(s, c1, allowed) ==
            least(in_flight, weight));
      CHECK(balance::shortest_expected_delay{}.pick(s, both, allowed) == least(one_more, weight));
      const auto idle = std::find_if(s.eligible().begin(), s.eligible().end(),
                                     [&](backend_index i) { return allowed(i) && active[i] == 0; });
      CHECK(balance::never_queue{}.pick(s, both, allowed) ==
            (idle != s.eligible().end() ? *idle : least(one_more, weight)));

      // Ties are another matter here, so the amounts are compared.
      const auto best = least(in_flight, weight);
      for (const auto i : {shared_least.pick(s, c1, allowed), nginx.pick(s, c1, allowed)}) {
        REQUIRE((i == no_backend) == (best == no_backend));
        if (i == no_backend) continue;
        REQUIRE((s.is_eligible(i) && allowed(i)));
        REQUIRE(active[i] * s.weight(best) == active[best] * s.weight(i));
      }
    }
  }
}

TEST_CASE("draws are distinct and all equally likely", "[property]") {
  lepton::detail::pcg32 random{11};
  const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
  int wrong = 0;
  {
    const std::uint64_t n = 7;
    std::vector<std::uint64_t> pairs(n * n);
    for (int k = 0; k < 400'000; ++k) {
      const auto [a, b] = balance::detail::two_distinct(word(), n);
      wrong += a < n && b < n && a != b ? 0 : 1;
      ++pairs[a * n + b];
    }
    std::vector<std::uint64_t> off_diagonal;
    for (std::uint64_t k = 0; k < n * n; ++k) {
      if (k / n != k % n) off_diagonal.push_back(pairs[k]);
    }
    CHECK(chi_square(off_diagonal, std::vector<double>(42, 1)) < chi_square_limit(41));
  }
  {
    const std::uint64_t n = 5;
    std::map<std::array<std::uint64_t, 4>, std::uint64_t> sequences;
    for (int k = 0; k < 400'000; ++k) {
      const auto drawn = balance::detail::distinct_draws<4>(word(), n);
      auto sorted = drawn;
      std::sort(sorted.begin(), sorted.end());
      REQUIRE(
          (sorted.back() < n && std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()));
      ++sequences[drawn];
    }
    std::vector<std::uint64_t> counts;
    for (const auto& [drawn, count] : sequences) counts.push_back(count);
    REQUIRE(counts.size() == 120);
    CHECK(chi_square(counts, std::vector<double>(120, 1)) < chi_square_limit(119));
  }
  CHECK(wrong == 0);
}

TEST_CASE("power_of_d never picks the more loaded of two", "[property]") {
  const auto s = equal_backends(50);
  balance::power_of_d<2> p;
  REQUIRE(p.rebuild(s));
  lepton::detail::pcg32 random{12};
  std::vector<std::uint32_t> in_flight(50);
  std::vector<std::uint64_t> idle_counts(50);
  const std::vector<std::uint32_t> idle(50);
  int wrong = 0;
  for (int k = 0; k < 300'000; ++k) {
    balance::context c;
    c.random = std::uint64_t{random()} << 32 | random();
    const auto [a, b] = balance::detail::two_distinct(c.random, 50);
    for (const auto i : {a, b}) in_flight[i] = random.below(3);
    const auto i = p.pick(s, c.with(in_flight));
    wrong += i == (in_flight[b] < in_flight[a] ? b : a) ? 0 : 1;
    ++idle_counts[p.pick(s, c.with(idle))];
  }
  CHECK(wrong == 0);
  CHECK(chi_square(idle_counts, std::vector<double>(50, 1)) < chi_square_limit(49));
}

TEST_CASE("power_of_d of different weights shares in proportion", "[property]") {
  world w;
  std::vector<double> shares;
  for (std::uint32_t i = 0; i < 6; ++i) {
    w.backends.emplace_back();
    w.backends.back().id = i + 1;
    w.backends.back().weight = 1 + i * 3;
    shares.push_back(1 + i * 3);
  }
  const auto s = w.snapshot();
  balance::power_of_d<2> p;
  balance::power_of_d<3> p3;
  REQUIRE(p.rebuild(s));
  REQUIRE(p3.rebuild(s));
  lepton::detail::pcg32 random{13};
  std::vector<std::uint64_t> counts(6);
  std::vector<std::uint64_t> counts3(6);
  const std::vector<std::uint32_t> idle(6);
  balance::loads<balance::single_threaded> busy(6);
  for (int k = 0; k < 200'000; ++k) {
    balance::context c;
    c.random = std::uint64_t{random()} << 32 | random();
    ++counts[p.pick(s, c.with(idle))];
    ++counts3[p3.pick(s, c.with(idle))];
    busy.start(p.pick(s, c.with(busy)));
  }
  CHECK(chi_square(counts, shares) < chi_square_limit(5));
  CHECK(chi_square(counts3, shares) < chi_square_limit(5));
  // Requests that never end: in_flight / weight evens out far better than by chance.
  for (backend_index i = 0; i < 6; ++i) {
    const auto share = 200'000.0 * shares[i] / 51;
    CHECK(std::abs(busy[i] - share) < share * 0.001 + 3);
  }
}

TEST_CASE("draws with refusals stay right", "[property]") {
  for (std::uint64_t round = 0; round < decisions / 200; ++round) {
    choices c{lepton_test::seed_for("refusals", round)};
    auto w = some_world(c, 12);
    for (auto& b : w.backends) b.zone = c.chance(50) ? "here" : "there";
    const auto s = w.snapshot();
    balance::power_of_d<2> two;
    balance::power_of_d<3> three;
    balance::power_of_d<2> plain{{.weighted = false}};
    balance::zone_power_of_d<2> zone{{.zone = "here", .away_cost = 3}};
    REQUIRE((two.rebuild(s) && three.rebuild(s) && plain.rebuild(s) && zone.rebuild(s)));
    std::vector<std::uint32_t> in_flight(s.size());
    for (int step = 0; step < 20; ++step) {
      for (auto& l : in_flight) l = c.below(5);
      balance::context draw;
      draw.random = lepton::detail::mix(round * 64 + static_cast<std::uint64_t>(step));
      const auto refuses = c.below(5) * 25;
      const std::uint64_t salt = c.below(1U << 16);
      const auto allowed = [&](backend_index i) {
        return lepton::detail::mix(salt << 32 | i) % 100 >= refuses;
      };
      std::vector<backend_index> open;
      for (const auto i : s.eligible()) {
        if (allowed(i)) open.push_back(i);
      }
      const auto ctx = draw.with(in_flight);
      const auto most = [&](backend_index i) {
        return std::all_of(open.begin(), open.end(), [&](backend_index j) {
          return std::uint64_t{in_flight[i]} >= in_flight[j];
        });
      };
      for (const auto i : {two.pick(s, ctx, allowed), three.pick(s, ctx, allowed),
                           plain.pick(s, ctx, allowed), zone.pick(s, ctx, allowed)}) {
        if (open.empty()) {
          REQUIRE(i == no_backend);
        } else {
          REQUIRE(std::find(open.begin(), open.end(), i) != open.end());
        }
      }
      // Of two or more it is never the one that is strictly the most loaded.
      const auto i = plain.pick(s, ctx, allowed);
      const bool alone = std::count_if(open.begin(), open.end(), [&](backend_index j) {
                           return i != no_backend && in_flight[j] == in_flight[i];
                         }) == 1;
      if (open.size() > 1 && alone) REQUIRE_FALSE(most(i));
      REQUIRE(two.pick(s, ctx) == two.pick(s, ctx, [](backend_index) { return true; }));
      REQUIRE(three.pick(s, ctx) == three.pick(s, ctx, [](backend_index) { return true; }));
    }
  }
}
