// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catch.hpp"

// LEPTON_SKIP_SANITIZED(): for tests of figures, whose paths others take on smaller input, and
// which would take minutes.
#ifdef LEPTON_TEST_SANITIZED
#define LEPTON_SKIP_SANITIZED() \
  if (true) LEPTON_SKIP("figures are checked without sanitizers")
#else
#define LEPTON_SKIP_SANITIZED() static_cast<void>(0)
#endif
