// SPDX-License-Identifier: Apache-2.0
// Queue operations with 10^6 tasks pending under ageing that ends after a day: what a scheduler
// does in one tick. A tick goes on a second, 10 tasks come, 3 are withdrawn, a pass offers 100 and
// starts 7 of them. Beside it in the same run: a std::set in the order of the priorities, which
// must be built anew because the priorities change, the same set never rebuilt (a fixed order,
// which is wrong once the first task has aged to the full: the floor of what a tree can do), and
// sorting all anew.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/order/ageing.hpp>
#include <lepton/order/fixed_priority.hpp>
#include <lepton/order/multifactor.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/timed_queue.hpp>
#include <lepton/order/wfp3.hpp>

namespace {

namespace order = lepton::order;
using lepton::time_point;
using namespace std::chrono_literals;

struct job {
  lepton::resources<1> demand{1};
  lepton::duration estimate = 1h;
  std::int64_t priority = 0;
  lepton::tenant_id tenant = 0;
};
using waiting = order::queued<job>;
struct owned : waiting {
  std::size_t place = 0;
};

auto daily() -> order::ageing<> { return order::ageing{std::chrono::minutes{5}, 24h}; }
auto slurm() -> order::multifactor<> {
  order::multifactor_options o;
  o.age = 1000;
  o.job_size = 1000;
  o.processors = 4096;
  o.nodes = 64;
  return order::multifactor{o};
}

/// A std::set by (rank of the moment, sequence), built anew when asked to.
template <class Order>
class set_queue {
 public:
  explicit set_queue(Order o) : order_(o) {}
  void push(const waiting& w, time_point now) {
    all_.push_back(&w);
    w.hook = all_.size() - 1;
    set_.insert(key(w, now));
  }
  void erase(const waiting& w) {
    set_.clear();
    all_[w.hook] = all_.back();
    all_[w.hook]->hook = w.hook;
    all_.pop_back();
  }
  void begin_pass(time_point now) {
    set_.clear();
    for (const auto* w : all_) set_.insert(key(*w, now));
    next_ = set_.begin();
  }
  auto next() -> const waiting* {
    if (next_ == set_.end()) return nullptr;
    offered_ = next_++;
    return offered_->of;
  }
  void take() {
    const auto* const w = offered_->of;
    set_.erase(offered_);
    all_[w->hook] = all_.back();
    all_[w->hook]->hook = w->hook;
    all_.pop_back();
  }

 private:
  using rank_type =
      decltype(std::declval<const Order&>().rank(std::declval<const waiting&>(), time_point{}));
  struct entry {
    rank_type rank{};
    std::uint64_t sequence = 0;
    const waiting* of = nullptr;
    auto operator<(const entry& o) const -> bool {
      return rank < o.rank || (!(o.rank < rank) && sequence < o.sequence);
    }
  };
  auto key(const waiting& w, time_point now) const -> entry {
    return {order_.rank(w, now), w.sequence, &w};
  }

  Order order_;
  std::vector<const waiting*> all_;
  std::set<entry> set_;
  typename std::set<entry>::iterator next_{};
  typename std::set<entry>::iterator offered_{};
};

/// A std::set in a fixed order.
template <class Order>
class fixed_set_queue {
 public:
  explicit fixed_set_queue(Order o) : set_(before{o}) {}
  void push(const waiting& w, time_point) { set_.insert(&w); }
  void erase(const waiting& w) { set_.erase(&w); }
  void begin_pass(time_point) { next_ = set_.begin(); }
  auto next() -> const waiting* {
    if (next_ == set_.end()) return nullptr;
    offered_ = next_++;
    return *offered_;
  }
  void take() { set_.erase(offered_); }

 private:
  struct before {
    Order order{};
    auto operator()(const waiting* a, const waiting* b) const -> bool {
      return order.before(*a, *b) || (!order.before(*b, *a) && a->sequence < b->sequence);
    }
  };
  std::set<const waiting*, before> set_;
  typename std::set<const waiting*, before>::iterator next_{};
  typename std::set<const waiting*, before>::iterator offered_{};
};

/// All tasks sorted for each pass.
template <class Order>
class sorted_queue {
 public:
  explicit sorted_queue(Order o) : order_(o) {}
  void push(const waiting& w, time_point) {
    w.hook = all_.size();
    all_.push_back(&w);
  }
  void erase(const waiting& w) {
    all_[w.hook] = all_.back();
    all_[w.hook]->hook = w.hook;
    all_.pop_back();
  }
  void begin_pass(time_point now) {
    sorted_.clear();
    for (const auto* w : all_) sorted_.push_back({order_.rank(*w, now), w->sequence, w});
    std::sort(sorted_.begin(), sorted_.end(), [](const entry& a, const entry& b) {
      return a.rank < b.rank || (!(b.rank < a.rank) && a.sequence < b.sequence);
    });
    next_ = 0;
  }
  auto next() -> const waiting* { return next_ < sorted_.size() ? sorted_[next_++].of : nullptr; }
  void take() { erase(*sorted_[next_ - 1].of); }

 private:
  using rank_type =
      decltype(std::declval<const Order&>().rank(std::declval<const waiting&>(), time_point{}));
  struct entry {
    rank_type rank{};
    std::uint64_t sequence = 0;
    const waiting* of = nullptr;
  };
  Order order_;
  std::vector<const waiting*> all_;
  std::vector<entry> sorted_;
  std::size_t next_ = 0;
};

/// Tasks that came over the last two days, so that half of them have aged to the full.
template <class Queue>
class backlog {
 public:
  template <class Order>
  backlog(std::size_t pending, const Order& o) : queue_(o) {
    for (std::size_t i = 0; i < pending; ++i) {
      now_ += lepton::duration{48h} / static_cast<std::int64_t>(pending);
      push();
    }
    pass(1, 2);
  }

