// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::simulate {

/// The orders that a simulation offers by name.
enum class queue_order : std::uint8_t {
  fcfs,
  lifo,
  sjf,       ///< shortest estimate first
  ljf,       ///< longest estimate first
  smallest,  ///< fewest processors first
  largest,
  f1,
  f2,
  f3,
  f4,
  wfp3,
  unicef,
  fair_share,  ///< Slurm's classic factor of the user; usage halves in seven days
  multifactor  ///< Slurm's: age 1000 in seven days, size 1000, fair share 10,000
};

}  // namespace lepton::simulate
