// SPDX-License-Identifier: Apache-2.0
// What indices remember of classes of tasks, and that it is bounded.
#include <lepton/place/class_table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/local_index.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
namespace place = lepton::place;
using table = place::detail::class_table<resources, int>;

namespace {

auto of_class(lepton::amount i) -> task { return some_task({i, 1}); }

/// A view of very many nodes that all look alike, in next to no memory.
class crowd {
 public:
  struct host {
    resources free{9, 9};
  };
  explicit crowd(std::size_t n) : n_(n) {}
  [[nodiscard]] auto size() const -> std::size_t { return n_; }
  auto operator[](std::size_t) const -> const host& { return host_; }
  [[nodiscard]] auto identity() const -> std::uint64_t { return 1; }
  [[nodiscard]] auto revision() const -> std::uint64_t { return log_.size(); }
  [[nodiscard]] auto structure_revision() const -> std::uint64_t { return 0; }
  [[nodiscard]] auto last_change(std::size_t i) const -> std::uint64_t {
    for (auto r = log_.size(); r > 0; --r) {
      if (log_[r - 1] == i) return r;
    }
    return 0;
  }
  [[nodiscard]] auto changed_since(std::uint64_t r) const
      -> std::optional<std::span<const lepton::node_index>> {
    return std::span{log_}.subspan(static_cast<std::size_t>(r));
  }
  void change(lepton::node_index i) { log_.push_back(i); }

 private:
  std::size_t n_;
  host host_;
  std::vector<lepton::node_index> log_;
};

}  // namespace

TEST_CASE("a class is found again by all that makes it one") {
  table classes;
  const auto first = classes.find(of_class(1), 0, 100);
  CHECK(first.fresh);
  classes[first.index] = 17;
  const auto again = classes.find(of_class(1), 0, 100);
  CHECK_FALSE(again.fresh);
  CHECK(again.index == first.index);
  CHECK(classes[again.index] == 17);

  const auto is_other = [&](const task& t, std::uint64_t extra = 0) {
    return classes.find(t, extra, 100).fresh && !classes.find(t, extra, 100).fresh;
  };
  auto t = of_class(1);
  CHECK(is_other(t, 1));
  t.devices = lepton::device_request::share(5);
  CHECK(is_other(t));
  t.devices = lepton::device_request::share(5, lepton::device_types::only(0));
  CHECK(is_other(t));
  t = of_class(1);
  t.own_labels = {{"a", "b"}};
  CHECK(is_other(t));
  t = of_class(1);
  t.rules.tolerations = {{"a"}};
  CHECK(is_other(t));
  t.rules.tolerations[0].any_value = true;
  CHECK(is_other(t));
  t.rules.tolerations[0].any_effect = true;
  CHECK(is_other(t));
  t = of_class(1);
  t.rules.node_selectors = {app("x")};
  CHECK(is_other(t));
  t.rules.node_selectors = {app("x"), app("y")};
  CHECK(is_other(t));
  t.rules.node_selectors = {{app("x").requirements[0], app("y").requirements[0]}};
  CHECK(is_other(t));
  t = of_class(1);
  t.rules.spread = {{app("x"), "zone", 1, false}};
  CHECK(is_other(t));
  t.rules.spread[0].max_skew = 2;
  CHECK(is_other(t));
  // The id is no part of it.
  t = of_class(1);
  t.id = 99;
  CHECK_FALSE(classes.find(t, 0, 100).fresh);
}

TEST_CASE("the class used least recently goes") {
  table classes;
  for (lepton::amount i = 0; i < 3; ++i) CHECK(classes.find(of_class(i), 0, 3).fresh);
  CHECK_FALSE(classes.find(of_class(0), 0, 3).fresh);
  CHECK(classes.find(of_class(3), 0, 3).fresh);  // 1 goes
  CHECK(classes.size() == 3);
  CHECK_FALSE(classes.find(of_class(0), 0, 3).fresh);
  CHECK_FALSE(classes.find(of_class(2), 0, 3).fresh);
  CHECK_FALSE(classes.find(of_class(3), 0, 3).fresh);
  CHECK(classes.find(of_class(1), 0, 3).fresh);  // 0 goes
  CHECK(classes.find(of_class(0), 0, 3).fresh);
  classes.clear();
  CHECK(classes.size() == 0);
  CHECK(classes.find(of_class(2), 0, 3).fresh);
}

TEST_CASE("thousands of classes come, stay and go, as in a plain list") {
  table classes;
  std::vector<lepton::amount> recent;  // the least recent first
  std::uint32_t state = 1;
  for (int step = 0; step < 20'000; ++step) {
    state = state * 1664525 + 1013904223;
    const auto i = static_cast<lepton::amount>((state >> 8) % 400);
    const auto at = std::find(recent.begin(), recent.end(), i);
    const auto known = at != recent.end();
    const auto [index, fresh] = classes.find(of_class(i), 0, 200);
    REQUIRE(fresh != known);
    if (known) {
      REQUIRE(classes[index] == i);
      recent.erase(at);
    } else if (recent.size() == 200) {
      recent.erase(recent.begin());
    }
    recent.push_back(i);
    classes[index] = static_cast<int>(i);
  }
}

TEST_CASE("an ordered index that sees more classes than it keeps") {
  cluster c;
  for (int i = 0; i < 30; ++i) REQUIRE(c.add(node_spec({600 + 20 * i, 9})));
  place::greedy policy{place::best_fit{}};
  place::greedy reference{place::best_fit{}};
  std::vector<lepton::allocation_id> held;
  for (int step = 0; step < 3000; ++step) {
    const auto t = some_task({1 + step * 7 % 900, 0});
    const auto d = policy.pick(t, c);
    REQUIRE(d == reference.pick_by_scan(t, c));
    if (d) held.push_back(*c.allocate(t, d));
    if (!d || held.size() > 40) {
      REQUIRE(c.release(held.front()));
      held.erase(held.begin());
    }
  }
}

TEST_CASE("a local index that sees more classes than it keeps") {
  // So many nodes that it keeps sixteen classes only.
  crowd v{std::size_t{1} << 22};
  place::detail::local_index<resources> index;
  place::tie_order ties;
  ties.resize(v.size());
  std::array<std::int32_t, 60> bonus{};  // of the few nodes that are worth anything
  const auto worth = [&](lepton::amount i, std::size_t node) -> std::int32_t {
    if (node >= bonus.size()) return -1;
    return static_cast<std::int32_t>((7 * node + static_cast<std::size_t>(3 * i * i)) % 61) +
           bonus[node];
  };
  lepton::detail::pcg32 random{6};
  for (int step = 0; step < 90; ++step) {
    const auto changed = random.below(60);
    bonus[changed] = static_cast<std::int32_t>(random.below(4));
    v.change(changed);
    const lepton::amount i = step < 20 ? step : random.below(20);
    std::size_t best = 0;
    for (std::size_t n = 1; n < bonus.size(); ++n) best = worth(i, n) > worth(i, best) ? n : best;
    const auto found =
        index.best(of_class(i), 0, v, ties, [&](lepton::node_index n) { return worth(i, n); });
    REQUIRE(found.node == best);
  }
}
