// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The scheduler: order and placement over a cluster.
#include <lepton/schedule/scheduler.hpp>