  void push() {
    if (unused_.empty()) {
      owner_.emplace_back();
      unused_.push_back(&owner_.back());
    }
    auto& w = *unused_.back();
    unused_.pop_back();
    w.what.priority = random_.below(1000);
    w.what.demand = lepton::resources<1>{1 + random_.below(4096)};
    w.what.estimate = std::chrono::minutes{1 + random_.below(1440)};
    w.submitted = now_;
    w.sequence = sequence_++;
    w.place = inside_.size();
    inside_.push_back(&w);
    queue_.push(w, now_);
  }
  void erase() {
    auto& w = *inside_[random_.below(static_cast<std::uint32_t>(inside_.size()))];
    queue_.erase(w);
    forget(w);
  }
  /// Offers some, starts every so-manieth of them.
  void pass(int offers, int starts_one_in) {
    now_ += 1s;
    queue_.begin_pass(now_);
    for (int i = 0; i < offers; ++i) {
      const auto* const w = queue_.next();
      check_ = check_ * 31 + w->sequence;
      if (i % starts_one_in != 0) continue;
      queue_.take();
      forget(static_cast<owned&>(const_cast<waiting&>(*w)));
    }
  }
  [[nodiscard]] auto check() const -> std::uint64_t { return check_; }

 private:
  void forget(owned& w) {
    inside_[w.place] = inside_.back();
    inside_[w.place]->place = w.place;
    inside_.pop_back();
    unused_.push_back(&w);
  }

  Queue queue_;
  lepton::detail::pcg32 random_{7};
  std::deque<owned> owner_;
  std::vector<owned*> inside_;
  std::vector<owned*> unused_;
  std::uint64_t sequence_ = 0;
  std::uint64_t check_ = 0;
  time_point now_ = lepton::at(0s);
};

template <class Queue, class Order>
void tick(benchmark::State& state, Order o) {
  backlog<Queue> tasks{static_cast<std::size_t>(state.range(0)), o};
  for (auto _ : state) {
    for (int i = 0; i < 10; ++i) tasks.push();
    for (int i = 0; i < 3; ++i) tasks.erase();
    tasks.pass(100, 15);
  }
  state.counters["tick"] = benchmark::Counter(
      1, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  auto check = tasks.check();
  benchmark::DoNotOptimize(check);
}

/// One task comes, one is withdrawn, and a pass starts the first.
template <class Queue, class Order>
void single(benchmark::State& state, Order o) {
  backlog<Queue> tasks{static_cast<std::size_t>(state.range(0)), o};
  for (auto _ : state) {
    tasks.push();
    tasks.push();
    tasks.erase();
    tasks.pass(1, 1);
  }
  state.counters["step"] = benchmark::Counter(
      1, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  auto check = tasks.check();
  benchmark::DoNotOptimize(check);
}

using lepton_ageing = order::queue_of_t<job, order::ageing<>>;
void ageing_linear(benchmark::State& s) { tick<lepton_ageing>(s, daily()); }
void ageing_timed(benchmark::State& s) {
  tick<order::timed_queue<job, order::ageing<>>>(s, daily());
}
void ageing_std_set(benchmark::State& s) { tick<set_queue<order::ageing<>>>(s, daily()); }
void ageing_sorted(benchmark::State& s) { tick<sorted_queue<order::ageing<>>>(s, daily()); }

void multifactor_linear(benchmark::State& s) {
  tick<order::queue_of_t<job, order::multifactor<>>>(s, slurm());
}
void multifactor_sorted(benchmark::State& s) {
  tick<sorted_queue<order::multifactor<>>>(s, slurm());
}
void wfp3_timed(benchmark::State& s) {
  tick<order::queue_of_t<job, order::wfp3<>>>(s, order::wfp3<>{});
}
void wfp3_sorted(benchmark::State& s) { tick<sorted_queue<order::wfp3<>>>(s, order::wfp3<>{}); }

void fixed_priority_tree(benchmark::State& s) {
  tick<order::queue_of_t<job, order::fixed_priority<>>>(s, order::fixed_priority<>{});
}
void fixed_priority_std_set(benchmark::State& s) {
  tick<fixed_set_queue<order::fixed_priority<>>>(s, order::fixed_priority<>{});
}
void single_ageing_linear(benchmark::State& s) { single<lepton_ageing>(s, daily()); }
void single_fixed_tree(benchmark::State& s) {
  single<order::queue_of_t<job, order::fixed_priority<>>>(s, order::fixed_priority<>{});
}
void single_fixed_std_set(benchmark::State& s) {
  single<fixed_set_queue<order::fixed_priority<>>>(s, order::fixed_priority<>{});
}

}  // namespace

BENCHMARK(ageing_linear)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(ageing_timed)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(ageing_std_set)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)->Iterations(2);
BENCHMARK(ageing_sorted)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)->Iterations(5);
BENCHMARK(multifactor_linear)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(multifactor_sorted)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)->Iterations(5);
BENCHMARK(wfp3_timed)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(wfp3_sorted)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)->Iterations(5);
BENCHMARK(fixed_priority_tree)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(fixed_priority_std_set)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(single_ageing_linear)->Arg(1'000'000);
BENCHMARK(single_fixed_tree)->Arg(1'000'000);
BENCHMARK(single_fixed_std_set)->Arg(1'000'000);
