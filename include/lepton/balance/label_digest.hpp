// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lepton/detail/hash.hpp>
#include <lepton/model/labels.hpp>

namespace lepton::balance::detail {

/// Hashes of a set of labels that do not depend on their order.
struct label_digest {
  std::uint64_t all = 0;   ///< of keys and values
  std::uint64_t keys = 0;  ///< of the keys alone
  std::size_t count = 0;
};

[[nodiscard]] constexpr auto hash_of_key(std::string_view key) noexcept -> std::uint64_t {
  return lepton::detail::mix(lepton::detail::combine(0, key));
}

/// Of a range of pairs of texts.
template <class Labels>
  requires requires(const Labels& l) {
    std::string_view{(*l.begin()).first};
    std::string_view{(*l.begin()).second};
    l.end();
  }
[[nodiscard]] constexpr auto digest_of(const Labels& set) noexcept -> label_digest {
  label_digest d;
  for (const auto& [key, value] : set) {
    const auto hash = hash_of_key(key);
    d.keys += hash;
    d.all += lepton::detail::mix(lepton::detail::combine(hash, std::string_view{value}));
    ++d.count;
  }
  return d;
}

/// The same as `label_digest::keys` of labels with these keys.
template <class Keys>
[[nodiscard]] auto digest_of_keys(const Keys& keys) noexcept -> std::uint64_t {
  std::uint64_t sum = 0;
  for (const auto& key : keys) sum += hash_of_key(key);
  return sum;
}

/// Whether `own` has each of the wanted labels.
template <class Labels>
[[nodiscard]] auto has_labels(const labels& own, const Labels& wanted) noexcept -> bool {
  for (const auto& [key, value] : wanted) {
    const auto* found = own.find(key);
    if (found == nullptr || *found != value) return false;
  }
  return true;
}

/// Whether both are the same, given that their digests are.
template <class Labels>
[[nodiscard]] auto same_labels(const labels& own, const Labels& wanted) noexcept -> bool {
  if constexpr (std::same_as<Labels, labels>) {
    return own == wanted;
  } else {
    return has_labels(own, wanted);
  }
}

}  // namespace lepton::balance::detail
