// SPDX-License-Identifier: Apache-2.0
// Linear regressions beside certified and published figures.
//
//  - Longley, Filip, Wampler 1 to 5: NIST's Statistical Reference Datasets for linear least squares
//    (certified to 15 digits). Turning red is never legitimate: the digits are a promise. Where
//    they stop short of 15 the data's own rounding (longley's decimals, Filip's powers of x, which
//    no double holds exactly) is the limit, not the method.
//  - Ridge, lasso and elastic net: scikit-learn 1.2.1 (Ridge, RidgeCV with store_cv_values, Lasso
//  and
//    ElasticNet with tol 1e-14) on the longley data. Red is legitimate only with another objective.
//  - Student's distribution: R 4.2 (qt, pt).
//  - Utilisation of real clouds: the table of the data folder's README for a regression on the last
//    24 values. Red is legitimate when features or options of these set-ups are changed; then to
//    figures no worse.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/fourier.hpp>
#include <lepton/predict/lasso.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/recursive_least_squares.hpp>
#include <lepton/predict/ridge.hpp>
#include <lepton/predict/rolling_features.hpp>
#include <lepton/predict/rolling_origin.hpp>
#include <lepton/simulate/gz_file.hpp>

#include "catch.hpp"
#include "data.hpp"
#include "sanitized.hpp"

