// SPDX-License-Identifier: Apache-2.0
#include "queue_workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <lepton/simulate/lublin_workload.hpp>
#include <lepton/simulate/philly_reader.hpp>
#include <lepton/simulate/queue_load.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

#include "read_list.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using lepton::expected;
using lepton::unexpected;
using simulate::queue_workload;

constexpr std::size_t default_jobs = 10'000;
constexpr std::int64_t default_processors = 128;

auto ends_with(std::string_view text, std::string_view end) -> bool {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

auto file_name(const std::string& path) -> std::string {
  return std::filesystem::path{path}.filename().string();
}

auto read_log(const queue_options& o) -> expected<queue_workload> {
  simulate::swf_log log;
  auto done = read_list(o.trace, o.skip_bad, [&](std::string_view text, const auto& how) {
    return simulate::read_swf(text, o.trace, log, how);
  });
  if (!done) return unexpected{done.error()};
  const auto rules = o.rules == "r1" ? simulate::swf_rules::r1 : simulate::swf_rules::r2;
  return simulate::queue_workload_of(log, rules, o.processors.value_or(0));
}

/// GPUs in whole nodes that hold the largest job, and on which the load is 80 % or a little
/// less.
auto enough_gpus(const queue_options& o, const queue_workload& w) -> std::int64_t {
  const auto node = o.node_size;
  constexpr double load = 0.5;
  std::int64_t largest = 0;
  for (const auto& job : w.jobs) largest = std::max(largest, job.demand[0]);
  const double needed = simulate::offered_load(w) * static_cast<double>(w.processors) / load /
                        static_cast<double>(node);
  return node * std::max((largest + node - 1) / node, static_cast<std::int64_t>(std::ceil(needed)));
}

auto read_philly_list(const queue_options& o, const std::string& path) -> expected<queue_workload> {
  simulate::philly_log log;
  const auto gpus = o.processors.value_or(lepton::max_amount);
  auto done = read_list(path, o.skip_bad, [&](std::string_view text, const auto& how) {
    return simulate::read_philly(text, path, gpus, log, how);
  });
  if (!done) return unexpected{done.error()};
  if (!o.processors) log.workload.processors = enough_gpus(o, log.workload);
  return std::move(log.workload);
}

auto generate(const queue_options& o) -> expected<queue_workload> {
  simulate::lublin_options what;
  what.jobs = o.jobs.value_or(default_jobs);
  what.processors = o.processors.value_or(default_processors);
  what.seed = o.seed;
  return simulate::lublin_workload(what);
}

auto counted(std::size_t count, std::string_view what) -> std::string {
  return fmt::format("{} {}{}", grouped(static_cast<double>(count)), what, count == 1 ? "" : "s");
}

}  // namespace

auto is_philly(const queue_options& o) -> bool {
  return !o.philly.empty() || ends_with(o.trace, ".csv") || ends_with(o.trace, ".csv.gz");
}

auto load_queue(const queue_options& o) -> expected<loaded_queue> {
  const bool philly = is_philly(o);
  loaded_queue loaded;
  auto made = philly            ? read_philly_list(o, o.philly.empty() ? o.trace : o.philly)
              : o.trace.empty() ? generate(o)
                                : read_log(o);
  if (!made) return unexpected{made.error()};
  auto& w = loaded.workload = *std::move(made);
  if (philly) loaded.unit = "GPU";
  const bool generated = !philly && o.trace.empty();
  const auto source = generated ? fmt::format("{}, seed {}", w.name, o.seed) : file_name(w.name);
  w.name = source;

  if (!generated && o.jobs && *o.jobs < w.jobs.size()) w.jobs.resize(*o.jobs);
  std::string stretched;
  if (o.load != "recorded") {
    const auto factor = simulate::set_offered_load(w, std::strtod(o.load.c_str(), nullptr));
    if (!factor) {
      return unexpected{lepton::error{
          factor.error().message + "; give --load recorded to replay them as they are", source, 0}};
    }
    stretched = fmt::format(", gaps between submissions multiplied by {:.4g}", *factor);
  }
  loaded.load = simulate::offered_load(w);
  const auto dropped = w.dropped == 0
                           ? std::string{}
                           : fmt::format(" ({} dropped)", grouped(static_cast<double>(w.dropped)));
  loaded.about =
      fmt::format("{} of {}{}{}", counted(w.jobs.size(), "job"), source, dropped, stretched);
  return loaded;
}

}  // namespace lepton_sim
