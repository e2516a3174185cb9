// SPDX-License-Identifier: Apache-2.0
// Trees of wrappers over backends that come, go, fail and change, beside plain lists of who may be
// picked; the shares of levels and zones; ramps that end; tasks placed by balancing policies.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/deterministic_subset.hpp>
#include <lepton/balance/drain.hpp>
#include <lepton/balance/label_subset.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/over_nodes.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/priority_levels.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/balance/retry_exclusion.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/slow_start.hpp>
#include <lepton/balance/sticky_sessions.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/balance/zone_aware.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/schedule/scheduler.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace balance = lepton::balance;
using namespace std::chrono_literals;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using balance::thin_by;
using lepton::at;
using lepton_test::choices;

namespace {

constexpr std::size_t volume = LEPTON_PROPERTY_DECISIONS;
constexpr auto drain_window = 20s;

/// A policy that checks what reaches it: picks within its snapshot, hooks that balance.
template <class Base>
struct watched {
  auto rebuild(const snapshot& s) -> lepton::status {
    in_flight.resize(std::max<std::size_t>(in_flight.size(), 32));
    return base.rebuild(s);
  }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    const auto i = base.pick(s, c, allowed);
    wrong = wrong || (i != no_backend && !(s.is_eligible(i) && allowed(i)));
    return i;
  }
  void started(backend_index i, const balance::context& c) noexcept {
    ++in_flight[i];
    balance::tell_started(base, i, c);
  }
  void finished(backend_index i, const balance::outcome& how) noexcept {
    --in_flight[i];
    balance::tell_finished(base, i, how);
  }
  Base base{};
  std::vector<int> in_flight{};
  static inline bool wrong = false;
};

struct request {
  std::vector<backend_index> tried{};
  std::uint64_t cookie = 0;
  lepton::labels wanted{};
  std::uint32_t banned = 0;  ///< a bit for each backend that is not allowed
};

class world {
 public:
  explicit world(choices& c) : c_(c) {
    for (auto n = c.below(11); n-- > 0;) list_.push_back(newcomer());
    take_up();
  }

  [[nodiscard]] auto backends() const -> const snapshot& { return s_; }
  [[nodiscard]] auto list() const -> const std::vector<backend>& { return list_; }
  [[nodiscard]] auto now() const { return now_; }
  void wait() { now_ += 1s * c_.below(c_.chance(10) ? 200 : 4); }

  /// Somebody joins, leaves, fails, recovers, ... True if indices may have changed.
  auto change() -> bool {
    const auto moves = c_.below(10);
    if (moves == 0 && list_.size() < 12) {
      list_.push_back(newcomer());
    } else if (moves == 1 && !list_.empty()) {
      // A backend keeps its index, so another takes the place of one that leaves.
      list_[c_.below(static_cast<std::uint32_t>(list_.size()))] = newcomer();
    } else if (!list_.empty()) {
      auto& b = list_[c_.below(static_cast<std::uint32_t>(list_.size()))];
      const double weights[] = {1, 0, 0.5, 3};
      const auto what = c_.below(4);
      if (what == 0) b.healthy = !b.healthy;
      if (what == 1) b.weight = c_.one_of(weights);
      if (what == 2) b.draining = !b.draining;
      if (what == 3) b.healthy = true;
    }
    take_up();
    return moves < 2;
  }

  auto some_request() -> request {
    request r;
    if (c_.chance(30)) {
      for (auto n = c_.below(4); n-- > 0;) r.tried.push_back(c_.below(13));
    }
    if (c_.chance(30)) r.banned = c_.below(1U << 12);
    const std::string stages[] = {"", "prod", "canary", "nowhere"};
    if (const auto stage = stages[c_.below(4)]; !stage.empty()) r.wanted.set("stage", stage);
    return r;
  }
  auto some_context() -> balance::context {
    balance::context c;
    c.random = lepton::detail::mix(++draws_ * 0x9e3779b97f4a7c15ULL + c_.below(1000));
    c.hash = lepton::detail::mix(c_.below(500));
    c.now = now_;
    return c;
  }

 private:
  auto newcomer() -> backend {
    backend b;
    b.key = "b" + std::to_string(next_++);
    b.zone = std::string(1, static_cast<char>('a' + c_.below(3)));
    b.priority = c_.below(3);
    b.joined = now_;
    b.own_labels.set("stage", c_.chance(50) ? "prod" : "canary");
    b.healthy = !c_.chance(20);
    b.weight = c_.chance(20) ? 2 : 1;
    return b;
  }
  void take_up() { s_ = snapshot::build(list_).value(); }

