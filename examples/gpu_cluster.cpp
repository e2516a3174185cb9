// SPDX-License-Identifier: Apache-2.0
// A production GPU cluster in miniature: the published Alibaba workload, built in as a table of
// figures, scheduled by two policies.

#include <cstdint>
#include <cstdio>
#include <string_view>

#include <lepton/simulate/embedded_openb.hpp>
#include <lepton/simulate/load_experiment.hpp>

int main() {
  const auto workload = lepton::simulate::embedded_openb();
  double fgd = 0;
  for (const std::string_view policy : {"fgd", "best-fit", "random"}) {
    const auto result = lepton::simulate::run_load_experiment(policy, workload, {.load = 1.0});
    if (!result) {
      std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
      return 1;
    }
    const auto gpu = result->allocation.back().gpu_percent;
    std::printf(
        "%-10.*s %5.2f %% of the GPUs allocated, %d of %d tasks turned away, %.0f decisions/s\n",
        static_cast<int>(policy.size()), policy.data(), gpu, static_cast<int>(result->unplaced),
        static_cast<int>(result->tasks), result->decisions_per_second());
    if (policy == "fgd") fgd = gpu;
    if (gpu > fgd) return 1;
  }
  return 0;
}
