// SPDX-License-Identifier: Apache-2.0
// Gradients of LSTM networks beside central differences, and the network on strips of windows
// beside a plain one, over random networks.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/adam.hpp>
#include <lepton/predict/lstm_gradient.hpp>
#include <lepton/predict/residual_quantiles.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;
using lepton::detail::pcg32;

double number(pcg32& random) { return detail::normal_number(random); }

// The textbook: one window, scalar by scalar, weights by name.
class plain_lstm {
 public:
  plain_lstm(const lstm_shape& shape, std::vector<double> parameters)
      : shape_(shape), p_(std::move(parameters)), state_(shape.state()) {}

  std::vector<double>& state() { return state_; }

  std::vector<double> step(const std::vector<double>& x) {
    const std::size_t n = shape_.hidden;
    std::vector<double> in = x;
    std::size_t at = 0;
    for (std::size_t l = 0; l < shape_.layers; ++l) {
      double* h = state_.data() + 2 * l * n;
      double* c = h + n;
      std::vector<double> row = in;
      row.insert(row.end(), h, h + n);
      row.push_back(1);
      const auto sum = [&](std::size_t unit, std::size_t gate) {
        double z = 0;
        for (std::size_t k = 0; k < row.size(); ++k)
          z += row[k] * p_[at + k * 4 * n + 4 * unit + gate];
        return z;
      };
      std::vector<double> next(n);
      for (std::size_t j = 0; j < n; ++j) {
        const double i = 1 / (1 + std::exp(-sum(j, 0)));
        const double f = 1 / (1 + std::exp(-sum(j, 1)));
        const double g = std::tanh(sum(j, 2));
        const double o = 1 / (1 + std::exp(-sum(j, 3)));
        c[j] = f * c[j] + i * g;
        next[j] = o * std::tanh(c[j]);
      }
      std::copy(next.begin(), next.end(), h);
      at += row.size() * 4 * n;
      in = next;
    }
    in.insert(in.end(), x.begin(), x.end());
    in.push_back(1);
    std::vector<double> out(shape_.outputs);
    for (std::size_t o = 0; o < out.size(); ++o)
      for (std::size_t k = 0; k < in.size(); ++k) out[o] += in[k] * p_[at + k * out.size() + o];
    return out;
  }

 private:
  lstm_shape shape_;
  std::vector<double> p_;
  std::vector<double> state_;
};

struct random_case {
  lstm_shape shape;
  std::size_t steps;
  std::size_t targets;
  lstm_loss loss;

  explicit random_case(pcg32& random)
      : shape{1 + random.below(3), 1 + random.below(7), 1 + random.below(3), 0},
        steps(1 + random.below(6)),
        targets(1 + random.below(3)),
        loss(random.below(2) == 0 ? lstm_loss::squared : lstm_loss::gaussian) {
    shape.outputs = targets * (loss == lstm_loss::gaussian ? 2 : 1);
  }
};

template <class Scalar>
void fill_in(lstm_gradient<Scalar>& windows, const random_case& c, pcg32& random) {
  for (std::size_t lane = 0; lane < windows.lanes; ++lane) {
    for (std::size_t s = 0; s < c.shape.state(); ++s)
      windows.first_state(s)[lane] = static_cast<Scalar>(0.5 * number(random));
    for (std::size_t t = 0; t < c.steps; ++t) {
      for (std::size_t i = 0; i < c.shape.inputs; ++i)
        windows.input(t, i)[lane] = static_cast<Scalar>(number(random));
      for (std::size_t i = 0; i < c.targets; ++i) {
        windows.target(t, i)[lane] = static_cast<Scalar>(number(random));
        windows.weight(t, i)[lane] = static_cast<Scalar>(random.below(3)) / 2;
      }
    }
  }
}

}  // namespace

TEST_CASE("lstm: gradients match central differences") {
  pcg32 random{20};
  std::size_t checks = 0;
  std::size_t networks = 0;
  while (checks < LEPTON_PROPERTY_DECISIONS / 20) {
    const random_case c{random};
    ++networks;
    lstm_network<double> network{c.shape};
    for (auto& p : network.parameters()) p = 0.6 * number(random);
    // Small logarithms of deviations: the likelihood is a steep function of them.
    for (std::size_t k = 0; k < c.shape.head_rows(); ++k)
      for (std::size_t o = c.targets; o < c.shape.outputs; ++o)
        network.head()[k * c.shape.outputs + o] *= 0.15;
    lstm_gradient<double> windows{c.shape, c.steps, c.targets, c.loss};
    fill_in(windows, c, random);
    if (random.below(2) == 0) windows.draw_dropout(0.4, random);
    std::vector<double> gradient(c.shape.parameters());
    windows.forward(network);
    windows.backward(network, gradient);
    // Forty parameters spread over all blocks, the first and last of each among them.
    std::vector<std::size_t> chosen;
    network.for_each_block([&](std::size_t first, std::size_t count, bool) {
      chosen.push_back(first);
      chosen.push_back(first + count - 1);
      for (int i = 0; i < 4; ++i)
        chosen.push_back(first + random.below(static_cast<std::uint32_t>(count)));
    });
    for (const std::size_t i : chosen) {
      double& p = network.parameters()[i];
      const double kept = p;
      const double h = 1e-4;
      const auto at = [&](double shift) {
        p = kept + shift;
        return windows.forward(network);
      };
      // Of fourth order, so that the truncation does not show.
      const double difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      p = kept;
      INFO("network " << networks << " of " << c.shape.layers << " layers, parameter " << i);
      REQUIRE(std::fabs(gradient[i] - difference) <= 1e-6 * std::max(1.0, std::fabs(difference)));
      ++checks;
    }
  }
}

