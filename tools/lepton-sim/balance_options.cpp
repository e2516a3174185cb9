// SPDX-License-Identifier: Apache-2.0
#include "balance_options.hpp"

#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "balance_policies.hpp"
#include "option_checks.hpp"

namespace lepton_sim {
namespace {

constexpr std::string_view examples = R"(Examples:
  lepton-sim balance                                most policies on ten equal servers
  lepton-sim balance --policy round-robin,maglev --load 0.9 --report out
  lepton-sim balance --speeds 1,1,2 --service pareto --arrivals bursts
  lepton-sim balance --zipf 0.9 --changes fail:server-3@40%,join:server-3@60%
  lepton-sim balance --trace requests.csv --servers-file servers.csv --json results.json
  lepton-sim balance --arrivals azure-conv --data DIR --slots 8
  lepton-sim balance picks --policy nginx-round-robin --backends a=5,b=1,c=1 --count 7)";

constexpr std::string_view pick_examples = R"(Examples:
  lepton-sim balance picks --policy nginx-round-robin --backends a=5,b=1,c=1 --count 7
  lepton-sim balance picks --policy maglev --backends a,b,c --keys alice,bob --count 2
  lepton-sim balance picks --policy nginx-ip-hash --backends a,b --keys 192.0.2.1,198.51.100.7)";

constexpr number_range any_time{0, 1e9, true, "above 0 and up to 10^9"};
constexpr number_range time_or_none{0, 1e9, false, "from 0 to 10^9"};

auto is_load(const std::string& text) -> std::string {
  if (text == "recorded") return "";
  return number_range{0, 10, true, "above 0 and up to 10, nor 'recorded'"}(text);
}

void add_servers(CLI::App& app, balance_options& into) {
  app.add_option("--servers", into.servers, "Number of servers")
      ->check(CLI::Range(1, 100'000))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--speeds", into.speeds,
                 "Their speeds, separated by commas, again and again; weights are speed x slots")
      ->delimiter(',')
      ->check(number_range{0, 1e6, true, "above 0 and up to 1,000,000"})
      ->type_name("NUMBER,...")
      ->capture_default_str();
  app.add_option("--slots", into.slots, "Requests that a server works on at a time")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--servers-file", into.servers_file,
                 "Instead: a list with the columns name[,weight,speed,slots,zone,priority]")
      ->excludes("--servers")
      ->excludes("--speeds")
      ->excludes("--slots")
      ->type_name("FILE");
  app.add_option("--queue-limit", into.queue_limit,
                 "Requests that may wait at a server; more are rejected (default: any number)")
      ->check(CLI::Range(0U, 0xffff'fffeU))
      ->type_name("COUNT");
  app.add_option("--changes", into.changes,
                 "fail:NAME@TIME, leave:NAME@TIME or join:NAME@TIME, separated by commas; TIME in "
                 "seconds, or in % of the time in which requests arrive")
      ->delimiter(',')
      ->type_name("CHANGE,...");
  app.add_flag("--lose", into.lose,
               "The requests of a server that fails are lost, instead of being sent again");
}

void add_requests(CLI::App& app, balance_options& into) {
  app.add_option("--requests", into.requests,
                 "Requests that arrive (default 200,000; of a trace: all, or the first so many)")
      ->check(CLI::Range(1, 1'000'000'000))
      ->type_name("COUNT");
  app.add_option("--load", into.load,
                 "Work that arrives, in parts of what the servers can do; 'recorded' leaves the "
                 "times of a trace as they are")
      ->check(is_load)
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--arrivals", into.arrivals,
                 "poisson (the default), bursts, trace, or from the data folder azure-code or "
                 "azure-conv")
      ->check(CLI::IsMember({"poisson", "bursts", "trace", "azure-code", "azure-conv"}))
      ->type_name("NAME");
  app.add_option("--burst-ratio", into.burst_ratio, "Rate in bursts over the rate in between")
      ->check(number_range{1, 1e6, false, "from 1 to 1,000,000"})
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--burst-share", into.burst_share, "Part of the time that is bursts")
      ->check(number_range{0, 0.999, true, "above 0 and up to 0.999"})
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--burst-length", into.burst_length, "Mean length of a burst, in seconds")
      ->check(any_time)
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--trace", into.trace,
                 "Requests to replay: a list with the columns time,work[,key], or a log of the "
                 "Azure LLM form (TIMESTAMP,ContextTokens,GeneratedTokens); plain or .gz")
      ->type_name("FILE");
  app.add_option("--data", into.data,
                 "Folder with azure-llm/, for --arrivals azure-... (else LEPTON_DATA_DIR)")
      ->type_name("DIR");
  app.add_flag("--skip-bad", into.skip_bad,
               "Name bad records and go on, instead of stopping at the first");
}

void add_work(CLI::App& app, balance_options& into) {
  app.add_option("--service", into.service,
                 "Distribution of the work: exponential, deterministic, lognormal, pareto")
      ->check(CLI::IsMember({"exponential", "deterministic", "lognormal", "pareto"}))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--service-time", into.service_time,
                 "Mean work of a request at speed 1, in milliseconds")
      ->check(number_range{0.001, 1e9, false, "from 0.001 to 10^9"})
      ->type_name("MS")
      ->capture_default_str();
  app.add_option("--variation", into.variation, "Of lognormal: deviation over mean")
      ->check(number_range{0, 100, true, "above 0 and up to 100"})
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--shape", into.shape, "Of pareto: the smaller, the heavier the tail")
      ->check(number_range{1, 1000, true, "above 1 and up to 1000"})
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--context-token-time", into.context_token_time,
                 "Of LLM logs: work of a token of the prompt, in milliseconds")
      ->check(time_or_none)
      ->type_name("MS")
      ->capture_default_str();
  app.add_option("--generated-token-time", into.generated_token_time,
                 "Of LLM logs: work of a token of the answer, in milliseconds")
      ->check(time_or_none)
      ->type_name("MS")
      ->capture_default_str();
  app.add_option("--keys", into.keys, "Number of keys that requests have")
      ->check(CLI::Range(1, 100'000'000))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--zipf", into.zipf,
                 "Key k comes in proportion to 1 / k^S; 0 makes all equally frequent")
      ->check(number_range{0, 10, false, "from 0 to 10"})
      ->type_name("S")
      ->capture_default_str();
}

