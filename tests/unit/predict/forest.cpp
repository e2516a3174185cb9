// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/decision_tree.hpp>
#include <lepton/predict/decision_tree_classifier.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/random_forest.hpp>
#include <lepton/predict/random_forest_classifier.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(regressor<decision_tree>);
static_assert(!quantile_regressor<decision_tree>);
static_assert(quantile_regressor<random_forest>);
static_assert(quantile_regressor<gradient_boosting>);
static_assert(persistent<decision_tree_classifier>);
static_assert(persistent<random_forest_classifier>);
static_assert(!regressor<random_forest_classifier>);
static_assert(!online_regressor<random_forest>);

const double missing = std::numeric_limits<double>::quiet_NaN();
const double infinite = std::numeric_limits<double>::infinity();

auto small_forest() -> random_forest_options {
  random_forest_options o;
  o.trees = 10;
  return o;
}

// y = 10 [x0 > 0.5] + x1 + noise.
struct steps {
  std::vector<double> x;
  std::vector<double> y;

  explicit steps(std::size_t rows, std::uint64_t seed = 1) {
    lepton::detail::pcg32 random{seed};
    for (std::size_t i = 0; i < rows; ++i) {
      x.push_back(random() * 0x1p-32);
      x.push_back(random() * 0x1p-32);
      y.push_back((x[2 * i] > 0.5 ? 10 : 0) + x.back() + random() * 0x1p-33);
    }
  }
};

template <class Model>
auto message(Model model, const std::vector<double>& x, std::size_t columns,
             const std::vector<double>& y, const std::vector<double>& weights = {}) -> std::string {
  const auto before = save(model);
  const auto fitted = model.fit({x, columns}, y, weights);
  CHECK(save(model) == before);
  return fitted ? "" : fitted.error().message;
}

template <class Model>
void check_bad_input(const Model& model) {
  const std::vector<double> x{1, 2, 3, 4};
  CHECK(message(model, x, 2, {1}).find("2 rows") != std::string::npos);
  CHECK(message(model, {1, 2, 3, infinite}, 2, {1, 2}).find("feature 1 of row 1") !=
        std::string::npos);
  CHECK(message(model, x, 2, {1, -infinite}).find("row 1") != std::string::npos);
  CHECK(message(model, x, 2, {missing, missing}).find("no row") != std::string::npos);
  CHECK(message(model, {}, 2, {}).find("no row") != std::string::npos);
  CHECK(message(model, x, 2, {1, 2}, {1}).find("1 weights") != std::string::npos);
  CHECK(message(model, x, 2, {1, 2}, {1, -1}).find("row 1") != std::string::npos);
  CHECK(message(model, x, 2, {1, 2}, {1, missing}).find("row 1") != std::string::npos);
  CHECK(message(model, x, 2, {1, 2}, {0, 0}).find("no row") != std::string::npos);
}

// Constant, one row, no feature that says anything, numbers of extreme size.
template <class Model>
void check_odd_input(Model model, bool quantiles) {
  INFO(Model::model_name);
  const auto row = std::array{1.0, missing};
  CHECK(std::isnan(model.predict(row)));
  const auto fits = [&](const std::vector<double>& x, const std::vector<double>& y) {
    const auto r = model.fit({x, 2}, y);
    REQUIRE(r);
    if constexpr (quantile_regressor<Model>) {
      const std::array<double, 3> q{0.9, 0.1, 0.5};
      std::array<double, 3> out{};
      model.predict_quantiles(row, q, out);
      for (const double o : out) CHECK(std::isnan(o) != quantiles);
      if (quantiles) CHECK((out[1] <= out[2] && out[2] <= out[0]));
    }
    return *r;
  };
  CHECK(fits({1, 2}, {7}).fallback == "mean value");
  CHECK(model.predict(row) == Approx(7));
  std::vector<double> x(200);
  std::vector<double> y(100, 5);
  for (std::size_t i = 0; i < 200; ++i) x[i] = static_cast<double>(i % 7);
  CHECK(fits(x, y).fallback == "mean value");
  CHECK(model.predict(row) == Approx(5));
  for (std::size_t i = 0; i < 100; ++i) y[i] = static_cast<double>(i % 2);
  CHECK(fits(std::vector<double>(200, missing), y).fallback == "mean value");
  CHECK(std::abs(model.predict(row) - 0.5) < 0.2);
  CHECK(fits(std::vector<double>(200, 3), y).fallback == "mean value");
  for (const double size : {1e300, 1e-300, 1.0}) {
    for (std::size_t i = 0; i < 100; ++i) {
      y[i] = i < 50 ? size : -size;
      x[2 * i] = i < 50 ? size : size / 2;
    }
    CHECK(fits(x, y).fallback.empty());
    CHECK(model.predict(std::array{size, 3.0}) / size > 0.5);
    CHECK(model.predict(std::array{size / 2, 3.0}) / size < -0.5);
  }
  // A number that is missing leaves its row out.
  y[99] = missing;
  CHECK(fits(x, y).observations == 99);
}

