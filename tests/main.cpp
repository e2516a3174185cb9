// SPDX-License-Identifier: Apache-2.0
// The main function of all test programs.

#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include <cstdlib>

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else

// Version 3's meaning of exit code 4 for version 2: every test case that ran asked to be skipped.
namespace {

int cases_run = 0;
int cases_skipped = 0;

struct skip_counter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo&) override {
    lepton_test::skip_requested = false;
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    ++cases_run;
    if (lepton_test::skip_requested && stats.totals.assertions.total() == 0) ++cases_skipped;
  }
};

CATCH_REGISTER_LISTENER(skip_counter)

}  // namespace
#endif

int main(int argc, char** argv) {
  // RapidCheck reads its settings from the environment; what the caller has set stays.
#if defined(_WIN32)
  if (std::getenv("RC_PARAMS") == nullptr) _putenv_s("RC_PARAMS", LEPTON_RC_PARAMS);
#else
  setenv("RC_PARAMS", LEPTON_RC_PARAMS, 0);
#endif

  const int result = Catch::Session().run(argc, argv);
#if !__has_include(<catch2/catch_session.hpp>)
  if (result == 0 && cases_skipped > 0 && cases_skipped == cases_run) return 4;
#endif
  return result;
}
