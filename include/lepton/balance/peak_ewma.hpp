// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/balance/peak_ewma_estimator.hpp>
#include <lepton/balance/predicted_latency.hpp>

namespace lepton::balance {

/// The cheaper of two random backends by the peak-sensitive average of their latencies times their
/// requests in flight: Finagle's `P2CPeakEwma`. See `predicted_latency`.
template <class Threading = shared>
using peak_ewma = predicted_latency<peak_ewma_estimator, Threading>;

}  // namespace lepton::balance