namespace {

using namespace lepton::predict;

// GNP.deflator, GNP, Unemployed, Armed.Forces, Population, Year; Employed
constexpr std::array<std::array<double, 7>, 16> longley{{
    {83.0, 234.289, 235.6, 159.0, 107.608, 1947, 60.323},
    {88.5, 259.426, 232.5, 145.6, 108.632, 1948, 61.122},
    {88.2, 258.054, 368.2, 161.6, 109.773, 1949, 60.171},
    {89.5, 284.599, 335.1, 165.0, 110.929, 1950, 61.187},
    {96.2, 328.975, 209.9, 309.9, 112.075, 1951, 63.221},
    {98.1, 346.999, 193.2, 359.4, 113.270, 1952, 63.639},
    {99.0, 365.385, 187.0, 354.7, 115.094, 1953, 64.989},
    {100.0, 363.112, 357.8, 335.0, 116.219, 1954, 63.761},
    {101.2, 397.469, 290.4, 304.8, 117.388, 1955, 66.019},
    {104.6, 419.180, 282.2, 285.7, 118.734, 1956, 67.857},
    {108.4, 442.769, 293.6, 279.8, 120.445, 1957, 68.169},
    {110.8, 444.546, 468.1, 263.7, 121.950, 1958, 66.513},
    {112.6, 482.704, 381.3, 255.2, 123.366, 1959, 68.655},
    {114.2, 502.601, 393.1, 251.4, 125.368, 1960, 69.564},
    {115.7, 518.173, 480.6, 257.2, 127.852, 1961, 69.331},
    {116.9, 554.894, 400.7, 282.7, 130.081, 1962, 70.551},
}};

// y, x
constexpr std::array<std::array<double, 2>, 82> filip{{
    {0.8116, -6.860120914}, {0.9072, -4.324130045}, {0.9052, -4.358625055}, {0.9039, -4.358426747},
    {0.8053, -6.955852379}, {0.8377, -6.661145254}, {0.8667, -6.355462942}, {0.8809, -6.118102026},
    {0.7975, -7.115148017}, {0.8162, -6.815308569}, {0.8515, -6.519993057}, {0.8766, -6.204119983},
    {0.8885, -5.853871964}, {0.8859, -6.109523091}, {0.8959, -5.79832982},  {0.8913, -5.482672118},
    {0.8959, -5.171791386}, {0.8971, -4.851705903}, {0.9021, -4.517126416}, {0.909, -4.143573228},
    {0.9139, -3.709075441}, {0.9199, -3.499489089}, {0.8692, -6.300769497}, {0.8872, -5.953504836},
    {0.89, -5.642065153},   {0.891, -5.031376979},  {0.8977, -4.680685696}, {0.9035, -4.329846955},
    {0.9078, -3.928486195}, {0.7675, -8.56735134},  {0.7705, -8.363211311}, {0.7713, -8.107682739},
    {0.7736, -7.823908741}, {0.7775, -7.522878745}, {0.7841, -7.218819279}, {0.7971, -6.920818754},
    {0.8329, -6.628932138}, {0.8641, -6.323946875}, {0.8804, -5.991399828}, {0.7668, -8.781464495},
    {0.7633, -8.663140179}, {0.7678, -8.473531488}, {0.7697, -8.247337057}, {0.77, -7.971428747},
    {0.7749, -7.676129393}, {0.7796, -7.352812702}, {0.7897, -7.072065318}, {0.8131, -6.774174009},
    {0.8498, -6.478861916}, {0.8741, -6.159517513}, {0.8061, -6.835647144}, {0.846, -6.53165267},
    {0.8751, -6.224098421}, {0.8856, -5.910094889}, {0.8919, -5.598599459}, {0.8934, -5.290645224},
    {0.894, -4.974284616},  {0.8957, -4.64454848},  {0.9047, -4.290560426}, {0.9129, -3.885055584},
    {0.9209, -3.408378962}, {0.9219, -3.13200249},  {0.7739, -8.726767166}, {0.7681, -8.66695597},
    {0.7665, -8.511026475}, {0.7703, -8.165388579}, {0.7702, -7.886056648}, {0.7761, -7.588043762},
    {0.7809, -7.283412422}, {0.7961, -6.995678626}, {0.8253, -6.691862621}, {0.8602, -6.392544977},
    {0.8809, -6.067374056}, {0.8301, -6.684029655}, {0.8664, -6.378719832}, {0.8834, -6.065855188},
    {0.8898, -5.752272167}, {0.8964, -5.132414673}, {0.8963, -4.811352704}, {0.9074, -4.098269308},
    {0.9119, -3.66174277},  {0.9228, -3.2644011},
}};

struct table {
  std::vector<double> x;
  std::vector<double> y;
  std::size_t columns;
  [[nodiscard]] auto view() const -> matrix_view { return {x, columns}; }
};

auto longley_table() -> table {
  table t{{}, {}, 6};
  for (const auto& row : longley) {
    t.x.insert(t.x.end(), row.begin(), row.end() - 1);
    t.y.push_back(row[6]);
  }
  return t;
}

template <class Rows>
auto polynomial(const Rows& rows, std::size_t degree) -> table {
  table t{{}, {}, degree};
  for (const auto& [y, x] : rows) {
    long double power = 1;
    for (std::size_t k = 0; k < degree; ++k)
      t.x.push_back(static_cast<double>(power *= static_cast<long double>(x)));
    t.y.push_back(y);
  }
  return t;
}

auto wampler(int which) -> table {
  constexpr std::array<double, 21> noise{759,   -2048, 2048,  -2048, 2523,  -2048, 2048,
                                         -2048, 1838,  -2048, 2048,  -2048, 1838,  -2048,
                                         2048,  -2048, 2523,  -2048, 2048,  -2048, 759};
  const double size = which == 3 ? 1 : which == 4 ? 100 : which == 5 ? 10000 : 0;
  std::vector<std::array<double, 2>> rows;
  for (int i = 0; i <= 20; ++i) {
    double y = 0;
    double power = 1;
    double share = 1;
    for (int k = 0; k <= 5; ++k, power *= i, share *= 10)
      y += which == 2 ? power * (1e5 / share) : power;
    rows.push_back({(which == 2 ? y / 1e5 : y) + size * noise[static_cast<std::size_t>(i)],
                    static_cast<double>(i)});
  }
  return polynomial(rows, 5);
}

// Correct digits of the least correct number (NIST's logarithm of the relative error).
auto digits(double found, double certified) -> double {
  const double error = std::fabs(found - certified) / std::fabs(certified);
  return error == 0 ? 17 : -std::log10(error);
}
auto digits(const linear_regression& m, const std::vector<double>& certified) -> double {
  double least = digits(m.intercept(), certified[0]);
  for (std::size_t j = 1; j < certified.size(); ++j)
    least = std::min(least, digits(m.coefficients()[j - 1], certified[j]));
  return least;
}

}  // namespace