template <class Model>
void check_saved(Model& model, const steps& s) {
  const auto bytes = save(model);
  CHECK(bytes.size() == state_bytes(model));
  Model loaded;
  REQUIRE(load(loaded, bytes));
  CHECK(save(loaded) == bytes);
  const auto row = std::span{s.x}.first(2);
  CHECK(loaded.predict(row) == model.predict(row));
  for (const std::size_t cut : {std::size_t{0}, std::size_t{20}, bytes.size() - 1}) {
    auto damaged = bytes;
    damaged.resize(cut);
    CHECK(!load(loaded, damaged));
  }
  // A state with a good checksum but one other byte loads only if it can be such a model; it must
  // not crash either way.
  lepton::detail::pcg32 random{3};
  for (int i = 0; i < 200; ++i) {
    auto changed = bytes;
    const auto at = 12 + random.below(static_cast<std::uint32_t>(bytes.size() - 20));
    changed[at] ^= static_cast<std::byte>(1U << random.below(8));
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (std::size_t k = 0; k + 8 < changed.size(); ++k)
      hash = (hash ^ std::to_integer<std::uint8_t>(changed[k])) * 0x100000001b3U;
    for (std::size_t k = 0; k < 8; ++k)
      changed[changed.size() - 8 + k] = static_cast<std::byte>(hash >> (8 * k));
    Model other;
    if (load(other, changed) && other.features() == 2) static_cast<void>(other.predict(row));
  }
}

}  // namespace

TEST_CASE("forest: what cannot be learned from is an error") {
  check_bad_input(decision_tree{});
  check_bad_input(random_forest{small_forest()});
  check_bad_input(gradient_boosting{});
  random_forest_options none;
  none.trees = 0;
  CHECK(message(random_forest{none}, {1, 2}, 1, {1, 2}).find("0 trees") != std::string::npos);
  gradient_boosting_options counts;
  counts.loss = boosting_loss::poisson;
  CHECK(message(gradient_boosting{counts}, {1, 2}, 1, {1, -2}).find("negative") !=
        std::string::npos);
  gradient_boosting_options levels;
  levels.levels = {0.5, 0.5};
  CHECK(!message(gradient_boosting{levels}, {1, 2}, 1, {1, 2}).empty());
  decision_tree_classifier classes;
  const std::vector<double> x{1, 2};
  CHECK(!classes.fit({x, 1}, std::vector<std::uint32_t>{0, 70000}));
  CHECK(!classes.fit({x, 1}, std::vector<std::uint32_t>{0}));
  CHECK(classes.predict(std::span{x}.first(1)) == 0);
}

TEST_CASE("forest: input that says little gives a constant") {
  check_odd_input(decision_tree{}, false);
  auto o = small_forest();
  check_odd_input(random_forest{o}, true);
  o.quantiles = forest_quantiles::leaf_values;
  o.splits = split_method::histogram;
  check_odd_input(random_forest{o}, true);
  o.quantiles = forest_quantiles::none;
  check_odd_input(random_forest{o}, false);
  gradient_boosting_options b;
  b.iterations = 20;
  check_odd_input(gradient_boosting{b}, true);
  b.levels = {0.1, 0.9};
  b.validation = 0;
  check_odd_input(gradient_boosting{b}, true);
}

