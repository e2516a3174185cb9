// SPDX-License-Identifier: Apache-2.0
// A second file that includes everything: a function that lacks "inline" would not link.
#include <lepton/lepton.hpp>

const char* version_elsewhere();
const char* version_elsewhere() { return lepton::version_string; }
