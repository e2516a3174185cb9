// SPDX-License-Identifier: Apache-2.0
// Tests for unit roots and seasons, decomposition and Box-Cox on classic series: figures of R 4.2
// (stats; forecast 8.20, urca 1.3.3, tseries 0.10.53). Orders chosen by AICc: the figures of the
// data folder's README, and R's stepwise search as what is not to be undercut. Turning red is
// legitimate only when the definition of a statistic changes; an AICc may fall, never rise.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <lepton/predict/auto_arima.hpp>
#include <lepton/predict/box_cox.hpp>
#include <lepton/predict/differencing.hpp>
#include <lepton/predict/ljung_box.hpp>

#include "catch.hpp"
#include "data.hpp"
#include "sanitized.hpp"

namespace {

using namespace lepton::predict;

auto series(const std::filesystem::path& folder, const std::string& name) -> std::vector<double> {
  std::ifstream in(folder / (name + ".txt"));
  std::vector<double> values;
  for (std::string word; in >> word;)
    values.push_back(word == "NA" ? std::numeric_limits<double>::quiet_NaN()
                                  : std::strtod(word.c_str(), nullptr));
  REQUIRE(!values.empty());
  return values;
}

auto logs(std::vector<double> values) -> std::vector<double> {
  for (auto& x : values) x = std::log(x);
  return values;
}

// R's likelihood of a differenced series has a prior that is not quite flat; its AICc are up to
// 0.006 off those of the exact likelihood.
constexpr double slack = 0.01;

struct choice {
  const char* name;
  bool log;
  std::size_t season;
  std::array<std::size_t, 6> orders;  // p, d, q, P, D, Q
  double aicc;
};

auto chosen(const std::filesystem::path& folder, const choice& c, order_search_mode mode)
    -> arima_selection {
  auto_arima_options o;
  o.season = c.season;
  o.search = mode;
  const auto y = series(folder, c.name);
  const auto s = select_arima(c.log ? logs(y) : y, o);
  REQUIRE(s);
  return *s;
}

struct roots {
  const char* name;
  double kpss_level, kpss_trend, kpss_short, adf, adf_p, adf_level, pp, pp_p, pp_level;
  std::size_t d, d_adf, d_pp;
};

constexpr roots root_figures[] = {
    {"LakeHuron", 1.22121856939, 0.235539008845, 0.995290114412, -2.77959182428, 0.25399593534,
     -3.89766838437, -3.35076857841, 0.0669706875155, -3.03333217558, 1, 0, 0},
    {"Nile", 1.31522646318, 0.296602330717, 0.965434907753, -3.36571391444, 0.0641954203656,
     -4.04870509691, -6.69005090606, 0.01, -5.65435274551, 1, 0, 0},
    {"lynx", 0.0694650820944, 0.0369939336408, 0.0701467067231, -6.30677538408, 0.01,
     -7.86291209946, -4.58522673545, 0.01, -4.58630726253, 0, 0, 0},
    {"WWWusage", 0.721974318082, 0.317646192729, 0.454244769061, -2.64208041975, 0.310654341447,
     -2.2221666762, -0.972967607269, 0.938505061364, -0.610184567034, 1, 1, 1},
    {"sunspot.year", 0.465334901319, 0.101094756283, 0.466089667025, -4.75607350764, 0.01,
     -11.5726396621, -6.26858380259, 0.01, -6.14472982454, 1, 0, 0},
};

}  // namespace

