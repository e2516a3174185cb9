// SPDX-License-Identifier: Apache-2.0
// Share policies and quotas beside twins that look at every tenant and compute everything anew from
// the tasks that run; then what the policies promise of proportions.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/task.hpp>
#include <lepton/order/condor_priority.hpp>
#include <lepton/order/drf.hpp>
#include <lepton/order/fair_share.hpp>
#include <lepton/order/fair_tree.hpp>
#include <lepton/order/hierarchical_drf.hpp>
#include <lepton/order/kueue_share.hpp>
#include <lepton/order/lottery.hpp>
#include <lepton/order/per_tenant.hpp>
#include <lepton/order/stride.hpp>
#include <lepton/order/weighted_fair_queueing.hpp>
#include <lepton/schedule/quota.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace order = lepton::order;
using lepton::amount;
using lepton::resources;
using lepton::tenant_id;
using lepton_test::choices;
using order::tenant_slot;
using namespace std::chrono_literals;

namespace {

using vec = resources<2>;
using task = lepton::task<2>;
using queued = order::queued<task>;
__extension__ using wide = __int128;

constexpr tenant_id tenants = 9;

/// A fraction of small numbers; 1/0 is infinite.
struct ratio {
  amount up = 0, down = 1;
  friend auto operator<(const ratio& a, const ratio& b) -> bool {
    return wide{a.up} * b.down < wide{b.up} * a.down;
  }
};

auto largest_part(const vec& used, const vec& all, amount weight) -> ratio {
  ratio most;
  for (std::size_t d = 0; d < 2; ++d) {
    if (used[d] <= 0) continue;
    // Of what does not exist anything is far too much, by weight as well.
    const ratio one =
        all[d] == 0 ? ratio{used[d] * 1'000'000'000, weight} : ratio{used[d], all[d] * weight};
    if (most.up == 0 || most < one) most = one;
  }
  return most;
}

/// What runs and what waits, as the twins see it.
struct scene {
  std::vector<const queued*> running;
  std::map<tenant_id, const queued*> heads;  ///< the next task of each tenant that may be offered
  lepton::time_point now{};
  int pass = 0;

  [[nodiscard]] auto used(tenant_id t) const -> vec {
    vec sum;
    for (const auto* q : running) {
      if (q->what.tenant == t) sum += q->what.demand;
    }
    return sum;
  }
};

/// Serves a queue and its twin side by side. `choose(scene)` names one of the tenants of its heads.
template <class Policy, class Choose>
class side_by_side {
 public:
  side_by_side(choices& c, Policy p, Choose choose, order::passed_over after)
      : c_(c), queue_((p.after = after, std::move(p))), choose_(std::move(choose)), after_(after) {}

  /// The first difference, or an empty text.
  auto run(int steps) -> std::string {
    for (int step = 0; step < steps && problem_.empty(); ++step) {
      const auto what = c_.below(100);
      if (what < 40) {
        push();
      } else if (what < 48) {
        erase();
      } else if (what < 75) {
        end();
      } else {
        pass();
      }
      if (queue_.size() != waiting_.size()) problem_ = "size";
      if (!problem_.empty()) problem_ += " in step " + std::to_string(step);
    }
    while (!scene_.running.empty()) end();
    return problem_;
  }
  [[nodiscard]] auto queue() -> auto& { return queue_; }

 private:
  void push() {
    queued q;
    q.what.tenant = c_.below(tenants);
    q.what.demand = vec{c_.below(4), c_.below(5)};
    q.what.estimate = std::chrono::seconds{1 + c_.below(5)};
    q.id = q.sequence = tasks_.size();
    tasks_.push_back(q);
    waiting_.push_back(&tasks_.back());
    queue_.push(tasks_.back(), scene_.now);
  }
  void erase() {
    if (waiting_.empty()) return;
    const auto at = c_.below(static_cast<std::uint32_t>(waiting_.size()));
    queue_.erase(*waiting_[at]);
    waiting_.erase(waiting_.begin() + at);
  }
  void end() {
    if (scene_.running.empty()) return;
    const auto at = c_.below(static_cast<std::uint32_t>(scene_.running.size()));
    queue_.ended(*scene_.running[at], scene_.now);
    scene_.running.erase(scene_.running.begin() + at);
  }
  void pass() {
    scene_.now += std::chrono::milliseconds{c_.below(3) * 500};
    queue_.begin_pass(scene_.now);
    ++scene_.pass;
    std::set<const queued*> offered;
    std::set<tenant_id> blocked;
    while (!c_.chance(3)) {
      scene_.heads.clear();
      for (const auto* q : waiting_) {
        if (offered.count(q) == 0 && blocked.count(q->what.tenant) == 0)
          scene_.heads.emplace(q->what.tenant, q);
      }
      const auto* want = scene_.heads.empty() ? nullptr : scene_.heads.at(choose_(scene_, queue_));
      const auto* got = queue_.next();
      if (got != want) {
        problem_ = "offered " + (got ? std::to_string(got->what.tenant) : "nobody") + ", not " +
                   (want ? std::to_string(want->what.tenant) : "nobody");
        return;
      }
      if (got == nullptr) return;
      offered.insert(got);
      if (c_.chance(60) && scene_.running.size() < 25) {
        queue_.take();
        waiting_.erase(std::find(waiting_.begin(), waiting_.end(), got));
        scene_.running.push_back(got);
      } else if (after_ == order::passed_over::blocks_tenant) {
        blocked.insert(got->what.tenant);
      }
    }
  }

  choices& c_;
  order::queue_of_t<task, Policy> queue_;
  Choose choose_;
  order::passed_over after_;
  std::deque<queued> tasks_;
  std::vector<const queued*> waiting_;  ///< in the order of submission
  scene scene_;
  std::string problem_;
};

/// The tenant whose `key(t)` is smallest; the first such.
template <class Key>
auto smallest(const scene& s, const Key& key) -> tenant_id {
  auto best = s.heads.begin()->first;
  for (const auto& [t, head] : s.heads) {
    if (key(t) < key(best)) best = t;
  }
  return best;
}

template <class Make>
void compare(const char* name, int rounds, const Make& make) {
  for (int round = 0; round < rounds; ++round) {
    choices c{lepton_test::seed_for(name, static_cast<std::uint64_t>(round))};
    const auto problem =
        make(c, c.chance(50) ? order::passed_over::tries_next : order::passed_over::blocks_tenant);
    INFO(name << ", round " << round << ": " << problem << "; " << lepton_test::how_to_repeat());
    REQUIRE(problem.empty());
  }
}

template <class Policy, class Choose>
auto difference(choices& c, order::passed_over after, Policy p, Choose choose, int steps)
    -> std::string {
  side_by_side<Policy, Choose> both{c, std::move(p), std::move(choose), after};
  return both.run(steps);
}

const int many = static_cast<int>(LEPTON_PROPERTY_DECISIONS / 400);

/// A random tree with all tenants below it, as parents first; node 0 is the root.
struct random_tree {
  order::account_tree tree;
  explicit random_tree(choices& c, bool zero_shares = false) {
    std::vector<tenant_slot> groups{0};
    const auto shares = [&] { return c.below(4) + (zero_shares ? 0U : 1U); };
    for (auto n = c.below(5); n > 0; --n)
      groups.push_back(
          *tree.add_account(groups[c.below(static_cast<std::uint32_t>(groups.size()))], shares()));
    for (tenant_id t = 0; t < tenants; ++t)
      (void)*tree.add_tenant(t, groups[c.below(static_cast<std::uint32_t>(groups.size()))],
                             shares());
  }
};

/// From the root down, the child of the smallest `key(node)` that has a head below it.
template <class Key>
auto tournament(const order::account_tree& tree, const scene& s, const Key& key) -> tenant_id {
  std::vector<char> alive(tree.size(), 0);
  for (const auto& [t, head] : s.heads) {
    for (auto i = tree.find(t); i != order::no_slot; i = tree[i].parent) alive[i] = 1;
  }
  tenant_slot at = 0;
  while (!tree[at].is_tenant) {
    auto best = order::no_slot;
    for (const auto child : tree[at].children) {
      if (alive[child] == 1 && (best == order::no_slot || key(child) < key(best))) best = child;
    }
    at = best;
  }
  return tree[at].id;
}

/// The sum of what `of(t)` gives for the tenants below a node.
template <class Of>
auto sum_below(const order::account_tree& tree, tenant_slot i, const Of& of) -> decltype(of(0)) {
  if (tree[i].is_tenant) return of(tree[i].id);
  decltype(of(0)) sum{};
  for (const auto child : tree[i].children) sum += sum_below(tree, child, of);
  return sum;
}

}  // namespace

TEST_CASE("property: drf serves as a scan of all tenants does") {
  compare("drf", many, [](choices& c, order::passed_over after) {
    const vec capacity{c.below(20), 1 + c.below(20)};
    std::array<std::uint32_t, tenants> weights{};
    order::drf<vec> share{vec{1, 1}};
    for (tenant_id t = 0; t < tenants; ++t) share.set_weight(t, weights[t] = 1 + c.below(3));
    share.set_capacity(capacity);
    return difference(
        c, after, order::per_tenant{share},
        [=](const scene& s, auto& queue) {
          for (tenant_id t = 0; t < tenants; ++t) {
            auto& p = queue.share_policy();
            if (p.used(p.slot(t)) != s.used(t)) std::abort();  // charged twice, or not at all
          }
          return smallest(
              s, [&](tenant_id t) { return largest_part(s.used(t), capacity, weights[t]); });
        },
        300);
  });
}

TEST_CASE("property: hierarchical_drf serves as a scan of the tree does") {
  compare("hierarchical_drf", many, [](choices& c, order::passed_over after) {
    const vec capacity{1 + c.below(20), 1 + c.below(20)};
    const random_tree r{c};
    return difference(
        c, after, order::per_tenant{order::hierarchical_drf{capacity, r.tree}},
        [=](const scene& s, auto&) {
          return tournament(r.tree, s, [&](tenant_slot i) {
            const auto used = sum_below(r.tree, i, [&](tenant_id t) { return s.used(t); });
            return largest_part(used, capacity, r.tree[i].shares);
          });
        },
        300);
  });
}

namespace {

/// Kueue's books from its definitions, for one dimension.
struct kueue_twin {
  struct node {
    int parent = -1;
    amount nominal = 0, borrow = -1, lend = -1, limit = -1;  // -1: none
    amount weight = 1;
    tenant_id tenant = 0;
    bool leaf = false;
  };
  std::vector<node> nodes;
  std::map<tenant_id, amount> in_use;

