// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// Simulated time: it stands still until it is moved, and never goes back.
class virtual_clock {
 public:
  virtual_clock() = default;
  explicit virtual_clock(time_point start) noexcept : now_(start) {}

  [[nodiscard]] auto now() const noexcept -> time_point { return now_; }
  void advance_to(time_point when) noexcept {
    LEPTON_ASSERT(when >= now_, "virtual_clock: time does not go back");
    now_ = when;
  }

 private:
  time_point now_{};
};

}  // namespace lepton::simulate