TEST_CASE("regression: longley to NIST's certified digits") {
  const std::vector<double> certified{-3482.25863459582,  .0150618722713733,  -.0358191792925910,
                                      -.0202022980381683, -.0103322686717359, -.0511041056535807,
                                      1.82915146461355};
  const std::vector<double> errors{890.420383607373,   .0849149257747669,  .0334910077722432,
                                   .00488399681651699, .00214274163161675, .226073200069370,
                                   .455478499142212};
  const auto t = longley_table();
  for (const double refine_above : {1e300, 0.0}) {
    linear_regression m{{true, refine_above}};
    const auto report = m.fit(t.view(), t.y);
    REQUIRE(report);
    CHECK(report->fallback.empty());
    CHECK(digits(m, certified) > (refine_above > 0 ? 12.0 : 13.0));
    CHECK(digits(m.intercept_error(), errors[0]) > 12);
    for (std::size_t j = 0; j < 6; ++j) CHECK(digits(m.standard_error(j), errors[j + 1]) > 12);
    CHECK(digits(m.sigma(), .304854073561965) > 13);
    CHECK(digits(m.r_squared(), .995479004577296) > 13);
    CHECK(m.adjusted_r_squared() == Approx(.992465007628826).epsilon(1e-13));
    // R: summary(lm(Employed ~ ., longley))
    CHECK(m.p_value(0) == Approx(.863140832809219827).epsilon(1e-11));
    CHECK(m.p_value(2) == Approx(.002535091734111395).epsilon(1e-11));
    CHECK(m.p_value(5) == Approx(.003036803341630362).epsilon(1e-11));
    CHECK(m.t_statistic(5) == Approx(4.015889812709769).epsilon(1e-12));
    CHECK(m.rank() == 7);
  }
}

TEST_CASE("regression: the polynomials of Wampler and Filippelli") {
  const auto filip_table = polynomial(filip, 10);
  const std::vector<double> filip_certified{
      -1467.48961422980,  -2772.17959193342,   -2316.37108160893,    -1127.97394098372,
      -354.478233703349,  -75.1242017393757,   -10.8753180355343,    -1.06221498588947,
      -.0670191154593408, -.00246781078275479, -.0000402962525080404};
  linear_regression m;
  REQUIRE(m.fit(filip_table.view(), filip_table.y));
  CHECK(m.rank() == 11);
  CHECK(digits(m, filip_certified) > 7);
  CHECK(digits(m.sigma(), .334801051324544e-2) > 9);
  CHECK(digits(m.r_squared(), .996727416185620) > 11);
  CHECK(digits(m.standard_error(9), .896632837373868e-5) > 6.5);

  for (int which = 1; which <= 5; ++which) {
    const auto t = wampler(which);
    std::vector<double> certified(6, 1.0);
    if (which == 2)
      for (std::size_t j = 1; j < 6; ++j) certified[j] = std::pow(0.1, static_cast<double>(j));
    linear_regression w;
    REQUIRE(w.fit(t.view(), t.y));
    INFO("Wampler " << which);
    CHECK(digits(w, certified) > (which == 2 ? 10 : 14));
    if (which == 3) CHECK(digits(w.standard_error(4), .112324854679312) > 12);
    if (which == 5) CHECK(digits(w.r_squared(), .224668921574940e-2) > 12);
  }
}

TEST_CASE("regression: ridge, lasso and elastic net as scikit-learn has them") {
  const auto t = longley_table();
  const auto matches = [](const auto& m, const std::array<double, 6>& b, double intercept,
                          double within) {
    for (std::size_t j = 0; j < 6; ++j)
      CHECK(std::fabs(m.coefficients()[j] - b[j]) <= within * std::fabs(b[j]) + 1e-14);
    CHECK(m.intercept() == Approx(intercept).epsilon(within));
  };
  ridge_options fixed;
  fixed.penalties = {10};
  fixed.standardise = false;
  ridge r{fixed};
  REQUIRE(r.fit(t.view(), t.y));
  matches(r,
          {0.02653001247603, 0.0388391448758, -0.0082590111845, -0.00563169226611,
           -0.07083867034712, 0.09271534658251},
          -121.22709893324148, 1e-11);

  ridge_options chosen;
  chosen.penalties = {.01, .1, 1, 10};
  chosen.choice = ridge_choice::leave_one_out;
  ridge c{chosen};
  REQUIRE(c.fit(t.view(), t.y));
  const std::array<double, 4> errors{0.17455731159391, 0.24031775715578, 0.29996076526335,
                                     0.99183406229411};
  for (std::size_t i = 0; i < 4; ++i) CHECK(c.scores()[i] == Approx(errors[i]).epsilon(1e-11));
  CHECK(c.penalty() == .01);
  CHECK(c.coefficients()[5] == Approx(1.22702083200892).epsilon(1e-11));

  lasso_options l1;
  l1.penalty = .05;
  l1.tolerance = 1e-13;
  lasso l{l1};
  REQUIRE(l.fit(t.view(), t.y));
  CHECK(l.chosen() == 3);
  matches(l, {0, 0.0370718418822, -0.00450700216845, -0.00089153467895, 0, 0}, 52.61592669357211,
          1e-9);
  lasso_options net;
  net.penalty = .5;
  net.mixing = .3;
  net.standardise = false;
  net.tolerance = 1e-13;
  lasso e{net};
  REQUIRE(e.fit(t.view(), t.y));
  matches(e, {0, 0.04065144097036, -0.00784184533903, -0.00467709493397, 0, 0}, 53.27981861815443,
          1e-9);
}

