// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <lepton/place/vector_packing.hpp>

// Items and bins must speak of the same resources.
// expect: no matching function for call to .first_fit_decreasing

int main() {
#ifdef LEPTON_EXPECT_OK
  const lepton::place::bin_type bin{lepton::resources<3>{1, 1, 1}};
#else
  const lepton::place::bin_type bin{lepton::resources<2>{1, 1}};
#endif
  const std::vector<lepton::resources<3>> items;
  return lepton::place::first_fit_decreasing(items, bin).has_value() ? 0 : 1;
}
