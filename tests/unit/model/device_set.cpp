// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/device_set.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>

#include "catch.hpp"

using lepton::device_mask;
using lepton::device_request;
using lepton::device_set;
using lepton::device_types;

namespace {

/// What the set keeps current must be what its devices say.
void check_summary(const device_set& d) {
  std::int64_t sum = 0;
  std::uint16_t largest = 0;
  unsigned whole = 0;
  unsigned partial = 0;
  for (std::size_t i = 0; i < lepton::max_devices; ++i) {
    const auto free = d.free(i);
    if (i >= d.count()) REQUIRE(free == 0);
    REQUIRE(free <= 1000);
    sum += free;
    largest = std::max(largest, free);
    if (free == 1000) whole |= 1U << i;
    if (free != 0 && free != 1000) partial |= 1U << i;
  }
  REQUIRE(d.free_milli() == sum);
  REQUIRE(d.largest() == largest);
  REQUIRE(d.whole() == whole);
  REQUIRE(d.partial() == partial);
  REQUIRE(d.whole_count() == static_cast<std::size_t>(std::popcount(whole)));
}

}  // namespace

TEST_CASE("a new set of devices is wholly free") {
  for (std::uint8_t count = 0; count <= 16; ++count) {
    const device_set d{count, 3};
    check_summary(d);
    CHECK(d.count() == count);
    CHECK(d.type() == 3);
    CHECK(d.capacity_milli() == count * 1000);
    CHECK(d.free_milli() == count * 1000);
    CHECK(d.kinds() == 0);
  }
  check_summary(device_set{});
}

TEST_CASE("type and amount decide what fits") {
  device_set d{2, 1};
  CHECK(d.fits({}));
  CHECK(d.fits(device_request::whole(2)));
  CHECK_FALSE(d.fits(device_request::whole(3)));
  CHECK(d.fits(device_request::share(999, device_types::only(1))));
  CHECK_FALSE(d.fits(device_request::share(999, device_types::only(2))));
  CHECK_FALSE(d.type_fits(device_request::whole(1, device_types{})));

  d.take(device_request::share(600), 1);
  CHECK(d.fits(device_request::whole(1)));
  CHECK_FALSE(d.fits(device_request::whole(2)));
  d.take(device_request::whole(1), 2);
  CHECK(d.fits(device_request::share(400)));
  CHECK_FALSE(d.fits(device_request::share(401)));
  CHECK_FALSE(d.fits(device_request::whole(1)));

  const device_set none{0, 1};
  CHECK(none.fits({}));
  CHECK_FALSE(none.fits(device_request::share(1)));
  // What is not valid fits nowhere.
  CHECK_FALSE(device_set(2, 1).fits(device_request::share(0)));
  CHECK_FALSE(device_set(16, 1).fits(device_request::whole(17)));
  CHECK_FALSE(device_set(16, 1).fits(device_request::share(1001)));
}

TEST_CASE("fits_on wants the right number of devices, each with the share") {
  device_set d{4, 0};
  d.take(device_request::share(700), 0b0100);
  CHECK(d.fits_on(device_request::share(300), 0b0100));
  CHECK_FALSE(d.fits_on(device_request::share(301), 0b0100));
  CHECK_FALSE(d.fits_on(device_request::share(300), 0b0110));
  CHECK_FALSE(d.fits_on(device_request::share(300), 0));
  CHECK(d.fits_on(device_request::whole(2), 0b0011));
  CHECK_FALSE(d.fits_on(device_request::whole(2), 0b0110));
  CHECK_FALSE(d.fits_on(device_request::whole(2), 0b0001));
  CHECK_FALSE(d.fits_on(device_request::whole(2), 0b1'0001));  // there is no fifth
  CHECK_FALSE(d.fits_on(device_request::whole(2, device_types::only(1)), 0b0011));
  CHECK(device_set(16, 0).fits_on(device_request::whole(16), 0xffff));
}

TEST_CASE("a share goes to the tightest device, whole requests to the first free") {
  device_set d{6, 0};
  CHECK(d.tightest({}) == 0);
  CHECK(d.tightest(device_request::share(10)) == 0b1);
  d.take(device_request::share(500), 0b00'0010);
  d.take(device_request::share(700), 0b00'1000);
  d.take(device_request::share(700), 0b01'0000);
  CHECK(d.tightest(device_request::share(300)) == 0b00'1000);  // the first of equals
  CHECK(d.tightest(device_request::share(301)) == 0b00'0010);
  CHECK(d.tightest(device_request::share(501)) == 0b00'0001);
  CHECK(d.tightest(device_request::whole(1)) == 0b00'0001);
  CHECK(d.tightest(device_request::whole(2)) == 0b00'0101);
  CHECK(d.tightest(device_request::whole(3)) == 0b10'0101);
}

TEST_CASE("kinds are those of the tasks there now") {
  device_set d{8, 0};
  d.take(device_request::share(100), 1);
  d.take(device_request::share(100), 1);
  d.take(device_request::whole(3), 0b1110);
  CHECK(d.kinds() == ((1U << 0) | (1U << 3)));
  d.give(device_request::share(100), 1);
  CHECK(d.kinds() == ((1U << 0) | (1U << 3)));
  d.give(device_request::share(100), 1);
  CHECK(d.kinds() == 1U << 3);
  d.give(device_request::whole(3), 0b1110);
  CHECK(d.kinds() == 0);
  d.take({}, 0);
  CHECK(d == device_set{8, 0});
}

TEST_CASE("what is taken comes back to the last milli, whatever the order") {
  lepton::detail::pcg32 random{4};
  for (const auto count : std::array<std::uint8_t, 4>{1, 3, 8, 16}) {
    device_set d{count, 0};
    std::vector<std::pair<device_request, device_mask>> held;
    for (int step = 0; step < 3000; ++step) {
      const auto share = static_cast<std::uint16_t>(1 + random.below(1000));
      const auto whole = static_cast<std::uint8_t>(1 + random.below(4));
      const auto request =
          random.below(2) == 0 ? device_request::share(share) : device_request::whole(whole);
      if (d.fits(request)) {
        const auto chosen = d.tightest(request);
        REQUIRE(d.fits_on(request, chosen));
        d.take(request, chosen);
        held.emplace_back(request, chosen);
      } else if (!held.empty()) {
        std::swap(held[random.below(static_cast<std::uint32_t>(held.size()))], held.back());
        d.give(held.back().first, held.back().second);
        held.pop_back();
      }
      check_summary(d);
    }
    for (const auto& [request, chosen] : held) d.give(request, chosen);
    CHECK(d == device_set{count, 0});
  }
}

TEST_CASE("sixteen devices hold 16,000 shares of a milli") {
  device_set d{16, 0};
  for (int i = 0; i < 16'000; ++i) {
    const auto one = device_request::share(1);
    REQUIRE(d.fits(one));
    d.take(one, d.tightest(one));
  }
  CHECK(d.free_milli() == 0);
  CHECK_FALSE(d.fits(device_request::share(1)));
  CHECK(d.kinds() == 1);
}
