// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/config.hpp>
#include <lepton/model/devices.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/reasons.hpp>

namespace lepton {

/// How a decision came out.
enum class verdict : std::uint8_t {
  placed,  ///< a node was found
  busy,    ///< no node now, but some node could hold the task if it were emptier: try again later
  infeasible  ///< no node could hold the task even when empty: tell the user
};

/// The answer of a policy: a node (and which of its devices), or why there is none.
///
/// A decision changes nothing; give it to `cluster::allocate` to carry it out.
class decision {
 public:
  /// `node`, and on it these devices (0: none are asked for, or the cluster may choose).
  [[nodiscard]] static constexpr auto placed(node_index node, device_mask devices = 0) noexcept
      -> decision {
    decision d{verdict::placed};
    d.node_ = node;
    d.devices_ = devices;
    return d;
  }
  [[nodiscard]] static constexpr auto busy(const reason_counts& why = {}) noexcept -> decision {
    decision d{verdict::busy};
    d.reasons_ = why;
    return d;
  }
  [[nodiscard]] static constexpr auto infeasible(const reason_counts& why = {}) noexcept
      -> decision {
    decision d{verdict::infeasible};
    d.reasons_ = why;
    return d;
  }

  [[nodiscard]] constexpr auto outcome() const noexcept -> verdict { return verdict_; }
  [[nodiscard]] constexpr auto is_placed() const noexcept -> bool {
    return verdict_ == verdict::placed;
  }
  constexpr explicit operator bool() const noexcept { return is_placed(); }

  /// The node. Only a placed decision has one.
  [[nodiscard]] constexpr auto node() const noexcept -> node_index {
    LEPTON_ASSERT(
        is_placed(),
        "decision: the task was not placed, so there is no node; test the decision first");
    return node_;
  }
  /// The chosen devices of the node.
  [[nodiscard]] constexpr auto devices() const noexcept -> device_mask { return devices_; }
  /// How many nodes each reason ruled out; all zero when the task was placed.
  [[nodiscard]] constexpr auto reasons() const noexcept -> const reason_counts& { return reasons_; }

  friend constexpr auto operator==(const decision&, const decision&) noexcept -> bool = default;

 private:
  constexpr explicit decision(verdict v) noexcept : verdict_(v) {}

  node_index node_ = 0;
  device_mask devices_ = 0;
  verdict verdict_;
  reason_counts reasons_{};
};

}  // namespace lepton
