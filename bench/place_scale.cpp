// SPDX-License-Identifier: Apache-2.0
// Decisions a second against the number of nodes: a cluster at a steady 80 % utilisation, four
// resources, 64 classes of tasks, one departure and one arrival a step. Best fit over every node,
// through the index and by a plain scan in the same run.

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>

namespace {

using lepton::allocation_id;
using lepton::amount;
using lepton::cluster;
using lepton::node_spec;
using lepton::resources;
using lepton::task;

/// Nodes of four sizes and 64 classes of tasks, each asking for 1 to 25 % of a middling node.
class steady_state {
 public:
  explicit steady_state(std::size_t nodes) {
    constexpr std::array<resources<4>, 4> sizes{
        resources<4>{32'000, 131'072, 10'000, 2'000}, resources<4>{64'000, 262'144, 20'000, 4'000},
        resources<4>{96'000, 393'216, 30'000, 6'000}, resources<4>{64'000, 294'912, 25'000, 4'500}};
    resources<4> total;
    for (std::size_t i = 0; i < nodes; ++i) {
      node_spec<4> spec;
      spec.capacity = sizes[i % sizes.size()];
      total += spec.capacity;
      if (!nodes_.add(spec)) std::abort();
    }
    for (auto& c : classes_) {
      for (std::size_t d = 0; d < 4; ++d) {
        const auto mean = total[d] / static_cast<amount>(nodes);
        c.demand[d] = mean * static_cast<amount>(1 + random_.below(25)) / 100;
      }
    }
    resources<4> used;
    const auto full = [&] {
      amount percent = 0;
      for (std::size_t d = 0; d < 4; ++d) percent += used[d] * 100 / total[d];
      return percent >= 4 * 80;
    };
    lepton::place::greedy policy{lepton::place::best_fit{}};
    while (!full()) {
      const auto& t = arrival();
      const auto d = policy.pick(t, nodes_);
      if (!d) continue;
      running_.push_back(*nodes_.allocate(t, d));
      used += t.demand;
    }
  }

  [[nodiscard]] auto nodes() noexcept -> cluster<4>& { return nodes_; }
  [[nodiscard]] auto running() const noexcept -> std::size_t { return running_.size(); }

  template <class Pick>
  [[nodiscard]] auto step(Pick pick) -> bool {
    const auto leaving = random_.below(static_cast<std::uint32_t>(running_.size()));
    (void)nodes_.release(running_[leaving]);
    const auto& t = arrival();
    const auto d = pick(t, nodes_);
    if (!d) {
      running_[leaving] = running_.back();
      running_.pop_back();
      return false;
    }
    running_[leaving] = *nodes_.allocate(t, d);
    return true;
  }

 private:
  [[nodiscard]] auto arrival() noexcept -> const task<4>& { return classes_[random_.below(64)]; }

  lepton::detail::pcg32 random_{2024};
  cluster<4> nodes_;
  std::array<task<4>, 64> classes_{};
  std::vector<allocation_id> running_;
};

auto state_of(std::size_t nodes) -> steady_state {
  static std::map<std::size_t, std::unique_ptr<steady_state>> known;
  auto& one = known[nodes];
  if (!one) one = std::make_unique<steady_state>(nodes);
  return *one;
}

template <class Score, bool ByScan>
void decide(benchmark::State& run) {
  auto state = state_of(static_cast<std::size_t>(run.range(0)));
  lepton::place::greedy policy{Score{}};
  std::int64_t turned_away = 0;
  const auto step = [&] {
    return state.step([&](const auto& t, const auto& v) {
      if constexpr (ByScan) {
        return policy.pick_by_scan(t, v);
      } else {
        return policy.pick(t, v);
      }
    });
  };
  for (int i = 0; i < (ByScan ? 1 : 2000); ++i) (void)step();
  for (auto _ : run) turned_away += step() ? 0 : 1;
  run.SetItemsProcessed(run.iterations());
  run.counters["turned_away"] =
      static_cast<double>(turned_away) / static_cast<double>(run.iterations());
  run.counters["running"] = static_cast<double>(state.running());
}

void best_fit_index(benchmark::State& run) { decide<lepton::place::best_fit, false>(run); }
void best_fit_scan(benchmark::State& run) { decide<lepton::place::best_fit, true>(run); }
void least_allocated_index(benchmark::State& run) {
  decide<lepton::place::least_allocated, false>(run);
}
void first_fit_index(benchmark::State& run) { decide<lepton::place::first_fit, false>(run); }

}  // namespace

BENCHMARK(best_fit_index)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(best_fit_scan)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(first_fit_index)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(least_allocated_index)->Arg(1'000)->Arg(10'000)->Arg(100'000);
