// SPDX-License-Identifier: Apache-2.0
#include "balance_workload.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <lepton/simulate/azure_llm_reader.hpp>
#include <lepton/simulate/plain_number.hpp>
#include <lepton/simulate/servers_reader.hpp>

#include "read_list.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
namespace fs = std::filesystem;
using lepton::failure;
using lepton::status;
using lepton::unexpected;

constexpr std::size_t default_requests = 200'000;

auto nanoseconds(double milliseconds) -> lepton::duration {
  return lepton::duration{static_cast<std::int64_t>(milliseconds * 1e6 + 0.5)};
}

auto add_servers(const balance_options& o, balance_workload& w) -> status {
  if (!o.servers_file.empty()) {
    auto done = read_list(o.servers_file, o.skip_bad, [&](auto text, const auto& how) {
      return simulate::read_servers(text, o.servers_file, w.servers, how);
    });
    if (!done) return done;
  } else {
    for (std::size_t i = 0; i < o.servers; ++i) {
      simulate::server_spec s;
      s.name = fmt::format("server-{}", i + 1);
      s.speed = o.speeds[i % o.speeds.size()];
      s.slots = o.slots;
      s.weight = s.speed * s.slots;
      w.servers.push_back(std::move(s));
    }
  }
  w.about_servers = fmt::format("{} server{}", grouped(static_cast<double>(w.servers.size())),
                                w.servers.size() == 1 ? "" : "s");
  return simulate::check_servers(w.servers);
}

auto trace_path(const balance_options& o) -> lepton::expected<std::string> {
  if (o.arrivals == "trace" && o.trace.empty())
    return failure("--arrivals trace needs --trace FILE");
  if (o.arrivals.rfind("azure-", 0) != 0) {
    if (o.trace.empty() || o.arrivals.empty() || o.arrivals == "trace") return o.trace;
    return failure("--trace has its own arrivals; leave out --arrivals " + o.arrivals);
  }
  if (!o.trace.empty())
    return failure("--arrivals " + o.arrivals + " and --trace exclude each other");
  const char* const environment = std::getenv("LEPTON_DATA_DIR");
  const std::string folder = !o.data.empty()          ? o.data
                             : environment != nullptr ? std::string{environment}
                                                      : std::string{};
  if (folder.empty())
    return failure("--arrivals " + o.arrivals + " needs --data DIR (or LEPTON_DATA_DIR)");
  const auto path = fs::path{folder} / "azure-llm" /
                    ("AzureLLMInferenceTrace_" + o.arrivals.substr(6) + ".csv.gz");
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path.string();
  return failure("--arrivals " + o.arrivals + ": there is no file " + path.string());
}

auto read_trace(const balance_options& o, const std::string& path, simulate::request_trace& into)
    -> status {
  const simulate::token_costs costs{nanoseconds(o.context_token_time),
                                    nanoseconds(o.generated_token_time)};
  into.name = fs::path{path}.filename().string();
  auto done = read_list(path, o.skip_bad, [&](std::string_view text, const auto& how) {
    const auto header = text.substr(0, text.find_first_of("\r\n"));
    return header.find("ContextTokens") != std::string_view::npos
               ? simulate::read_azure_llm(text, path, costs, into, how)
               : simulate::read_request_trace(text, path, into, how);
  });
  if (done && o.requests && *o.requests < into.requests.size()) into.requests.resize(*o.requests);
  return done;
}

auto add_trace(const balance_options& o, const std::string& path, balance_workload& w) -> status {
  if (auto done = read_trace(o, path, w.trace); !done) return done;
  w.requests = w.trace.requests.size();
  w.load = w.trace.offered() / simulate::capacity_of(w.servers);
  if (w.load <= 0) {
    if (o.load != "recorded")
      return unexpected{lepton::error{
          "the requests arrive all at once or have no work, so that no load can be made of them; "
          "give --load recorded to replay them as they are",
          path, 0}};
  } else if (o.load != "recorded") {
    const auto wanted = std::strtod(o.load.c_str(), nullptr);
    w.stretch = w.load / wanted;
    w.load = wanted;
  }
  w.about_requests = fmt::format(
      "{} requests of {}{}", grouped(static_cast<double>(w.requests)), w.trace.name,
      w.stretch == 1 ? "" : fmt::format(", their times multiplied by {:.4g}", w.stretch));
  return {};
}

auto describe_generated(const balance_options& o, const balance_workload& w) -> std::string {
  auto service = o.service;
  if (service == "lognormal") service += fmt::format(" (variation {:g})", o.variation);
  if (service == "pareto") service += fmt::format(" (shape {:g})", o.shape);
  auto arrivals = std::string{"Poisson arrivals"};
  if (o.arrivals == "bursts") {
    arrivals = fmt::format("bursts of {:g} times the rate, {:g} % of the time, {:g} s on average",
                           o.burst_ratio, o.burst_share * 100, o.burst_length);
  }
  return fmt::format("{} requests, {}; {} work, {:g} ms on average; {} keys{}",
                     grouped(static_cast<double>(w.requests)), arrivals, service, o.service_time,
                     grouped(o.keys), o.zipf == 0 ? "" : fmt::format(" (Zipf {:g})", o.zipf));
}

