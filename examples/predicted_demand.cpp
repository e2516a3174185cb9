// SPDX-License-Identifier: Apache-2.0
// Collect, predict, schedule: what each service will need at most in the next hour is forecast from
// its own past, and that is what it is placed by, not what its owner once asked for.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <lepton/model.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/predict/exponential_smoothing.hpp>
#include <lepton/schedule/scheduler.hpp>

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t asked_for = 8000;  // milli-CPU, by everyone, to be on the safe side

/// A service, and what is known of its use of CPU.
struct service {
  lepton::predict::ets model = lepton::predict::simple_exponential_smoothing();
  double level = 0;  // cores

  void observe(double cores) { model.update(cores); }
  /// Milli-CPU that suffice for the next hour with probability 0.98.
  auto needs() -> std::int64_t {
    return static_cast<std::int64_t>(std::ceil(1000 * model.peak_quantile(12, 0.98)));
  }
};

}  // namespace

int main() {
  std::vector<service> services(24);
  for (std::size_t i = 0; i < services.size(); ++i) {
    auto& s = services[i];
    s.level = 1 + 0.1 * static_cast<double>(i);
    std::vector<double> past;
    for (int t = 0; t < 288; ++t) past.push_back(s.level + 0.2 * std::sin(t * 1.7 + s.level));
    if (const auto fitted = s.model.fit(past); !fitted) return 1;
    s.observe(s.level);
  }

  const auto placed = [&](bool predicted) {
    lepton::cluster<1> nodes;
    for (int i = 0; i < 4; ++i) {
      lepton::node_spec<1> spec;
      spec.capacity = lepton::resources<1>{32'000};
      if (!nodes.add(spec)) return std::size_t{0};
    }
    lepton::scheduler live{std::move(nodes), lepton::order::fcfs{},
                           lepton::place::greedy{lepton::place::best_fit{}}};
    for (std::size_t i = 0; i < services.size(); ++i) {
      lepton::task<1> t;
      t.id = i + 1;
      t.demand = lepton::resources<1>{predicted ? services[i].needs() : asked_for};
      if (!live.submit(t, lepton::at(0s))) return std::size_t{0};
    }
    (void)live.run(lepton::at(0s));
    return live.running_count();
  };
  const auto by_request = placed(false);
  const auto by_forecast = placed(true);
  std::printf("4 nodes of 32 cores: %zu of %zu services by request, %zu by forecast\n", by_request,
              services.size(), by_forecast);
  return by_forecast > by_request ? 0 : 1;
}
