// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Simulation: the scheduler under a virtual clock. Reading .gz files and writing JSON or CSV need
/// zlib, nlohmann-json and fmt, so those headers are included by name.
#include <lepton/simulate/azure_llm_reader.hpp>
#include <lepton/simulate/embedded_openb.hpp>
#include <lepton/simulate/event_queue.hpp>
#include <lepton/simulate/load_experiment.hpp>
#include <lepton/simulate/named_policies.hpp>
#include <lepton/simulate/openb_reader.hpp>
#include <lepton/simulate/request_simulation.hpp>
#include <lepton/simulate/request_stream.hpp>
#include <lepton/simulate/request_trace.hpp>
#include <lepton/simulate/results.hpp>
#include <lepton/simulate/servers_reader.hpp>
#include <lepton/simulate/timed_replay.hpp>
#include <lepton/simulate/virtual_clock.hpp>
#include <lepton/simulate/workload.hpp>
