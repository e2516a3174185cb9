// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <lepton/predict/local_level.hpp>

namespace lepton::predict::detail {

/// How large errors are of late: nine tenths of their mean size over the last hundred or so, and a
/// tenth of that over all, so that a quiet time does not bring it to nothing. Intervals in units of
/// it keep their coverage as a series gets rougher or calmer (Lei et al., "Distribution-free
/// predictive inference for regression", JASA 113, 2018, locally weighted).
class error_scale {
 public:
  /// The size of an error.
  void update(float size) noexcept {
    recent_.update(size);
    overall_.update(size);
  }
  [[nodiscard]] auto now() const noexcept -> double {
    return 0.9 * static_cast<double>(recent_.value()) + 0.1 * usual();
  }
  /// Mean of all; above 0.
  [[nodiscard]] auto usual() const noexcept -> double {
    return std::max(1e-6, static_cast<double>(overall_.value()));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(recent_, overall_);
    if constexpr (Archive::reads) {
      if (!(recent_.value() >= 0) || !(overall_.value() >= 0)) a.reject();
    }
  }

 private:
  local_level<float> recent_{96};
  local_level<float> overall_{1U << 20};
};

}  // namespace lepton::predict::detail
