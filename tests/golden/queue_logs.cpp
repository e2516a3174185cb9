// SPDX-License-Identifier: Apache-2.0
// FCFS, EASY and SJBF on logs of the Parallel Workloads Archive: sums of waits to the second, and
// starts job by job. KTH-SP2 (rules r1) and NASA-iPSC (r2) under `pass_per_moment` are the figures
// to reproduce; the others, and the digests of the starts, were the same from a plain simulator of
// lists, scans and sorts. Turning red is legitimate only when the reading of the logs or the
// definition of a policy changes.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <lepton/detail/hash.hpp>
#include <lepton/schedule/batch_scheduler.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/queue_simulation.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

#include "catch.hpp"
#include "data.hpp"
#include "sanitized.hpp"

namespace schedule = lepton::schedule;
namespace simulate = lepton::simulate;
using simulate::queue_ties;

namespace {

using fcfs = schedule::batch_scheduler<simulate::queue_job, schedule::submission_order,
                                       schedule::no_backfill>;
using easy = schedule::batch_scheduler<simulate::queue_job>;
using sjbf =
    schedule::batch_scheduler<simulate::queue_job, schedule::submission_order, schedule::sjbf>;

auto workload(const std::filesystem::path& path, std::int64_t machine, simulate::swf_rules rules)
    -> simulate::queue_workload {
  const auto text = simulate::read_file(path.string());
  REQUIRE(text);
  simulate::swf_log log;
  REQUIRE(simulate::read_swf(*text, path.filename().string(), log));
  auto w = simulate::queue_workload_of(log, rules, machine);
  REQUIRE(w);
  return *std::move(w);
}

struct figures {
  std::int64_t sum_of_waits = 0;  // seconds
  double mean_wait = 0;
  double mean_bounded_slowdown = 0;  // at least 10 s
  std::uint64_t starts = 0;          // digest
  std::size_t backfilled = 0;
};

template <class Scheduler>
auto simulated(const simulate::queue_workload& w, queue_ties ties = queue_ties::pass_per_moment)
    -> figures {
  Scheduler s{simulate::processors{w.processors}};
  simulate::queue_simulation_options options;
  options.ties = ties;
  const auto run = simulate::simulate_queue(w, s, options);
  REQUIRE(run);
  CHECK(s.waiting_count() == 0);
  CHECK(s.running_count() == 0);
  CHECK(s.free() == s.capacity());
  figures f;
  double slowdowns = 0;
  constexpr std::int64_t second = 1'000'000'000;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    const auto& o = run->jobs[i];
    const auto wait = (o.start - w.jobs[i].submitted).count() / second;
    const auto ran = (o.end - o.start).count() / second;
    f.sum_of_waits += wait;
    slowdowns += std::max(1.0, static_cast<double>(wait + ran) /
                                   static_cast<double>(std::max<std::int64_t>(ran, 10)));
    f.starts = lepton::detail::combine(
        f.starts, static_cast<std::uint64_t>(o.start.time_since_epoch().count() / second));
    f.backfilled += o.backfilled ? 1U : 0U;
  }
  f.mean_wait = static_cast<double>(f.sum_of_waits) / static_cast<double>(w.jobs.size());
  f.mean_bounded_slowdown = slowdowns / static_cast<double>(w.jobs.size());
  return f;
}

auto close(double a, double b) -> bool { return std::abs(a - b) <= 1e-6; }

}  // namespace

TEST_CASE("golden: FCFS, EASY and SJBF on KTH-SP2") {
  LEPTON_DATA_OR_SKIP(path, "swf/KTH-SP2-1996-2.1-cln.swf.gz");
  const auto w = workload(path, 100, simulate::swf_rules::r1);
  REQUIRE(w.jobs.size() == 28'476);

  const auto first = simulated<fcfs>(w);
  CHECK(first.sum_of_waits == 10'084'963'665);
  CHECK(close(first.mean_wait, 354156.611357));
  CHECK(close(first.mean_bounded_slowdown, 6829.039289));
  CHECK(first.backfilled == 0);

  const auto second = simulated<easy>(w);
  CHECK(second.sum_of_waits == 196'395'793);
  CHECK(close(second.mean_wait, 6896.888362));
  CHECK(close(second.mean_bounded_slowdown, 92.986927));

  const auto third = simulated<sjbf>(w);
  CHECK(third.sum_of_waits == 168'915'803);
  CHECK(close(third.mean_wait, 5931.865536));
  CHECK(close(third.mean_bounded_slowdown, 67.746892));

  CHECK(first.starts == 0xa4b0622dd59dca2b);
  CHECK(second.starts == 0xa10ede45d08360d2);
  CHECK(second.backfilled == 17'214);
  CHECK(third.starts == 0x14a2390e68d7724c);
  CHECK(third.backfilled == 17'273);

  CHECK(simulated<fcfs>(w, queue_ties::pass_per_event).sum_of_waits == 10'084'963'665);
  CHECK(simulated<easy>(w, queue_ties::pass_per_event).sum_of_waits == 196'460'084);
  CHECK(simulated<sjbf>(w, queue_ties::pass_per_event).sum_of_waits == 168'876'109);
}

TEST_CASE("golden: FCFS and EASY on NASA-iPSC") {
  LEPTON_DATA_OR_SKIP(path, "swf/NASA-iPSC-1993-3.1-cln.swf.gz");
  const auto w = workload(path, 128, simulate::swf_rules::r2);
  REQUIRE(w.jobs.size() == 18'066);
  for (const auto ties : {queue_ties::pass_per_moment, queue_ties::pass_per_event}) {
    const auto first = simulated<fcfs>(w, ties);
    CHECK(first.sum_of_waits == 145'997);
    CHECK(close(first.mean_wait, 8.081313));
    CHECK(close(first.mean_bounded_slowdown, 1.026233));
    const auto second = simulated<easy>(w, ties);
    CHECK(second.sum_of_waits == 73'468);
    CHECK(close(second.mean_wait, 4.066645));
    CHECK(close(second.mean_bounded_slowdown, 1.011872));
  }
}

TEST_CASE("golden: FCFS, EASY and SJBF on HPC2N") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(path, "swf/HPC2N-2002-2.1-cln.swf.gz");
  const auto w = workload(path, 240, simulate::swf_rules::r2);
  REQUIRE(w.jobs.size() == 202'876);
  CHECK(simulated<fcfs>(w).sum_of_waits == 3'214'060'979);
  const auto second = simulated<easy>(w);
  CHECK(second.sum_of_waits == 2'191'167'868);
  CHECK(second.starts == 0x45a6065afdd74031);
  CHECK(second.backfilled == 37'793);
  const auto third = simulated<sjbf>(w);
  CHECK(third.sum_of_waits == 2'073'807'058);
  CHECK(third.starts == 0xfd0419ee5a139b74);
  CHECK(third.backfilled == 37'055);
  CHECK(simulated<easy>(w, queue_ties::pass_per_event).sum_of_waits == 2'173'145'924);
  CHECK(simulated<sjbf>(w, queue_ties::pass_per_event).sum_of_waits == 2'070'163'805);
}
