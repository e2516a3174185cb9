// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/fallback.hpp>
#include <lepton/place/next_fit.hpp>

// A chain has at least one link.
// expect: fallback{policy...} needs at least one policy

#ifdef LEPTON_EXPECT_OK
template class lepton::place::fallback<lepton::place::next_fit>;
#else
template class lepton::place::fallback<>;
#endif
