// SPDX-License-Identifier: Apache-2.0
// The round robins and the weighted draw against slow twins, in counts and in spread; first picks
// over random restarts; updates between any two picks; exclusions.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include <lepton/balance/edf_round_robin.hpp>
#include <lepton/balance/ipvs_round_robin.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/smooth_round_robin.hpp>
#include <lepton/balance/static_stride.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/balance/weighted_round_robin.hpp>
#include <lepton/detail/mul_div.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using lepton_test::choices;

namespace {

constexpr std::size_t volume = LEPTON_PROPERTY_DECISIONS;

auto of(const std::vector<std::uint32_t>& weights, std::uint64_t first_id = 1) -> snapshot {
  std::vector<balance::backend> list(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    list[i].id = first_id + i;
    list[i].weight = weights[i];
  }
  return snapshot::build(list).value();
}

/// Weights, some 0, at least one positive.
auto some_weights(choices& c, std::uint32_t most_backends) -> std::vector<std::uint32_t> {
  const auto n = 1 + c.below(most_backends);
  const auto bound = c.one_of<std::uint32_t>({2, 4, 8, 30, 100, 1000});
  std::vector<std::uint32_t> weights(n);
  for (auto& w : weights) w = c.chance(10) ? 0 : 1 + c.below(bound);
  weights[c.below(n)] = 1 + c.below(bound);
  return weights;
}

auto period_of(const std::vector<std::uint32_t>& weights) -> std::size_t {
  std::uint32_t divisor = 0;
  std::size_t sum = 0;
  for (const auto w : weights) {
    divisor = std::gcd(divisor, w);
    sum += w;
  }
  return sum / divisor;
}

/// Bits by backend: who is allowed.
struct some_of {
  const std::vector<bool>& in;
  auto operator()(backend_index i) const -> bool { return in[i]; }
};
auto some_allowed(choices& c, std::size_t n) -> std::vector<bool> {
  std::vector<bool> in(n);
  const auto percent = c.one_of<std::uint32_t>({100, 90, 50, 10, 0});
  for (std::size_t i = 0; i < n; ++i) in[i] = percent == 100 || c.chance(percent);
  return in;
}

auto drawing(std::uint64_t random) -> balance::context {
  balance::context c;
  c.random = random;
  return c;
}

// ---- twins -------------------------------------------------------------------------------------

/// nginx: everything in one list, in the words of its change log.
struct naive_smooth {
  struct peer {
    std::int64_t weight, current, effective;
  };
  std::vector<peer> peers;
  std::uint32_t max_fails;

  auto pick(const std::vector<bool>& in) -> backend_index {
    std::vector<std::int64_t> gained(peers.size(), 0);
    std::int64_t points = 0;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (peers[i].weight == 0 || !in[i]) continue;
      gained[i] = peers[i].effective;
      points += gained[i];
      if (peers[i].effective < peers[i].weight) ++peers[i].effective;
    }
    auto best = no_backend;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      if (peers[i].weight == 0 || !in[i]) continue;
      peers[i].current += gained[i];
      if (best == no_backend || peers[i].current > peers[best].current)
        best = static_cast<backend_index>(i);
    }
    if (best != no_backend) peers[best].current -= points;
    return best;
  }
  void fail(backend_index i) {
    if (max_fails == 0) return;
    peers[i].effective -= peers[i].weight / max_fails;
    if (peers[i].effective < 0) peers[i].effective = 0;
  }
};

/// Envoy: deadlines are the fractions count / weight, and equal ones go first in, first out.
struct naive_edf {
  struct entry {
    std::uint64_t count, weight, pushed;
    backend_index backend;
  };
  std::vector<entry> entries;
  std::uint64_t pushes = 0;

  explicit naive_edf(const std::vector<std::uint32_t>& weights) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] > 0)
        entries.push_back({1, weights[i], pushes++, static_cast<backend_index>(i)});
    }
  }
  auto pick() -> backend_index {
    auto& first = *std::min_element(entries.begin(), entries.end(), [](auto& a, auto& b) {
      const auto left = a.count * b.weight;
      const auto right = b.count * a.weight;
      return left != right ? left < right : a.pushed < b.pushed;
    });
    ++first.count;
    first.pushed = pushes++;
    return first.backend;
  }
};

