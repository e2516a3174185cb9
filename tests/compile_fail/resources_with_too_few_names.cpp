// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include <lepton/model/resources.hpp>

// Every dimension has a name.
// expect: lepton::resources<N, Dimensions>: Dimensions must have a static array .names. with at
// expect: least N names

namespace {
struct two_names {
  static constexpr std::array<std::string_view, 2> names{"a", "b"};
};
}  // namespace

#ifdef LEPTON_EXPECT_OK
template class lepton::resources<2, two_names>;
#else
template class lepton::resources<3, two_names>;
#endif
