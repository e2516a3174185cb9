// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <lepton/simulate/queue_order.hpp>

namespace lepton::simulate {

/// How jobs may start before those that come before them in the order.
enum class queue_backfill : std::uint8_t {
  none,
  easy,            ///< beside the reservation of the first one
  sjbf,            ///< the same, the shortest first
  easy_plus_plus,  ///< the same by predicted run times: the user's last two jobs
  conservative,    ///< beside the reservations of all; what is given back goes by the order
  regression,      ///< as easy_plus_plus, by a regression that learns; first come, first served
  perfect,         ///< as easy_plus_plus, by the true run times; the same
  conservative_by_start,  ///< what is given back goes by planned start; the same
  gangs,                  ///< on nodes: whoever finds room may start, without a reservation
  gangs_in_turn           ///< on nodes: none may go before the first one
};

/// A policy of a queue simulation: which job is next, and which others may go before it.
struct queue_policy_entry {
  std::string_view name;
  queue_order order;
  queue_backfill backfill;

  /// Whether jobs are placed on nodes; else the machine's processors are all alike.
  [[nodiscard]] constexpr auto has_nodes() const noexcept -> bool {
    return backfill == queue_backfill::gangs || backfill == queue_backfill::gangs_in_turn;
  }
};

}  // namespace lepton::simulate
