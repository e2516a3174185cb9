// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>

namespace lepton::schedule {

/// Name of an advance reservation, of the program's choice; not 0.
using reservation_id = std::uint64_t;

/// Resources that are kept from `begin` to `end` for the tasks that name the reservation.
template <resource_vector Resources>
struct advance_reservation {
  reservation_id id = 0;
  Resources demand{};
  time_point begin{};
  time_point end{};

  friend auto operator==(const advance_reservation&, const advance_reservation&) -> bool = default;
};

}  // namespace lepton::schedule
