// SPDX-License-Identifier: Apache-2.0
// A balancing policy of one's own, with wrappers of the library around it; and one steered by a
// predictor of one's own.

#include <cstdio>

#include <lepton/balance.hpp>

namespace balance = lepton::balance;

/// The first of the allowed backends in the list: a primary and its stand-ins.
struct primary {
  auto rebuild(const balance::snapshot&) -> lepton::status { return {}; }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const balance::snapshot& s, const Context&, const Allowed& allowed = {}) const noexcept
      -> balance::backend_index {
    for (const auto i : s.eligible()) {
      if (allowed(i)) return i;
    }
    return balance::no_backend;
  }
};

/// Foretells the latency of a backend: half of it is the last one.
struct halves {
  double seconds = 0;
  void update(double latency, lepton::time_point) noexcept { seconds = (seconds + latency) / 2; }
  [[nodiscard]] auto estimate(lepton::time_point) const noexcept -> double { return seconds; }
};

int main() {
  balance::balancer b{balance::retry_exclusion{primary{}}};
  if (!b.replace({{.key = "primary"}, {.key = "second"}, {.key = "third"}})) return 1;
  const auto first = b.pick({});
  const balance::backend_index failed[]{first.index()};
  const auto retry = b.pick(balance::retry_context{balance::context{}, failed});
  std::printf("%s, then %s\n", b.describe(first.index())->key.c_str(),
              b.describe(retry.index())->key.c_str());

  balance::balancer<balance::predicted_latency<halves>> steered;
  if (!steered.replace({{.key = "slow"}, {.key = "fast"}})) return 1;
  for (int k = 0; k < 10; ++k) {
    auto request = steered.pick({.random = 77U * static_cast<unsigned>(k)});
    const auto latency = std::chrono::milliseconds{request.index() == 0 ? 80 : 10};
    request.finish({.latency = latency});
  }
  const auto chosen = steered.pick({.random = 1}).index();
  std::printf("the faster one is %s\n", steered.describe(chosen)->key.c_str());
  return retry.index() == 1 && chosen == 1 ? 0 : 1;
}
