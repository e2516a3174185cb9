// SPDX-License-Identifier: Apache-2.0
// greedy with ordered scores: the tree over the nodes answers as looking at every node does.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <lepton/place/best_fit.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/next_fit.hpp>
#include <lepton/place/random_of_best.hpp>
#include <lepton/place/ray_hybrid.hpp>
#include <lepton/place/worst_fit.hpp>

#include "catch.hpp"
#include "property/compare.hpp"

using namespace lepton_test;
namespace place = lepton::place;

namespace {

/// Free capacity, each dimension in parts of the largest node, in units of 2^-40.
class free_size {
 public:
  explicit free_size(const place::dimension_weights& w) : weights_(w) {}

  void look(const nodes_type& v) {
    largest_ = {};
    for (std::size_t i = 0; i < v.size(); ++i) {
      for (std::size_t d = 0; d < 2; ++d) largest_[d] = std::max(largest_[d], v[i].capacity()[d]);
      largest_[2] = std::max(largest_[2], static_cast<std::int64_t>(v[i].devices().count()) * 1000);
    }
  }
  auto of(const nodes_type& v, lepton::node_index i) const -> std::int64_t {
    std::int64_t milli = 0;
    for (std::size_t k = 0; k < v[i].devices().count(); ++k) milli += v[i].devices().free(k);
    return part(0, weights_.resource[0], v[i].free()[0]) +
           part(1, weights_.resource[1], v[i].free()[1]) + part(2, weights_.devices, milli);
  }

 private:
  auto part(std::size_t d, std::int64_t weight, std::int64_t amount) const -> std::int64_t {
    return largest_[d] == 0 ? 0 : (weight << 40) / largest_[d] * amount;
  }
  place::dimension_weights weights_;
  std::array<std::int64_t, 3> largest_{};
};

auto by_size(std::int64_t sign, const place::dimension_weights& w = {}) -> oracle::rule {
  const auto size = std::make_shared<free_size>(w);
  oracle::rule r{
      [=](const job&, const nodes_type& v, lepton::node_index i) { return sign * size->of(v, i); }};
  r.look = [=](const job&, const nodes_type& v) { size->look(v); };
  return r;
}

/// Utilisation of the most used dimension in millionths, 0 below the threshold.
auto critical(const nodes_type& v, lepton::node_index i, std::int64_t threshold_percent)
    -> std::int64_t {
  const auto& n = v[i];
  std::int64_t most = 0;
  for (std::size_t d = 0; d < 2; ++d) {
    const auto all = n.capacity()[d];
    if (all != 0) most = std::max(most, (all - n.free()[d]) * 1'000'000 / all);
  }
  const auto all = static_cast<std::int64_t>(n.devices().count()) * 1000;
  std::int64_t left = 0;
  for (std::size_t k = 0; k < n.devices().count(); ++k) left += n.devices().free(k);
  if (all != 0) most = std::max(most, (all - left) * 1'000'000 / all);
  return most < threshold_percent * 10'000 ? 0 : most;
}

/// A program's own order, by a label of the node: few different values, extreme ones among them.
struct by_rack {
  static constexpr auto kind = place::score_kind::ordered;
  static constexpr auto most = std::int64_t{1} << 61;
  template <class Node>
  [[nodiscard]] auto order_key(const Node& n) const -> std::int64_t {
    const auto* rack = n.own_labels().find("rack");
    if (rack == nullptr) return most;
    if (*rack == "0") return -most;
    return -static_cast<std::int64_t>(rack->front());
  }
  template <class Node>
  auto operator()(const job&, const Node& n) const -> std::int64_t {
    return -order_key(n);
  }
};

/// Filters that look at the task's own colour, and therefore say so.
struct no_crowd {
  [[nodiscard]] static auto class_key(const job& j) -> std::uint32_t { return j.colour; }
  template <class Node>
  auto operator()(const job& j, const Node& n) const -> bool {
    return n.task_count() <= 2 + j.colour;
  }
};
struct needs_disk {
  [[nodiscard]] static auto class_key(const job& j) -> bool { return j.colour == 2; }
  template <class Node>
  auto operator()(const job& j, const Node& n) const -> bool {
    return j.colour != 2 || n.own_labels().find("disk") != nullptr;
  }
};

auto with_filters(oracle::rule r) -> oracle::rule {
  r.filters.push_back([](const job& j, const nodes_type& v, lepton::node_index i) {
    return v[i].task_count() <= 2 + j.colour;
  });
  r.filters.push_back([](const job& j, const nodes_type& v, lepton::node_index i) {
    return j.colour != 2 || v[i].own_labels().find("disk") != nullptr;
  });
  return r;
}

constexpr std::uint64_t tie_seed = 11;

void check(const std::string& name, const subject& policy, const oracle::rule& rule,
           std::optional<std::uint64_t> ties = std::nullopt) {
  CHECK(compare_many(name, policy, rule, ties, decisions_of_one) == "");
}

}  // namespace

