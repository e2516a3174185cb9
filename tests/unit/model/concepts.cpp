// SPDX-License-Identifier: Apache-2.0
// Each concept: types that meet it, and near misses that lack one thing each.
#include <lepton/model/concepts.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <span>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>

#include "catch.hpp"

using lepton::resources;

namespace {

// --- task_like
// -------------------------------------------------------------------------------------

struct by_member {
  resources<2> demand;
};
struct by_function {
  [[nodiscard]] auto demand() const -> resources<3> { return {}; }
};
struct no_demand {
  resources<2> needs;
};
struct demand_of_wrong_type {
  std::array<lepton::amount, 2> demand;
};
struct demand_not_const {
  auto demand() -> resources<2> { return {}; }
};
struct demand_with_argument {
  [[nodiscard]] auto demand(int) const -> resources<2> { return {}; }
};
class private_demand {
  [[maybe_unused]] resources<2> demand;
};

static_assert(lepton::task_like<by_member>);
static_assert(lepton::task_like<by_function>);
static_assert(lepton::task_like<lepton::task<>>);
static_assert(lepton::task_like<lepton::task<5>>);
static_assert(!lepton::task_like<no_demand>);
static_assert(!lepton::task_like<demand_of_wrong_type>);
static_assert(!lepton::task_like<demand_not_const>);
static_assert(!lepton::task_like<demand_with_argument>);
static_assert(!lepton::task_like<private_demand>);
static_assert(!lepton::task_like<int>);
static_assert(!lepton::task_like<resources<2>>);

// --- node_like
// -------------------------------------------------------------------------------------

struct host {
  resources<2> free;
};
struct full_host {
  resources<2> free;
  resources<2> capacity;
};
struct no_free {
  resources<2> capacity;
};
struct capacity_of_other_type {
  resources<2> free;
  resources<3> capacity;
};
struct free_of_wrong_type {
  int free;
};

static_assert(lepton::node_like<host>);
static_assert(lepton::node_like<full_host>);
static_assert(lepton::node_like<lepton::node<4>>);
static_assert(!lepton::node_like<no_free>);
static_assert(!lepton::node_like<capacity_of_other_type>);
static_assert(!lepton::node_like<free_of_wrong_type>);
static_assert(!lepton::node_like<by_member>);
static_assert(!lepton::node_like<lepton::node_spec<>>);

// --- node_view
// -------------------------------------------------------------------------------------

struct no_size {
  auto operator[](std::size_t) const -> host { return {}; }
};
struct not_const {
  [[nodiscard]] auto size() const -> std::size_t { return 0; }
  auto operator[](std::size_t) -> host { return {}; }
};
struct by_value {
  [[nodiscard]] auto size() const -> int { return 0; }
  auto operator[](std::size_t) const -> host { return {}; }
};

static_assert(lepton::node_view<std::vector<host>>);
static_assert(lepton::node_view<std::span<const host>>);
static_assert(lepton::node_view<std::array<host, 3>>);
static_assert(lepton::node_view<std::deque<full_host>>);
static_assert(lepton::node_view<lepton::cluster<>>);
static_assert(lepton::node_view<by_value>);
static_assert(!lepton::node_view<std::list<host>>);
static_assert(!lepton::node_view<std::vector<by_member>>);
static_assert(!lepton::node_view<no_size>);
static_assert(!lepton::node_view<not_const>);
static_assert(!lepton::node_view<host>);
static_assert(std::same_as<lepton::node_of_t<std::span<const host>>, host>);
static_assert(std::same_as<lepton::node_of_t<by_value>, host>);

// --- placeable_on
// ----------------------------------------------------------------------------------

struct other_names {
  static constexpr std::array<std::string_view, 2> names{"a", "b"};
};
struct other_task {
  resources<2, other_names> demand;
};
/// Both task and node: its demand counts.
struct reservation {
  resources<2> demand;
  resources<2> free;
};

static_assert(lepton::placeable_on<by_member, std::vector<host>>);
static_assert(lepton::placeable_on<lepton::task<3>, lepton::cluster<3>>);
static_assert(!lepton::placeable_on<by_function, std::vector<host>>);
static_assert(!lepton::placeable_on<other_task, std::vector<host>>);
static_assert(!lepton::placeable_on<by_member, std::list<host>>);
static_assert(!lepton::placeable_on<no_demand, std::vector<host>>);
static_assert(lepton::placeable_on<reservation, std::vector<reservation>>);

// --- revisioned_view
// -------------------------------------------------------------------------------

template <bool Identity, bool Structure, bool Last, bool Changes>
struct watched {
  [[nodiscard]] auto size() const -> std::size_t { return 0; }
  auto operator[](std::size_t) const -> host { return {}; }
  [[nodiscard]] auto identity() const -> std::uint64_t requires Identity { return 1; }
  [[nodiscard]] auto revision() const -> std::uint64_t { return 1; }
  [[nodiscard]] auto structure_revision() const -> std::uint64_t requires Structure { return 1; }
  [[nodiscard]] auto last_change(std::size_t) const -> std::uint64_t requires Last { return 1; }
  [[nodiscard]] auto changed_since(std::uint64_t) const
      -> std::optional<std::span<const lepton::node_index>>
    requires Changes { return std::nullopt; }
};

static_assert(lepton::revisioned_view<lepton::cluster<>>);
static_assert(lepton::revisioned_view<watched<true, true, true, true>>);
static_assert(!lepton::revisioned_view<watched<false, true, true, true>>);
static_assert(!lepton::revisioned_view<watched<true, false, true, true>>);
static_assert(!lepton::revisioned_view<watched<true, true, false, true>>);
static_assert(!lepton::revisioned_view<watched<true, true, true, false>>);
static_assert(!lepton::revisioned_view<std::vector<host>>);

}  // namespace

TEST_CASE("concepts of the model are checked at compile time") { SUCCEED(); }