TEST_CASE("lstm: strips of windows and single steps do as the textbook says") {
  pcg32 random{21};
  for (std::size_t run = 0; run < LEPTON_PROPERTY_DECISIONS / 500; ++run) {
    random_case c{random};
    c.shape.hidden = 1 + random.below(40);
    c.loss = lstm_loss::squared;
    c.shape.outputs = c.targets;
    lstm_network<double> network{c.shape};
    lstm_network<float> single{c.shape};
    for (std::size_t i = 0; i < network.parameters().size(); ++i) {
      single.parameters()[i] = static_cast<float>(0.4 * number(random));
      network.parameters()[i] = static_cast<double>(single.parameters()[i]);
    }
    lstm_gradient<double> windows{c.shape, c.steps, c.targets, c.loss};
    fill_in(windows, c, random);
    const std::size_t lane = random.below(windows.lanes);
    plain_lstm plain{c.shape, {network.parameters().begin(), network.parameters().end()}};
    std::vector<float> state;
    std::vector<double> states;
    for (std::size_t s = 0; s < c.shape.state(); ++s) {
      plain.state()[s] = windows.first_state(s)[lane];
      states.push_back(plain.state()[s]);
      state.push_back(static_cast<float>(plain.state()[s]));
    }
    std::vector<float> scratch(single.scratch_size());
    std::vector<double> room(network.scratch_size());
    std::vector<float> out(c.targets);
    std::vector<double> outs(c.targets);
    double total = 0;
    double lane_loss = 0;
    for (std::size_t l = 0; l < windows.lanes; ++l)
      if (l != lane)
        for (std::size_t t = 0; t < c.steps; ++t)
          for (std::size_t i = 0; i < c.targets; ++i) windows.weight(t, i)[l] = 0;
    total = windows.forward(network);
    for (std::size_t t = 0; t < c.steps; ++t) {
      std::vector<double> x;
      std::vector<float> narrow;
      for (std::size_t i = 0; i < c.shape.inputs; ++i) {
        x.push_back(windows.input(t, i)[lane]);
        narrow.push_back(static_cast<float>(x.back()));
      }
      const auto expected = plain.step(x);
      network.step(x, states, outs, room);
      single.step(narrow, state, out, scratch);
      for (std::size_t i = 0; i < c.targets; ++i) {
        REQUIRE(outs[i] == Approx(expected[i]).margin(1e-12));
        REQUIRE(static_cast<double>(out[i]) == Approx(expected[i]).epsilon(1e-4).margin(2e-5));
        const double error = expected[i] - windows.target(t, i)[lane];
        lane_loss += windows.weight(t, i)[lane] * error * error;
      }
    }
    REQUIRE(total == Approx(lane_loss).margin(1e-12));
  }
}

TEST_CASE("lstm: tangents of packs are near those of the library") {
  double worst = 0;
  float largest = 0;
  for (std::uint32_t bits = 0; bits < 0x41800000U; bits += 4099) {
    const auto x = std::bit_cast<float>(bits);
    const auto y = detail::tanh_of(detail::spread(x))[0];
    worst = std::max(worst, std::fabs(static_cast<double>(y) - std::tanh(static_cast<double>(x))));
    largest = std::max(largest, y);
    if (detail::tanh_of(detail::spread(-x))[0] != -y) FAIL("not odd at " << x);
  }
  CHECK(worst < 5e-7);
  CHECK(largest <= 1);
  CHECK(std::isnan(detail::tanh_of(detail::spread(std::nanf("")))[0]));
  CHECK(detail::tanh_of(detail::spread(1e30F))[0] == Approx(1));
}

TEST_CASE("lstm: quantiles of residuals rise, and hold the share that they say") {
  pcg32 random{22};
  for (const std::size_t n : {8U, 20U, 60U, 500U}) {
    const double quantile = normal_quantile(0.9);
    std::size_t below = 0;
    const std::size_t runs = n > 100 ? 500 : 4000;
    for (std::size_t run = 0; run < runs; ++run) {
      std::vector<double> e(2 * n);
      for (auto& x : e) x = number(random);
      residual_quantiles r;
      REQUIRE(r.learn(matrix_view{e, 2}));
      double last = -1e9;
      bool rises = true;
      for (double z = -5; z <= 5; z += 0.37) {
        const double q = r.quantile(run % 5, z);
        rises = rises && q >= last;
        last = q;
      }
      REQUIRE(rises);
      if (number(random) <= r.quantile(0, quantile)) ++below;
    }
    // Of a fresh number, over all samples.
    CHECK(static_cast<double>(below) / static_cast<double>(runs) ==
          Approx(0.9).margin(n > 100 ? 0.04 : 0.015));
  }
}
