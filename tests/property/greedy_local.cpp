// SPDX-License-Identifier: Apache-2.0
// greedy with local scores: the winner trees of the task classes answer as looking at every node
// does. What the scores themselves must be is pinned in tests/golden.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/dot_product.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/gpu_clustering.hpp>
#include <lepton/place/gpu_packing.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/most_allocated.hpp>
#include <lepton/place/nomad_fit.hpp>
#include <lepton/place/requested_to_capacity_ratio.hpp>
#include <lepton/place/weighted_sum.hpp>

#include "catch.hpp"
#include "property/compare.hpp"

using namespace lepton_test;
namespace place = lepton::place;

namespace {

constexpr std::uint64_t tie_seed = 77;

template <class Score>
auto worth_of(Score score) -> oracle::rule {
  return {[score](const job& j, const nodes_type& v, lepton::node_index i) {
    return std::int64_t{score(j, v[i])};
  }};
}

void check(const std::string& name, const subject& policy, const oracle::rule& rule,
           std::optional<std::uint64_t> ties = std::nullopt) {
  CHECK(compare_many(name, policy, rule, ties, decisions_of_one) == "");
}

/// Seeded ties; the other tests of a score without them would repeat the same code.
template <class Score>
void check_score(const std::string& name, const Score& score) {
  check(name, subject{place::greedy{score}.with_ties(tie_seed)}, worth_of(score), tie_seed);
}

auto some_scale() -> place::percent_scale {
  place::percent_scale scale;
  scale.resource[0] = 64000;
  scale.resource[1] = 32768;
  scale.devices = 16000;
  return scale;
}

auto some_typical() -> std::vector<place::typical_task> {
  using lepton::device_request;
  using lepton::device_types;
  return {{1000, device_request::share(500), 30},
          {3000, device_request::whole(1), 25},
          {500, {}, 15},
          {8000, device_request::whole(8), 10},
          {1000, device_request::share(250, device_types::only(1)), 7},
          {500, device_request::share(999), 5},
          {3000, device_request::whole(2, device_types::only(0)), 3}};
}

}  // namespace

TEST_CASE("best_fit_percent by its index, by a scan and by the definition") {
  check_score("best_fit_percent", place::best_fit_percent{some_scale()});
}

TEST_CASE("dot_product by its index, by a scan and by the definition") {
  check_score("dot_product, alignment", place::dot_product{some_scale()});
  check_score("dot_product, tightness",
              place::dot_product{some_scale(), place::dot_product::preference::tightness});
}

TEST_CASE("gpu_packing by its index, by a scan and by the definition") {
  check_score("gpu_packing", place::gpu_packing{});
  check("gpu_packing, lowest index", subject{place::greedy{place::gpu_packing{}}},
        worth_of(place::gpu_packing{}));
}

TEST_CASE("gpu_clustering by its index, by a scan and by the definition") {
  check_score("gpu_clustering", place::gpu_clustering{16000});
}

TEST_CASE("fragmentation_gradient by its index, by a scan and by the definition") {
  const place::fragmentation_gradient score{some_typical()};
  auto rule = worth_of(score);
  rule.devices = [score](const job& j, const nodes_type& v, lepton::node_index i) {
    return score.choose_devices(j, v[i]);
  };
  check("fragmentation_gradient", subject{place::greedy{score}.with_ties(tie_seed)}, rule,
        tie_seed);
  check("fragmentation_gradient, lowest index", subject{place::greedy{score}}, rule);
  CHECK(compare_shrinking("fragmentation_gradient", subject{place::greedy{score}}, rule,
                          std::nullopt));
}

TEST_CASE("Kubernetes' scores by their index, by a scan and by the definition") {
  check_score("least_allocated", place::least_allocated{});
  check_score("most_allocated", place::most_allocated{});
  check_score("balanced_allocation", place::balanced_allocation{});
  check_score("requested_to_capacity_ratio",
              place::requested_to_capacity_ratio{{10, 1}, {50, 7}, {90, 2}});
}

TEST_CASE("Nomad's scores by their index, by a scan and by the definition") {
  check_score("nomad_bin_pack", place::nomad_bin_pack{});
  check_score("nomad_spread", place::nomad_spread{});
}

TEST_CASE("weighted sums by their index, by a scan and by the definition") {
  const auto sum =
      3 * place::least_allocated{} + place::balanced_allocation{} + -2 * place::gpu_packing{};
  const oracle::rule rule{[](const job& j, const nodes_type& v, lepton::node_index i) {
    return std::int64_t{3} * place::least_allocated{}(j, v[i]) +
           place::balanced_allocation{}(j, v[i]) - std::int64_t{2} * place::gpu_packing{}(j, v[i]);
  }};
  check("weighted sum", subject{place::greedy{sum}.with_ties(tie_seed)}, rule, tie_seed);
}