TEST_CASE("forest: a tree splits in the middle and remembers where missing rows go") {
  const std::vector<double> x{1, 2, 4, 8, missing};
  const std::vector<double> y{0, 0, 0, 6, 6};
  decision_tree tree;
  REQUIRE(tree.fit({x, 1}, y));
  CHECK(tree.nodes().size() == 3);
  CHECK(tree.nodes()[0].threshold == 6);
  CHECK(!tree.nodes()[0].missing_left());
  CHECK(tree.predict(std::array{6.0}) == 0);
  CHECK(tree.predict(std::array{6.5}) == 6);
  CHECK(tree.predict(std::array{missing}) == 6);
  CHECK(tree.statistics()[0].value == Approx(2.4));
  CHECK(tree.statistics()[0].weight == 5);
  CHECK(tree.statistics()[0].impurity == Approx(8.64));
  CHECK(tree.importance() == std::vector<double>{1});
  // Whether it is missing may be all there is to know.
  const std::vector<double> z{0, 0, 0, 0, 6};
  REQUIRE(tree.fit({x, 1}, z));
  CHECK(tree.nodes().size() == 3);
  CHECK(tree.predict(std::array{1e300}) == 0);
  CHECK(tree.predict(std::array{missing}) == 6);
  // Neighbours whose middle is no number between them.
  const std::vector<double> near{1, std::nextafter(1, 2)};
  REQUIRE(tree.fit({near, 1}, std::vector<double>{3, 4}));
  CHECK(tree.predict(std::span{near}.first(1)) == 3);
  CHECK(tree.predict(std::span{near}.last(1)) == 4);
}

TEST_CASE("forest: equal splits by the feature that says most about all rows") {
  // Both features divide the rows in the same way: the later one. The lower of two thresholds.
  std::vector<double> x{1, 5, 2, 6, 3, 7, 4, 8};
  decision_tree_options stump;
  stump.max_depth = 1;
  decision_tree tree{stump};
  REQUIRE(tree.fit({x, 2}, std::vector<double>{0, 1, 1, 0}));
  CHECK(tree.nodes()[0].feature() == 1);
  CHECK(tree.nodes()[0].threshold == 5.5);
}

TEST_CASE("forest: a weight of two is the row twice and limits hold") {
  const steps s(60);
  std::vector<double> weights;
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(i % 3 == 0 ? 2 : i % 3 == 1 ? 1 : 0);
    for (double w = 0; w < weights.back(); ++w) {
      x.insert(x.end(), {s.x[2 * i], s.x[2 * i + 1]});
      y.push_back(s.y[i]);
    }
  }
  decision_tree a;
  decision_tree b;
  REQUIRE(a.fit({s.x, 2}, s.y, weights));
  REQUIRE(b.fit({x, 2}, y));
  REQUIRE(a.nodes().size() == b.nodes().size());
  for (std::size_t i = 0; i < a.nodes().size(); ++i)
    CHECK(a.nodes()[i].threshold == Approx(b.nodes()[i].threshold));
  decision_tree_options o;
  o.min_split = 30;
  o.min_impurity_decrease = 1;
  decision_tree c{o};
  REQUIRE(c.fit({s.x, 2}, s.y));
  CHECK(c.nodes().size() == 3);
  CHECK(c.nodes().depth() == 1);
  CHECK(c.importance()[0] == 1);
}

TEST_CASE("forest: cross-validation prunes to the steps that are there") {
  std::vector<double> x;
  std::vector<double> y;
  lepton::detail::pcg32 random{5};
  for (std::size_t i = 0; i < 300; ++i) {
    x.push_back(random() * 0x1p-32);
    x.push_back(random() * 0x1p-32);
    y.push_back((x[2 * i] > 0.5 ? 3 : 0) + (x.back() > 0.3 ? 2 : 0) + random() * 0x1p-32);
  }
  decision_tree_options o;
  o.pruning_folds = 10;
  for (const bool one : {false, true}) {
    o.one_standard_error = one;
    decision_tree tree{o};
    REQUIRE(tree.fit({x, 2}, y));
    CHECK(tree.nodes().leaves() >= 4);
    CHECK(tree.nodes().leaves() <= (one ? 6U : 8U));
    CHECK(tree.pruning_alpha() > 0);
    CHECK(tree.pruning_path().back().leaves == 1);
  }
  o.pruning_folds = 0;
  o.pruning_alpha = 100;
  decision_tree root{o};
  const auto r = root.fit({x, 2}, y);
  REQUIRE(r);
  CHECK(root.nodes().size() == 1);
  CHECK(r->fallback == "mean value");
}

