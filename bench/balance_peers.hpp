// SPDX-License-Identifier: Apache-2.0
// The usual ways to balance, written afresh in the shape that widely used proxies have, to be
// measured beside the library's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include <lepton/balance/snapshot.hpp>
#include <lepton/detail/xxh64.hpp>

namespace peers {

using index = std::uint32_t;

/// Smooth weighted round robin that looks at every backend.
class linear_smooth {
 public:
  explicit linear_smooth(const lepton::balance::snapshot& s) {
    for (const auto i : s.eligible()) servers_.push_back({i, s.weight(i), 0});
  }
  auto pick() -> index {
    std::int64_t total = 0;
    server* best = nullptr;
    for (auto& one : servers_) {
      one.current += one.weight;
      total += one.weight;
      if (best == nullptr || one.current > best->current) best = &one;
    }
    best->current -= total;
    return best->id;
  }

 private:
  struct server {
    index id;
    std::int64_t weight;
    std::int64_t current;
  };
  std::vector<server> servers_;
};

/// Earliest deadline first: a binary heap of floating-point deadlines that own their backends.
class edf_heap {
 public:
  explicit edf_heap(const lepton::balance::snapshot& s) {
    for (const auto i : s.eligible()) add(std::make_shared<const index>(i), s.weight(i));
  }
  auto pick() -> index {
    auto first = queue_.top();
    queue_.pop();
    now_ = first.deadline;
    const auto chosen = first.backend;
    add(chosen, first.weight);
    return *chosen;
  }

 private:
  struct entry {
    double deadline;
    std::uint64_t order;
    double weight;
    std::shared_ptr<const index> backend;
    auto operator<(const entry& other) const -> bool {
      return deadline > other.deadline || (deadline == other.deadline && order > other.order);
    }
  };
  void add(std::shared_ptr<const index> backend, double weight) {
    queue_.push({now_ + 1 / weight, order_++, weight, std::move(backend)});
  }
  std::priority_queue<entry> queue_;
  double now_ = 0;
  std::uint64_t order_ = 0;
};

/// Least connections by looking at every backend.
class linear_least {
 public:
  explicit linear_least(const lepton::balance::snapshot& s) {
    for (const auto i : s.eligible()) servers_.push_back({i, s.weight(i), 0});
  }
  auto pick() -> index {
    auto* best = &servers_.front();
    for (auto& one : servers_) {
      if (one.active * best->weight < best->active * one.weight) best = &one;
    }
    ++best->active;
    return best->id;
  }
  void finish(index i) { --servers_[i].active; }

 private:
  struct server {
    index id;
    std::uint64_t weight;
    std::uint64_t active;
  };
  std::vector<server> servers_;
};

/// Two random choices from the standard library's generator and distribution.
class mersenne_two_choices {
 public:
  explicit mersenne_two_choices(const lepton::balance::snapshot& s)
      : active_(s.size()), any_(0, s.size() - 1) {}
  auto pick() -> index {
    const auto a = any_(random_);
    const auto b = any_(random_);
    const auto chosen = active_[a] <= active_[b] ? a : b;
    ++active_[chosen];
    return static_cast<index>(chosen);
  }
  void finish(index i) { --active_[i]; }

 private:
  std::vector<std::uint64_t> active_;
  std::mt19937 random_{1};
  std::uniform_int_distribution<std::size_t> any_;
};

/// Weighted random by the standard library's distribution: binary search over partial sums.
class discrete {
 public:
  explicit discrete(const lepton::balance::snapshot& s) {
    std::vector<double> weights;
    for (const auto i : s.eligible()) weights.push_back(s.weight(i));
    any_ = std::discrete_distribution<index>(weights.begin(), weights.end());
  }
  auto pick() -> index { return any_(random_); }

 private:
  std::mt19937 random_{1};
  std::discrete_distribution<index> any_;
};

/// Maglev as the paper writes it: a modulo a step of the build, a modulo a pick.
class modulo_maglev {
 public:
  modulo_maglev(const lepton::balance::snapshot& s, std::uint64_t size) : table_(size, ~index{0}) {
    struct turn {
      std::uint64_t offset;
      std::uint64_t skip;
      std::uint64_t next = 0;
    };
    std::vector<turn> turns;
    for (const auto i : s.eligible()) {
      const auto key = std::string{s.key(i)};
      turns.push_back(
          {lepton::detail::xxh64(key, 0) % size, lepton::detail::xxh64(key, 1) % (size - 1) + 1});
    }
    std::uint64_t filled = 0;
    while (filled < size) {
      for (std::size_t k = 0; k < turns.size() && filled < size; ++k) {
        auto& t = turns[k];
        auto slot = (t.offset + t.next * t.skip) % size;
        while (table_[slot] != ~index{0}) slot = (t.offset + ++t.next * t.skip) % size;
        ++t.next;
        table_[slot] = s.eligible()[k];
        ++filled;
      }
    }
  }
  [[nodiscard]] auto pick(std::uint64_t hash) const -> index {
    return table_[hash % table_.size()];
  }

 private:
  std::vector<index> table_;
};

}  // namespace peers
