// SPDX-License-Identifier: Apache-2.0
// greedy with filters and scores of the program's own, and with scores that look at other nodes.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <lepton/place/any_policy.hpp>
#include <lepton/place/fallback.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/topology_spread.hpp>
#include <lepton/place/weighted_sum.hpp>

#include "catch.hpp"
#include "property/compare.hpp"

using namespace lepton_test;
namespace place = lepton::place;

namespace {

constexpr std::uint64_t tie_seed = 5;

void check(const std::string& name, const subject& policy, const oracle::rule& rule,
           std::optional<std::uint64_t> ties = std::nullopt) {
  CHECK(compare_many(name, policy, rule, ties, decisions_of_one) == "");
}

auto taste_of(std::uint32_t colour, const lepton::cluster<2>::node_type& n) -> std::int32_t {
  const auto* rack = n.own_labels().find("rack");
  const auto mark = rack == nullptr ? 0 : rack->front() - '0';
  return (mark == static_cast<int>(colour) ? 1000 : -1000 * mark) -
         static_cast<std::int32_t>(n.task_count());
}

/// A local score (it does not say so: that is the default) that looks at the task's own colour.
struct taste {
  [[nodiscard]] static auto class_key(const job& j) -> std::uint32_t { return j.colour; }
  template <class Node>
  auto operator()(const job& j, const Node& n) const -> std::int32_t {
    return taste_of(j.colour, n);
  }
};

struct not_next_to_red {
  [[nodiscard]] static auto class_key(const job& j) -> bool { return j.colour == 1; }
  template <class Node>
  auto operator()(const job& j, const Node& n) const -> bool {
    return j.colour != 1 || n.task_count() < 3;
  }
};
struct whole_rank {
  template <class Node>
  auto operator()(const job&, const Node& n) const -> bool {
    const auto* rank = n.own_labels().find("rank");
    return rank == nullptr || rank->size() < 4;
  }
};

auto with_filters(oracle::rule r) -> oracle::rule {
  r.filters.push_back([](const job&, const nodes_type& v, lepton::node_index i) {
    const auto rank = oracle::value_of(v[i].own_labels(), "rank");
    return !rank || rank->size() < 4;
  });
  r.filters.push_back([](const job& j, const nodes_type& v, lepton::node_index i) {
    return j.colour != 1 || v[i].task_count() < 3;
  });
  return r;
}

/// A score whose values hang on something that `prepare` reads from the whole view.
struct far_from_largest {
  static constexpr auto kind = place::score_kind::local;
  template <class View>
  void prepare(const View& v) {
    largest = 0;
    for (std::size_t i = 0; i < v.size(); ++i) largest = std::max(largest, v[i].capacity()[0]);
  }
  template <class Task, class Node>
  auto operator()(const Task&, const Node& n) const -> std::int32_t {
    return static_cast<std::int32_t>((largest - n.capacity()[0]) / 1000 % 5);
  }
  lepton::amount largest = 0;
};

auto largest_cpu(const nodes_type& v) -> lepton::amount {
  lepton::amount largest = 0;
  for (std::size_t i = 0; i < v.size(); ++i) largest = std::max(largest, v[i].capacity()[0]);
  return largest;
}

/// Minus the matching tasks in the node's domain, over the task's spread constraints.
class spread_penalty {
 public:
  void look(const job& j, const nodes_type& v) {
    penalty_.assign(v.size(), 0);
    for (const auto& s : j.rules.spread) {
      std::map<std::string, std::int64_t> in_domain;
      const auto domain_of = [&](std::size_t i) {
        return s.topology_key.empty() ? std::optional{std::to_string(i)}
                                      : oracle::value_of(v[i].own_labels(), s.topology_key);
      };
      for (std::size_t i = 0; i < v.size(); ++i) {
        if (const auto d = domain_of(i)) {
          in_domain[*d] += static_cast<std::int64_t>(oracle::count_matching(s.tasks, v, {i}));
        }
      }
      std::int64_t fullest = 0;
      for (const auto& [name, count] : in_domain) fullest = std::max(fullest, count);
      for (std::size_t i = 0; i < v.size(); ++i) {
        const auto d = domain_of(i);
        penalty_[i] += d ? in_domain[*d] : fullest + 1;
      }
    }
  }
  auto of(std::size_t i) const -> std::int64_t { return penalty_[i]; }

