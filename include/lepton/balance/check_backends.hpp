// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <lepton/balance/backend.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance::detail {

/// "backend 3 (10.0.0.3:80)".
[[nodiscard]] LEPTON_COLD inline auto name_of(const backend& b, std::size_t i) -> std::string {
  auto name = "backend " + std::to_string(i);
  if (!b.key.empty()) name += " (" + b.key + ")";
  return name;
}

/// What is wrong with one backend by itself.
[[nodiscard]] inline auto check_weight(double weight, const backend& b, std::size_t i) -> status {
  if (std::isfinite(weight) && weight >= 0) return {};
  const char* what = std::isnan(weight) ? "not a number" : weight < 0 ? "negative" : "infinite";
  return failure(name_of(b, i) + ": the weight is " + what +
                 "; give a finite number of at least 0 (0 gets no requests)");
}

/// Fills in what a backend leaves out: the id by the key, or the key by the id.
inline void complete(backend& b) {
  if (b.key.empty() && b.id != 0) b.key = std::to_string(b.id);
  if (b.id == 0) {
    b.id = lepton::detail::mix(lepton::detail::combine(0, std::string_view{b.key}));
    if (b.id == 0) b.id = 1;
  }
}

/// Checks and completes a list of backends.
[[nodiscard]] inline auto check_backends(std::span<backend> backends) -> status {
  if (backends.size() >= no_backend) return failure("too many backends: at most 2^32 - 2");
  std::unordered_map<std::uint64_t, std::size_t> by_id;
  std::unordered_map<std::string_view, std::size_t> by_key;
  by_id.reserve(backends.size());
  by_key.reserve(backends.size());
  for (std::size_t i = 0; i < backends.size(); ++i) {
    auto& b = backends[i];
    if (auto good = check_weight(b.weight, b, i); !good) return good;
    if (b.key.empty() && b.id == 0) {
      return failure(name_of(b, i) + " has neither a key nor an id; give it one of them");
    }
    complete(b);
    if (const auto [at, fresh] = by_key.try_emplace(b.key, i); !fresh) {
      return failure(name_of(b, i) + " has the key of backend " + std::to_string(at->second) +
                     "; keys must differ");
    }
    if (const auto [at, fresh] = by_id.try_emplace(b.id, i); !fresh) {
      return failure(name_of(b, i) + " has the id of backend " + std::to_string(at->second) + ", " +
                     std::to_string(b.id) + "; ids must differ");
    }
  }
  return {};
}

}  // namespace lepton::balance::detail
