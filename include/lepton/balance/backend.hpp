// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <lepton/model/labels.hpp>
#include <lepton/model/time.hpp>

namespace lepton::balance {

/// What a backend (upstream, endpoint, server) is like, as its owner describes it.
struct backend {
  /// Unique among the members. 0: made of the key.
  std::uint64_t id = 0;
  /// Its address, such as "10.0.0.1:8080": what hash policies hash, so the same key keeps its share
  /// of the requests over restarts. Unique. Empty: the id as a decimal number.
  std::string key{};
  /// Its share of the requests in proportion to the others'; finite, at least 0, and 0 gets none.
  double weight = 1;
  /// Priority level: the lowest gets the requests while enough of it is healthy (see
  /// `priority_levels`).
  std::uint32_t priority = 0;
  /// Where it stands (see `zone_aware`).
  std::string zone{};
  /// What subsets are chosen by (see `label_subset`).
  labels own_labels{};
  bool healthy = true;
  /// It finishes what it has and gets nothing new.
  bool draining = false;
  /// When it joined (see `slow_start`).
  time_point joined{};
};

}  // namespace lepton::balance