 private:
  std::vector<std::int64_t> penalty_;
};

auto spread_rule(std::int64_t weight, std::int64_t least_weight) -> oracle::rule {
  const auto penalty = std::make_shared<spread_penalty>();
  oracle::rule r{[=](const job& j, const nodes_type& v, lepton::node_index i) {
    return -weight * penalty->of(i) +
           (least_weight == 0 ? 0 : least_weight * place::least_allocated{}(j, v[i]));
  }};
  r.look = [=](const job& j, const nodes_type& v) { penalty->look(j, v); };
  return r;
}

}  // namespace

TEST_CASE(
    "a score and filters of the program's own by their index, by a scan and by the definition") {
  const oracle::rule rule{[](const job& j, const nodes_type& v, lepton::node_index i) {
    return taste_of(j.colour, v[i]);
  }};
  check("own score", subject{place::greedy{taste{}}}, rule);
  check("own score and filters",
        subject{place::greedy{whole_rank{}, not_next_to_red{}, taste{}}.with_ties(tie_seed)},
        with_filters(rule), tie_seed);
  check("own filters, first fit",
        subject{place::greedy{whole_rank{}, not_next_to_red{}, place::first_fit{}}},
        with_filters({[](const job&, const nodes_type&, lepton::node_index) { return 0; }}));
  CHECK(compare_shrinking("own score and filters",
                          subject{place::greedy{whole_rank{}, not_next_to_red{}, taste{}}},
                          with_filters(rule), std::nullopt));
}

TEST_CASE("a weighted sum keeps the class keys and the preparation of its parts") {
  const auto sum = place::weighted{taste{}, 2} + place::least_allocated{};
  check("own score in a sum", subject{place::greedy{sum}},
        {[](const job& j, const nodes_type& v, lepton::node_index i) {
          return std::int64_t{2} * taste_of(j.colour, v[i]) + place::least_allocated{}(j, v[i]);
        }});
  const auto largest = std::make_shared<lepton::amount>(0);
  oracle::rule rule{[=](const job&, const nodes_type& v, lepton::node_index i) {
    return std::int64_t{3} * ((*largest - v[i].capacity()[0]) / 1000 % 5);
  }};
  rule.look = [=](const job&, const nodes_type& v) { *largest = largest_cpu(v); };
  check("prepared score in a sum",
        subject{place::greedy{place::weighted{far_from_largest{}, 3} + 0 * place::least_allocated{}}
                    .with_ties(tie_seed)},
        rule, tie_seed);
}

TEST_CASE(
    "a score that reads the whole view beforehand, by its index, by a scan and by the definition") {
  const auto largest = std::make_shared<lepton::amount>(0);
  oracle::rule rule{[=](const job&, const nodes_type& v, lepton::node_index i) {
    return (*largest - v[i].capacity()[0]) / 1000 % 5;
  }};
  rule.look = [=](const job&, const nodes_type& v) { *largest = largest_cpu(v); };
  check("prepared score", subject{place::greedy{far_from_largest{}}}, rule);
}

TEST_CASE("topology_spread by a scan and by the definition") {
  check("topology_spread", subject{place::greedy{place::topology_spread{}}}, spread_rule(1, 0));
  check(
      "topology_spread in a sum",
      subject{place::greedy{10 * place::topology_spread{} + 3 * place::least_allocated{}}.with_ties(
          tie_seed)},
      spread_rule(10, 3), tie_seed);
}

TEST_CASE("erased and chained policies answer as the policies in them") {
  const oracle::rule rule{[](const job& j, const nodes_type& v, lepton::node_index i) {
    return taste_of(j.colour, v[i]);
  }};
  using erased = place::any_policy<job, nodes_type>;
  check("any_policy", subject{erased{place::greedy{taste{}}}}, rule);
  // The second policy never has anything to add, as both see the same nodes.
  check("fallback",
        subject{place::fallback{place::greedy{taste{}}, place::greedy{place::first_fit{}}}}, rule);
}
