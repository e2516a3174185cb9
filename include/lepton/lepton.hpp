// SPDX-License-Identifier: Apache-2.0
#pragma once

/// All of the library, but for the rooms that need other libraries (`lepton/predict.hpp` Eigen) and
/// the headers that need zlib, fmt or nlohmann-json (see
/// `simulate/gz_file.hpp` and its neighbours).
#include <lepton/balance.hpp>
#include <lepton/collect.hpp>
#include <lepton/config.hpp>
#include <lepton/model.hpp>
#include <lepton/order.hpp>
#include <lepton/place.hpp>
#include <lepton/schedule.hpp>
#include <lepton/version.hpp>