TEST_CASE("selection: tests for unit roots") {
  LEPTON_DATA_OR_SKIP(folder, "series");
  const auto level = deterministic::level;
  for (const auto& f : root_figures) {
    INFO(f.name);
    const auto y = series(folder, f.name);
    const auto n = static_cast<double>(y.size());
    CHECK(kpss(y)->statistic == Approx(f.kpss_level).epsilon(1e-9));
    CHECK(kpss(y, deterministic::trend)->statistic == Approx(f.kpss_trend).epsilon(1e-9));
    const auto lags = static_cast<std::size_t>(4 * std::pow(n / 100, 0.25));
    CHECK(kpss(y, level, lags)->statistic == Approx(f.kpss_short).epsilon(1e-9));
    const auto adf = augmented_dickey_fuller(y);
    CHECK(adf->statistic == Approx(f.adf).epsilon(1e-9));
    CHECK(adf->p_value == Approx(f.adf_p).epsilon(1e-9));
    CHECK(augmented_dickey_fuller(y, level, 1)->statistic == Approx(f.adf_level).epsilon(1e-9));
    const auto pp = phillips_perron(y);
    // R's formulas replace n² - 1 by n² in places.
    CHECK(pp->statistic == Approx(f.pp).epsilon(1e-3));
    CHECK(pp->p_value == Approx(f.pp_p).epsilon(2e-3));
    CHECK(phillips_perron(y, level)->statistic == Approx(f.pp_level).margin(0.02));
    CHECK(ndiffs(y) == f.d);
    CHECK(ndiffs(y, unit_root_test::augmented_dickey_fuller) == f.d_adf);
    CHECK(ndiffs(y, unit_root_test::phillips_perron) == f.d_pp);
  }
  const auto www = kpss(series(folder, "WWWusage"), level, 4);
  CHECK(www->p_value == Approx(0.0537738064391).epsilon(1e-9));
}

TEST_CASE("selection: decomposition and tests for seasons") {
  LEPTON_DATA_OR_SKIP(folder, "series");
  const auto air = series(folder, "AirPassengers");
  const auto deaths = series(folder, "USAccDeaths");
  CHECK(*seasonal_strength(air, 12) == Approx(0.94067249031).epsilon(1e-10));
  CHECK(*seasonal_strength(logs(air), 12) == Approx(0.964453970045).epsilon(1e-10));
  CHECK(*seasonal_strength(deaths, 12) == Approx(0.944794464889).epsilon(1e-10));
  CHECK(*seasonal_strength(series(folder, "seas2016"), 24) ==
        Approx(0.974966904205).epsilon(1e-10));
  const auto d = stl(air, 12);
  const std::size_t places[] = {0, 29, 59, 143};
  const std::size_t robust_places[] = {0, 29, 59, 142};
  const double seasonal[] = {-16.9770740864, 20.6090455725, -24.6849295602, -44.196324979};
  const double trend[] = {123.145056928, 168.754728243, 227.389014286, 496.683254025};
  const double robust[] = {-13.2904435183, 14.6930147585, -23.6340955337, -74.5036593315};
  stl_options o;
  o.seasonal_window = 7;
  o.inner = 1;
  o.outer = 15;
  // An even number of values leaves R's median of the residuals to an unsorted partial sort.
  const auto r = stl(std::span{air}.first(143), 12, o);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(d->seasonal[places[i]] == Approx(seasonal[i]).epsilon(1e-9));
    CHECK(d->trend[places[i]] == Approx(trend[i]).epsilon(1e-9));
    CHECK(r->seasonal[robust_places[i]] == Approx(robust[i]).epsilon(1e-9));
  }
  const double ocsb_air[] = {1.51876238029, 2.77772685139, 2.7456097307, 2.72406204339};
  const double ocsb_deaths[] = {-2.06836094357, -2.22710930343, -2.23906209176, -2.25226242285};
  for (std::size_t lags = 0; lags < 4; ++lags) {
    CHECK(ocsb(air, 12, lags)->statistic == Approx(ocsb_air[lags]).epsilon(1e-9));
    CHECK(ocsb(deaths, 12, lags)->statistic == Approx(ocsb_deaths[lags]).epsilon(1e-9));
  }
  CHECK(ocsb(air, 12)->critical == Approx(-1.80296279118).epsilon(1e-10));
  CHECK(nsdiffs(air, 12) == 1);
  CHECK(nsdiffs(air, 12, seasonal_test::ocsb) == 1);
  CHECK(nsdiffs(deaths, 12) == 1);
  CHECK(nsdiffs(deaths, 12, seasonal_test::ocsb) == 0);
  CHECK(nsdiffs(series(folder, "presidents"), 4) == 0);
  CHECK(ndiffs(differenced(logs(air), 12)) == 1);
}

