// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lepton::schedule {

/// A task starts only when no earlier one of the order waits.
struct no_backfill {};

}  // namespace lepton::schedule