/// The same with exclusions, in the whole units that the policy's comment names.
struct naive_edf_units {
  struct entry {
    std::uint64_t deadline, weight, rest;
    backend_index backend;
  };
  std::vector<entry> entries;
  std::uint64_t now = 0;
  static constexpr std::uint64_t period = std::uint64_t{1} << 44;

  explicit naive_edf_units(const std::vector<std::uint32_t>& weights) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::uint64_t w = weights[i];
      if (w > 0) entries.push_back({period / w, w, period % w, static_cast<backend_index>(i)});
    }
  }
  auto pick(const std::vector<bool>& in) -> backend_index {
    entry* first = nullptr;
    for (auto& e : entries) {
      if (!in[e.backend]) continue;
      if (first == nullptr || e.deadline < first->deadline ||
          (e.deadline == first->deadline && e.weight < first->weight))
        first = &e;
    }
    if (first == nullptr) return no_backend;
    if (first->deadline < now) {
      first->deadline = now;
      first->rest = 0;
    }
    now = first->deadline;
    const auto rest = first->rest + period % first->weight;
    first->deadline += period / first->weight + rest / first->weight;
    first->rest = rest % first->weight;
    return first->backend;
  }
};

/// IPVS: a ring with a head, of which every pass is gone through.
struct naive_ipvs {
  std::vector<std::int64_t> weight;  ///< in place 1, 2, ...; place 0 is the head
  std::vector<backend_index> backend;
  std::int64_t divisor = 0, most = 0, level = 0;
  std::size_t last_place = 0;

  explicit naive_ipvs(const std::vector<std::uint32_t>& weights) : weight{0}, backend{no_backend} {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      weight.push_back(weights[i]);
      backend.push_back(static_cast<backend_index>(i));
      divisor = std::gcd(divisor, weight.back());
      largest = std::max(largest, weight.back());
    }
    most = largest - divisor + 1;
    level = most;
  }
  auto pick(const std::vector<bool>& in) -> backend_index {
    const auto begun = last_place;
    auto place = begun;
    std::size_t stop = 0;
    bool whole_last_pass = false;
    bool again = false;
    for (;;) {
      for (place = place + 1; place < weight.size(); ++place) {
        if (in[backend[place]] && weight[place] >= level) {
          last_place = place;
          return backend[place];
        }
        if (place == stop) {
          last_place = place;
          return no_backend;
        }
      }
      place = 0;
      level -= divisor;
      if (level <= 0) {
        level = most;
        if (whole_last_pass || begun == 0) {
          last_place = 0;
          return no_backend;
        }
        again = true;
      }
      whole_last_pass = level <= divisor;
      if (whole_last_pass && again && begun != 0) stop = begun;
    }
  }
};

/// gRPC: the counter of each entry goes up by its weight each generation, and a pick is where it
/// passes 65,535.
struct naive_stride {
  std::vector<std::uint64_t> weight;
  std::vector<std::uint64_t> counter;
  std::size_t next = 0;