  choices& c_;
  std::vector<backend> list_;
  snapshot s_;
  lepton::time_point now_ = at(1000s);
  std::uint64_t draws_ = 0;
  int next_ = 0;
};

/// What of a tree the list of candidates must know. All but `stack` may be left out.
struct no_drain {
  template <class Stack>
  static auto drains(Stack&) -> std::nullptr_t {
    return nullptr;
  }
  template <class Stack>
  static auto ejector(Stack&) -> std::nullptr_t {
    return nullptr;
  }
  template <class Stack>
  static auto cookies(Stack&) -> std::nullptr_t {
    return nullptr;
  }
  /// Whether the wrappers below allow a backend that is eligible.
  template <class Stack>
  static auto open(Stack&, const snapshot& s, backend_index i, const request&) -> bool {
    return s.is_eligible(i);
  }
};

/// Plays a history; the first difference, or an empty text.
template <class Tree>
auto play(choices& c, std::size_t steps) -> std::string {
  world w{c};
  auto stack = Tree::make(c);
  if (!stack.rebuild(w.backends())) return "not built";
  balance::loads<> in_flight{32};
  std::vector<backend_index> running;
  std::uint32_t ejections = 0;
  std::map<std::string, lepton::time_point> drained;  // since when; long ago means at once
  for (std::size_t step = 0; step < steps && !c.exhausted(); ++step) {
    w.wait();
    const auto& s = w.backends();
    if (c.chance(10)) {
      // Requests end before indices change hands.
      for (const auto i : running) {
        in_flight.finish(i);
        stack.finished(i, {.success = !c.chance(30), .now = w.now()});
      }
      running.clear();
      if (w.change()) {
        std::map<std::string, lepton::time_point> still;
        for (const auto& b : w.list())
          if (drained.count(b.key) != 0) still[b.key] = drained[b.key];
        drained = still;
      }
      if (!stack.rebuild(w.backends())) return "not rebuilt";
    }
    if constexpr (!std::is_null_pointer_v<decltype(Tree::drains(stack))>) {
      if (s.size() > 0 && c.chance(10)) {
        const auto i = c.below(static_cast<std::uint32_t>(s.size()));
        auto& switches = *Tree::drains(stack);
        const std::string key{s.key(i)};
        const auto what = c.below(3);
        if (what == 0) switches.stop(i), drained.erase(key);
        if (what == 1) switches.start(i), drained[key] = at(0s);
        if (what == 2) switches.start(i, w.now()), drained[key] = w.now();
      }
    }
    auto r = w.some_request();
    if constexpr (!std::is_null_pointer_v<decltype(Tree::cookies(stack))>) {
      if (c.chance(50)) r.cookie = Tree::cookies(stack)->cookie(c.below(12));
    }
    const auto allowed = [&](backend_index i) { return (r.banned >> i & 1U) == 0; };
    const auto open = [&](backend_index i) {
      if (!allowed(i) || std::find(r.tried.begin(), r.tried.end(), i) != r.tried.end())
        return false;
      const auto since = drained.find(std::string{s.key(i)});
      if (since != drained.end() && w.now() >= since->second + drain_window) return false;
      return Tree::open(stack, s, i, r);
    };
    bool any = false;
    bool any_in = false;
    const auto ejected = [&](backend_index i) {
      if constexpr (std::is_null_pointer_v<decltype(Tree::ejector(stack))>) {
        return false;
      } else {
        return Tree::ejector(stack)->is_ejected(i, w.now());
      }
    };
    for (backend_index i = 0; i < s.size(); ++i) {
      any = any || open(i);
      any_in = any_in || (open(i) && !ejected(i));
    }
    const auto base = w.some_context();
    const auto with_loads = base.with(in_flight);
    const auto with_tried = balance::retry_context{with_loads, r.tried};
    const auto with_cookie = balance::cookie_context{with_tried, r.cookie};
    const auto full = balance::label_context{with_cookie, r.wanted};
    const auto i = stack.pick(s, full, allowed);
    const auto where = " in step " + std::to_string(step);
    if (i == no_backend) {
      if (any) return "nobody was picked, but somebody may be" + where;
      continue;
    }
    if (i >= s.size() || !open(i)) return "picked one that may not be" + where;
    if (any_in && ejected(i)) return "picked an ejected one" + where;
    in_flight.start(i);
    stack.started(i, base);
    running.push_back(i);
    if (running.size() > 6) {
      const auto k = c.below(static_cast<std::uint32_t>(running.size()));
      in_flight.finish(running[k]);
      stack.finished(running[k], {.success = !c.chance(40), .now = w.now()});
      running.erase(running.begin() + k);
    }
    if constexpr (!std::is_null_pointer_v<decltype(Tree::ejector(stack))>) {
      // The cap holds for new ejections; it may be passed when backends leave.
      const auto out = Tree::ejector(stack)->ejected_count();
      const bool more = out > std::max(1U, ejections);
      ejections = out;
      if (more && out * 100 > Tree::most_ejected * s.size()) return "too many ejected" + where;
    }
  }
  for (const auto i : running) stack.finished(i, {.now = w.now()});
  if (!Tree::balanced(stack)) return "hooks do not balance";
  return {};
}

