// SPDX-License-Identifier: Apache-2.0
// Forests grow on several threads. Built a second time with ThreadSanitizer by .ci/run.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/random_forest.hpp>
#include <lepton/predict/random_forest_classifier.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

struct sample {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<std::uint32_t> labels;

  sample() {
    lepton::detail::pcg32 random{7};
    for (std::size_t i = 0; i < 500; ++i) {
      double sum = 0;
      for (std::size_t f = 0; f < 4; ++f) {
        x.push_back(random.below(30) == 0 ? std::numeric_limits<double>::quiet_NaN()
                                          : random() * 0x1p-32);
        if (!std::isnan(x.back())) sum += x.back() * static_cast<double>(f);
      }
      y.push_back(sum + random() * 0x1p-32);
      labels.push_back(static_cast<std::uint32_t>(sum / 2.5));
    }
  }
};

// What is saved after training on so many threads.
template <class Model, class Options, class Targets>
auto trained(const sample& s, Options options, const Targets& y, std::size_t threads)
    -> std::vector<std::byte> {
  options.threads = threads;
  Model model{options};
  REQUIRE(model.fit({s.x, 4}, y));
  return save(model);
}

template <class Model, class Options, class Targets>
void check_threads(const sample& s, const Options& options, const Targets& y) {
  const auto one = trained<Model>(s, options, y, 1);
  CHECK(one.size() > 1000);
  for (const std::size_t threads : {2U, 5U, 0U})
    CHECK(trained<Model>(s, options, y, threads) == one);
}

}  // namespace

TEST_CASE("forest: the number of threads does not matter") {
  const sample s;
  random_forest_options options;
  options.trees = 13;
  options.permutation = true;
  options.out_of_bag = true;
  check_threads<random_forest>(s, options, s.y);
  options.splits = split_method::histogram;
  options.quantiles = forest_quantiles::leaf_values;
  check_threads<random_forest>(s, options, s.y);
  check_threads<random_forest_classifier>(s, options, s.labels);
  gradient_boosting_options boosting;
  boosting.iterations = 10;
  boosting.subsample = 0.7;
  boosting.column_sample = 0.5;
  boosting.levels = {0.1, 0.5, 0.9};
  check_threads<gradient_boosting>(s, boosting, s.y);
}