  explicit naive_stride(const balance::stride_sequence& scaled) {
    for (std::size_t k = 0; k < scaled.size(); ++k) {
      weight.push_back(scaled.weight(k));
      counter.push_back(k * 32'767 % 65'535);
    }
  }
  auto pick() -> std::size_t {
    for (;;) {
      const auto k = next;
      next = next + 1 == weight.size() ? 0 : next + 1;
      counter[k] += weight[k];
      if (counter[k] < 65'535) continue;
      counter[k] -= 65'535;
      return k;
    }
  }
};

// ---- one random case each; what they return is what went wrong
// -----------------------------------

auto smooth_case(choices& c) -> std::string {
  const auto weights = some_weights(c, 20);
  const auto s = of(weights);
  const auto max_fails = c.below(4);
  balance::smooth_round_robin p{{max_fails}};
  if (!p.rebuild(s)) return "rebuild";
  naive_smooth twin{{}, max_fails};
  for (const std::int64_t w : weights) twin.peers.push_back({w, 0, w});
  auto in = std::vector<bool>(weights.size(), true);
  for (int k = 0; k < 300; ++k) {
    if (c.chance(5)) in = some_allowed(c, weights.size());
    if (c.chance(3) && !p.rebuild(s)) return "rebuild";
    const auto i = p.pick(s, balance::context{}, some_of{in});
    if (i != twin.pick(in)) return "smooth: another pick than nginx";
    if (i == no_backend) continue;
    const bool success = !c.chance(10);
    p.finished(i, {.success = success});
    if (!success) twin.fail(i);
    if (p.effective_weight(i) != twin.peers[i].effective) return "smooth: another effective weight";
  }
  return {};
}

auto edf_case(choices& c) -> std::string {
  const auto weights = some_weights(c, 40);
  const auto s = of(weights);
  balance::edf_round_robin p;
  if (!p.rebuild(s)) return "rebuild";
  naive_edf twin{weights};
  for (int k = 0; k < 400; ++k) {
    // What is not new changes nothing.
    if (c.chance(3) && !p.rebuild(s)) return "rebuild";
    if (p.pick(s, balance::context{}) != twin.pick()) return "edf: another pick than Envoy";
  }
  balance::edf_round_robin q;
  if (!q.rebuild(s)) return "rebuild";
  naive_edf_units units{weights};
  auto in = std::vector<bool>(weights.size(), true);
  for (int k = 0; k < 400; ++k) {
    if (c.chance(20)) in = some_allowed(c, weights.size());
    if (q.pick(s, balance::context{}, some_of{in}) != units.pick(in))
      return "edf: another pick with exclusions";
  }
  return {};
}

auto ipvs_case(choices& c) -> std::string {
  auto weights = some_weights(c, 12);
  const auto factor = 1 + c.below(3);
  for (auto& w : weights) w = w % 60 * factor;
  if (std::accumulate(weights.begin(), weights.end(), 0U) == 0) return {};
  const auto s = of(weights);
  balance::ipvs_weighted_round_robin p;
  if (!p.rebuild(s)) return "rebuild";
  naive_ipvs twin{weights};
  auto in = std::vector<bool>(weights.size(), true);
  for (int k = 0; k < 300; ++k) {
    if (c.chance(20)) in = some_allowed(c, weights.size());
    if (p.pick(s, balance::context{}, some_of{in}) != twin.pick(in))
      return "ipvs: another pick than IPVS";
  }
  return {};
}

auto stride_case(choices& c) -> std::string {
  const auto weights = some_weights(c, 20);
  const auto s = of(weights);
  balance::static_stride<balance::single_threaded> p;
  if (!p.rebuild(s)) return "rebuild";
  std::vector<float> eligible;
  for (const auto i : s.eligible()) eligible.push_back(static_cast<float>(s.exact_weight(i)));
  const balance::stride_sequence sequence{eligible};
  if (sequence.empty())
    return p.pick(s, balance::context{}) == s.eligible()[0] ? "" : "stride: not the only one";
  naive_stride twin{sequence};
  for (int k = 0; k < 400; ++k) {
    if (p.pick(s, balance::context{}) != s.eligible()[twin.pick()])
      return "stride: another pick than gRPC";
  }
  // How far the next turn is, by looking at all numbers before it.
  const auto entry = c.below(static_cast<std::uint32_t>(sequence.size()));
  const auto from = c.below(1'000'000);
  std::uint32_t ahead = 0;
  for (;; ++ahead) {
    const auto step = sequence.at(from + ahead);
    if (step.picked && step.entry == entry) break;
  }
  if (sequence.distance(from, entry) != ahead) return "stride: another distance";
  return {};
}

/// Exact counts in each period and at any moment the share rounded down or up.
auto table_case(choices& c) -> std::string {
  const auto weights = some_weights(c, 60);
  const auto s = of(weights);
  balance::weighted_round_robin<> p;
  if (!p.rebuild(s)) return "rebuild";
  const auto period = period_of(weights);
  if (p.slots() != period) return "table: another period";
  const auto sum = std::accumulate(weights.begin(), weights.end(), std::size_t{0});
  std::vector<std::size_t> had(weights.size(), 0);
  for (std::size_t t = 1; t <= 2 * period; ++t) {
    ++had[p.pick(s, balance::context{})];
    // All of them at times only, else this is quadratic.
    if (t % period != 0 && t > 50 && !c.chance(2)) continue;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto share = weights[i] * t;
      if (had[i] < share / sum || had[i] > (share + sum - 1) / sum) return "table: not even";
    }
  }
  // The others have the same counts over a period, and stray a little further within.
  balance::smooth_round_robin smooth;
  balance::edf_round_robin edf{c.below(5)};
  if (!smooth.rebuild(s) || !edf.rebuild(s)) return "rebuild";
  std::vector<std::size_t> by_smooth(weights.size(), 0);
  std::vector<std::size_t> by_edf(weights.size(), 0);
  for (std::size_t t = 0; t < 2 * period; ++t) {
    ++by_smooth[smooth.pick(s, balance::context{})];
    ++by_edf[edf.pick(s, balance::context{})];
  }
  return by_smooth == had && by_edf == had ? "" : "the policies' counts differ";
}