template <class Base>
auto is_balanced(const watched<Base>& p) -> bool {
  return !watched<Base>::wrong &&
         std::all_of(p.in_flight.begin(), p.in_flight.end(), [](int n) { return n == 0; });
}

auto some_outliers(choices& c) -> balance::outlier_options {
  balance::outlier_options o;
  o.max_ejection_percent = 40;
  o.consecutive_errors = 1 + c.below(4);
  o.base_ejection_time = 1s + 1s * c.below(20);
  o.success_rate_minimum_hosts = 2;
  o.success_rate_request_volume = 3;
  o.eject_on_failure_percentage = c.chance(50);
  o.failure_percentage_threshold = 60;
  o.failure_percentage_minimum_hosts = 1;
  o.failure_percentage_request_volume = 2;
  o.max_ejection_jitter = 1s * c.below(3);
  return o;
}
auto some_zones(choices& c) -> balance::zone_options {
  balance::zone_options o;
  o.local_zone = std::string(1, static_cast<char>('a' + c.below(4)));
  if (c.chance(50)) o.callers = {{"a", c.below(5)}, {"b", c.below(5)}, {"d", c.below(5)}};
  o.min_cluster_size = c.below(5);
  o.routing_percent = c.chance(50) ? 100 : 70;
  o.by_weight = c.chance(30);
  o.draws = c.chance(50) ? balance::draw_by::random : balance::draw_by::hash;
  return o;
}
auto some_ramp(choices& c) -> balance::slow_start_options {
  return {.window = 1s * c.below(30),
          .aggression = c.chance(50) ? 1 : 1.5,
          .min_weight_percent = c.chance(50) ? 10.0 : 0.0};
}

struct narrowing : no_drain {
  static constexpr std::size_t most_ejected = 40;
  static auto make(choices& c) {
    return balance::retry_exclusion{balance::outlier_ejection{
        balance::drain{balance::sticky_sessions{
                           balance::slow_start{watched<balance::round_robin<>>{}, some_ramp(c)}},
                       {.window = drain_window}},
        some_outliers(c)}};
  }
  template <class Stack>
  static auto ejector(Stack& s) {
    return &s.inner();
  }
  template <class Stack>
  static auto drains(Stack& s) {
    return &s.inner().inner();
  }
  template <class Stack>
  static auto cookies(Stack& s) {
    return &s.inner().inner().inner();
  }
  template <class Stack>
  static auto balanced(Stack& s) {
    return is_balanced(s.inner().inner().inner().inner().inner());
  }
};

struct levels_of_zones : no_drain {
  static constexpr std::size_t most_ejected = 40;
  static auto make(choices& c) {
    return balance::retry_exclusion{balance::outlier_ejection{
        balance::priority_levels{
            balance::zone_aware{watched<balance::power_of_d<2>>{}, some_zones(c)},
            {.panic_percent = c.chance(70) ? 50U : 0U, .weighted_health = c.chance(50)}},
        some_outliers(c)}};
  }
  template <class Stack>
  static auto ejector(Stack& s) {
    return &s.inner();
  }
  template <class Stack>
  static auto open(Stack& stack, const snapshot& s, backend_index i, const request&) -> bool {
    auto& levels = stack.inner().inner();
    for (std::size_t k = 0; k < levels.level_count(); ++k) {
      if (levels.priority(k) != s.priority(i) || !levels.in_panic(k)) continue;
      return s.weight(i) > 0 && !s.is_draining(i);
    }
    return s.is_eligible(i);
  }
  template <class Stack>
  static auto balanced(Stack&) {
    return !watched<balance::power_of_d<2>>::wrong;
  }
};

