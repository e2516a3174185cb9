// SPDX-License-Identifier: Apache-2.0
// Types of other people, read through the trait, through member functions, through data members.
#include <lepton/model/adapt.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>

#include "catch.hpp"

using lepton::resources;

namespace their {

// No member of these means anything to the library.
struct job {
  double cores;
  int gigabytes;
  std::string uuid;
  int number;
  bool needs_gpu;
  std::string team;
};
struct host {
  int free_cores;
  int free_gigabytes;
  int cores;
  bool broken;
  std::string rack;
};

// Members that mean something else; the trait must win over them.
struct misleading {
  std::string demand = "high";
  std::string free = "beer";
  auto devices() const -> int { return 4; }
  std::string own_labels = "none";
  long id = 5;
  bool accepting = false;
};

}  // namespace their

template <>
struct lepton::adapt<their::job> {
  static auto demand(const their::job& j) noexcept -> resources<2> {
    return {static_cast<amount>(j.cores * 1000), j.gigabytes * 1024};
  }
  static auto devices(const their::job& j) noexcept -> device_request {
    return j.needs_gpu ? device_request::whole(1) : device_request{};
  }
  static auto own_labels(const their::job& j) -> labels { return {{"team", j.team}}; }
  static auto rules(const their::job& j) -> constraints {
    constraints c;
    if (j.team == "picky") c.node_selectors = {label_selector::equals("rack", "r1")};
    return c;
  }
  static auto id(const their::job& j) noexcept -> int { return j.number; }
};

template <>
struct lepton::adapt<their::host> {
  static auto free(const their::host& h) noexcept -> resources<2> {
    return {h.free_cores * 1000, h.free_gigabytes * 1024};
  }
  static auto capacity(const their::host& h) noexcept -> resources<2> {
    return {h.cores * 1000, 1'000'000};
  }
  static auto devices(const their::host& h) noexcept -> device_set {
    return h.rack == "r1" ? device_set{1, 0} : device_set{};
  }
  static auto own_labels(const their::host& h) -> labels { return {{"rack", h.rack}}; }
  static auto taints(const their::host& h) -> std::vector<taint> {
    if (h.rack == "r3") return {{"old"}};
    return {};
  }
  static auto accepting(const their::host& h) noexcept -> bool { return !h.broken; }
};

template <>
struct lepton::adapt<their::misleading> {
  static auto demand(const their::misleading&) noexcept -> resources<1> { return resources<1>{1}; }
  static auto free(const their::misleading&) noexcept -> resources<1> { return resources<1>{2}; }
  static auto devices(const their::misleading&) noexcept -> device_set { return {3, 0}; }
  static auto own_labels(const their::misleading&) -> labels { return {{"a", "b"}}; }
  static auto id(const their::misleading&) noexcept -> task_id { return 77; }
  static auto accepting(const their::misleading&) noexcept -> bool { return true; }
};

namespace {

/// Member functions.
class function_host {
 public:
  [[nodiscard]] auto free() const -> const resources<2>& { return free_; }
  [[nodiscard]] auto capacity() const -> resources<2> { return {9, 9}; }
  [[nodiscard]] auto devices() const -> lepton::device_set { return {2, 1}; }
  [[nodiscard]] auto own_labels() const -> const lepton::labels& { return labels_; }
  [[nodiscard]] auto taints() const -> const std::vector<lepton::taint>& { return taints_; }
  [[nodiscard]] auto residents() const -> const std::vector<lepton::resident>& {
    return residents_;
  }
  [[nodiscard]] auto accepting() const -> bool { return false; }

 private:
  resources<2> free_{1, 2};
  lepton::labels labels_{{"a", "1"}};
  std::vector<lepton::taint> taints_{{"t"}};
  std::vector<lepton::resident> residents_{{lepton::labels{{"app", "x"}}}};
};

/// Data members.
struct data_host {
  resources<2> free{1, 2};
  resources<2> capacity{9, 9};
  lepton::device_set devices{2, 1};
  lepton::labels own_labels{{"a", "1"}};
  std::vector<lepton::taint> taints{{"t"}};
  std::vector<lepton::resident> residents{{lepton::labels{{"app", "x"}}}};
  bool accepting = false;
};

struct plain_host {
  resources<2> free{1, 2};
};

struct data_task {
  int id = 3;
  resources<2> demand{1, 1};
  lepton::device_request devices = lepton::device_request::share(5);
  lepton::labels own_labels{{"a", "1"}};
  lepton::constraints rules{};
};
struct function_task {
  [[nodiscard]] auto id() const -> unsigned short { return 3; }
  [[nodiscard]] auto demand() const -> resources<2> { return {1, 1}; }
  [[nodiscard]] auto devices() const -> lepton::device_request {
    return lepton::device_request::share(5);
  }
  [[nodiscard]] auto own_labels() const -> lepton::labels { return {{"a", "1"}}; }
  [[nodiscard]] auto rules() const -> lepton::constraints {
    lepton::constraints c;
    c.tolerations.push_back({"x"});
    return c;
  }
};
struct plain_task {
  resources<2> demand{1, 1};
};

static_assert(lepton::has_rules<data_task> && lepton::has_rules<function_task>);
static_assert(lepton::has_rules<their::job> && !lepton::has_rules<plain_task>);
static_assert(lepton::has_residents<function_host> && lepton::has_residents<data_host>);
static_assert(!lepton::has_residents<plain_host> && !lepton::has_residents<their::host>);
// What a member holds is read in place, not copied.
static_assert(std::is_same_v<decltype(lepton::demand_of(std::declval<const data_task&>())),
                             const resources<2>&>);
static_assert(std::is_same_v<decltype(lepton::free_of(std::declval<const function_host&>())),
                             const resources<2>&>);
static_assert(std::is_same_v<decltype(lepton::labels_of(std::declval<const data_task&>())),
                             const lepton::labels&>);

template <class Host>
void check_full_host() {
  const Host h;
  CHECK(lepton::free_of(h) == resources<2>{1, 2});
  CHECK(lepton::capacity_of(h) == resources<2>{9, 9});
  CHECK(lepton::devices_of(h) == lepton::device_set{2, 1});
  CHECK(lepton::labels_of(h) == lepton::labels{{"a", "1"}});
  REQUIRE(std::size(lepton::taints_of(h)) == 1);
  CHECK(lepton::taints_of(h)[0].key == "t");
  REQUIRE(std::size(lepton::residents_of(h)) == 1);
  CHECK(lepton::residents_of(h)[0].own_labels == lepton::labels{{"app", "x"}});
  CHECK_FALSE(lepton::accepting(h));
}

}  // namespace

