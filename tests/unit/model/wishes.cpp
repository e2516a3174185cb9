// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/wishes.hpp>

#include <chrono>
#include <cstdint>

#include <lepton/model/task.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;

namespace {

struct silent {};
struct with_members {
  int priority = 3;
  unsigned tenant = 7;
  lepton::duration estimate = 5min;
  [[nodiscard]] auto deadline() const { return lepton::at(9s); }
};
struct foreign {
  int urgency;
};

}  // namespace

template <>
struct lepton::adapt<foreign> {
  static auto priority(const foreign& f) noexcept -> int { return -f.urgency; }
};

static_assert(!lepton::has_priority<silent> && !lepton::has_tenant<silent> &&
              !lepton::has_estimate<silent> && !lepton::has_deadline<silent>);
static_assert(lepton::has_priority<with_members> && lepton::has_deadline<with_members>);
static_assert(lepton::has_priority<foreign> && !lepton::has_tenant<foreign>);

TEST_CASE("wishes: who says nothing asks for nothing special") {
  CHECK(lepton::priority_of(silent{}) == 0);
  CHECK(lepton::tenant_of(silent{}) == 0);
  CHECK(lepton::estimate_of(silent{}) == lepton::duration::max());
  CHECK(lepton::deadline_of(silent{}) == lepton::time_point::max());
  CHECK(lepton::estimate_of(lepton::task<2>{}) == lepton::duration::max());
}

TEST_CASE("wishes: read from members and through adapt") {
  CHECK(lepton::priority_of(with_members{}) == 3);
  CHECK(lepton::tenant_of(with_members{}) == 7);
  CHECK(lepton::estimate_of(with_members{}) == 5min);
  CHECK(lepton::deadline_of(with_members{}) == lepton::at(9s));
  CHECK(lepton::priority_of(foreign{4}) == -4);
}
