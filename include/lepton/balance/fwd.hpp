// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::balance {

struct single_threaded;
struct shared;

/// Position of a backend in its snapshot, from 0. A backend keeps it for as long as it is a member.
using backend_index = std::uint32_t;

/// What a pick answers when no backend may be picked: there are none, or none is healthy, of
/// positive weight, not draining, and allowed.
inline constexpr backend_index no_backend = 0xffff'ffff;

struct backend;
class snapshot;
struct context;
template <class Threading = shared>
class loads;
template <class Owner>
class lease;

}  // namespace lepton::balance