struct hashed_zones : no_drain {
  static constexpr std::size_t most_ejected = 40;
  static auto make(choices& c) {
    return balance::outlier_ejection{
        balance::retry_exclusion{balance::zone_aware{
            balance::slow_start<watched<balance::rendezvous_hash>, thin_by::hash>{{}, some_ramp(c)},
            some_zones(c)}},
        some_outliers(c)};
  }
  template <class Stack>
  static auto ejector(Stack& s) {
    return &s;
  }
  template <class Stack>
  static auto balanced(Stack&) {
    return !watched<balance::rendezvous_hash>::wrong;
  }
};

struct loaded_subset : no_drain {
  static auto make(choices& c) {
    return balance::drain<
        balance::retry_exclusion<balance::deterministic_subset<
            balance::slow_start<watched<balance::least_connections<>>, thin_by::loads>>>,
        thin_by::loads>{
        balance::retry_exclusion{balance::deterministic_subset{
            balance::slow_start<watched<balance::least_connections<>>, thin_by::loads>{
                {}, some_ramp(c)},
            {.client = c.below(20),
             .size = 1 + c.below(6),
             .by = c.chance(50) ? balance::subset_by::rounds : balance::subset_by::rendezvous}}},
        {.window = drain_window}};
  }
  template <class Stack>
  static auto drains(Stack& s) {
    return &s;
  }
  template <class Stack>
  static auto open(Stack& stack, const snapshot& s, backend_index i, const request&) -> bool {
    const auto mine = stack.inner().inner().chosen();
    return s.is_eligible(i) && std::find(mine.begin(), mine.end(), i) != mine.end();
  }
  template <class Stack>
  static auto balanced(Stack& s) {
    return is_balanced(s.inner().inner().inner().inner());
  }
};

struct labelled : no_drain {
  static auto make(choices& c) {
    const balance::subset_fallback fallbacks[] = {balance::subset_fallback::none,
                                                  balance::subset_fallback::any,
                                                  balance::subset_fallback::default_subset};
    return balance::drain{
        balance::retry_exclusion{balance::label_subset{
            balance::zone_aware{watched<balance::weighted_random>{}, some_zones(c)},
            {.selectors = {{{"stage"}, {}}},
             .fallback = c.one_of(fallbacks),
             .default_labels = {{"stage", "prod"}}}}},
        {.window = drain_window}};
  }
  template <class Stack>
  static auto drains(Stack& s) {
    return &s;
  }
  template <class Stack>
  static auto open(Stack& stack, const snapshot& s, backend_index i, const request& r) -> bool {
    const auto* wanted = r.wanted.find("stage");
    bool is_subset = false;
    for (backend_index j = 0; wanted != nullptr && j < s.size(); ++j)
      is_subset = is_subset || *s.labels_of(j).find("stage") == *wanted;
    const auto& own = *s.labels_of(i).find("stage");
    if (is_subset) return s.is_eligible(i) && own == *wanted;
    switch (stack.inner().inner().options().fallback) {
      case balance::subset_fallback::none:
        return false;
      case balance::subset_fallback::any:
        return s.is_eligible(i);
      case balance::subset_fallback::default_subset:
        return s.is_eligible(i) && own == "prod";
    }
    return false;
  }
  template <class Stack>
  static auto balanced(Stack&) {
    return !watched<balance::weighted_random>::wrong;
  }
};

/// Histories from a seed, then some that RapidCheck can shrink.
template <class Tree>
void play_many(const char* name) {
  constexpr std::size_t steps = 250;
  for (std::uint64_t h = 0; h < volume / steps / 2 + 1; ++h) {
    choices c{lepton_test::seed_for(name, h)};
    const auto difference = play<Tree>(c, steps);
    INFO(lepton_test::how_to_repeat());
    INFO(name << ", history " << h);
    REQUIRE(difference == std::string{});
  }
  REQUIRE(rc::check(name, [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    RC_ASSERT(play<Tree>(c, 100) == std::string{});
  }));
}

