// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/flight_recorder.hpp>
#include <lepton/simulate/key_moves.hpp>
#include <lepton/simulate/pick_timing.hpp>
#include <lepton/simulate/probing.hpp>
#include <lepton/simulate/request.hpp>
#include <lepton/simulate/request_context.hpp>
#include <lepton/simulate/request_options.hpp>
#include <lepton/simulate/server_farm.hpp>
#include <lepton/simulate/server_spec.hpp>
#include <lepton/simulate/server_tally.hpp>
#include <lepton/simulate/stopwatch.hpp>

namespace lepton::simulate {

/// Requests arrive, a policy picks a server for each at once, and the servers work them off: the
/// policy sees what a proxy would see (keys, requests in flight, latencies of those that ended).
///
/// Events happen in the order of time; at the same time ends come first, then changes of servers,
/// then arrivals. A request costs O(log of the busy slots) beside the pick; nothing is allocated
/// for it once the queues have grown.
///
/// @tparam Source    `left()` and `fill(span)` of `request_stream`, with rising arrivals
/// @tparam Contexts  what the policy is told: `plain_contexts` or `address_contexts`
template <class Policy, class Source, class Contexts = plain_contexts>
class request_simulation {
 public:
  /// The servers must outlive the simulation.
  request_simulation(Policy policy, std::span<const server_spec> servers, Source source,
                     request_options options, Contexts /*contexts*/ = {})
      : policy_(std::move(policy)),
        servers_(servers),
        source_(std::move(source)),
        options_(std::move(options)),
        farm_(servers, options_.queue_limit),
        tally_(servers.size()),
        probes_(servers),
        in_flight_(servers.size()) {}

  /// Runs until every request has ended. Fails if servers, changes or the policy's tables are not
  /// as they must be. To be called once.
  [[nodiscard]] auto run() -> expected<balance_result> {
    if (auto good = check_servers(servers_); !good) return unexpected{good.error()};
    if (auto good = check_changes(options_.changes, servers_.size()); !good)
      return unexpected{good.error()};
    if (auto good = set_up(); !good) return unexpected{good.error()};
    stopwatch watch;
    watch.start();
    const auto total = source_.left();
    std::array<request, 1024> block{};
    std::size_t number = 0;
    while (const auto count = source_.fill(block)) {
      for (std::size_t i = 0; i < count; ++i, ++number) {
        const auto& r = block[i];
        if (auto good = advance(r.arrival); !good) return unexpected{good.error()};
        if (number == 0) first_arrival_ = r.arrival;
        if (number == std::min(options_.warm_up, total - 1)) start_measuring(r.arrival);
        arrive(r, number >= options_.warm_up);
        last_arrival_ = r.arrival;
      }
      if (source_.left() == 0) {
        farm_.count_until(last_arrival_);
        arriving_ = false;
        if (options_.measure_picks) {
          watch.stop();
          result_.picks_per_second =
              picks_per_second(policy_, snapshot_, {block.data(), count}, Contexts{}, in_flight_);
          watch.start();
        }
      }
    }
    if (auto good = advance(time_point::max()); !good) return unexpected{good.error()};
    watch.stop();
    sum_up(watch.seconds());
    return std::move(result_);
  }

 private:
  auto set_up() -> status {
    backends_.reserve(servers_.size());
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const auto& s = servers_[i];
      balance::backend b;
      b.key = s.name;
      b.weight = s.weight;
      b.priority = s.priority;
      b.zone = s.zone;
      const auto first = std::find_if(options_.changes.begin(), options_.changes.end(),
                                      [&](const server_change& c) { return c.server == i; });
      b.healthy = first == options_.changes.end() || first->what != server_change::kind::join;
      if (!b.healthy) tally_.was_away(static_cast<std::uint32_t>(i));
      backends_.push_back(std::move(b));
    }
    latencies_.reserve(source_.left());
    if (auto good = publish(); !good) return good;
    const bool imagined = options_.follow_keys && options_.changes.empty() && servers_.size() > 1;
    return imagined ? imagine_change() : status{};
  }

  /// A snapshot of the backends as they are now.
  auto publish() -> status {
    auto next = balance::snapshot::build(backends_);
    if (!next) return unexpected{next.error()};
    snapshot_ = *std::move(next);
    return policy_.rebuild(snapshot_);
  }

  /// Lets happen what does until an arrival.
  auto advance(time_point until) -> status {
    for (;;) {
      const auto end = farm_.next_end();
      const auto change = next_change_ < options_.changes.size()
                              ? options_.changes[next_change_].when
                              : time_point::max();
      if (end <= change && end <= until && end != time_point::max()) {
        sample(end);
        finish_next(end);
      } else if (change <= until && change != time_point::max()) {
        sample(change);
        if (auto good = make_change(options_.changes[next_change_++]); !good) return good;
      } else {
        if (until != time_point::max()) sample(until);
        return {};
      }
    }
  }

  void arrive(const request& r, bool measured) {
    if (measured) ++result_.requests;
    send(farm_.open(r, measured), r.arrival);
  }