/// With too few slots: as many as may be, one at least, nearest shares.
auto short_table_case(choices& c) -> std::string {
  auto weights = some_weights(c, 60);
  for (auto& w : weights) w *= 1 + c.below(50);
  const auto eligible = static_cast<std::size_t>(
      std::count_if(weights.begin(), weights.end(), [](auto w) { return w > 0; }));
  const std::size_t limit = eligible + c.below(200);
  if (period_of(weights) <= limit) return {};
  const auto s = of(weights);
  balance::weighted_round_robin<> p{{limit, 0}};
  if (!p.rebuild(s) || p.slots() != limit) return "short table: slots";
  std::vector<std::size_t> had(weights.size(), 0);
  for (std::size_t t = 0; t < limit; ++t) ++had[p.pick(s, balance::context{})];
  const auto sum = s.total_weight();
  const bool small =
      std::any_of(weights.begin(), weights.end(), [&](auto w) { return w > 0 && w * limit < sum; });
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if ((had[i] > 0) != (weights[i] > 0)) return "short table: nobody may starve";
    const auto share = weights[i] * limit;
    if (had[i] > std::max<std::size_t>(1, share / sum + 1)) return "short table: too many";
    if (!small && had[i] < share / sum) return "short table: too few";
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (weights[i] < weights[j] && had[i] > had[j]) return "short table: not monotone";
    }
  }
  return {};
}

/// Each next slot whose backend is allowed, and never anyone who is not.
auto exclusion_case(choices& c) -> std::string {
  const auto weights = some_weights(c, 30);
  const auto n = weights.size();
  const auto s = of(weights);
  balance::weighted_round_robin<> table;
  balance::round_robin<balance::single_threaded> plain;
  balance::static_stride<> stride;
  balance::weighted_random random;
  if (!table.rebuild(s) || !plain.rebuild(s) || !stride.rebuild(s) || !random.rebuild(s))
    return "rebuild";
  std::size_t slot = 0;
  std::size_t turn = 0;
  for (int k = 0; k < 200; ++k) {
    const auto in = some_allowed(c, n);
    const bool any = std::any_of(s.eligible().begin(), s.eligible().end(),
                                 [&](backend_index i) { return in[i]; });
    const auto right = [&](backend_index i) {
      return any ? i != no_backend && in[i] && s.is_eligible(i) : i == no_backend;
    };
    const auto one = [&](auto& cursor, std::size_t length, auto backend_at) {
      for (std::size_t looks = 0; looks < length; ++looks) {
        const auto i = backend_at(cursor++ % length);
        if (in[i]) return i;
      }
      return no_backend;
    };
    if (table.slots() <= balance::weighted_round_robin<>::most_looks) {
      const auto expected =
          one(slot, table.slots(), [&](std::size_t t) { return table.backend_at(t); });
      if (!any) slot -= table.slots() - 1;
      if (table.pick(s, balance::context{}, some_of{in}) != expected)
        return "exclusions: another slot";
    } else if (!right(table.pick(s, balance::context{}, some_of{in}))) {
      return "exclusions: not allowed by the table";
    }
    const auto next =
        one(turn, s.eligible().size(), [&](std::size_t t) { return s.eligible()[t]; });
    if (!any) turn -= s.eligible().size() - 1;
    if (plain.pick(s, balance::context{}, some_of{in}) != next) return "exclusions: another turn";
    if (!right(stride.pick(s, balance::context{}, some_of{in}))) return "exclusions: stride";
    const auto bits = drawing(lepton::detail::mix(c.below(1'000'000)));
    if (!right(random.pick(s, bits, some_of{in}))) return "exclusions: random";
  }
  return {};
}