auto add_generated(const balance_options& o, balance_workload& w) -> status {
  if (o.load == "recorded") return failure("--load recorded needs a trace; give a number");
  w.requests = o.requests.value_or(default_requests);
  w.load = std::strtod(o.load.c_str(), nullptr);
  w.mean_gap = o.service_time * 1e6 / (w.load * simulate::capacity_of(w.servers));
  if (w.mean_gap < 20)
    return failure(
        "the requests would come less than 20 nanoseconds apart; take a longer --service-time");
  w.keys = std::make_shared<const simulate::zipf_keys>(o.keys, o.zipf);
  w.about_requests = describe_generated(o, w);
  return {};
}

/// Time between the first arrival and the last, about.
auto arrival_time(const balance_workload& w) -> double {
  if (w.trace.requests.empty()) return w.mean_gap * static_cast<double>(w.requests);
  return w.stretch *
         static_cast<double>(w.trace.requests.back().arrival.time_since_epoch().count());
}

auto parse_change(const std::string& text, const balance_workload& w)
    -> lepton::expected<simulate::server_change> {
  using kind = simulate::server_change::kind;
  const auto wrong = [&](std::string_view why) {
    return failure(fmt::format(
        "--changes: {} {}; write fail:NAME@TIME, leave:NAME@TIME or join:NAME@TIME, with a TIME "
        "such as 12.5 (seconds) or 40%",
        simulate::shown(text), why));
  };
  const auto colon = text.find(':');
  const auto at_sign = text.rfind('@');
  if (colon == std::string::npos || at_sign == std::string::npos || at_sign < colon)
    return wrong("is no change");
  const auto what = std::string_view{text}.substr(0, colon);
  const auto name = std::string_view{text}.substr(colon + 1, at_sign - colon - 1);
  auto time = std::string_view{text}.substr(at_sign + 1);
  simulate::server_change change;
  if (what == "fail") {
    change.what = kind::fail;
  } else if (what == "leave") {
    change.what = kind::leave;
  } else if (what == "join") {
    change.what = kind::join;
  } else {
    return wrong("is neither fail, leave nor join");
  }
  const auto server = std::find_if(w.servers.begin(), w.servers.end(),
                                   [&](const auto& s) { return s.name == name; });
  if (server == w.servers.end()) return wrong("names no server");
  change.server = static_cast<std::uint32_t>(server - w.servers.begin());
  const bool percent = !time.empty() && time.back() == '%';
  if (percent) time.remove_suffix(1);
  const auto number = simulate::plain_number::read(time);
  if (!number) return wrong("has no time");
  const auto when =
      percent ? lepton::duration{static_cast<std::int64_t>(arrival_time(w) * number->value() / 100)}
              : lepton::duration{number->billionths()};
  change.when = lepton::at(when);
  return change;
}

auto add_changes(const balance_options& o, balance_workload& w) -> status {
  for (const auto& text : o.changes) {
    const auto change = parse_change(text, w);
    if (!change) return unexpected{change.error()};
    w.run.changes.push_back(*change);
  }
  std::stable_sort(w.run.changes.begin(), w.run.changes.end(),
                   [](const auto& a, const auto& b) { return a.when < b.when; });
  return {};
}

}  // namespace

auto load_balance_workload(const balance_options& o) -> lepton::expected<balance_workload> {
  balance_workload w;
  if (auto done = add_servers(o, w); !done) return unexpected{done.error()};
  const auto path = trace_path(o);
  if (!path) return unexpected{path.error()};
  auto done = path->empty() ? add_generated(o, w) : add_trace(o, *path, w);
  if (done) done = add_changes(o, w);
  if (!done) return unexpected{done.error()};
  w.run.queue_limit = o.queue_limit;
  w.run.warm_up = static_cast<std::size_t>(o.warm_up / 100 * static_cast<double>(w.requests));
  w.run.on_failure = o.lose ? simulate::lost_requests::lose : simulate::lost_requests::retry;
  return w;
}

auto requests_of(const balance_workload& w, const balance_options& o, std::uint64_t seed)
    -> simulate::request_stream {
  if (!w.trace.requests.empty()) return simulate::request_stream{w.trace.requests, w.stretch, seed};
  using arrivals = simulate::request_stream::arrival_process;
  using service = simulate::request_stream::service_process;
  const auto mean = o.service_time * 1e6;
  const auto arrival = [&]() -> arrivals {
    if (o.arrivals == "bursts") {
      return simulate::burst_arrivals{
          w.mean_gap, {o.burst_ratio, o.burst_share, nanoseconds(o.burst_length * 1000)}};
    }
    return simulate::poisson_arrivals{w.mean_gap};
  };
  const auto work = [&]() -> service {
    if (o.service == "deterministic") return simulate::fixed_service{mean};
    if (o.service == "lognormal") return simulate::log_normal_service{mean, o.variation};
    if (o.service == "pareto") return simulate::pareto_service{mean, o.shape};
    return simulate::exponential_service{mean};
  };
  return simulate::request_stream{w.requests, arrival(), work(), w.keys, seed};
}

}  // namespace lepton_sim
