// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lepton_sim {

extern const std::string_view report_style;            ///< CSS
extern const std::string_view report_script;           ///< sorts the table, draws the charts
extern const std::string_view report_heat_map_script;  ///< draws the cluster
extern const std::string_view report_servers_script;   ///< draws the servers' bars
extern const std::string_view queue_gantt_script;      ///< draws jobs on processors

}  // namespace lepton_sim
