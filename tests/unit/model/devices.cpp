// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/devices.hpp>

#include "catch.hpp"

using lepton::device_request;
using lepton::device_types;

TEST_CASE("a set of device types") {
  device_types none;
  CHECK(none.empty());
  CHECK_FALSE(none.contains(0));
  auto two = device_types::only(63);
  two.insert(5);
  CHECK(two.contains(63));
  CHECK(two.contains(5));
  CHECK_FALSE(two.contains(6));
  CHECK(two == device_types::from_bits((1ULL << 63) | (1ULL << 5)));
  for (lepton::device_type t = 0; t < lepton::max_device_types; ++t) {
    CHECK(device_types::any().contains(t));
  }
}

TEST_CASE("a request for nothing, for a share, for whole devices") {
  constexpr device_request none;
  CHECK(none.none());
  CHECK(none.valid());
  CHECK_FALSE(none.is_share());
  CHECK(none.total_milli() == 0);

  constexpr auto half = device_request::share(500, device_types::only(2));
  CHECK_FALSE(half.none());
  CHECK(half.is_share());
  CHECK(half.kind() == 0);
  CHECK(half.count() == 1);
  CHECK(half.total_milli() == 500);
  CHECK(half.acceptable() == device_types::only(2));

  constexpr auto four = device_request::whole(4);
  CHECK_FALSE(four.is_share());
  CHECK(four.kind() == 4);
  CHECK(four.total_milli() == 4000);

  // A share of all of it is a whole device.
  CHECK(device_request::share(1000) == device_request::whole(1));
  CHECK_FALSE(device_request::share(1000).is_share());
  CHECK(device_request::share(1000).kind() == 1);
}

TEST_CASE("requests that no node can ever hold are not valid") {
  CHECK(device_request::share(1).valid());
  CHECK(device_request::share(999).valid());
  CHECK(device_request::whole(16).valid());
  CHECK_FALSE(device_request::share(0).valid());
  CHECK_FALSE(device_request::share(1001).valid());
  CHECK_FALSE(device_request::whole(0).valid());
  CHECK_FALSE(device_request::whole(17).valid());
  CHECK_FALSE(device_request::whole(255).valid());
  CHECK_FALSE(device_request::whole(1, device_types{}).valid());
  CHECK_FALSE(device_request::share(500, device_types{}).valid());
}
