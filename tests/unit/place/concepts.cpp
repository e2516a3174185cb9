// SPDX-License-Identifier: Apache-2.0
// Each concept of place/: types that meet it, and near misses that lack one thing each.
#include <lepton/place/concept.hpp>

#include <cstdint>
#include <span>
#include <vector>

#include <lepton/order/concept.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/place.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

namespace {

namespace place = lepton::place;
using lepton::decision;
using lepton_test::cluster;
using lepton_test::task;
using node = cluster::node_type;

// --- policy
// ----------------------------------------------------------------------------------------

struct good_policy {
  auto pick(const task&, const cluster&) -> decision { return decision::busy(); }
};
struct no_pick {
  auto choose(const task&, const cluster&) -> decision { return decision::busy(); }
};
struct picks_an_index {
  auto pick(const task&, const cluster&) -> lepton::node_index { return 0; }
};
struct changes_the_view {
  auto pick(const task&, cluster&) -> decision { return decision::busy(); }
};

static_assert(place::policy<good_policy, task, cluster>);
static_assert(!place::policy<no_pick, task, cluster>);
static_assert(!place::policy<picks_an_index, task, cluster>);
static_assert(!place::policy<changes_the_view, task, cluster>);
static_assert(!place::policy<good_policy, int, cluster>);
static_assert(!place::policy<good_policy, lepton::task<3>, cluster>);
static_assert(place::policy<place::greedy<place::best_fit>, task, cluster>);
static_assert(place::policy<place::greedy<place::topology_spread>, task, cluster>);
static_assert(place::policy<place::next_fit, task, std::vector<node>>);
static_assert(place::policy<place::random_fit, task, std::span<const node>>);
static_assert(place::policy<place::random_of_best<place::ray_hybrid>, task, cluster>);
static_assert(place::policy<place::fallback<place::next_fit>, task, cluster>);
static_assert(place::policy<place::any_policy<task, cluster>, task, cluster>);
static_assert(!place::policy<place::best_fit, task, cluster>);

// --- score, filter
// ---------------------------------------------------------------------------------

template <class Result>
struct returns {
  auto operator()(const task&, const node&) const -> Result { return {}; }
};
struct not_const {
  auto operator()(const task&, const node&) -> bool { return true; }
};
struct of_node_only {
  auto operator()(const node&) const -> bool { return true; }
};

static_assert(place::filter<returns<bool>, task, node>);
static_assert(!place::filter<returns<int>, task, node>);
static_assert(!place::filter<not_const, task, node>);
static_assert(!place::filter<of_node_only, task, node>);
static_assert(place::score<returns<std::int32_t>, task, node>);
static_assert(place::score<returns<std::int64_t>, task, node>);
static_assert(!place::score<returns<double>, task, node>);
static_assert(!place::score<of_node_only, task, node>);
static_assert(!place::score<place::greedy<place::best_fit>, task, node>);

// --- kinds
// -----------------------------------------------------------------------------------------

template <place::score_kind Kind>
struct of_kind : returns<std::int32_t> {
  static constexpr auto kind = Kind;
};
struct keyed : of_kind<place::score_kind::ordered> {
  [[nodiscard]] auto order_key(const node&) const -> std::int64_t { return 0; }
};
struct narrow_key : of_kind<place::score_kind::ordered> {
  [[nodiscard]] auto order_key(const node&) const -> std::int32_t { return 0; }
};
struct key_of_other_kind : of_kind<place::score_kind::local> {
  [[nodiscard]] auto order_key(const node&) const -> std::int64_t { return 0; }
};
struct of_view : of_kind<place::score_kind::global> {
  auto operator()(const task&, const cluster&, lepton::node_index) const -> std::int64_t {
    return 0;
  }
};
struct of_view_but_local : of_kind<place::score_kind::local> {
  auto operator()(const task&, const cluster&, lepton::node_index) const -> std::int64_t {
    return 0;
  }
};

static_assert(place::kind_of<returns<bool>>() == place::score_kind::local);
static_assert(place::kind_of<keyed>() == place::score_kind::ordered);
static_assert(place::kind_of<place::topology_spread>() == place::score_kind::global);
static_assert(place::ordered_score<keyed, node>);
static_assert(!place::ordered_score<narrow_key, node>);
static_assert(!place::ordered_score<key_of_other_kind, node>);
static_assert(!place::ordered_score<of_kind<place::score_kind::ordered>, node>);
static_assert(place::ordered_score<place::first_fit, node>);
static_assert(place::ordered_score<place::best_fit, node>);
static_assert(place::ordered_score<place::worst_fit, node>);
static_assert(place::ordered_score<place::ray_hybrid, node>);
static_assert(!place::ordered_score<place::least_allocated, node>);
static_assert(place::global_score<of_view, task, cluster>);
static_assert(!place::global_score<of_view_but_local, task, cluster>);
static_assert(!place::global_score<of_kind<place::score_kind::global>, task, cluster>);

// --- optional parts
// --------------------------------------------------------------------------------

struct all_parts : returns<std::int32_t> {
  void prepare(const cluster&) {}
  void look(const task&, const cluster&) {}
  [[nodiscard]] auto choose_devices(const task&, const node&) const -> lepton::device_mask {
    return 0;
  }
  [[nodiscard]] auto class_key(const task&) const -> unsigned { return 0; }
};
struct wrong_parts : returns<std::int32_t> {
  [[nodiscard]] auto choose_devices(const task&, const node&) const -> int { return 0; }
  [[nodiscard]] auto class_key(const task&) const -> double { return 0; }
};

static_assert(place::preparable<all_parts, cluster> && !place::preparable<wrong_parts, cluster>);
static_assert(place::looks_first<all_parts, task, cluster>);
static_assert(!place::looks_first<wrong_parts, task, cluster>);
static_assert(place::chooses_devices<all_parts, task, node>);
static_assert(!place::chooses_devices<wrong_parts, task, node>);
static_assert(place::has_class_key<all_parts, task> && !place::has_class_key<wrong_parts, task>);
static_assert(place::chooses_devices<place::fragmentation_gradient, task, node>);

// A sum is local only if all its parts are, and has the optional parts that any of them has.
using place::weighted_sum;
static_assert(place::kind_of<weighted_sum<keyed, all_parts>>() == place::score_kind::local);
static_assert(place::kind_of<weighted_sum<of_view, keyed>>() == place::score_kind::global);
static_assert(place::preparable<weighted_sum<keyed, all_parts>, cluster>);
static_assert(!place::preparable<weighted_sum<keyed>, cluster>);
static_assert(place::has_class_key<weighted_sum<keyed, all_parts>, task>);
static_assert(!place::has_class_key<weighted_sum<keyed>, task>);
static_assert(!place::chooses_devices<weighted_sum<keyed>, task, node>);

// --- ordering
// --------------------------------------------------------------------------------------

namespace order = lepton::order;
struct good_order {
  [[nodiscard]] auto before(const order::queued<task>&, const order::queued<task>&) const -> bool {
    return false;
  }
};
struct wrong_answer {
  [[nodiscard]] auto before(const order::queued<task>&, const order::queued<task>&) const -> int {
    return 0;
  }
};
struct not_const_order {
  auto before(const order::queued<task>&, const order::queued<task>&) -> bool { return false; }
};
struct of_tasks {
  [[nodiscard]] auto before(const task&, const task&) const -> bool { return false; }
};

static_assert(order::ordering<good_order, task>);
static_assert(order::ordering<order::fcfs, task>);
static_assert(order::ordering<order::fcfs, int>);
static_assert(!order::ordering<wrong_answer, task>);
static_assert(!order::ordering<not_const_order, task>);
static_assert(!order::ordering<of_tasks, task>);

}  // namespace

TEST_CASE("concepts of placement are checked at compile time") { SUCCEED(); }