/// How many of the 2^64 values of `context::random` lead to each backend, found by bisection, must
/// be the shares to 2^-32 of a column; and the table's own account of it.
auto alias_case(choices& c) -> std::string {
  auto weights = some_weights(c, 24);
  if (c.chance(30)) weights[c.below(static_cast<std::uint32_t>(weights.size()))] = 0xffff'ffff;
  const auto s = of(weights);
  balance::weighted_random p;
  if (!p.rebuild(s)) return "rebuild";
  const std::uint64_t n = weights.size();
  if (n == 1) return p.pick(s, drawing(c.below(1000))) == 0 ? "" : "alias: not the only one";
  const auto at = [&](std::uint64_t random) { return p.pick(s, drawing(random)); };
  std::vector<std::uint64_t> values(n, 0);
  for (std::uint64_t column = 0; column < n; ++column) {
    // The first and the last number of the column: column 2^64 / n, rounded up.
    const auto edge = [&](std::uint64_t k) {
      const auto low = ~std::uint64_t{0} / n * k + (~std::uint64_t{0} % n + 1) * k / n;
      return low + ((~std::uint64_t{0} % n + 1) * k % n != 0 ? 1 : 0);
    };
    const auto begin = edge(column);
    const auto last = column + 1 == n ? ~std::uint64_t{0} : edge(column + 1) - 1;
    const auto own = at(begin);
    auto low = begin;
    auto high = last;
    while (low < high) {  // the last number that leads where the first does
      const auto middle = low + (high - low + 1) / 2;
      if (at(middle) == own) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    values[own] += low - begin + 1;
    if (low != last) values[at(last)] += last - low;
  }
  std::uint64_t units = 0;
  for (backend_index i = 0; i < n; ++i) {
    if ((weights[i] == 0) != (values[i] == 0)) return "alias: weight 0 is picked";
    units += p.units(i);
    const auto exact = lepton::detail::mul_div(weights[i], ~std::uint64_t{0}, s.total_weight());
    const auto error = values[i] > exact ? values[i] - exact : exact - values[i];
    if (error > (std::uint64_t{1} << 32) / n + n + 2) return "alias: probability";
    const auto share = lepton::detail::mul_div(weights[i], n << 32, s.total_weight());
    if (p.units(i) != share && p.units(i) != share + 1 && p.units(i) + 1 != share)
      return "alias: units";
  }
  return units == n << 32 ? "" : "alias: units do not add up";
}

using one_case = auto(*)(choices&) -> std::string;
constexpr std::pair<const char*, one_case> cases[] = {
    {"smooth", smooth_case},       {"edf", edf_case},     {"ipvs", ipvs_case},
    {"stride", stride_case},       {"table", table_case}, {"short table", short_table_case},
    {"exclusion", exclusion_case}, {"alias", alias_case}};

}  // namespace

TEST_CASE("property: round robins pick as their twins do") {
  for (const auto& [name, run] : cases) {
    const auto part = run;
    rc::check(std::string{"small cases: "} + name, [part](const std::vector<std::uint8_t>& bytes) {
      choices c{bytes};
      const auto wrong = part(c);
      if (!wrong.empty()) RC_FAIL(wrong);
    });
    INFO(name);
    for (std::uint64_t k = 0; k < volume / 400 + 1; ++k) {
      choices c{lepton_test::seed_for(name, k)};
      const auto wrong = run(c);
      INFO(lepton_test::how_to_repeat() << " case " << k);
      if (!wrong.empty()) FAIL(wrong);
    }
  }
}

