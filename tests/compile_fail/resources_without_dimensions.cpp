// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/resources.hpp>

// A vector of nothing holds nothing back.
// expect: lepton::resources needs at least one dimension

#ifdef LEPTON_EXPECT_OK
template class lepton::resources<1>;
#else
template class lepton::resources<0>;
#endif
