// SPDX-License-Identifier: Apache-2.0
// One load experiment (about 10,800 decisions on 1,213 nodes) on the built-in workload for each
// policy of Weng et al. (USENIX ATC 2023): seconds of deciding, and beside FGD and best fit the
// same decisions by looking at every node. The allocation is printed too, so that speed without the
// right answer shows.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/simulate/cluster_of.hpp>
#include <lepton/simulate/embedded_openb.hpp>
#include <lepton/simulate/load_experiment.hpp>
#include <lepton/simulate/stopwatch.hpp>

namespace {

namespace place = lepton::place;
namespace simulate = lepton::simulate;

auto workload() -> const simulate::workload& {
  static const auto built_in = simulate::embedded_openb();
  return built_in;
}

void experiment(benchmark::State& run, const char* policy) {
  std::uint64_t seed = 0;
  double allocated = 0;
  std::size_t decisions = 0;
  for (auto _ : run) {
    const auto result = simulate::run_load_experiment(policy, workload(), {.seed = seed++ % 10});
    if (!result) return run.SkipWithError(result.error().to_string().c_str());
    run.SetIterationTime(result->seconds);
    allocated += result->allocation.back().gpu_percent;
    decisions += result->decisions;
  }
  run.SetItemsProcessed(static_cast<std::int64_t>(decisions));
  run.counters["gpu_percent"] = allocated / static_cast<double>(run.iterations());
}

/// The same decisions by looking at every node.
template <class Policy>
void by_scan(benchmark::State& run, Policy policy) {
  const auto arrivals = simulate::draw_arrivals(workload(), 1.3, 0);
  for (auto _ : run) {
    auto nodes = *simulate::cluster_of(workload());
    simulate::stopwatch deciding;
    deciding.start();
    for (const auto i : arrivals) {
      const auto& t = workload().tasks[i].what;
      if (const auto d = policy.pick_by_scan(t, nodes)) (void)nodes.allocate(t, d);
    }
    deciding.stop();
    run.SetIterationTime(deciding.seconds());
  }
  run.SetItemsProcessed(run.iterations() * static_cast<std::int64_t>(arrivals.size()));
}

void fgd_scan(benchmark::State& run) {
  const auto typical = place::typical_tasks(
      workload().tasks,
      [](const simulate::recorded_task& t) -> const lepton::task<2>& { return t.what; });
  by_scan(run, place::greedy{place::fragmentation_gradient{typical}}.with_ties(0));
}
void best_fit_scan(benchmark::State& run) {
  const auto scale = simulate::scale_of(workload());
  by_scan(run, place::greedy{place::best_fit_percent{scale}}.with_ties(0));
}

}  // namespace

BENCHMARK_CAPTURE(experiment, fgd, "fgd")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(experiment, best_fit, "best-fit")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(experiment, gpu_packing, "gpu-packing")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(experiment, gpu_clustering, "gpu-clustering")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(experiment, dot_product, "dot-product")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(experiment, random, "random")->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(fgd_scan)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(best_fit_scan)->UseManualTime()->Unit(benchmark::kMillisecond);