TEST_CASE("selection: autocorrelation and Box-Cox") {
  LEPTON_DATA_OR_SKIP(folder, "series");
  const auto lh = series(folder, "lh");
  const double acf[] = {
      1, 0.575524475524, 0.181818181818, -0.144755244755, -0.174825174825, -0.14965034965};
  const double pacf[] = {0.575524475524, -0.223409972864, -0.22694020165, 0.102768377006,
                         -0.0759344196533};
  for (std::size_t k = 0; k < 6; ++k)
    CHECK(autocorrelation(lh, 5)[k] == Approx(acf[k]).epsilon(1e-10));
  for (std::size_t k = 0; k < 5; ++k)
    CHECK(partial_autocorrelation(lh, 5)[k] == Approx(pacf[k]).epsilon(1e-10));
  const auto box = ljung_box(lh, 10, 1);
  CHECK(box->statistic == Approx(25.3509303605).epsilon(1e-10));
  CHECK(box->p_value == Approx(0.00260654561526).epsilon(1e-9));
  CHECK(chi_squared_tail(0.5, 1) == Approx(0.479500122187).epsilon(1e-11));
  CHECK(chi_squared_tail(30, 5) == Approx(1.47485810384e-05).epsilon(1e-11));
  CHECK(chi_squared_tail(200, 150) == Approx(0.00397318597082).epsilon(1e-11));

  // R's optimize() stops sooner, and its likelihood goes by steps of 0.05.
  const auto air = series(folder, "AirPassengers");
  CHECK(*guerrero_lambda(air, 12) == Approx(-0.294715585559).margin(1e-4));
  CHECK(*guerrero_lambda(series(folder, "USAccDeaths"), 12) ==
        Approx(-0.0397561678314).margin(1e-4));
  CHECK(*guerrero_lambda(series(folder, "lynx")) == Approx(0.152184872627).margin(1e-4));
  CHECK(*likelihood_lambda(air, 12) == Approx(0.2).margin(0.025));
  CHECK(*likelihood_lambda(series(folder, "USAccDeaths"), 12) == Approx(-0.65).margin(0.025));
  CHECK(*likelihood_lambda(series(folder, "lynx")) == Approx(0.15).margin(0.025));
}

TEST_CASE("selection: exhaustive search by AICc") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(folder, "series");
  constexpr choice figures[] = {
      {"AirPassengers", true, 12, {0, 1, 1, 0, 1, 1}, -483.21008},
      {"LakeHuron", false, 1, {2, 1, 1, 0, 0, 0}, 213.50605},
      {"Nile", false, 1, {1, 1, 1, 0, 0, 0}, 1267.50740},
      {"WWWusage", false, 1, {3, 1, 0, 0, 0, 0}, 512.41952},
  };
  for (const auto& f : figures) {
    INFO(f.name);
    const auto s = chosen(folder, f, order_search_mode::exhaustive);
    CHECK(s.criterion == Approx(f.aicc).margin(slack));
    const auto& o = s.orders;
    CHECK(std::array{o.p, o.d, o.q, o.P, o.D, o.Q} == f.orders);
    CHECK(!o.drift);
  }
}

TEST_CASE("selection: stepwise search by AICc is never worse than R's") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(folder, "series");
  // What auto.arima(x, approximation = FALSE) gives.
  constexpr choice figures[] = {
      {"AirPassengers", true, 12, {0, 1, 1, 0, 1, 1}, -483.21008},
      {"LakeHuron", false, 1, {0, 1, 0, 0, 0, 0}, 220.25786},
      {"Nile", false, 1, {1, 1, 1, 0, 0, 0}, 1267.50740},
      {"WWWusage", false, 1, {1, 1, 1, 0, 0, 0}, 514.55210},
      {"lynx", false, 1, {2, 0, 2, 0, 0, 0}, 1876.95250},
      {"lynx", true, 1, {2, 0, 4, 0, 0, 0}, 170.26317},
      {"lh", false, 1, {1, 0, 0, 0, 0, 0}, 65.30378},
      {"sunspot.year", false, 1, {2, 1, 3, 0, 0, 0}, 2406.49541},
      {"USAccDeaths", false, 12, {0, 1, 1, 0, 1, 1}, 857.31635},
      {"presidents", false, 4, {1, 0, 0, 0, 0, 1}, 839.34449},
      {"arma2000", false, 1, {2, 0, 1, 0, 0, 0}, 5836.82733},
  };
  for (const auto& f : figures) {
    INFO(f.name << (f.log ? ", logarithms" : ""));
    const auto s = chosen(folder, f, order_search_mode::stepwise);
    CHECK(s.criterion < f.aicc + slack);
    CHECK(s.orders.d == f.orders[1]);
    CHECK(s.orders.D == f.orders[4]);
  }
}
