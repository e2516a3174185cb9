// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/detail/fraction.hpp>
#include <lepton/detail/quota_ledger.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::schedule {

/// What a tenant must give back.
template <class Resources>
struct quota_claim {
  tenant_id tenant = 0;
  Resources amounts{};
  friend auto operator==(const quota_claim&, const quota_claim&) noexcept -> bool = default;
};

namespace detail {

struct quota_owner {
  tenant_id tenant = 0;
  std::uint32_t weight = 1;
  bool is_leaf = false;
};

/// Finds out who must give back what, on a copy of the books.
template <class Resources>
class quota_reclaim {
 public:
  using ledger = lepton::detail::quota_ledger<Resources>;

  quota_reclaim(ledger books, const std::vector<quota_owner>& owners)
      : books_(std::move(books)), owners_(owners) {}

  [[nodiscard]] auto run(std::uint32_t leaf, const Resources& demand)
      -> std::vector<quota_claim<Resources>> {
    std::vector<char> above(books_.size(), 0);
    for (auto i = leaf; i != ledger::none; i = books_[i].parent) above[i] = 1;
    std::vector<candidate> candidates;
    for (std::uint32_t i = 0; i < books_.size(); ++i) {
      if (!owners_[i].is_leaf || i == leaf) continue;
      auto top = i;
      while (top != ledger::none && above[top] == 0) top = books_[top].parent;
      if (top != ledger::none) candidates.push_back({i, top, over(i)});
    }
    std::sort(candidates.begin(), candidates.end(), [this](const auto& a, const auto& b) {
      if (b.over < a.over) return true;
      return !(a.over < b.over) && owners_[a.leaf].tenant < owners_[b.leaf].tenant;
    });
    std::vector<quota_claim<Resources>> claims;
    for (const auto& c : candidates) {
      Resources amounts;
      bool any = false;
      for (std::size_t d = 0; d < Resources::size(); ++d) {
        const auto short_of = demand[d] > 0 ? demand[d] - room(leaf, d) : 0;
        const auto most = short_of > 0 ? spare(c, d) : 0;
        amounts[d] = std::max<std::int64_t>(0, std::min(short_of, most));
        any = any || amounts[d] > 0;
      }
      if (!any) continue;
      books_.use(c.leaf, Resources{} - amounts);
      claims.push_back({owners_[c.leaf].tenant, amounts});
    }
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      if (demand[d] > 0 && room(leaf, d) < demand[d]) return {};
    }
    return claims;
  }

 private:
  struct candidate {
    std::uint32_t leaf;
    std::uint32_t top;  ///< the first node above it that is above the claimant as well
    lepton::detail::fraction over;
  };

  [[nodiscard]] auto room(std::uint32_t leaf, std::size_t d) const noexcept -> std::int64_t {
    return std::min(books_.available(leaf, d).amount, books_.under_limits(leaf, d).amount);
  }
  /// What all nodes from a tenant up to below `top` use above what they have.
  [[nodiscard]] auto spare(const candidate& c, std::size_t d) const noexcept -> std::int64_t {
    auto least = ledger::unlimited;
    for (auto i = c.leaf; i != c.top; i = books_[i].parent)
      least = std::min(least, books_[i].used[d] - books_[i].pool[d]);
    return std::max<std::int64_t>(0, least);
  }
  /// The largest part of what its group can give that the tenant uses above its guarantee.
  [[nodiscard]] auto over(std::uint32_t i) const noexcept -> lepton::detail::fraction {
    lepton::detail::fraction most;
    const auto& n = books_[i];
    if (n.parent == ledger::none) return most;
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      const auto borrowed = n.used[d] - n.pool[d];
      const auto all = books_.potential(n.parent, d).amount;
      if (borrowed <= 0 || all <= 0) continue;
      const lepton::detail::fraction one{static_cast<std::uint64_t>(borrowed),
                                         static_cast<std::uint64_t>(all), owners_[i].weight};
      if (most < one) most = one;
    }
    return most;
  }

  ledger books_;
  const std::vector<quota_owner>& owners_;
};

}  // namespace detail
}  // namespace lepton::schedule