  [[nodiscard]] auto pool(int i) const -> amount {
    auto sum = nodes[at(i)].nominal;
    for (int k = 0; k < static_cast<int>(nodes.size()); ++k) {
      if (nodes[at(k)].parent == i) sum += pool(k) - kept(k);
    }
    return sum;
  }
  [[nodiscard]] auto kept(int i) const -> amount {
    return nodes[at(i)].lend < 0 ? 0 : std::max<amount>(0, pool(i) - nodes[at(i)].lend);
  }
  [[nodiscard]] auto used(int i) const -> amount {
    const auto& n = nodes[at(i)];
    if (n.leaf) {
      const auto found = in_use.find(n.tenant);
      return found == in_use.end() ? 0 : found->second;
    }
    amount sum = 0;
    for (int k = 0; k < static_cast<int>(nodes.size()); ++k) {
      if (nodes[at(k)].parent == i) sum += std::max<amount>(0, used(k) - kept(k));
    }
    return sum;
  }
  [[nodiscard]] auto total(int i) const -> amount {
    if (nodes[at(i)].leaf) return used(i);
    amount sum = 0;
    for (int k = 0; k < static_cast<int>(nodes.size()); ++k) {
      if (nodes[at(k)].parent == i) sum += total(k);
    }
    return sum;
  }
  [[nodiscard]] auto available(int i) const -> amount {
    const auto& n = nodes[at(i)];
    if (n.parent < 0) return pool(i) - used(i);
    auto above = available(n.parent);
    if (n.borrow >= 0)
      above =
          std::min(above, pool(i) - kept(i) - std::max<amount>(0, used(i) - kept(i)) + n.borrow);
    return std::max<amount>(0, kept(i) - used(i)) + above;
  }
  [[nodiscard]] auto under_limits(int i) const -> amount {
    auto least = std::numeric_limits<amount>::max();
    for (; i >= 0; i = nodes[at(i)].parent) {
      if (nodes[at(i)].limit >= 0) least = std::min(least, nodes[at(i)].limit - total(i));
    }
    return least;
  }
  [[nodiscard]] auto potential(int i) const -> amount {
    const auto& n = nodes[at(i)];
    if (n.parent < 0) return pool(i);
    const auto most = kept(i) + potential(n.parent);
    return n.borrow < 0 ? most : std::min(most, pool(i) + n.borrow);
  }
  [[nodiscard]] static auto at(int i) -> std::size_t { return static_cast<std::size_t>(i); }
};

auto some_limit(choices& c) -> amount { return c.chance(50) ? amount{c.below(8)} : -1; }
auto or_none(amount a) -> amount { return a < 0 ? order::kueue_terms<vec>::unlimited : a; }

}  // namespace

TEST_CASE("property: kueue_share serves as a tournament from the definitions does") {
  compare("kueue_share", many / 2 + 1, [](choices& c, order::passed_over after) {
    const random_tree r{c, true};
    std::array<kueue_twin, 2> twins;
    order::kueue_share<vec> share;
    // The twin's nodes are numbered as those of the tree, parents first.
    for (tenant_slot i = 0; i < r.tree.size(); ++i) {
      order::kueue_terms<vec> t;
      t.weight = r.tree[i].shares;
      for (std::size_t d = 0; d < 2; ++d) {
        kueue_twin::node n;
        n.parent = i == 0 ? -1 : static_cast<int>(r.tree[i].parent);
        n.nominal = c.below(6);
        n.borrow = i == 0 ? -1 : some_limit(c);
        n.lend = i == 0 ? -1 : some_limit(c);
        n.weight = t.weight;
        n.leaf = r.tree[i].is_tenant;
        n.tenant = r.tree[i].id;
        twins[d].nodes.push_back(n);
        t.nominal[d] = n.nominal;
        t.borrow_limit[d] = or_none(n.borrow);
        t.lend_limit[d] = or_none(n.lend);
      }
      if (i == 0) {
        share = order::kueue_share<vec>{t};
      } else if (r.tree[i].is_tenant) {
        (void)*share.add_tenant(r.tree[i].id, r.tree[i].parent, t);
      } else {
        (void)*share.add_cohort(r.tree[i].parent, t);
      }
    }
    const auto choose = [r, twins](const scene& s, auto&) {
      auto now = twins;
      const auto reset = [&] {
        for (tenant_id t = 0; t < tenants; ++t) {
          for (std::size_t d = 0; d < 2; ++d) now[d].in_use[t] = s.used(t)[d];
        }
      };
      const auto key = [&](tenant_slot i, tenant_id winner) {
        reset();
        for (std::size_t d = 0; d < 2; ++d)
          now[d].in_use[winner] += s.heads.at(winner)->what.demand[d];
        vec over, all;
        for (std::size_t d = 0; d < 2; ++d) {
          all[d] = now[d].potential(static_cast<int>(r.tree[i].parent));
          over[d] =
              all[d] <= 0 ? 0 : now[d].used(static_cast<int>(i)) - now[d].pool(static_cast<int>(i));
        }
        return largest_part(over, all, r.tree[i].shares);
      };
      // The winner below a node, from below.
      const auto best = [&](const auto& self, tenant_slot i) -> std::pair<bool, tenant_id> {
        if (r.tree[i].is_tenant) return {s.heads.count(r.tree[i].id) != 0, r.tree[i].id};
        bool any = false;
        tenant_id winner = 0;
        ratio least;
        for (const auto child : r.tree[i].children) {
          const auto [found, t] = self(self, child);
          if (!found) continue;
          const auto k = key(child, t);
          if (any && !(k < least)) continue;
          any = true;
          winner = t;
          least = k;
        }
        return {any, winner};
      };
      return best(best, 0).second;
    };
    return difference(c, after, order::per_tenant{share}, choose, 120);
  });
}

TEST_CASE("property: the other policies offer the best tenant by their own measure") {
  compare("fair_share", many / 2 + 1, [](choices& c, order::passed_over after) {
    const random_tree r{c};
    order::fair_share<>::options o;
    o.half_life = 2s;
    return difference(
        c, after, order::per_tenant{order::fair_share<>{r.tree, o}},
        [](const scene& s, auto& queue) {
          auto& p = queue.share_policy();
          return smallest(s, [&](tenant_id t) {
            const auto i = p.slot(t);
            return p.effective_usage(i, s.now) / p.normalised_shares(i);
          });
        },
        200);
  });
  compare("fair_tree", many / 2 + 1, [](choices& c, order::passed_over after) {
    const random_tree r{c};
    return difference(
        c, after, order::per_tenant{order::fair_tree<>{r.tree, 2s}},
        [r](const scene& s, auto& queue) {
          auto& p = queue.share_policy();
          return tournament(r.tree, s, [&](tenant_slot i) { return p.used_by_share(i, s.now); });
        },
        200);
  });
}

TEST_CASE("property: condor_priority cuts the pie as a plain list does") {
  struct pie {
    int pass = 0;
    std::map<tenant_id, double> room;
    tenant_id last = 0;
    amount used = 0;  // by the last, when it was chosen
  };
  compare("condor_priority", many, [](choices& c, order::passed_over) {
    const amount pool = 1 + c.below(60);
    order::condor_priority<> share{pool, 2s};
    for (tenant_id t = 0; t < tenants; ++t) share.set_factor(t, 1 + c.below(4));
    return difference(
        c, order::passed_over::blocks_tenant, order::per_tenant{share},
        [pool, p = pie{}](const scene& s, auto& queue) mutable {
          auto& policy = queue.share_policy();
          const auto priority = [&](tenant_id t) {
            return policy.effective_priority(policy.slot(t), s.now);
          };
          const auto cut = [&] {
            double sum = 0;
            for (tenant_id t = 0; t < tenants; ++t) {
              // In the order of the policy's own sum: of the tenants' numbers.
              const auto found = std::find_if(s.heads.begin(), s.heads.end(), [&](const auto& h) {
                return policy.slot(h.first) == t;
              });
              if (found != s.heads.end()) sum += 1 / priority(found->first);
            }
            p.room.clear();
            bool any = false;
            for (const auto& [t, head] : s.heads) {
              const auto used = static_cast<double>(s.used(t)[0]);
              p.room[t] = static_cast<double>(pool) / (priority(t) * sum) - used;
              any |= p.room[t] > 0;
            }
            if (any) return;
            for (auto& [t, room] : p.room) room = 1e300;
          };
          if (p.pass != s.pass) {
            p.pass = s.pass;
            cut();
          } else {
            p.room[p.last] -= static_cast<double>(s.used(p.last)[0] - p.used);
          }
          const auto has_room = [&](const auto& h) { return p.room.at(h.first) > 0; };
          if (std::none_of(s.heads.begin(), s.heads.end(), has_room)) cut();
          p.last = smallest(s, [&](tenant_id t) {
            return std::pair{!(p.room.at(t) > 0), priority(t)};
          });
          p.used = s.used(p.last)[0];
          return p.last;
        },
        300);
  });
}

TEST_CASE("property: past usage is the integral of what ran") {
  for (int round = 0; round < 20; ++round) {
    choices c{lepton_test::seed_for("usage", static_cast<std::uint64_t>(round))};
    const random_tree r{c};
    order::fair_share<>::options o;
    const double half_life = c.chance(20) ? 0 : 1 + c.below(5000);
    o.half_life = std::chrono::milliseconds{static_cast<std::int64_t>(half_life * 1000)};
    order::fair_share<> fair{r.tree, o};
    struct spell {
      queued q;
      double from, to;
    };
    std::vector<spell> all;
    std::int64_t now = 0;
    for (int step = 0; step < 200; ++step) {
      now += c.below(10'000);
      const auto t = lepton::at(std::chrono::milliseconds{now});
      const auto open =
          std::find_if(all.begin(), all.end(), [](const auto& s) { return s.to < 0; });
      if (open != all.end() && c.chance(50)) {
        open->to = static_cast<double>(now) / 1000;
        fair.ended(open->q, t);
      } else {
        queued q;
        q.what.tenant = c.below(tenants);
        q.what.demand = vec{1 + c.below(50), 0};
        all.push_back({q, static_cast<double>(now) / 1000, -1});
        fair.started(q, t);
      }
    }
    const auto end = static_cast<double>(now) / 1000;
    const auto integral = [&](tenant_id t) {
      double sum = 0;
      for (const auto& s : all) {
        if (s.q.what.tenant != t) continue;
        const auto to = s.to < 0 ? end : s.to;
        const auto units = static_cast<double>(s.q.what.demand[0]);
        const auto rate = half_life > 0 ? std::log(2.0) / half_life : 0;
        sum += rate > 0 ? units / rate *
                              (std::exp(-rate * (end - to)) - std::exp(-rate * (end - s.from)))
                        : units * (to - s.from);
      }
      return sum;
    };
    for (tenant_slot i = 0; i < r.tree.size(); ++i) {
      const auto want = sum_below(r.tree, i, integral);
      const auto got = fair.usage().used(i, lepton::at(std::chrono::milliseconds{now}));
      CAPTURE(round, i, want, got);
      REQUIRE(std::abs(got - want) <= 1e-9 * (1 + want));
    }
  }
}

namespace {

/// One task at a time, each over before the next: who gets how much?
template <class Share>
class one_server {
 public:
  explicit one_server(Share s) : share_(std::move(s)) {}
  void join(tenant_id t) { share_.join(share_.slot(t)); }
  void leave(tenant_id t) { share_.leave(share_.slot(t)); }
  auto serve(const std::array<amount, tenants>& cost) -> tenant_id {
    share_.begin_pass(lepton::at(0s));
    const auto i = share_.next();
    if (i == order::no_slot) return tenants;
    tenant_id t = 0;
    while (share_.slot(t) != i) ++t;
    queued q;
    q.what.demand = vec{cost[t], 0};
    share_.charge(i, q, lepton::at(0s));
    share_.refund(i, q, lepton::at(0s));
    return t;
  }
  [[nodiscard]] auto share() -> Share& { return share_; }

 private:
  Share share_;
};

}  // namespace

TEST_CASE("property: stride is never more than one quantum off between two tenants") {
  for (int round = 0; round < 50; ++round) {
    choices c{lepton_test::seed_for("stride", static_cast<std::uint64_t>(round))};
    one_server server{order::stride<>{}};
    std::array<amount, tenants> tickets{}, cost{}, got{};
    cost.fill(1);
    amount all = 0;
    for (tenant_id t = 0; t < tenants; ++t) {
      tickets[t] = 1 + c.below(40);
      all += tickets[t];
      server.share().set_tickets(t, static_cast<std::uint32_t>(tickets[t]));
      server.join(t);
    }
    std::array<amount, tenants> last{};
    bool in_time = true, in_part = true, exact = true;
    for (amount turn = 1; turn <= 2000; ++turn) {
      const auto t = server.serve(cost);
      ++got[t];
      last[t] = turn;
      for (tenant_id a = 0; a < tenants; ++a) {
        // Nobody waits longer than its share of the turns, and one turn of each other.
        in_time &= (turn - last[a]) * tickets[a] <= all + amount{tenants} * tickets[a];
        for (tenant_id b = 0; b < tenants; ++b) {
          // Of the turns that a and b got, a got its part to within one turn.
          const auto both = tickets[a] + tickets[b];
          in_part &= std::abs(got[a] * both - (got[a] + got[b]) * tickets[a]) <= both;
        }
        // Exactly in proportion after whole rounds.
        exact &= turn % all != 0 || got[a] == turn / all * tickets[a];
      }
    }
    CAPTURE(round);
    REQUIRE(in_time);
    REQUIRE(in_part);
    REQUIRE(exact);
  }
}

TEST_CASE("property: a tenant that comes and goes gains nothing under stride") {
  order::stride<> share;
  one_server server{share};
  std::array<amount, tenants> cost{}, got{};
  cost.fill(1);
  for (tenant_id t = 0; t < 3; ++t) server.join(t);
  for (int turn = 0; turn < 3000; ++turn) {
    const auto t = server.serve(cost);
    ++got[t];
    if (t == 0) {  // leaves after each turn it gets, and is back at once
      server.leave(0);
      server.join(0);
    }
  }
  CHECK(std::abs(got[0] - 1000) <= 2);
}

TEST_CASE("property: fair queueing keeps the bound of start-time fair queueing") {
  const auto check = [](auto make, const char* name) {
    for (int round = 0; round < 50; ++round) {
      choices c{lepton_test::seed_for(name, static_cast<std::uint64_t>(round))};
      one_server server{make()};
      std::array<amount, tenants> weight{}, cost{};
      std::array<amount, tenants> most{};
      std::set<tenant_id> in;
      for (tenant_id t = 0; t < tenants; ++t) {
        weight[t] = 1 + c.below(20);
        most[t] = 1 + c.below(50);
        server.share().set_weight(t, static_cast<std::uint32_t>(weight[t]));
      }
      std::map<std::pair<tenant_id, tenant_id>, std::pair<amount, amount>> since;  // both wait
      const auto head = [&](tenant_id t) {
        cost[t] = 1 + c.below(static_cast<std::uint32_t>(most[t]));
        queued q;
        q.what.demand = vec{cost[t], 0};
        if constexpr (order::looks_at_heads<std::remove_reference_t<decltype(server.share())>,
                                            task>)
          server.share().head(server.share().slot(t), q);
      };
      bool within = true;
      for (int turn = 0; turn < 2000; ++turn) {
        const auto other = tenant_id{c.below(tenants)};
        if (c.chance(5)) {
          if (in.insert(other).second) {
            server.join(other);
            head(other);
          } else {
            in.erase(other);
            server.leave(other);
          }
          for (tenant_id t = 0; t < tenants; ++t) {
            since.erase({t, other});
            since.erase({other, t});
          }
        }
        const auto t = server.serve(cost);
        if (t == tenants) continue;
        for (const auto a : in) {
          for (const auto b : in) {
            if (a >= b) continue;
            auto& [of_a, of_b] = since[{a, b}];
            if (t == a) of_a += cost[a];
            if (t == b) of_b += cost[b];
            // |Wa / wa - Wb / wb| <= ca / wa + cb / wb
            within &= std::abs(of_a * weight[b] - of_b * weight[a]) <=
                      most[a] * weight[b] + most[b] * weight[a];
          }
        }
        head(t);
      }
      CAPTURE(round);
      REQUIRE(within);
    }
  };
  check([] { return order::weighted_fair_queueing<>{}; }, "sfq");
  check([] { return order::weighted_fair_queueing<order::task_size, order::fair_tag::finish>{}; },
        "scfq");
}

TEST_CASE("property: lots are drawn in proportion to the tickets") {
  one_server server{order::lottery{lepton_test::seed_for("lottery", 0)}};
  std::array<amount, tenants> cost{}, got{};
  double all = 0;
  for (tenant_id t = 0; t < tenants; ++t) {
    server.share().set_tickets(t, static_cast<std::uint32_t>(t * t));
    server.join(t);
    all += static_cast<double>(t * t);
  }
  const double turns = 100'000;
  for (int turn = 0; turn < turns; ++turn) ++got[server.serve(cost)];
  CHECK(got[0] == 0);  // no ticket
  for (tenant_id t = 1; t < tenants; ++t) {
    const auto p = static_cast<double>(t * t) / all;
    CAPTURE(t, got[t]);
    CHECK(std::abs(static_cast<double>(got[t]) - turns * p) < 6 * std::sqrt(turns * p * (1 - p)));
  }
}

TEST_CASE("property: quotas as computed from the definitions") {
  using spec = lepton::schedule::quota_spec<vec>;
  namespace schedule = lepton::schedule;
  int reclaimed = 0;
  for (int round = 0; round < many; ++round) {
    choices c{lepton_test::seed_for("quota", static_cast<std::uint64_t>(round))};
    const random_tree r{c, true};
    std::array<kueue_twin, 2> twins;
    std::vector<spec> specs;
    for (tenant_slot i = 0; i < r.tree.size(); ++i) {
      spec s;
      s.name = "n" + std::to_string(i);
      if (i != 0) s.parent = "n" + std::to_string(r.tree[i].parent);
      if (r.tree[i].is_tenant) s.tenant = r.tree[i].id;
      s.weight = r.tree[i].shares;
      vec own;
      for (std::size_t d = 0; d < 2; ++d) {
        kueue_twin::node n;
        n.parent = i == 0 ? -1 : static_cast<int>(r.tree[i].parent);
        n.nominal = own[d] = c.below(6);
        n.borrow = i == 0 ? -1 : some_limit(c);
        n.lend = i == 0 ? -1 : some_limit(c);
        n.leaf = r.tree[i].is_tenant;
        n.tenant = r.tree[i].id;
        twins[d].nodes.push_back(n);
        s.borrow_limit[d] = or_none(n.borrow);
        s.lend_limit[d] = or_none(n.lend);
      }
      s.guaranteed = own;  // what it has itself; its children's come on top below
      specs.push_back(s);
    }
    for (auto i = static_cast<tenant_slot>(specs.size() - 1); i > 0; --i)
      *specs[r.tree[i].parent].guaranteed += *specs[i].guaranteed;
    for (tenant_slot i = 0; i < specs.size(); ++i) {
      if (!c.chance(20)) continue;
      for (std::size_t d = 0; d < 2; ++d)
        specs[i].limit[d] = twins[d].nodes[i].limit = (*specs[i].guaranteed)[d] + c.below(6);
    }
    auto q = schedule::quota<vec>::build(specs).value();
    std::map<tenant_id, std::vector<vec>> running;
    const auto expected = [&](tenant_id t, const vec& demand) {
      const auto leaf = static_cast<int>(r.tree.find(t));
      auto outcome = schedule::quota_outcome::within_guarantee;
      for (std::size_t d = 0; d < 2; ++d) {
        if (demand[d] == 0) continue;
        const auto& twin = twins[d];
        if (demand[d] > std::min(twin.available(leaf), twin.under_limits(leaf)))
          return schedule::quota_outcome::over_limit;
        if (twin.used(leaf) + demand[d] > twin.pool(leaf))
          outcome = schedule::quota_outcome::borrows;
      }
      return outcome;
    };
    for (int step = 0; step < 60; ++step) {
      const auto t = tenant_id{c.below(tenants)};
      const vec demand{c.below(5), c.below(5)};
      auto& mine = running[t];
      if (c.chance(30) && !mine.empty()) {
        for (std::size_t d = 0; d < 2; ++d) twins[d].in_use[t] -= mine.back()[d];
        REQUIRE(q.refund(t, mine.back()));
        mine.pop_back();
        continue;
      }
      const auto want = expected(t, demand);
      const auto got = q.may_start(t, demand);
      CAPTURE(round, step, t, demand[0], demand[1]);
      REQUIRE(got.outcome == want);
      if (got) REQUIRE(q.reclaim(t, demand).empty());
      REQUIRE(static_cast<bool>(q.charge(t, demand)) ==
              (want != schedule::quota_outcome::over_limit));
      if (got) {
        for (std::size_t d = 0; d < 2; ++d) twins[d].in_use[t] += demand[d];
        mine.push_back(demand);
        continue;
      }
      if (got.hopeless) REQUIRE(!(fits(demand, q.potential(t))));
      const auto claims = q.reclaim(t, demand);
      if (claims.empty()) continue;
      ++reclaimed;
      auto after = q;
      for (const auto& claim : claims) {
        const auto giver = r.tree.find(claim.tenant);
        REQUIRE(claim.tenant != t);
        for (std::size_t d = 0; d < 2; ++d) {
          if (claim.amounts[d] == 0) continue;
          const auto leaf = static_cast<int>(giver);
          REQUIRE(claim.amounts[d] <= twins[d].used(leaf) - twins[d].pool(leaf));
        }
        REQUIRE(after.refund(claim.tenant, claim.amounts));
      }
      REQUIRE(after.may_start(t, demand).outcome == schedule::quota_outcome::within_guarantee);
    }
    for (tenant_id t = 0; t < tenants; ++t) {
      const auto leaf = r.tree.find(t);
      REQUIRE(q.used(q.leaf_of(t)) ==
              vec{twins[0].total(static_cast<int>(leaf)), twins[1].total(static_cast<int>(leaf))});
    }
  }
  CHECK(reclaimed > 0);
}