namespace {

/// The largest distance of a backend's share of the first picks from its share of the weights, in
/// percent, over restarts with different seeds.
template <class Make>
auto first_pick_bias(const std::vector<std::uint32_t>& weights, bool equal_shares, Make make)
    -> double {
  const auto s = of(weights);
  const std::uint64_t restarts = std::max<std::size_t>(volume / 4, 25'000);
  std::vector<std::uint64_t> first(weights.size(), 0);
  for (std::uint64_t k = 1; k <= restarts; ++k) {
    auto p = make(lepton_test::seed_for("restart", k));
    if (!p.rebuild(s)) return 100;
    ++first[p.pick(s, balance::context{})];
  }
  double worst = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto share = equal_shares
                           ? (weights[i] > 0 ? 1.0 / static_cast<double>(s.eligible().size()) : 0)
                           : weights[i] / static_cast<double>(s.total_weight());
    const auto had = static_cast<double>(first[i]) / static_cast<double>(restarts);
    worst = std::max(worst, 100 * std::abs(had - share));
  }
  return worst;
}

/// Picks while two snapshots take turns, so many picks on each. The least share of its fair one
/// that a backend got.
template <class Policy>
auto least_under_updates(Policy p, const snapshot& a, const snapshot& b, std::size_t each,
                         std::size_t picks, bool equal_shares = false, bool of_both = false)
    -> double {
  std::vector<double> had(std::max(a.size(), b.size()), 0);
  std::vector<double> fair(had.size(), 0);
  for (std::size_t k = 0; k < picks;) {
    for (const auto* s : {&a, &b}) {
      if (!p.rebuild(*s)) return 0;
      for (const auto i : s->eligible()) {
        fair[i] += static_cast<double>(each) *
                   (equal_shares ? 1.0 / static_cast<double>(s->eligible().size())
                                 : s->weight(i) / static_cast<double>(s->total_weight()));
      }
      for (std::size_t m = 0; m < each; ++m, ++k) {
        const auto i = p.pick(*s, drawing(lepton::detail::mix(k)));
        if (i == no_backend || !s->is_eligible(i)) return 0;
        had[i] += 1;
      }
    }
  }
  double least = 1;
  for (std::size_t i = 0; i < had.size(); ++i) {
    const auto index = static_cast<backend_index>(i);
    if (of_both && !(a.is_eligible(index) && b.is_eligible(index))) continue;
    if (fair[i] > 0) least = std::min(least, had[i] / fair[i]);
  }
  return least;
}

}  // namespace

TEST_CASE("property: first picks over random restarts are in proportion to the weights") {
  for (const auto& weights : std::vector<std::vector<std::uint32_t>>{
           {25, 75}, {1, 99}, {1, 20, 79}, {20, 1, 79}, {5, 0, 1, 1, 3}, {7, 7, 7, 1}}) {
    CHECK(first_pick_bias(weights, true, [](auto seed) { return balance::round_robin<>{seed}; }) <
          1);
    CHECK(first_pick_bias(weights, false,
                          [](auto seed) { return balance::edf_round_robin{seed}; }) < 1);
    CHECK(first_pick_bias(weights, false,
                          [](auto seed) { return balance::static_stride<>{seed}; }) < 1);
    CHECK(first_pick_bias(weights, false, [](auto seed) {
            return balance::weighted_round_robin<>{{0, seed}};
          }) < 1);
    CHECK(first_pick_bias(weights, false, [&](auto seed) {
            struct forked {
              balance::weighted_round_robin<> origin;
              balance::weighted_round_robin<balance::single_threaded> own;
              std::uint64_t seed;
              auto rebuild(const snapshot& s) {
                auto good = origin.rebuild(s);
                own = origin.fork(seed);
                return good;
              }
              auto pick(const snapshot& s, const balance::context& c) { return own.pick(s, c); }
            };
            return forked{{}, {}, seed};
          }) < 1);
  }
}

