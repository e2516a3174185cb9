// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lepton::simulate {

/// Whether a writer includes measured times. Without them the same results give the same bytes.
enum class timings : bool { leave_out, include };

}  // namespace lepton::simulate
