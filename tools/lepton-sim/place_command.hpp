// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "place_options.hpp"

namespace lepton_sim {

/// Carries out `lepton-sim place`; gives the program's exit code.
auto run_place(const place_options& options) -> int;

/// The names of the policies.
[[nodiscard]] auto place_policy_names() -> std::span<const std::string_view>;

}  // namespace lepton_sim
