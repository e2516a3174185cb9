// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

// Nothing to rank the nodes by.
// expect: greedy{filter..., score} needs a score as its last part

#ifdef LEPTON_EXPECT_OK
template class lepton::place::greedy<lepton::place::first_fit>;
#else
template class lepton::place::greedy<>;
#endif