TEST_CASE("property: nobody starves when there is an update between any two picks") {
  const std::vector<std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>>> pairs{
      {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
      {{3, 0, 1, 4, 1, 5}, {3, 2, 1, 4, 0, 5, 9}},
      {{1, 50, 3}, {2, 3, 70, 1}},
      {{4, 4, 4, 4}, {40, 40, 40, 41}},
      {{1, 1, 1, 1}, {70, 71, 70, 70}},
      {{30, 30, 0, 40}, {40, 30, 30, 0}}};
  const std::size_t picks = std::max<std::size_t>(volume / 20, 5'000);
  for (auto [left, right] : pairs) {
    CAPTURE(left, right);
    // First with newcomers, who come and go: no policy could remember anything of those. Then with
    // members who have weight 0 for a while.
    for (const bool stay : {false, true}) {
      if (stay) left.resize(std::max(left.size(), right.size()), 0);
      const auto a = of(left);
      const auto b = of(right);
      for (const std::size_t each : {1U, 2U, 3U, 7U}) {
        CAPTURE(each, stay);
        for (const std::uint64_t seed : {0U, 5U}) {
          CHECK(least_under_updates(balance::round_robin<>{seed}, a, b, each, picks, true) > 0.9);
          CHECK(least_under_updates(balance::weighted_round_robin<>{{0, seed}}, a, b, each, picks) >
                0.6);
          CHECK(least_under_updates(balance::static_stride<>{seed}, a, b, each, picks) > 0.5);
          if (stay)
            CHECK(least_under_updates(balance::edf_round_robin{seed}, a, b, each, picks) > 0.5);
        }
        if (stay) {
          CHECK(least_under_updates(balance::smooth_round_robin{}, a, b, each, picks) > 0.5);
          // Its place is that of a list, and whoever is there for half of the time may never be
          // when the place comes by.
          CHECK(least_under_updates(balance::ipvs_weighted_round_robin{}, a, b, each, picks, false,
                                    true) > 0.3);
        }
        CHECK(least_under_updates(balance::weighted_random{}, a, b, each, picks) > 0.6);
      }
    }
  }
}

TEST_CASE("property: updates while others pick from the older copy starve nobody") {
  // As a balancer does it: copy, rebuild, publish; meanwhile requests go on with the old one.
  const auto a = of(std::vector<std::uint32_t>(50, 1));
  const auto starve = [&](auto current) {
    std::vector<int> had(50, 0);
    REQUIRE(current.rebuild(a));
    for (int update = 0; update < 2000; ++update) {
      auto next = current;
      for (int k = 0; k < 5; ++k) ++had[current.pick(a, balance::context{})];
      REQUIRE(next.rebuild(a));
      current = next;
    }
    return *std::min_element(had.begin(), had.end()) / 200.0;
  };
  CHECK(starve(balance::round_robin<>{}) > 0.9);
  CHECK(starve(balance::weighted_round_robin<>{}) > 0.7);
  CHECK(starve(balance::static_stride<>{}) > 0.7);
}

TEST_CASE("property: threads together pick whole rounds") {
  const auto s = of({5, 1, 1, 3, 0, 7});
  balance::weighted_round_robin<> table;
  balance::round_robin<> plain;
  REQUIRE(table.rebuild(s));
  REQUIRE(plain.rebuild(s));
  constexpr std::size_t rounds = 17 * 5 * 300;
  const auto work = [&](std::vector<std::size_t>& by_table, std::vector<std::size_t>& by_plain) {
    for (std::size_t k = 0; k < rounds; ++k) {
      ++by_table[table.pick(s, balance::context{})];
      ++by_plain[plain.pick(s, balance::context{})];
    }
  };
  std::vector<std::size_t> t1(6), t2(6), p1(6), p2(6);
  std::thread other{[&] { work(t1, p1); }};
  work(t2, p2);
  other.join();
  for (backend_index i = 0; i < 6; ++i) {
    CHECK(t1[i] + t2[i] == 2 * rounds / 17 * s.weight(i));
    CHECK(p1[i] + p2[i] == (s.weight(i) == 0 ? 0 : 2 * rounds / 5));
  }
}
