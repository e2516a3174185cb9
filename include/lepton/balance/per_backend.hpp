// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/snapshot.hpp>

namespace lepton::balance {

/// A value for each backend, that stays with the backend from snapshot to snapshot and is fresh for
/// a newcomer, also where one takes the index of a backend that left.
template <class T>
class per_backend {
 public:
  [[nodiscard]] auto operator[](backend_index i) noexcept -> T& { return values_[i]; }
  [[nodiscard]] auto operator[](backend_index i) const noexcept -> const T& { return values_[i]; }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return values_.size(); }

  /// Takes up a snapshot; `newcomer` is the value of backends it did not hold before. O(size).
  void follow(const snapshot& s, const T& newcomer = {}) {
    values_.resize(s.size(), newcomer);
    ids_.resize(s.size(), 0);
    for (backend_index i = 0; i < s.size(); ++i) {
      const auto id = s.is_member(i) ? s.id(i) : 0;
      if (ids_[i] == id) continue;
      ids_[i] = id;
      values_[i] = newcomer;
    }
  }

 private:
  std::vector<T> values_;
  std::vector<std::uint64_t> ids_;  ///< whose value it is; 0: nobody's
};

}  // namespace lepton::balance