auto of_levels(choices& c, std::size_t levels) -> std::vector<backend> {
  std::vector<backend> list;
  for (std::uint32_t k = 0; k < levels; ++k) {
    const auto sick = c.below(101);
    for (auto n = c.below(8); n-- > 0;) {
      backend b;
      b.key = std::to_string(list.size());
      b.priority = 5 * k;
      b.healthy = !c.chance(sick);
      list.push_back(b);
    }
  }
  return list;
}

}  // namespace

TEST_CASE("trees of wrappers that narrow down pick who may be picked") {
  play_many<narrowing>("narrowing");
}
TEST_CASE("levels of zones pick who may be picked") { play_many<levels_of_zones>("levels"); }
TEST_CASE("zones of hashes pick who may be picked") { play_many<hashed_zones>("zones"); }
TEST_CASE("subsets by load pick who may be picked") { play_many<loaded_subset>("subsets"); }
TEST_CASE("label subsets pick who may be picked") { play_many<labelled>("labels"); }

TEST_CASE("levels get the percentages that their health says") {
  for (std::uint64_t round = 0; round < volume / 2000 + 1; ++round) {
    choices c{lepton_test::seed_for("percentages", round)};
    const auto count = 1 + c.below(4);
    const auto list = of_levels(c, count);
    const auto s = snapshot::build(list).value();
    balance::priority_levels p{balance::random_choice{}};
    REQUIRE(p.rebuild(s));
    std::array<std::uint64_t, 4> picked{};
    constexpr std::uint64_t picks = 2000;
    for (std::uint64_t k = 0; k < picks; ++k) {
      balance::context context;
      context.random = lepton::detail::mix(round * picks + k);
      const auto i = p.pick(s, context);
      if (i != no_backend) ++picked[s.priority(i) / 5];
    }
    // The page's formulas, in fractions instead of whole percents.
    std::array<double, 4> health{};
    std::array<double, 4> members{};
    std::array<double, 4> healthy{};
    for (const auto& b : list) {
      members[b.priority / 5] += 1;
      healthy[b.priority / 5] += b.healthy ? 1 : 0;
    }
    double total = 0;
    double all = 0;
    bool all_panic = true;
    for (std::size_t k = 0; k < 4; ++k) {
      if (members[k] > 0) health[k] = std::min(100.0, 140 * healthy[k] / members[k]);
      all_panic = all_panic && healthy[k] * 2 < std::max(1.0, members[k]);
      total += std::floor(health[k]);
      all += members[k];
    }
    if (all == 0) continue;
    double left = 100;
    std::uint32_t sum = 0;
    for (std::size_t k = 0, level = 0; k < 4; ++k) {
      const bool by_members = total < 100 && all_panic;
      const auto share = by_members ? 100 * members[k] / all
                                    : std::min(left, 100 * health[k] / std::min(100.0, total));
      left -= by_members ? 0 : share;
      if (members[k] == 0) continue;
      const double percent = p.percent(level);
      sum += p.percent(level);
      CHECK(std::abs(percent - share) <= 5);  // up to one of rounding for each level and health
      // And the picks are those percentages: within five standard deviations.
      const auto expected = percent / 100 * picks;
      const auto deviation = std::sqrt(expected * (1 - percent / 100));
      CHECK(std::abs(static_cast<double>(picked[k]) - expected) <= 5 * deviation + 0.5);
      ++level;
    }
    CHECK(sum == 100);
  }
}

TEST_CASE("zone aware callers of all zones together load all backends alike") {
  for (std::uint64_t round = 0; round < volume / 100 + 1; ++round) {
    choices c{lepton_test::seed_for("zones", round)};
    std::vector<std::uint64_t> backends;
    std::vector<std::uint64_t> callers;
    std::uint64_t all_backends = 0;
    std::uint64_t all_callers = 0;
    for (auto zones = 2 + c.below(5); zones-- > 0;) {
      backends.push_back(1 + c.below(30));
      callers.push_back(c.below(30));
      all_backends += backends.back();
      all_callers += callers.back();
    }
    if (all_callers == 0) continue;
    std::vector<double> load(backends.size());
    for (std::size_t l = 0; l < backends.size(); ++l) {
      const double sent = static_cast<double>(callers[l]) / static_cast<double>(all_callers);
      if (callers[l] == 0) continue;
      const auto r = balance::detail::zone_routes::plan(backends, callers, all_callers, l);
      const auto part = [&](std::uint64_t edges) {
        return sent * static_cast<double>(edges) / static_cast<double>(r.bound);
      };
      CHECK(r.edges.back() == r.bound);
      load[l] += part(r.edges[0]);
      for (std::size_t z = 0; z < backends.size(); ++z) {
        load[z] += part(r.edges[z + 1] - r.edges[z]);
        if (r.edges[z] == r.edges[z + 1]) continue;
        CHECK(r.zone_at(r.edges[z], l) == z);
        CHECK(r.zone_at(r.edges[z + 1] - 1, l) == z);
      }
    }
    for (std::size_t z = 0; z < backends.size(); ++z) {
      const auto fair = static_cast<double>(backends[z]) / static_cast<double>(all_backends);
      CHECK(std::abs(load[z] - fair) < 0.002);
    }
  }
}

