// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/simulate/arrivals.hpp>
#include <lepton/simulate/distributions.hpp>
#include <lepton/simulate/request.hpp>
#include <lepton/simulate/service_times.hpp>
#include <lepton/simulate/zipf_keys.hpp>

namespace lepton::simulate {

/// Where requests come from, a block at a time: generated, or from a recording. The same seed gives
/// the same requests, whichever policy then balances them.
class request_stream {
 public:
  using arrival_process = std::variant<poisson_arrivals, burst_arrivals>;
  using service_process =
      std::variant<exponential_service, fixed_service, log_normal_service, pareto_service>;

  /// Generates `count` requests.
  request_stream(std::size_t count, const arrival_process& arrivals, const service_process& service,
                 std::shared_ptr<const zipf_keys> keys, std::uint64_t seed)
      : left_(count),
        arrivals_(arrivals),
        service_(service),
        keys_(std::move(keys)),
        arrival_random_(seed, 11),
        service_random_(seed, 12),
        key_random_(seed, 13),
        pick_random_(seed, 14) {}

  /// Replays recorded requests, with times multiplied by `stretch` and fresh random bits.
  request_stream(std::span<const request> recorded, double stretch, std::uint64_t seed)
      : left_(recorded.size()),
        arrivals_(poisson_arrivals{1}),
        service_(fixed_service{1}),
        recorded_(recorded),
        stretch_(stretch),
        arrival_random_(seed, 11),
        service_random_(seed, 12),
        key_random_(seed, 13),
        pick_random_(seed, 14) {}

  /// Requests to come.
  [[nodiscard]] auto left() const noexcept -> std::size_t { return left_; }

  /// Puts the next requests into `block`, as many as it holds or as there are; returns the number.
  auto fill(std::span<request> block) noexcept -> std::size_t {
    block = block.first(std::min(block.size(), left_));
    if (keys_) {
      std::visit([&](auto& process) { process.fill(block, arrival_random_); }, arrivals_);
      std::visit([&](auto& process) { process.fill(block, service_random_); }, service_);
      keys_->fill(block, key_random_);
    } else {
      replay(block);
    }
    for (auto& r : block) r.random = random_word(pick_random_);
    left_ -= block.size();
    return block.size();
  }

 private:
  void replay(std::span<request> block) noexcept {
    std::copy_n(recorded_.end() - static_cast<std::ptrdiff_t>(left_), block.size(), block.begin());
    if (stretch_ == 1) return;
    for (auto& r : block) {
      r.arrival = at(duration{static_cast<std::int64_t>(
          static_cast<double>(r.arrival.time_since_epoch().count()) * stretch_)});
    }
  }

  std::size_t left_;
  arrival_process arrivals_;
  service_process service_;
  std::shared_ptr<const zipf_keys> keys_;
  std::span<const request> recorded_{};
  double stretch_ = 1;
  lepton::detail::pcg32 arrival_random_;
  lepton::detail::pcg32 service_random_;
  lepton::detail::pcg32 key_random_;
  lepton::detail::pcg32 pick_random_;
};

}  // namespace lepton::simulate
