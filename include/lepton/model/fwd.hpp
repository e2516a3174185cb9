// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace lepton {

struct default_dimensions;
template <std::size_t N, class Dimensions = default_dimensions>
class resources;
template <std::size_t N = 2, class Dimensions = default_dimensions>
struct task;
template <std::size_t N = 2, class Dimensions = default_dimensions>
struct node_spec;
template <std::size_t N = 2, class Dimensions = default_dimensions>
class node;
template <std::size_t N = 2, class Dimensions = default_dimensions>
class cluster;

/// Position of a node in its view, from 0.
using node_index = std::uint32_t;
/// Name of a task, of the program's choice; unique among the tasks a scheduler holds.
using task_id = std::uint64_t;

}  // namespace lepton
