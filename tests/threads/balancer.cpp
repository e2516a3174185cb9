// SPDX-License-Identifier: Apache-2.0
// Threads pick and lease while backends come and go. Built a second time with ThreadSanitizer by
// .ci/run.

#include <lepton/balance/balancer.hpp>
#include <lepton/balance/bounded_loads.hpp>
#include <lepton/balance/forked_picker.hpp>
#include <lepton/balance/maglev.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/peak_ewma.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/prequal.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/weighted_round_robin.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <lepton/detail/rng.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using lepton::detail::pcg32;

namespace {

// Sanitizers slow this down by a factor of thirty. A nightly run makes all changes under them too.
#if defined(LEPTON_TEST_SANITIZED)
constexpr std::size_t scale = LEPTON_PROPERTY_DECISIONS / 1000;
#else
constexpr std::size_t scale = 100;
#endif
constexpr std::size_t readers = 3;

/// When each backend was removed: its place in the order of removals, from 1; 0: not yet.
class removal_log {
 public:
  explicit removal_log(std::size_t ids) : removed_(ids) {}
  void add(std::uint64_t id) {
    removed_[id].store(count_.load() + 1);
    count_.fetch_add(1);
  }
  [[nodiscard]] auto count() const -> std::size_t { return count_.load(); }
  [[nodiscard]] auto removed_within(std::uint64_t id, std::size_t first) const -> bool {
    const auto when = removed_[id].load();
    return when != 0 && when <= first;
  }

 private:
  std::vector<std::atomic<std::size_t>> removed_;
  std::atomic<std::size_t> count_{0};
};

struct findings {
  std::atomic<std::size_t> picks{0};
  std::atomic<std::size_t> none{0};
  std::atomic<std::size_t> late{0};  ///< picks of a backend that was gone before they began
};

/// Adds, removes, reweighs and fails backends; ids are never used twice.
template <class Balancer>
void change_members(Balancer& b, removal_log& log, std::size_t changes) {
  struct member {
    backend_index index;
    std::uint64_t id;
  };
  pcg32 random{5};
  std::vector<member> members;
  std::uint64_t next_id = 1;
  const auto join = [&] {
    balance::backend one;
    one.id = next_id++;
    one.weight = 1 + random.below(5);
    const auto index = b.add(one);
    if (index) members.push_back({*index, one.id});
  };
  while (members.size() < 8) join();
  for (std::size_t k = 0; k < changes; ++k) {
    const auto at = random.below(static_cast<std::uint32_t>(members.size()));
    switch (random.below(4)) {
      case 0:
        if (members.size() < 12) join();
        break;
      case 1:
        if (members.size() > 4 && b.remove(members[at].index)) {
          log.add(members[at].id);
          members.erase(members.begin() + at);
        }
        break;
      case 2:
        (void)b.set_weight(members[at].index, random.below(6));
        break;
      default:
        (void)b.set_healthy(members[at].index, random.below(3) != 0);
    }
  }
}

/// Picks until told to stop, holding a few leases at a time.
template <class Balancer>
void pick_and_lease(Balancer& b, const removal_log& log, const std::atomic<bool>& stop,
                    findings& found, std::uint64_t seed) {
  pcg32 random{seed};
  std::array<typename Balancer::lease_type, 4> held;
  std::size_t picks = 0;
  while (!stop.load()) {
    const auto gone_before = log.count();
    auto& mine = held[random.below(4)];
    const balance::context c{random(), std::uint64_t{random()} << 32 | random(),
                             lepton::at(lepton::duration{static_cast<std::int64_t>(picks)})};
    std::uint64_t id = 0;
    auto fresh = b.read([&](const auto& s, auto& p) -> typename Balancer::lease_type {
      const auto i = p.pick(s, balance::with_loads(c, b.loads()));
      if (i == balance::no_backend) return {};
      id = s.id(i);
      return b.take(i, c);
    });
    ++picks;
    ++found.picks;
    found.none += fresh ? 0 : 1;
    if (fresh && log.removed_within(id, gone_before)) ++found.late;
    if (random.below(2) == 0) {
      balance::outcome how;
      how.latency = std::chrono::microseconds{random.below(1000)};
      how.success = random.below(8) != 0;
      how.now = c.now;
      mine.finish(how);
    }
    mine = std::move(fresh);
  }
}

template <class Policy>
void run(Policy policy, std::size_t changes) {
  removal_log log{changes + 16};
  balance::balancer<Policy> b{std::move(policy), 256};
  std::atomic<bool> stop{false};
  findings found;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < readers; ++t)
    threads.emplace_back([&, t] { pick_and_lease(b, log, stop, found, t + 1); });
  change_members(b, log, changes);
  while (found.picks < 1000) std::this_thread::yield();  // threads may begin late
  stop = true;
  for (auto& t : threads) t.join();