TEST_CASE("regression: Student's distribution as R has it") {
  CHECK(student_t_quantile(.975, 3) == Approx(3.182446305283708).epsilon(1e-14));
  CHECK(student_t_quantile(.0001, 1.5) == Approx(-242.264098846506329).epsilon(1e-13));
  CHECK(student_t_quantile(.9, 1e6) == Approx(1.281552412129939).epsilon(1e-13));
  CHECK(student_t_quantile(.75, 1) == Approx(1).epsilon(1e-14));
  CHECK(student_t_quantile(1e-12, 1) == Approx(-318309886183.790671).epsilon(1e-12));
  CHECK(student_t_quantile(.3, 2.5) == Approx(-.5973077382523155).epsilon(1e-13));
  CHECK(student_t_two_sided(1.5, 1e7) == Approx(.1336144341076295).epsilon(1e-13));
  CHECK(student_t_two_sided(2, 10) == Approx(0.07338803477074037).epsilon(1e-13));
  CHECK(student_t_two_sided(-40, 5) == Approx(1.841196217177295e-07).epsilon(1e-12));
}

namespace {

struct cloud {
  const char* file;
  const char* column;
  double last_24;  // MASE of a regression on the last 24 values (the README's table)
  double plain;    // found here: linear regression on 24 lags, one for each step ahead
  double better;   // found here: recursive least squares with the day before, learning on
};
constexpr std::array<cloud, 6> clouds{{
    {"alibaba2018_machine_usage_days_1_to_8_grouped_300_seconds", "cpu_util_percent", .966, 1.021,
     1.007},
    {"azure_v2_vm_cpu_readings_month_aggregated_cpu_mem", "cpu_usage", 1.148, 1.265, 1.150},
    {"google2019_instance_usage_grouped_300_seconds_month", "avg_cpu", 1.779, 1.817, 1.774},
    {"nab_ec2_cpu_utilization_5f5533", "value", .167, .170, .164},
    {"nab_elb_request_count_8c0756", "value", .814, .799, .782},
    {"nab_rds_cpu_utilization_cc0c53", "value", 9.875, 10.632, 2.015},
}};

auto read_column(const std::string& path, std::string_view name) -> std::vector<double> {
  std::vector<double> values;
  const auto text = lepton::simulate::read_file(path);
  if (!text) return values;
  std::string_view rest = text.value();
  std::size_t place = 0;
  for (bool header = true; !rest.empty(); header = false) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    for (std::size_t i = 0; !line.empty(); ++i) {
      const auto comma = std::min(line.find(','), line.size());
      const auto field = line.substr(0, comma);
      if (header && field == name) place = i;
      if (!header && i == place) values.push_back(std::strtod(std::string{field}.c_str(), nullptr));
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
  }
  return values;
}

}  // namespace

TEST_CASE("regression: autoregressions on the utilisation of clouds") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(folder, "util");
  autoregression_options o;
  o.horizon = 12;
  o.difference = 0;
  const auto day =
      feature_set{lags{1,  2,  3,   4,   5,   6,   7,   8,   9,   10,  11, 12,
                       18, 24, 276, 279, 282, 285, 286, 287, 288, 289, 290},
                  rolling_mean{12}, rolling_mean{36}, rolling_mean{288}, fourier{288, 4}};
  for (const auto& c : clouds) {
    const auto values = read_column(folder / (std::string{c.file} + ".csv.gz"), c.column);
    INFO(c.file);
    REQUIRE(values.size() > 2000);
    o.direct = 12;
    const auto plain = rolling_origin(autoregression<>{lags::up_to(24), o}, values, {});
    o.direct = 1;
    const auto better = rolling_origin(
        autoregression<recursive_least_squares, std::decay_t<decltype(day)>>{day, o}, values, {});
    REQUIRE(plain);
    REQUIRE(better);
    CHECK(plain->summary.mase == Approx(c.plain).epsilon(.01));
    CHECK(plain->summary.mase == Approx(c.last_24).epsilon(.12));
    CHECK(better->summary.mase < c.better * 1.01);
    CHECK(better->summary.mase < c.last_24 * 1.05);
    CHECK(better->summary.coverage > .75);
    CHECK(better->summary.coverage < .88);
  }
}
