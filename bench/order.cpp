// SPDX-License-Identifier: Apache-2.0
// Whole simulations, starts and all: FCFS, EASY and SJBF on the HPC2N log (202,876 jobs on 240
// processors; the environment variable LEPTON_DATA_DIR says where `swf/` is), and on a generated
// workload of 10^5 jobs on 1,024 processors at 80 % and 110 % load. Beside them in the same run
// plain EASY and SJBF that keep lists and scan and sort them.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/schedule/batch_scheduler.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/lublin_workload.hpp>
#include <lepton/simulate/queue_load.hpp>
#include <lepton/simulate/queue_simulation.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

namespace {

namespace schedule = lepton::schedule;
namespace simulate = lepton::simulate;
using lepton::time_point;
using simulate::queue_job;

// --- a peer ------------------------------------------------------------------------------------

/// EASY in the plain way: a list that waits, a list that runs, sorted for every reservation.
template <bool Shortest>
class plain_easy {
 public:
  explicit plain_easy(simulate::processors all) : free_(all[0]) {}

  auto submit(const queue_job& j, time_point) -> lepton::status {
    waiting_.push_back(&j);
    return {};
  }
  auto finish(lepton::task_id id, time_point) -> lepton::status {
    const auto at = std::find_if(running_.begin(), running_.end(),
                                 [&](const running& r) { return r.job->id == id; });
    free_ += at->job->demand[0];
    running_.erase(at);
    return {};
  }
  auto run(time_point now) -> const std::vector<schedule::batch_start>& {
    started_.clear();
    auto head = waiting_.begin();
    for (; head != waiting_.end() && (*head)->demand[0] <= free_; ++head) start(*head, now, false);
    waiting_.erase(waiting_.begin(), head);
    if (waiting_.size() > 1 && free_ > 0) backfill(now);
    return started_;
  }
  [[nodiscard]] auto wakes_at() const -> time_point { return time_point::max(); }
  [[nodiscard]] auto waiting_count() const -> std::size_t { return waiting_.size(); }
  [[nodiscard]] auto free() const -> simulate::processors { return simulate::processors{free_}; }

 private:
  struct running {
    const queue_job* job;
    time_point end;
  };

  void start(const queue_job* j, time_point now, bool backfilled) {
    free_ -= j->demand[0];
    running_.push_back({j, now + j->estimate});
    started_.push_back({j->id, backfilled});
  }
  void backfill(time_point now) {
    std::sort(running_.begin(), running_.end(),
              [](const running& a, const running& b) { return a.end < b.end; });
    auto left = free_;
    auto shadow = now;
    for (const auto& r : running_) {
      if (left >= waiting_[0]->demand[0] && r.end > shadow) break;
      left += r.job->demand[0];
      shadow = r.end;
    }
    left -= waiting_[0]->demand[0];
    std::vector<const queue_job*> candidates(waiting_.begin() + 1, waiting_.end());
    if (Shortest) {
      std::stable_sort(
          candidates.begin(), candidates.end(),
          [](const queue_job* a, const queue_job* b) { return a->estimate < b->estimate; });
    }
    for (const auto* j : candidates) {
      if (j->demand[0] > free_) continue;
      if (now + j->estimate > shadow) {
        if (j->demand[0] > left) continue;
        left -= j->demand[0];
      }
      start(j, now, true);
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), j));
      if (free_ == 0) break;
    }
  }

  std::int64_t free_;
  std::vector<const queue_job*> waiting_;
  std::vector<running> running_;
  std::vector<schedule::batch_start> started_;
};

// --- workloads ---------------------------------------------------------------------------------

auto read_hpc2n() -> std::optional<simulate::queue_workload> {
  const char* folder = std::getenv("LEPTON_DATA_DIR");
  const auto path =
      std::string{folder != nullptr ? folder : "../shared/data"} + "/swf/HPC2N-2002-2.1-cln.swf.gz";
  const auto text = simulate::read_file(path);
  if (!text) return std::nullopt;
  simulate::swf_log log;
  if (!simulate::read_swf(*text, "HPC2N", log)) return std::nullopt;
  auto w = simulate::queue_workload_of(log, simulate::swf_rules::r2, 240);
  if (!w) return std::nullopt;
  return *std::move(w);
}
auto generate(double load) -> simulate::queue_workload {
  simulate::lublin_options options;
  options.jobs = 100'000;
  options.processors = 1024;
  auto w = simulate::lublin_workload(options);
  if (!w || !simulate::set_offered_load(*w, load)) std::abort();
  return *std::move(w);
}

template <class Scheduler>
void replay(benchmark::State& run, const simulate::queue_workload& w) {
  double waited = 0;
  for (auto _ : run) {
    Scheduler s{simulate::processors{w.processors}};
    const auto done = simulate::simulate_queue(w, s);
    if (!done) std::abort();
    waited = 0;
    for (std::size_t i = 0; i < w.jobs.size(); ++i)
      waited += static_cast<double>((done->jobs[i].start - w.jobs[i].submitted).count()) / 1e9;
  }
  run.counters["mean_wait"] = waited / static_cast<double>(w.jobs.size());
  run.SetItemsProcessed(run.iterations() * static_cast<std::int64_t>(w.jobs.size()));
}
template <class Scheduler>
void hpc2n(benchmark::State& run) {
  static const auto w = read_hpc2n();
  if (!w) return run.SkipWithError("no swf/HPC2N-2002-2.1-cln.swf.gz; set LEPTON_DATA_DIR");
  replay<Scheduler>(run, *w);
}
template <class Scheduler>
void generated(benchmark::State& run) {
  replay<Scheduler>(run, generate(static_cast<double>(run.range(0)) / 100));
}

using fcfs =
    schedule::batch_scheduler<queue_job, schedule::submission_order, schedule::no_backfill>;
using easy = schedule::batch_scheduler<queue_job>;
using sjbf = schedule::batch_scheduler<queue_job, schedule::submission_order, schedule::sjbf>;

}  // namespace

BENCHMARK(hpc2n<fcfs>)->Unit(benchmark::kMillisecond);
BENCHMARK(hpc2n<easy>)->Unit(benchmark::kMillisecond);
BENCHMARK(hpc2n<plain_easy<false>>)->Unit(benchmark::kMillisecond);
BENCHMARK(hpc2n<sjbf>)->Unit(benchmark::kMillisecond);
BENCHMARK(hpc2n<plain_easy<true>>)->Unit(benchmark::kMillisecond);
BENCHMARK(generated<easy>)->Arg(80)->Arg(110)->Unit(benchmark::kMillisecond);
BENCHMARK(generated<plain_easy<false>>)->Arg(80)->Arg(110)->Unit(benchmark::kMillisecond);
BENCHMARK(generated<sjbf>)->Arg(80)->Arg(110)->Unit(benchmark::kMillisecond);
BENCHMARK(generated<plain_easy<true>>)->Arg(80)->Arg(110)->Unit(benchmark::kMillisecond);
