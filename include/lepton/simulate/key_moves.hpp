// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/fwd.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/zipf_keys.hpp>

namespace lepton::simulate {

/// Where a sample of keys goes, by an idle copy of a policy.
class key_map {
 public:
  static constexpr std::uint64_t sample = 10'000;

  /// @param contexts  such as `plain_contexts`; random bits come from the key
  template <class Policy, class Contexts>
  key_map(Policy policy, const balance::snapshot& s, const Contexts& contexts) : to_(sample) {
    const balance::loads<balance::single_threaded> idle{s.size()};
    for (std::uint64_t k = 0; k < sample; ++k) {
      const auto hash = key_hash(k);
      to_[k] = policy.pick(s, contexts(hash, lepton::detail::mix(~hash), time_point{}, idle));
    }
  }

  struct moves {
    double moved = 0;   ///< part of the keys that went elsewhere
    double excess = 0;  ///< of these, from a server that stays to another that was there before
  };
  /// From here to a later map. Keys of servers that left, and keys that newcomers take, must move;
  /// all others are excess.
  [[nodiscard]] auto to(const key_map& later, const balance::snapshot& before,
                        const balance::snapshot& after) const noexcept -> moves {
    std::size_t moved = 0;
    std::size_t excess = 0;
    for (std::size_t k = 0; k < sample; ++k) {
      if (to_[k] == later.to_[k]) continue;
      ++moved;
      if (after.is_eligible(to_[k]) && before.is_eligible(later.to_[k])) ++excess;
    }
    return {static_cast<double>(moved) / sample, static_cast<double>(excess) / sample};
  }

 private:
  std::vector<balance::backend_index> to_;
};

/// The moves of several changes, on average.
class key_moves {
 public:
  void add(const key_map::moves& m) noexcept {
    moved_ += m.moved;
    excess_ += m.excess;
    ++changes_;
  }
  void sum_up(balance_result& into) const noexcept {
    if (changes_ == 0) return;
    into.moved = moved_ / static_cast<double>(changes_);
    into.moved_excess = excess_ / static_cast<double>(changes_);
  }

 private:
  double moved_ = 0;
  double excess_ = 0;
  std::size_t changes_ = 0;
};

}  // namespace lepton::simulate
