// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// A simulated server: it works on up to `slots` requests at a time, and others wait in the order
/// in which they came.
struct server_spec {
  std::string name;
  double weight = 1;        ///< what balancers are told of its share
  double speed = 1;         ///< work done in a second; > 0
  std::uint32_t slots = 1;  ///< at least 1
  std::string zone{};
  std::uint32_t priority = 0;
};

/// Work that all servers can do in a second of time, in seconds of a server with speed 1 and one
/// slot.
[[nodiscard]] inline auto capacity_of(std::span<const server_spec> servers) noexcept -> double {
  double sum = 0;
  for (const auto& s : servers) sum += s.speed * s.slots;
  return sum;
}

/// What happens to a server at a time.
struct server_change {
  enum class kind : std::uint8_t {
    fail,   ///< it is gone at once, with what it was doing
    leave,  ///< it gets nothing new and finishes what it has
    join,   ///< it is there (again); a server whose first change this is was not there before
  };
  time_point when{};
  kind what = kind::fail;
  std::uint32_t server = 0;
};

}  // namespace lepton::simulate