  CHECK(found.late == 0);
  CHECK(found.none < found.picks);
  CHECK(b.loads().total() == 0);
}

}  // namespace

TEST_CASE("threads pick and lease while a writer changes the membership thousands of times") {
  run(balance::power_of_d<2>{}, 1000 * scale);
}

TEST_CASE("policies with tables and with state are shared by threads") {
  run(balance::weighted_round_robin<>{}, 3 * scale);
  run(balance::maglev{balance::maglev_options{.table_size = 251}}, 30 * scale);
  run(balance::bounded_loads{1.25, balance::maglev{balance::maglev_options{.table_size = 251}}},
      30 * scale);
  run(balance::peak_ewma<>{}, 30 * scale);
  run(balance::prequal<>{}, 30 * scale);
  run(balance::outlier_ejection{balance::random_choice{}}, 30 * scale);
}

TEST_CASE("guards protect what threads look at") {
  struct pair {
    std::uint64_t a;
    std::uint64_t b;
  };
  std::atomic<pair*> current{new pair{0, 0}};
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> torn{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < readers; ++t) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        const balance::epoch::guard outer;
        const balance::epoch::guard inner;
        const auto* p = current.load(std::memory_order_acquire);
        if (p->a != p->b) ++torn;
      }
    });
  }
  std::vector<std::pair<pair*, balance::epoch::number>> old;
  for (std::uint64_t k = 1; k <= 200 * scale; ++k) {
    auto* const replaced = current.exchange(new pair{k, k});
    old.emplace_back(replaced, balance::epoch::advance());
    while (!old.empty() && balance::epoch::passed(old.front().second)) {
      old.front().first->a = ~k;  // whoever still looked would see it torn
      delete old.front().first;
      old.erase(old.begin());
    }
  }
  stop = true;
  for (auto& t : threads) t.join();
  CHECK(torn == 0);
  for (const auto& [p, when] : old) {
    CHECK(balance::epoch::passed(when));
    delete p;
  }
  delete current.load();
}

TEST_CASE("each thread picks from its own fork of a shared balancer") {
  balance::balancer<balance::weighted_round_robin<>> b;
  REQUIRE(b.replace({{.key = "a", .weight = 3}, {.key = "b", .weight = 1}}));
  std::array<std::atomic<std::size_t>, 3> counts{};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < readers; ++t) {
    threads.emplace_back([&, t] {
      balance::forked_picker mine{b, t};
      for (int k = 0; k < 40'000; ++k) {
        const auto lease = mine.pick(balance::context{});
        ++counts[lease.index()];
        if (t == 0 && k == 20'000) (void)b.add({.key = "c", .weight = 0});
      }
    });
  }
  for (auto& t : threads) t.join();
  // Whole periods of four but for where a fork began and was renewed.
  const auto a = static_cast<std::ptrdiff_t>(counts[0]);
  CHECK(std::abs(a - 90'000) <= 12);
  CHECK(counts[0] + counts[1] == 120'000);
  CHECK(b.loads().total() == 0);
}
