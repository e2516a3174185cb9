// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The nouns: resources, tasks, nodes, clusters, decisions.
#include <lepton/model/adapt.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/constraints.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/model/devices.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/node.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/task.hpp>
#include <lepton/model/time.hpp>