TEST_CASE("forest: scores and importance of what was left out") {
  const steps s(400);
  auto o = small_forest();
  o.trees = 30;
  o.permutation = true;
  o.features = 2;
  random_forest forest{o};
  REQUIRE(forest.fit({s.x, 2}, s.y));
  CHECK(forest.out_of_bag_score() > 0.98);
  CHECK(forest.importance()[0] > 0.9);
  CHECK(forest.importance()[0] + forest.importance()[1] == Approx(1));
  // Shuffling the step puts half the rows 10 off.
  CHECK(forest.permutation_importance()[0] == Approx(50).epsilon(0.15));
  CHECK(forest.permutation_importance()[1] > 0.05);
  std::vector<std::uint32_t> labels;
  for (const double y : s.y) labels.push_back(y > 5 ? 2 : 0);
  o.out_of_bag = true;
  random_forest_classifier classes{o};
  REQUIRE(classes.fit({s.x, 2}, labels));
  CHECK(classes.classes() == 3);
  CHECK(classes.out_of_bag_score() > 0.98);
  std::array<double, 3> shares{};
  classes.predict_shares(std::array{0.9, 0.5}, shares);
  CHECK(shares[2] > 0.9);
  CHECK(shares[1] == 0);
  CHECK(classes.predict(std::array{0.1, 0.5}) == 0);
  CHECK(classes.permutation_importance()[0] == Approx(0.5).epsilon(0.2));
}

TEST_CASE("forest: what was saved comes back, anything else is refused") {
  const steps s(80);
  decision_tree tree;
  REQUIRE(tree.fit({s.x, 2}, s.y));
  check_saved(tree, s);
  auto o = small_forest();
  o.trees = 3;
  for (const auto q : {forest_quantiles::none, forest_quantiles::leaf_values,
                       forest_quantiles::out_of_bag_errors}) {
    o.quantiles = q;
    random_forest forest{o};
    REQUIRE(forest.fit({s.x, 2}, s.y));
    check_saved(forest, s);
  }
  std::vector<std::uint32_t> labels;
  for (const double y : s.y) labels.push_back(y > 5);
  decision_tree_classifier class_tree;
  REQUIRE(class_tree.fit({s.x, 2}, labels));
  check_saved(class_tree, s);
  random_forest_classifier classes{o};
  REQUIRE(classes.fit({s.x, 2}, labels));
  check_saved(classes, s);
  gradient_boosting_options b;
  b.iterations = 5;
  b.levels = {0.1, 0.9};
  gradient_boosting boosting{b};
  REQUIRE(boosting.fit({s.x, 2}, s.y));
  check_saved(boosting, s);
}

TEST_CASE("boosting: each loss finds what it is after") {
  // Exponential numbers with mean 1 or 4.
  lepton::detail::pcg32 random{9};
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < 4000; ++i) {
    x.push_back(random.below(2));
    y.push_back((x.back() > 0 ? 4 : 1) * -std::log((random() + 0.5) * 0x1p-32));
  }
  const auto fitted = [&](gradient_boosting_options o) {
    o.iterations = 60;
    o.subsample = 0.8;
    gradient_boosting m{o};
    REQUIRE(m.fit({x, 1}, y));
    return m;
  };
  gradient_boosting_options o;
  CHECK(fitted(o).predict(std::array{1.0}) == Approx(4).epsilon(0.08));
  o.loss = boosting_loss::poisson;
  CHECK(fitted(o).predict(std::array{0.0}) == Approx(1).epsilon(0.08));
  CHECK(fitted(o).predict(std::array{1.0}) == Approx(4).epsilon(0.08));
  o.loss = boosting_loss::absolute;
  CHECK(fitted(o).predict(std::array{1.0}) == Approx(4 * std::log(2)).epsilon(0.1));
  o.loss = boosting_loss::quantile;
  o.loss_quantile = 0.9;
  CHECK(fitted(o).predict(std::array{1.0}) == Approx(4 * std::log(10)).epsilon(0.1));
  o.loss = boosting_loss::squared;
  o.levels = {0.1, 0.9};
  auto m = fitted(o);
  std::array<double, 3> out{};
  m.predict_quantiles(std::array{1.0}, std::array{0.9, 0.1, 0.95}, out);
  CHECK(out[0] == Approx(4 * std::log(10)).epsilon(0.1));
  CHECK(out[1] == Approx(-4 * std::log(0.9)).epsilon(0.25));
  CHECK(out[2] > out[0]);
}