TEST_CASE("a node's member functions and data members are read alike") {
  check_full_host<function_host>();
  check_full_host<data_host>();
}

TEST_CASE("what a node does not say has a default") {
  const plain_host h;
  CHECK(lepton::free_of(h) == resources<2>{1, 2});
  CHECK(lepton::capacity_of(h) == resources<2>{1, 2});
  CHECK(lepton::devices_of(h).count() == 0);
  CHECK(lepton::labels_of(h).empty());
  CHECK(std::size(lepton::taints_of(h)) == 0);
  CHECK(std::size(lepton::residents_of(h)) == 0);
  CHECK(lepton::accepting(h));
}

TEST_CASE("a task's member functions and data members are read alike") {
  const auto check = [](const auto& t) {
    CHECK(lepton::id_of(t) == 3);
    CHECK(lepton::demand_of(t) == resources<2>{1, 1});
    CHECK(lepton::devices_of(t) == lepton::device_request::share(5));
    CHECK(lepton::labels_of(t) == lepton::labels{{"a", "1"}});
  };
  check(data_task{});
  check(function_task{});
  CHECK(lepton::constraints_of(function_task{}).tolerations.size() == 1);
  CHECK(lepton::constraints_of(data_task{}).empty());
}

TEST_CASE("what a task does not say has a default") {
  const plain_task t;
  CHECK(lepton::devices_of(t).none());
  CHECK(lepton::labels_of(t).empty());
  CHECK(lepton::constraints_of(t).empty());
}

TEST_CASE("the trait wins over members of the same name") {
  const their::misleading m;
  CHECK(lepton::demand_of(m) == resources<1>{1});
  CHECK(lepton::free_of(m) == resources<1>{2});
  CHECK(lepton::devices_of(m) == lepton::device_set{3, 0});
  CHECK(lepton::labels_of(m) == lepton::labels{{"a", "b"}});
  CHECK(lepton::id_of(m) == 77);
  CHECK(lepton::accepting(m));
}

TEST_CASE("foreign jobs are placed on foreign hosts, which nobody touches") {
  const std::vector<their::host> hosts{{8, 64, 16, true, "r1"},
                                       {2, 64, 16, false, "r2"},
                                       {4, 64, 16, false, "r1"},
                                       {3, 64, 16, false, "r2"},
                                       {16, 64, 16, false, "r3"}};
  lepton::place::greedy policy{lepton::place::best_fit{{.devices = 0}}};
  const auto at = [&](const their::job& j) { return policy.pick(j, hosts); };
  CHECK(at({1.5, 1, "", 1, false, "a"}).node() == 1);
  CHECK(at({2.5, 1, "", 1, false, "a"}).node() == 3);
  CHECK(at({2.5, 1, "", 1, true, "a"}).node() == 2);
  CHECK(at({0.5, 1, "", 1, false, "picky"}).node() == 2);
  // 16 cores are free in r3 only, whose taint nobody tolerates; r1 and r2 have 16 when empty.
  CHECK(at({16, 1, "", 1, false, "a"}).outcome() == lepton::verdict::busy);
  CHECK(at({17, 1, "", 1, false, "a"}).outcome() == lepton::verdict::infeasible);
}

TEST_CASE("a foreign host joins a cluster with what is free on it") {
  lepton::cluster<2> c;
  const auto added = c.add(their::host{2, 64, 16, false, "r1"});
  REQUIRE(added);
  const auto& n = c[*added];
  CHECK(n.free() == resources<2>{2000, 64 * 1024});
  CHECK(n.capacity() == resources<2>{16'000, 1'000'000});
  CHECK(n.devices().count() == 1);
  CHECK(n.own_labels() == lepton::labels{{"rack", "r1"}});
  // More free than there is.
  CHECK_FALSE(c.add(their::host{17, 64, 16, false, "r1"}));

  const their::job j{1, 1, "", 9, false, "a"};
  lepton::place::greedy policy{lepton::place::best_fit{}};
  const auto receipt = c.allocate(j, policy.pick(j, c));
  REQUIRE(receipt);
  CHECK(c[0].free()[0] == 1000);
  CHECK(c[0].residents().size() == 1);
}
