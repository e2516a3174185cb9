// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/simulate/queue_summary.hpp>

#include "queue_options.hpp"

namespace lepton_sim {

/// How the user wants figures to be made.
[[nodiscard]] inline auto measures_of(const queue_options& o)
    -> lepton::simulate::queue_metrics_options {
  lepton::simulate::queue_metrics_options how;
  how.tau = lepton::duration{static_cast<std::int64_t>(o.tau * 1e9 + 0.5)};
  how.trim.warm_up_percent = o.warm_up;
  how.trim.cool_down_percent = o.cool_down;
  return how;
}

}  // namespace lepton_sim
