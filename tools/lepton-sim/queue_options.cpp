// SPDX-License-Identifier: Apache-2.0
#include "queue_options.hpp"

#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <lepton/simulate/named_queue_policies.hpp>

#include "option_checks.hpp"

namespace lepton_sim {
namespace {

constexpr std::string_view examples = R"(Examples:
  lepton-sim queue                                  the common policies on a generated log
  lepton-sim queue --trace KTH-SP2-1996-2.1-cln.swf.gz --policy fcfs,easy,sjbf --report out
  lepton-sim queue --trace log.swf.gz --procs 128 --rules r2 --policy conservative --starts -
  lepton-sim queue --trace log.swf --load 0.95 --policy wfp3+easy,sjf+easy --warm-up 1 --cool-down 1
  lepton-sim queue --philly philly.csv.gz --procs 744 --policy easy,fcfs+gangs,sjf+gangs
  lepton-sim queue --generate lublin --procs 256 --jobs 50000 --load 0.8 --seed 7)";

constexpr number_range percent{0, 99, false, "from 0 to 99"};

auto is_load(const std::string& text) -> std::string {
  if (text == "recorded") return "";
  return number_range{0, 10, true, "above 0 and up to 10, nor 'recorded'"}(text);
}

void add_workload(CLI::App& app, queue_options& into) {
  auto* const trace =
      app.add_option("--trace", into.trace,
                     "Log to replay, plain or .gz: Standard Workload Format, or the Philly list if "
                     "its name ends in .csv or .csv.gz")
          ->type_name("FILE");
  auto* const philly =
      app.add_option("--philly", into.philly,
                     "Instead: the Philly list of jobs, with the columns timestamp,duration,"
                     "num_gpus,...; each is a gang of GPUs")
          ->excludes(trace)
          ->type_name("FILE");
  app.add_option("--generate", into.generate,
                 "Instead: generate a log; lublin is the model of Lublin and Feitelson 2003 (the "
                 "default without a log)")
      ->check(CLI::IsMember({"lublin"}))
      ->excludes(trace)
      ->excludes(philly)
      ->type_name("NAME");
  app.add_option("--procs", into.processors,
                 "Processors of the machine, or GPUs (default: what the log says; generated: 128)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}))
      ->type_name("COUNT");
  app.add_option("--node-size", into.node_size,
                 "Of policies ORDER+gangs: processors, or GPUs, of a node")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--rules", into.rules,
                 "What a record of an SWF log means. r1: processors are the allocated ones, no "
                 "job is dropped; r2: the requested ones, jobs that cannot be are dropped")
      ->check(CLI::IsMember({"r1", "r2"}))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--jobs", into.jobs,
                 "The first so many jobs of the log (default: all), or so many generated ones "
                 "(default: 10,000)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->type_name("COUNT");
  app.add_option("--load", into.load,
                 "Work submitted, in parts of what the machine can do: submissions move together "
                 "or apart to match; 'recorded' leaves them")
      ->check(is_load)
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--seed", into.seed, "Of a generated log")
      ->check(is_seed)
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_flag("--skip-bad", into.skip_bad,
               "Name bad records and go on, instead of stopping at the first");
}

void add_measures(CLI::App& app, queue_options& into) {
  app.add_option("--ties", into.ties,
                 "At equal times. m1: ends, then submissions, then one pass; m0: a pass at each "
                 "event, submissions first, what its estimate ends now counts as free")
      ->check(CLI::IsMember({"m0", "m1"}))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--tau", into.tau,
                 "Of bounded slowdowns: shorter runs count as so long, in seconds")
      ->check(number_range{0, 1e9, true, "above 0 and up to 10^9"})
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--warm-up", into.warm_up, "Percent of the jobs at the beginning left out")
      ->check(percent)
      ->type_name("PERCENT")
      ->capture_default_str();
  app.add_option("--cool-down", into.cool_down, "Percent of the jobs at the end left out")
      ->check(percent)
      ->type_name("PERCENT")
      ->capture_default_str();
  app.add_option("--threads", into.threads,
                 "Simulations at a time (default: as many as the machine has threads)")
      ->check(CLI::Range(1, 1024))
      ->type_name("COUNT");
}

void add_outputs(CLI::App& app, queue_options& into) {
  app.add_option("--json", into.json, "Write the results as JSON; - is the standard output")
      ->type_name("FILE");
  app.add_option("--starts", into.starts,
                 "Write when each job started, as CSV; - is the standard output")
      ->type_name("FILE");
  auto* const report =
      app.add_option("--report", into.report, "Write a report with plots, DIR/index.html")
          ->type_name("DIR");
  app.add_option("--gantt-from", into.gantt_from,
                 "The report's chart of jobs on processors begins so many hours after the first "
                 "submission (default: where most jobs wait)")
      ->check(number_range{0, 1e7, false, "from 0 to 10^7"})
      ->needs(report)
      ->type_name("HOURS");
  app.add_option("--gantt-hours", into.gantt_hours, "and is so long")
      ->check(number_range{0, 1e5, true, "above 0 and up to 10^5"})
      ->needs(report)
      ->type_name("HOURS")
      ->capture_default_str();
}

}  // namespace

auto queue_policies_text() -> std::string {
  namespace simulate = lepton::simulate;
  return fmt::format(
      "{}; and ORDER+BACKFILL, with ORDER one of {} and BACKFILL one of {}; all stands for {}; and "
      "with the Philly list also for {}",
      fmt::join(simulate::plain_queue_policy_names(), ", "),
      fmt::join(simulate::queue_order_names(), ", "),
      fmt::join(simulate::queue_backfill_names(), ", "),
      fmt::join(simulate::common_queue_policy_names(), ", "),
      fmt::join(simulate::common_gang_policy_names(), ", "));
}

auto add_queue_command(CLI::App& app, queue_options& into) -> CLI::App* {
  auto* const queue = app.add_subcommand(
      "queue", "Replays a log of jobs on a machine and compares the orders of its queue.");
  queue->footer(std::string{examples});
  queue
      ->add_option("--policy", into.policies,
                   "Policies, separated by commas: " + queue_policies_text())
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  add_workload(*queue, into);
  add_measures(*queue, into);
  add_outputs(*queue, into);
  return queue;
}

}  // namespace lepton_sim
