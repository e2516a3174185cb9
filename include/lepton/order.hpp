// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Order: which task is next?
#include <lepton/order/concept.hpp>
#include <lepton/order/fcfs.hpp>