TEST_CASE("first_fit by its index, by a scan and by the definition") {
  const oracle::rule rule{[](const job&, const nodes_type&, lepton::node_index) { return 0; }};
  check("first_fit", subject{place::greedy{place::first_fit{}}}, rule);
  check("first_fit, seeded ties", subject{place::greedy{place::first_fit{}}.with_ties(tie_seed)},
        rule, tie_seed);
  CHECK(compare_shrinking("first_fit", subject{place::greedy{place::first_fit{}}}, rule,
                          std::nullopt));
}

TEST_CASE("best_fit by its index, by a scan and by the definition") {
  check("best_fit", subject{place::greedy{place::best_fit{}}}, by_size(-1));
  check("best_fit, seeded ties", subject{place::greedy{place::best_fit{}}.with_ties(tie_seed)},
        by_size(-1), tie_seed);
  place::dimension_weights uneven;
  uneven.resource = {3, 0, 1, 1, 1, 1, 1, 1};
  uneven.devices = 1000;
  check("best_fit, weights", subject{place::greedy{place::best_fit{uneven}}}, by_size(-1, uneven));
  CHECK(compare_shrinking("best_fit", subject{place::greedy{place::best_fit{}}.with_ties(1)},
                          by_size(-1), 1));
}

TEST_CASE("worst_fit by its index, by a scan and by the definition") {
  check("worst_fit", subject{place::greedy{place::worst_fit{}}}, by_size(1));
  check("worst_fit, seeded ties", subject{place::greedy{place::worst_fit{}}.with_ties(tie_seed)},
        by_size(1), tie_seed);
}

TEST_CASE("ray_hybrid by its index, by a scan and by the definition") {
  for (const std::int32_t percent : {0, 50, 100}) {
    const oracle::rule rule{[=](const job&, const nodes_type& v, lepton::node_index i) {
      return -critical(v, i, percent);
    }};
    const auto name = "ray_hybrid " + std::to_string(percent);
    const place::greedy policy{place::ray_hybrid{percent}};
    if (percent == 50) {
      check(name, subject{policy.with_ties(tie_seed)}, rule, tie_seed);
    } else {
      check(name, subject{policy}, rule);
    }
  }
}

TEST_CASE(
    "an order of the program's own, with filters, by its index, by a scan and by the definition") {
  const auto rule = with_filters({[](const job&, const nodes_type& v, lepton::node_index i) {
    const auto* rack = v[i].own_labels().find("rack");
    if (rack == nullptr) return -by_rack::most;
    return *rack == "0" ? by_rack::most : std::int64_t{rack->front()};
  }});
  check("own order", subject{place::greedy{no_crowd{}, needs_disk{}, by_rack{}}}, rule);
  check("own order, seeded ties",
        subject{place::greedy{no_crowd{}, needs_disk{}, by_rack{}}.with_ties(tie_seed)}, rule,
        tie_seed);
  check("best_fit with filters",
        subject{place::greedy{no_crowd{}, needs_disk{}, place::best_fit{}}},
        with_filters(by_size(-1)));
}

TEST_CASE("the best of random_of_best is greedy's choice") {
  check("random_of_best, k = 1", subject{place::random_of_best{place::best_fit{}, 1, 5}},
        by_size(-1));
  check(
      "random_of_best of ray_hybrid, k = 1",
      subject{place::random_of_best{place::ray_hybrid{50}, 1, 5}},
      {[](const job&, const nodes_type& v, lepton::node_index i) { return -critical(v, i, 50); }});
}