  void send(std::uint32_t id, time_point now) {
    const auto& r = farm_[id].what;
    if constexpr (sends_probes<Policy>) {
      probes_.give(policy_, snapshot_, r.random, in_flight_, now);
    }
    const auto c = Contexts{}(r.hash, r.random, now, in_flight_);
    const auto server = policy_.pick(snapshot_, c);
    if (server == balance::no_backend) return reject(id);
    in_flight_.start(server);
    balance::tell_started(policy_, server, c);
    // A policy in panic may pick a server that is down.
    if (backends_[server].healthy && farm_.send(id, server, now)) return;
    in_flight_.finish(server);
    balance::tell_finished(policy_, server, balance::outcome{duration{}, false, now});
    reject(id);
  }
  void reject(std::uint32_t id) noexcept {
    if (farm_[id].measured) ++result_.rejected;
    farm_.close(id);
  }

  void finish_next(time_point now) {
    const auto id = farm_.end_next();
    const auto& j = farm_[id];
    in_flight_.finish(j.server);
    balance::tell_finished(policy_, j.server, balance::outcome{now - j.sent, true, now});
    if constexpr (sends_probes<Policy>) probes_.ended(j.server, now - j.begun);
    if (j.measured) {
      const auto latency = now - j.what.arrival;
      latencies_.push_back(latency.count());
      waited_ += static_cast<double>((j.begun - j.what.arrival).count());
      tally_.ended(j.server, latency);
    }
    farm_.close(id);
  }

  auto make_change(const server_change& change) -> status {
    auto& b = backends_[change.server];
    const bool joins = change.what == server_change::kind::join;
    tally_.was_away(change.server);
    b.healthy = change.what != server_change::kind::fail;
    b.draining = change.what == server_change::kind::leave;
    if (joins) b.joined = change.when;

    std::optional<key_map> keys;
    const auto before = snapshot_;
    if (options_.follow_keys) keys.emplace(policy_, snapshot_, Contexts{});
    if (auto good = publish(); !good) return good;
    if (keys) count_moves(*keys, before, policy_, snapshot_);
    if (change.what != server_change::kind::fail) return {};

    orphans_.clear();
    farm_.fail(change.server, change.when, orphans_);
    for (const auto id : orphans_) {
      in_flight_.finish(change.server);
      balance::tell_finished(policy_, change.server,
                             balance::outcome{change.when - farm_[id].sent, false, change.when});
    }
    for (const auto id : orphans_) {
      if (options_.on_failure == lost_requests::retry) {
        if (farm_[id].measured) ++result_.retried;
        send(id, change.when);
      } else {
        if (farm_[id].measured) ++result_.lost;
        farm_.close(id);
      }
    }
    return {};
  }

  void count_moves(const key_map& keys, const balance::snapshot& before, const Policy& policy,
                   const balance::snapshot& after) {
    moves_.add(keys.to({policy, after, Contexts{}}, before, after));
  }

  /// Without changes: what it would move if the server in the middle went.
  auto imagine_change() -> status {
    auto fewer = backends_;
    fewer[fewer.size() / 2].healthy = false;
    const auto after = balance::snapshot::build(fewer);
    if (!after) return unexpected{after.error()};
    auto changed = policy_;
    if (auto good = changed.rebuild(*after); !good) return good;
    count_moves({policy_, snapshot_, Contexts{}}, snapshot_, changed, *after);
    return {};
  }

  void sample(time_point now) {
    if (options_.keep_curves && arriving_ && now > flights_.due())
      flights_.record(now, farm_.in_flight());
  }

  void start_measuring(time_point now) noexcept {
    measured_from_ = now;
    farm_.count_from(now);
  }

  void sum_up(double seconds) {
    result_.servers = servers_.size();
    result_.completed = latencies_.size();
    if (options_.keep_curves) {
      result_.tail = tail_of(latencies_);
      result_.flights = flights_.samples();
    }
    result_.latency = summarise_latencies(latencies_);
    result_.mean_wait =
        latencies_.empty() ? 0 : waited_ / static_cast<double>(latencies_.size()) / 1e6;
    tally_.sum_up(servers_, farm_, last_arrival_ - measured_from_, result_);
    if (options_.follow_keys) moves_.sum_up(result_);
    result_.simulated_seconds =
        std::chrono::duration<double>(last_arrival_ - first_arrival_).count();
    result_.seconds = seconds;
  }

  Policy policy_;
  std::span<const server_spec> servers_;
  Source source_;
  request_options options_;
  server_farm farm_;
  server_tally tally_;
  probe_answers probes_;
  balance::loads<balance::single_threaded> in_flight_;
  balance::snapshot snapshot_;
  std::vector<balance::backend> backends_;
  std::vector<std::int64_t> latencies_;  ///< nanoseconds
  std::vector<std::uint32_t> orphans_;
  flight_recorder flights_;
  balance_result result_;
  double waited_ = 0;
  key_moves moves_;
  std::size_t next_change_ = 0;
  bool arriving_ = true;
  time_point first_arrival_{};
  time_point last_arrival_{};
  time_point measured_from_{};
};

}  // namespace lepton::simulate
