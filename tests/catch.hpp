// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catch2, version 3 (3.3 and later) or 2 (2.13), whichever is there. Tests include this file only
// and keep to what both have: TEST_CASE, TEMPLATE_TEST_CASE, SECTION, CHECK, REQUIRE, GENERATE,
// INFO, CAPTURE - and, from here, lepton_test::approx and LEPTON_SKIP.

#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>

namespace lepton_test {
using approx = Catch::Approx;
}  // namespace lepton_test

// LEPTON_SKIP("why"): leaves the test case; ctest lists it as skipped.
#define LEPTON_SKIP(message) SKIP(message)

#else

#include <catch2/catch.hpp>

namespace lepton_test {
using approx = Catch::Detail::Approx;
inline bool skip_requested = false;  // main.cpp turns it into the exit code that ctest knows
}  // namespace lepton_test

#define LEPTON_SKIP(message)              \
  do {                                    \
    ::lepton_test::skip_requested = true; \
    WARN("skipped: " << message);         \
    return;                               \
  } while (false)

#endif
