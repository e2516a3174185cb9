// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place the version is written: CMakeLists.txt reads these three lines.
#define LEPTON_VERSION_MAJOR 0
#define LEPTON_VERSION_MINOR 1
#define LEPTON_VERSION_PATCH 0

// For comparisons in the preprocessor: #if LEPTON_VERSION >= 102 means "0.1.2 or later".
#define LEPTON_VERSION \
  (LEPTON_VERSION_MAJOR * 10000 + LEPTON_VERSION_MINOR * 100 + LEPTON_VERSION_PATCH)

#define LEPTON_DETAIL_STRINGIFY_(x) #x
#define LEPTON_DETAIL_STRINGIFY(x) LEPTON_DETAIL_STRINGIFY_(x)

#define LEPTON_VERSION_STRING                                                    \
  LEPTON_DETAIL_STRINGIFY(LEPTON_VERSION_MAJOR)                                  \
  "." LEPTON_DETAIL_STRINGIFY(LEPTON_VERSION_MINOR) "." LEPTON_DETAIL_STRINGIFY( \
      LEPTON_VERSION_PATCH)

namespace lepton {

inline constexpr int version_major = LEPTON_VERSION_MAJOR;
inline constexpr int version_minor = LEPTON_VERSION_MINOR;
inline constexpr int version_patch = LEPTON_VERSION_PATCH;
inline constexpr const char* version_string = LEPTON_VERSION_STRING;

}  // namespace lepton
