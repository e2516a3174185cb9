// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/request_options.hpp>
#include <lepton/simulate/request_stream.hpp>
#include <lepton/simulate/request_trace.hpp>
#include <lepton/simulate/server_spec.hpp>
#include <lepton/simulate/zipf_keys.hpp>

#include "balance_options.hpp"

namespace lepton_sim {

/// What a simulation is about: the same for all policies and seeds.
struct balance_workload {
  std::vector<lepton::simulate::server_spec> servers{};
  std::size_t requests = 0;
  double load = 0;                          ///< work that arrives over what the servers can do
  double mean_gap = 0;                      ///< of generated requests, nanoseconds
  lepton::simulate::request_trace trace{};  ///< empty: requests are generated
  double stretch = 1;                       ///< of the trace's times
  std::shared_ptr<const lepton::simulate::zipf_keys> keys{};
  lepton::simulate::request_options run{};  ///< changes, limits, warm-up
  std::string about_servers{};              ///< "10 servers"
  std::string about_requests{};             ///< one sentence
};

/// Reads the files that the options name and works out the rest.
[[nodiscard]] auto load_balance_workload(const balance_options& options)
    -> lepton::expected<balance_workload>;

/// The requests of one seed.
[[nodiscard]] auto requests_of(const balance_workload& w, const balance_options& options,
                               std::uint64_t seed) -> lepton::simulate::request_stream;

}  // namespace lepton_sim
