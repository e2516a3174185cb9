// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/time.hpp>

#include <chrono>
#include <type_traits>

#include "catch.hpp"

using namespace std::chrono_literals;

template <class Clock>
concept reads_the_time = requires {
  Clock::now();
};
static_assert(!reads_the_time<lepton::timeline>);
static_assert(std::is_convertible_v<std::chrono::hours, lepton::duration>);
static_assert(!std::is_convertible_v<std::chrono::steady_clock::time_point, lepton::time_point>);

TEST_CASE("moments are counted from the caller's epoch, in nanoseconds") {
  CHECK(lepton::at(5min) - lepton::at(2s) == 298s);
  CHECK(lepton::at(5min).time_since_epoch().count() == 300'000'000'000);
  CHECK(lepton::at(-1ns) < lepton::time_point{});
  CHECK(lepton::at(24h * 365 * 290) > lepton::time_point{});
}
