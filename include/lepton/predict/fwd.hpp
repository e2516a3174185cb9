// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// How much will be needed? Models of a series of numbers, and of a number that depends on others.
namespace lepton::predict {

class matrix_view;
struct fit_report;
class last_value;

}  // namespace lepton::predict