TEST_CASE("when everybody is ripe slow start is the inner policy") {
  for (std::uint64_t round = 0; round < 200; ++round) {
    choices c{lepton_test::seed_for("ripe", round)};
    world w{c};
    balance::slow_start ramp{balance::round_robin{}, {.window = 50s}};
    balance::round_robin plain;
    auto latest = w.now();
    for (int change = 0; change < 5; ++change) {
      REQUIRE(ramp.rebuild(w.backends()));
      REQUIRE(plain.rebuild(w.backends()));
      balance::context context;
      context.now = latest = std::max(latest, w.now());
      // Settles who came back; the twin goes along as far as the ramp takes turns.
      auto before = ramp;
      (void)before.pick(w.backends(), context);
      ramp = before;
      ramp.inner() = plain;
      context.now = latest += 50s;
      for (std::uint64_t k = 0; k < 50; ++k) {
        context.random = lepton::detail::mix(k);
        REQUIRE(ramp.pick(w.backends(), context) == plain.pick(w.backends(), context));
      }
      w.change();
    }
  }
}

TEST_CASE("a backend of weight 0 gets nothing and recovers") {
  choices c{1};
  std::vector<backend> list(4);
  for (std::size_t i = 0; i < 4; ++i) list[i].key = std::to_string(i);
  auto narrow = narrowing::make(c);
  auto levels = levels_of_zones::make(c);
  balance::loads<> in_flight{4};
  for (int turn = 0; turn < 10; ++turn) {
    list[2].weight = turn % 2;
    const auto s = snapshot::build(list).value();
    REQUIRE(narrow.rebuild(s));
    REQUIRE(levels.rebuild(s));
    std::size_t a = 0;
    std::size_t b = 0;
    for (std::uint64_t k = 0; k < 1000; ++k) {
      balance::context context;
      context.random = lepton::detail::mix(k + 1);
      context.now = at(100'000s * (turn + 1) + 1s * static_cast<std::int64_t>(k));
      a += narrow.pick(s, context.with(in_flight)) == 2 ? 1 : 0;
      b += levels.pick(s, context.with(in_flight)) == 2 ? 1 : 0;
    }
    CHECK((turn % 2 == 0 ? a + b == 0 : a > 150 && b > 150));
  }
}

TEST_CASE("deterministic subsets are even, and change little") {
  for (std::uint64_t round = 0; round < volume / 2000 + 1; ++round) {
    choices c{lepton_test::seed_for("subset", round)};
    const auto n = 1 + c.below(40);
    const auto size = 1 + c.below(n);
    std::vector<backend> list(n);
    for (std::size_t i = 0; i < n; ++i)
      list[i].key = "k" + std::to_string(c.below(1'000'000)) + "/" + std::to_string(i);
    const auto s = snapshot::build(list).value();
    const auto chosen = [&](const snapshot& of, std::uint64_t client, balance::subset_by by) {
      balance::deterministic_subset p{balance::random_choice{},
                                      {.client = client, .size = size, .by = by}};
      REQUIRE(p.rebuild(of));
      std::set<std::string> keys;
      for (const auto i : p.chosen()) keys.emplace(of.key(i));
      CHECK(keys.size() == std::min<std::size_t>(size, of.eligible().size()));
      return keys;
    };
    const auto clients_of_a_round = std::max<std::uint64_t>(1, n / size);
    std::map<std::string, int> clients;
    constexpr int rounds = 3;
    for (std::uint64_t k = 0; k < rounds * clients_of_a_round; ++k) {
      for (const auto& key : chosen(s, k, balance::subset_by::rounds)) ++clients[key];
    }
    for (const auto& [key, count] : clients) CHECK(count <= rounds);

    const auto gone = c.below(n);
    list.erase(list.begin() + gone);
    const auto fewer = snapshot::build(list).value();
    for (std::uint64_t client = 0; client < 5; ++client) {
      const auto before = chosen(s, client, balance::subset_by::rendezvous);
      const auto after = chosen(fewer, client, balance::subset_by::rendezvous);
      std::size_t lost = 0;
      for (const auto& key : before) lost += after.count(key) == 0 ? 1 : 0;
      CHECK(lost == before.count(std::string{s.key(gone)}));
    }
  }
}

namespace {

/// Random tasks and nodes through a scheduler that places by a balancing policy.
template <class Policy>
auto schedule(choices& c, Policy policy, std::size_t steps) -> std::string {
  lepton::cluster<2> nodes;
  for (auto n = 1 + c.below(6); n-- > 0;) {
    lepton::node_spec<2> spec;
    spec.name = "n" + std::to_string(c.below(4));
    spec.capacity = {1 + c.below(10), 1 + c.below(10)};
    spec.devices = lepton::device_set{static_cast<std::uint8_t>(c.below(3)), 0};
    if (!nodes.add(spec)) return "no node";
  }
  auto s = lepton::scheduler{std::move(nodes), lepton::order::fcfs{},
                             balance::over_nodes{std::move(policy)}};
  std::map<lepton::task_id, lepton::task<2>> tasks;
  std::vector<lepton::task_id> running;
  lepton::task_id next = 1;
  for (std::size_t step = 0; step < steps && !c.exhausted(); ++step) {
    const auto now = at(1s * static_cast<std::int64_t>(step));
    if (c.chance(60)) {
      lepton::task<2> t;
      t.id = next++;
      t.demand = {c.below(12), c.below(12)};
      if (c.chance(20)) t.devices = lepton::device_request::whole(1);
      if (c.chance(20)) t.devices = lepton::device_request::share(300);
      tasks[t.id] = t;
      if (!s.submit(t, now)) return "not submitted";
    } else if (!running.empty()) {
      const auto k = c.below(static_cast<std::uint32_t>(running.size()));
      if (!s.finish(running[k], now)) return "not finished";
      running.erase(running.begin() + k);
    }
    if (c.chance(10)) {
      const auto i = c.below(static_cast<std::uint32_t>(s.nodes().size()));
      (void)(c.chance(50) ? s.nodes().drain(i) : s.nodes().resume(i));
    }
    for (const auto& a : s.run(now)) {
      const auto& t = tasks[a.id];
      bool could = false;
      for (std::size_t i = 0; i < s.nodes().size(); ++i) {
        const auto& n = s.nodes()[i];
        could = could || (fits(t.demand, n.capacity()) &&
                          (t.devices.none() || n.devices().count() >= t.devices.count()));
      }
      if (a.what) {
        running.push_back(a.id);
        if (!could) return "placed where it cannot be";
        continue;
      }
      if (could) return "infeasible, but a node could hold it";
    }
    std::vector<lepton::resources<2>> used(s.nodes().size());
    for (const auto id : running) used[s.find_running(id)->node] += tasks[id].demand;
    for (std::size_t i = 0; i < used.size(); ++i) {
      const auto& n = s.nodes()[i];
      if (n.free() + used[i] != n.capacity()) return "resources are lost";
    }
    // Who waits fits nowhere (the queue is tried anew after each change).
    if (s.waiting_count() + running.size() > tasks.size()) return "tasks were made up";
  }
  return {};
}

template <class Policy>
void schedule_many(const char* name, Policy policy) {
  for (std::uint64_t h = 0; h < volume / 10'000 + 1; ++h) {
    choices c{lepton_test::seed_for(name, h)};
    INFO(lepton_test::how_to_repeat());
    INFO(name << ", history " << h);
    REQUIRE(schedule(c, policy, 300) == std::string{});
  }
}

}  // namespace

TEST_CASE("schedulers that place by balancing policies lose nothing") {
  schedule_many("round robin", balance::round_robin{});
  schedule_many("fewest", balance::least_connections<>{});
  schedule_many("two choices", balance::power_of_d<2>{});
  schedule_many("hash", balance::rendezvous_hash{});
  schedule_many("tree", balance::retry_exclusion{balance::drain{balance::round_robin{}}});
}
