// SPDX-License-Identifier: Apache-2.0
// Exact maximum-likelihood fits of classic series (from R's `datasets`). The log-likelihoods and
// coefficients are the optimum of a dense-Cholesky likelihood of the differenced series; R's
// arima(), which starts differences from a large but finite variance, differs in the fourth digit
// of the seasonal models' log-likelihood. Red is legitimate only if the likelihood is redefined.
#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <lepton/predict/arima.hpp>

#include "catch.hpp"
#include "data.hpp"

namespace {

using lepton::predict::arima;
using lepton::predict::arima_options;

auto read_series(const std::filesystem::path& folder, const std::string& name)
    -> std::vector<double> {
  std::ifstream in{folder / (name + ".txt")};
  std::vector<double> out;
  for (std::string word; in >> word;)
    out.push_back(word == "NA" ? std::numeric_limits<double>::quiet_NaN() : std::stod(word));
  return out;
}

struct golden {
  const char* series;
  int logarithm;  // its base; 0: none
  arima_options options;
  std::vector<double> coefficients;
  double sigma2;
  double loglik;
};

auto orders(std::size_t p, std::size_t d, std::size_t q) -> arima_options {
  arima_options o;
  o.p = p;
  o.d = d;
  o.q = q;
  return o;
}
auto airline() -> arima_options {
  auto o = orders(0, 1, 1);
  o.D = o.Q = 1;
  o.season = 12;
  return o;
}

}  // namespace

TEST_CASE("arima: published optima of eight classic fits") {
  LEPTON_DATA_OR_SKIP(folder, "series");
  const std::vector<golden> table{
      {"AirPassengers", 1, airline(), {-.40182314, -.55693651}, .00134809899, 244.696487},
      {"LakeHuron",
       0,
       orders(2, 0, 0),
       {1.0436188, -.2495024, 579.047257},
       .478820571,
       -103.633223},
      {"Nile", 0, orders(0, 1, 1), {-.73294253}, 20599.867, -632.545625},
      {"lynx", 10, orders(2, 0, 0), {1.3776059, -.7398767, 2.9038194}, .0510703472, 6.504660},
      {"USAccDeaths", 0, airline(), {-.43027055, -.55272829}, 99352.594, -425.441102},
      {"presidents",
       0,
       orders(3, 0, 0),
       {.7495946, .2522329, -.1890343, 56.216747},
       81.118128,
       -414.081930},
      {"WWWusage", 0, orders(1, 1, 1), {.6503767, .5255917}, 9.793313, -254.149691},
      {"lh", 0, orders(1, 0, 0), {.57392437, 2.4132856}, .197489552, -29.379162},
  };
  for (const auto& g : table) {
    INFO(g.series);
    auto values = read_series(folder, g.series);
    if (g.logarithm > 0)
      for (auto& x : values) x = g.logarithm == 10 ? std::log10(x) : std::log(x);
    for (const auto method :
         {lepton::predict::arima_method::css_ml, lepton::predict::arima_method::ml}) {
      auto o = g.options;
      o.method = method;
      arima m{o};
      const auto report = m.fit(values);
      REQUIRE(report);
      CHECK(report.value().converged);
      CHECK(report.value().fallback.empty());
      CHECK(report.value().loglik == Approx(g.loglik).margin(1e-6));
      CHECK(m.sigma2() == Approx(g.sigma2).epsilon(1e-5));
      const auto c = m.coefficients();
      REQUIRE(c.size() == g.coefficients.size());
      for (std::size_t i = 0; i < c.size(); ++i)
        CHECK(c[i].second ==
              Approx(g.coefficients[i]).margin(1e-5 * std::fmax(1, std::fabs(g.coefficients[i]))));
    }
  }
}

TEST_CASE("arima: published forecasts of the airline model and of a series with gaps") {
  LEPTON_DATA_OR_SKIP(folder, "series");
  auto passengers = read_series(folder, "AirPassengers");
  for (auto& x : passengers) x = std::log(x);
  arima m{airline()};
  REQUIRE(m.fit(passengers));
  std::array<double, 12> mean{};
  std::array<double, 12> error{};
  m.moments(mean, error);
  const std::array<double, 12> means{6.110186, 6.053775, 6.171715, 6.199300, 6.232556, 6.368779,
                                     6.507294, 6.502906, 6.324698, 6.209008, 6.063487, 6.168025};
  const std::array<double, 12> errors{.036716, .042783, .048091, .052868, .057249, .061317,
                                      .065131, .068734, .072158, .075426, .078559, .081571};
  for (std::size_t h = 0; h < 12; ++h) {
    CHECK(mean[h] == Approx(means[h]).margin(5e-6));
    CHECK(error[h] == Approx(errors[h]).margin(1e-5));
  }
  arima gaps{orders(3, 0, 0)};
  REQUIRE(gaps.fit(read_series(folder, "presidents")));
  std::array<double, 3> level{};
  std::array<double, 3> spread{};
  gaps.moments(level, spread);
  const std::array<double, 3> levels{29.842150, 34.410429, 39.308370};
  const std::array<double, 3> spreads{9.006560, 11.256011, 13.433647};
  for (std::size_t h = 0; h < 3; ++h) {
    CHECK(level[h] == Approx(levels[h]).margin(1e-3));
    CHECK(spread[h] == Approx(spreads[h]).margin(1e-3));
  }
}

TEST_CASE("arima: a moving average on the unit circle is found") {
  // R 4.2's arima() reaches -3387.1019 here, with the same coefficients.
  LEPTON_DATA_OR_SKIP(folder, "series");
  auto o = orders(1, 0, 1);
  o.D = o.Q = 1;
  o.season = 24;
  arima m{o};
  const auto report = m.fit(read_series(folder, "seas2016"));
  REQUIRE(report);
  CHECK(report.value().loglik == Approx(-3387.093814).margin(1e-6));
  CHECK(m.coefficients()[0].second == Approx(0.999743).margin(1e-4));
  CHECK(m.coefficients()[1].second == Approx(-0.591339).margin(1e-4));
  CHECK(m.coefficients()[2].second == Approx(-1).margin(1e-4));
}
