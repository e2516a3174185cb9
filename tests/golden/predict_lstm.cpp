// SPDX-License-Identifier: Apache-2.0
// An LSTM of two layers beside figures that torch 1.13 (torch.nn.LSTM, torch.nn.Linear,
// torch.optim.AdamW, double precision) gives for the same weights; and the error that training
// reaches on a series with two seasons. The figures of torch must never turn red. Those of training
// may move with the random numbers or the schedule, but not beyond the bound.
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/adam.hpp>
#include <lepton/predict/lstm.hpp>

#include "catch.hpp"
#include "sanitized.hpp"

namespace {

using namespace lepton::predict;

constexpr double tau = 6.283185307179586477;

double weight(std::size_t layer, std::size_t row, std::size_t column) {
  return 0.5 * std::sin(1.0 + 100.0 * static_cast<double>(layer) + 7.0 * static_cast<double>(row) +
                        static_cast<double>(column));
}

}  // namespace

TEST_CASE("lstm: outputs and gradients are those of torch") {
  const lstm_shape shape{2, 3, 2, 1};
  lstm_network<double> network{shape};
  for (std::size_t l = 0; l < 2; ++l)
    for (std::size_t k = 0; k < shape.layer_rows(l); ++k)
      for (std::size_t m = 0; m < 12; ++m) network.layer(l)[k * 12 + m] = weight(l, k, m);
  for (std::size_t k = 0; k < 3; ++k) network.head()[k] = weight(9, k, 0);
  network.head()[5] = weight(9, 3, 0);  // the direct inputs in between have no weight

  lstm_gradient<double> windows{shape, 5, 1, lstm_loss::squared};
  for (std::size_t t = 0; t < 5; ++t) {
    windows.input(t, 0)[0] = std::cos(2.0 * static_cast<double>(t));
    windows.input(t, 1)[0] = std::cos(2.0 * static_cast<double>(t) + 1);
    windows.target(t, 0)[0] = std::sin(static_cast<double>(t));
    windows.weight(t, 0)[0] = 1;
  }
  CHECK(windows.forward(network) == Approx(4.752798503543354).epsilon(1e-13));
  const std::array<double, 5> outputs{-0.511663558580072, -0.5263726908110893, -0.5411422793164771,
                                      -0.5475894382806734, -0.5520916191893699};
  for (std::size_t t = 0; t < 5; ++t)
    CHECK(windows.output(t, 0)[0] == Approx(outputs[t]).epsilon(1e-13));

  std::vector<double> gradient(shape.parameters());
  windows.backward(network, gradient);
  const auto gates = [&](std::size_t layer, std::size_t row, std::size_t unit,
                         std::array<double, 4> expected) {
    const std::size_t at = shape.layer_offset(layer) + row * 12 + 4 * unit;
    for (std::size_t g = 0; g < 4; ++g) {
      INFO("layer " << layer << ", row " << row << ", gate " << g);
      CHECK(gradient[at + g] == Approx(expected[g]).epsilon(1e-11));
    }
  };
  gates(0, 0, 1,
        {-0.011814047335580596, 1.5578648577284458e-05, -0.032843971605773514,
         -0.017176610697586685});
  gates(0, 2 + 2, 0,
        {0.000826508006433121, -0.00045542441659429374, -0.008180106507347684,
         -0.00018898426651466825});
  gates(0, 5, 2,
        {-0.001362184641424351, 0.0005794218550418371, -0.015229858009490477,
         -0.0012396397492138473});
  gates(1, 0, 1,
        {-0.0016795907077627177, -0.0008472587950423805, 0.007228394646454031,
         -0.0027873734924228847});
  gates(1, 3 + 2, 0,
        {-0.00840867273339597, -0.004948238094014055, -0.0668406605377297, -0.006906520214147481});
  gates(1, 6, 2,
        {0.22826858157161561, 0.09304570196475023, 1.0352257265337057, 0.25981454836999257});
  std::array<double, 2> squares{};
  for (std::size_t l = 0; l < 2; ++l)
    for (std::size_t i = shape.layer_offset(l); i < shape.layer_offset(l + 1); ++i)
      squares[l] += gradient[i] * gradient[i];
  CHECK(squares[0] == Approx(0.05260138747981544).epsilon(1e-11));
  CHECK(squares[1] == Approx(1.7453959303795585).epsilon(1e-11));
  const double* const head = gradient.data() + shape.head_offset();
  CHECK(head[0] == Approx(-0.550634650849435).epsilon(1e-11));
  CHECK(head[1] == Approx(1.1589943273083896).epsilon(1e-11));
  CHECK(head[2] == Approx(-1.2976523929079418).epsilon(1e-11));
  CHECK(head[5] == Approx(-7.627891021126398).epsilon(1e-11));
}

TEST_CASE("lstm: Adam with decay takes the steps of torch") {
  std::vector<double> p{1, -2, 0.5};
  adam<double> optimiser{3};
  for (int s = 0; s < 4; ++s) {
    const std::vector<double> g{std::sin(s + 1.0), std::cos(3.0 * s), 0.1 * s};
    optimiser.begin(0.01);
    optimiser.step(p, g, 0, 0.1);
  }
  CHECK(p[0] == Approx(0.9647663844637476).epsilon(1e-13));
  CHECK(p[1] == Approx(-2.0044413421684935).epsilon(1e-13));
  CHECK(p[2] == Approx(0.47358413505688235).epsilon(1e-13));
}

TEST_CASE("lstm: ten epochs learn two seasons") {
  LEPTON_SKIP_SANITIZED();
  // sin(2 pi t / 24) + sin(2 pi t / 168) + 0.1 e: the noise alone makes 0.0099 of the variance.
  lepton::detail::pcg32 random{7};
  std::vector<double> x(2600);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto t = static_cast<double>(i);
    x[i] = std::sin(tau * t / 24) + std::sin(tau * t / 168) + 0.1 * detail::normal_number(random);
  }
  lstm_options o;
  o.hidden = 32;
  o.window = 48;
  o.horizon = 1;
  o.epochs = 10;
  o.windows = 700;
  lstm m{o};
  const auto report = m.fit(x);
  REQUIRE(report);
  CHECK(report->iterations == 10);
  CHECK(m.validation_error() <= 0.045);
  // Half a day on, from its own forecasts.
  std::vector<double> mean(12);
  std::vector<double> error(12);
  m.moments(mean, error);
  double squares = 0;
  for (std::size_t h = 0; h < 12; ++h) {
    const auto t = static_cast<double>(x.size() + h);
    const double off = mean[h] - std::sin(tau * t / 24) - std::sin(tau * t / 168);
    squares += off * off / 12;
  }
  CHECK(squares < 0.05);
}
