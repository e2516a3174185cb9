// SPDX-License-Identifier: Apache-2.0
// The hybrid, and so fusion and model selection, allocates nothing in use; see allocations.cpp.
#include <lepton/predict/hybrid.hpp>

#include "allocations.hpp"

TEST_CASE("allocations: none in the hybrid after fit") {
  allocation_tests::never_allocates(lepton::predict::hybrid{12});
}