void add_runs(CLI::App& app, balance_options& into) {
  app.add_option("--warm-up", into.warm_up, "Percent of the requests at the beginning left out")
      ->check(number_range{0, 99, false, "from 0 to 99"})
      ->type_name("PERCENT")
      ->capture_default_str();
  auto* const seeds =
      app.add_option("--seeds", into.seeds, "Number of seeds, counted from 0 (default 5)")
          ->check(CLI::Range(1, 10'000))
          ->type_name("COUNT");
  app.add_option("--seed", into.seed, "One seed")
      ->check(is_seed)
      ->excludes(seeds)
      ->type_name("NUMBER");
  app.add_option("--threads", into.threads,
                 "Simulations at a time (default: as many as the machine has threads)")
      ->check(CLI::Range(1, 1024))
      ->type_name("COUNT");
  app.add_option("--json", into.json, "Write the results as JSON; - is the standard output")
      ->type_name("FILE");
  app.add_option("--csv", into.csv, "Write the results as CSV; - is the standard output")
      ->type_name("FILE");
  app.add_option("--report", into.report, "Write a report with plots, DIR/index.html")
      ->type_name("DIR");
}

auto add_picks(CLI::App& balance, picks_options& into) -> CLI::App* {
  auto* const picks = balance.add_subcommand(
      "picks", "Prints the backends that a policy picks, one a line, without a simulation.");
  picks->footer(std::string{pick_examples});
  picks
      ->add_option("--policy", into.policy,
                   fmt::format("One of {}", fmt::join(balance_policy_names(), ", ")))
      ->required()
      ->type_name("NAME");
  picks
      ->add_option("--backends", into.backends,
                   "Names, separated by commas, each with =WEIGHT if that is not 1")
      ->delimiter(',')
      ->required()
      ->type_name("NAME[=WEIGHT],...");
  picks->add_option("--count", into.count, "Number of picks (default: one for each key, or 10)")
      ->check(CLI::Range(1, 10'000'000))
      ->type_name("COUNT");
  picks
      ->add_option("--keys", into.keys,
                   "Keys of the requests, again and again; addresses for policies that go by them")
      ->delimiter(',')
      ->type_name("KEY,...");
  picks->add_flag("--hold", into.hold,
                  "Requests stay in flight, instead of each ending before the next");
  picks->add_option("--seed", into.seed, "Of policies that draw")
      ->check(is_seed)
      ->type_name("NUMBER")
      ->capture_default_str();
  return picks;
}

}  // namespace

auto add_balance_command(CLI::App& app, balance_options& into, picks_options& picks)
    -> balance_commands {
  auto* const balance = app.add_subcommand(
      "balance", "Sends requests to simulated servers and compares balancing policies.");
  balance->footer(std::string{examples});
  balance
      ->add_option("--policy", into.policies,
                   fmt::format("Policies, separated by commas: all, {}",
                               fmt::join(balance_policy_names(), ", ")))
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  add_servers(*balance, into);
  add_requests(*balance, into);
  add_work(*balance, into);
  add_runs(*balance, into);
  balance->require_subcommand(0, 1);
  return {balance, add_picks(*balance, picks)};
}

}  // namespace lepton_sim
