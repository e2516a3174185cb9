// SPDX-License-Identifier: Apache-2.0
#include <lepton/lepton.hpp>

#include <cstdio>

const char* version_elsewhere();

int main() {
  std::printf("lepton %s\n", version_elsewhere());
  return LEPTON_VERSION_MAJOR == lepton::version_major ? 0 : 1;
}
