// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <lepton/balance/context.hpp>
#include <lepton/balance/snapshot.hpp>

namespace lepton::balance::detail {

/// Goes round a table of backends from the place after `from` to the first whose backend is
/// allowed; `owner(k)` is the backend at place k. After a full tour, the first allowed one of those
/// that the table leaves out. Looks first whether anybody is allowed when the search gets long, so
/// that a refusal costs O(number of backends) and not O(size of the table).
template <class Owner, admission Allowed>
[[nodiscard]] auto next_in_table(const snapshot& s, std::size_t size, std::size_t from, Owner owner,
                                 const Allowed& allowed) noexcept -> backend_index {
  constexpr std::size_t patience = 64;
  for (std::size_t step = 1, k = from; step < size; ++step) {
    if (++k == size) k = 0;
    if (const auto i = owner(k); allowed(i)) return i;
    if (step != patience) continue;
    bool any = false;
    for (const auto i : s.eligible()) any = any || allowed(i);
    if (!any) return no_backend;
  }
  for (const auto i : s.eligible()) {
    if (allowed(i)) return i;
  }
  return no_backend;
}

}  // namespace lepton::balance::detail
