// SPDX-License-Identifier: Apache-2.0
// Random operations on a cluster beside a plain list of who holds what: at all times, for each node
// and resource, free + used by others + allocations = capacity.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/model/cluster.hpp>

#include "catch.hpp"

using cluster = lepton::cluster<3>;
using resources = lepton::resources<3>;
using lepton::device_request;

namespace {

struct held_task {
  lepton::allocation_id receipt;
  lepton::node_index node;
  resources demand;
  device_request request;
  bool labelled;
};

struct known_node {
  resources capacity;
  resources used;
  std::uint8_t devices;
  bool present;
};

class books {
 public:
  explicit books(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 5; ++i) add();
  }

  void step() {
    const auto what = random_.below(100);
    const auto i = random_.below(static_cast<std::uint32_t>(nodes_.size()));
    if (what < 55) {
      allocate(i);
    } else if (what < 90) {
      release();
    } else if (what < 92) {
      add();
    } else if (what < 94) {
      remove(i);
    } else if (what < 97) {
      (void)cluster_.drain(i);
    } else {
      (void)cluster_.resume(i);
    }
  }

  void check() const {
    REQUIRE(cluster_.size() == nodes_.size());
    REQUIRE(cluster_.allocation_count() == tasks_.size());
    std::vector<resources> free(nodes_.size());
    std::vector<std::int64_t> milli(nodes_.size(), 0);
    std::vector<std::uint32_t> count(nodes_.size(), 0);
    std::vector<std::size_t> labelled(nodes_.size(), 0);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].present) continue;
      free[i] = nodes_[i].capacity - nodes_[i].used;
      milli[i] = nodes_[i].devices * 1000;
    }
    for (const auto& t : tasks_) {
      free[t.node] -= t.demand;
      milli[t.node] -= t.request.total_milli();
      ++count[t.node];
      labelled[t.node] += t.labelled ? 1U : 0U;
      const auto* found = cluster_.find(t.receipt);
      REQUIRE(found != nullptr);
      REQUIRE(found->node == t.node);
      REQUIRE(found->demand == t.demand);
      REQUIRE(found->request == t.request);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto& n = cluster_[i];
      REQUIRE(n.present() == nodes_[i].present);
      REQUIRE(n.free() == free[i]);
      REQUIRE_FALSE(any_negative(n.free()));
      REQUIRE(n.devices().free_milli() == milli[i]);
      REQUIRE(n.task_count() == count[i]);
      REQUIRE(n.residents().size() == labelled[i]);
    }
    for (const auto& old : dead_) REQUIRE(cluster_.find(old) == nullptr);
  }

 private:
  auto amount(std::uint32_t most) -> lepton::amount { return random_.below(most + 1); }

  void add() {
    lepton::node_spec<3> spec;
    spec.name = "n";
    spec.capacity = {amount(8), amount(8), lepton::max_amount - amount(3)};
    spec.used = {amount(static_cast<std::uint32_t>(spec.capacity[0])), 0, amount(1'000'000)};
    const auto devices = static_cast<std::uint8_t>(random_.below(5));
    spec.devices = lepton::device_set{devices, 0};
    const known_node known{spec.capacity, spec.used, devices, true};
    const auto index = cluster_.add(std::move(spec));
    REQUIRE(index);
    std::size_t vacant = 0;
    for (const auto& n : nodes_) vacant += n.present ? 0U : 1U;
    if (*index == nodes_.size()) {
      REQUIRE(vacant == 0);
      nodes_.push_back(known);
    } else {
      REQUIRE_FALSE(nodes_[*index].present);
      nodes_[*index] = known;
    }
  }

  void allocate(lepton::node_index i) {
    held_task t{{}, i, {amount(3), amount(3), amount(1000)}, {}, random_.below(3) == 0};
    if (random_.below(3) == 0) {
      t.request = device_request::share(static_cast<std::uint16_t>(1 + random_.below(1000)));
    } else if (random_.below(3) == 0) {
      t.request = device_request::whole(static_cast<std::uint8_t>(1 + random_.below(3)));
    }
    const auto& n = cluster_[i];
    bool fits = n.accepting();
    for (std::size_t d = 0; d < 3; ++d) fits = fits && t.demand[d] <= n.free()[d];
    fits = fits && (t.request.none() || n.devices().fits(t.request));
    const auto before = cluster_.revision();
    const auto own = t.labelled ? lepton::labels{{"k", "v"}} : lepton::labels{};
    const auto receipt = cluster_.allocate(i, t.demand, t.request, 0, own);
    REQUIRE(receipt.has_value() == fits);
    REQUIRE(cluster_.revision() == before + (fits ? 1 : 0));
    if (!receipt) return;
    t.receipt = *receipt;
    tasks_.push_back(t);
  }

  void release() {
    if (tasks_.empty()) return;
    std::swap(tasks_[random_.below(static_cast<std::uint32_t>(tasks_.size()))], tasks_.back());
    REQUIRE(cluster_.release(tasks_.back().receipt));
    dead_.push_back(tasks_.back().receipt);
    tasks_.pop_back();
    if (dead_.size() > 50) dead_.erase(dead_.begin());
  }

  void remove(lepton::node_index i) {
    const auto lost = cluster_.remove(i);
    REQUIRE(lost.has_value() == nodes_[i].present);
    if (!lost) return;
    nodes_[i].present = false;
    std::size_t expected = 0;
    for (auto t = tasks_.begin(); t != tasks_.end();) {
      if (t->node != i) {
        ++t;
        continue;
      }
      ++expected;
      REQUIRE(std::find(lost->begin(), lost->end(), t->receipt) != lost->end());
      dead_.push_back(t->receipt);
      t = tasks_.erase(t);
    }
    REQUIRE(lost->size() == expected);
  }

  lepton::detail::pcg32 random_;
  cluster cluster_;
  std::vector<known_node> nodes_;
  std::vector<held_task> tasks_;
  std::vector<lepton::allocation_id> dead_;
};

}  // namespace

TEST_CASE("a cluster conserves every unit, whatever happens to it") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    books b{seed};
    for (int step = 0; step < 1200; ++step) {
      b.step();
      if (step % 5 == 0) b.check();
    }
    b.check();
  }
}
