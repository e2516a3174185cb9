// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <lepton/simulate/queue_policy_entry.hpp>

// The names only; run_queue_policy.hpp runs them, run_gang_policy.hpp those that need nodes.

namespace lepton::simulate {
namespace queue_policy_detail {

struct named_order {
  std::string_view name;
  queue_order order;
};
inline constexpr std::array orders{
    named_order{"fcfs", queue_order::fcfs},
    named_order{"lifo", queue_order::lifo},
    named_order{"sjf", queue_order::sjf},
    named_order{"ljf", queue_order::ljf},
    named_order{"smallest", queue_order::smallest},
    named_order{"largest", queue_order::largest},
    named_order{"f1", queue_order::f1},
    named_order{"f2", queue_order::f2},
    named_order{"f3", queue_order::f3},
    named_order{"f4", queue_order::f4},
    named_order{"wfp3", queue_order::wfp3},
    named_order{"unicef", queue_order::unicef},
    named_order{"fair-share", queue_order::fair_share},
    named_order{"multifactor", queue_order::multifactor},
};

struct named_backfill {
  std::string_view name;
  queue_backfill backfill;
};
inline constexpr std::array backfills{
    named_backfill{"none", queue_backfill::none},
    named_backfill{"easy", queue_backfill::easy},
    named_backfill{"sjbf", queue_backfill::sjbf},
    named_backfill{"easy++", queue_backfill::easy_plus_plus},
    named_backfill{"conservative", queue_backfill::conservative},
    named_backfill{"gangs", queue_backfill::gangs},
    named_backfill{"gangs-in-turn", queue_backfill::gangs_in_turn},
};

/// With the order of submission, which has no need to be named.
inline constexpr std::array with_fcfs{
    queue_policy_entry{"easy", queue_order::fcfs, queue_backfill::easy},
    queue_policy_entry{"sjbf", queue_order::fcfs, queue_backfill::sjbf},
    queue_policy_entry{"easy++", queue_order::fcfs, queue_backfill::easy_plus_plus},
    queue_policy_entry{"easy-regression", queue_order::fcfs, queue_backfill::regression},
    queue_policy_entry{"easy-perfect", queue_order::fcfs, queue_backfill::perfect},
    queue_policy_entry{"conservative", queue_order::fcfs, queue_backfill::conservative},
    queue_policy_entry{"conservative-by-start", queue_order::fcfs,
                       queue_backfill::conservative_by_start},
};

inline constexpr std::size_t longest_name = 32;
inline constexpr std::size_t pairs = orders.size() * backfills.size();

/// ORDER+BACKFILL for each pair.
struct pair_text {
  std::array<char, longest_name> letters{};
  std::size_t size = 0;

  constexpr void add(std::string_view text) {
    for (const char c : text) letters[size++] = c;
  }
  [[nodiscard]] constexpr auto view() const -> std::string_view { return {letters.data(), size}; }
};
inline constexpr auto pair_texts = [] {
  std::array<pair_text, pairs> texts{};
  std::size_t at = 0;
  for (const auto& o : orders) {
    for (const auto& b : backfills) {
      texts[at].add(o.name);
      texts[at].add("+");
      texts[at++].add(b.name);
    }
  }
  return texts;
}();

inline constexpr auto entries = [] {
  std::array<queue_policy_entry, orders.size() + with_fcfs.size() + pairs> all{};
  std::size_t at = 0;
  for (const auto& o : orders) {
    all[at++] = {o.name, o.order, queue_backfill::none};
    if (o.order != queue_order::fcfs) continue;
    for (const auto& entry : with_fcfs) all[at++] = entry;
  }
  for (std::size_t k = 0; k < pairs; ++k) {
    all[at++] = {pair_texts[k].view(), orders[k / backfills.size()].order,
                 backfills[k % backfills.size()].backfill};
  }
  return all;
}();

template <class Table>
constexpr auto names_of(const Table& table) {
  std::array<std::string_view, std::tuple_size_v<Table>> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = table[i].name;
  return names;
}
inline constexpr auto entry_names = names_of(entries);
inline constexpr auto order_names = names_of(orders);
inline constexpr auto backfill_names = names_of(backfills);
inline constexpr std::array<std::string_view, 11> common_names{
    "fcfs",      "easy",        "sjbf",    "easy++",          "conservative",    "sjf+easy",
    "wfp3+easy", "unicef+easy", "f1+easy", "fair-share+easy", "multifactor+easy"};
inline constexpr std::array<std::string_view, 4> common_gang_names{
    "fcfs+gangs-in-turn", "fcfs+gangs", "sjf+gangs", "fair-share+gangs"};

}  // namespace queue_policy_detail

/// All names of policies: an order, which is without backfilling, and some that stand for first
/// come, first served with backfilling; then each order with each backfilling, ORDER+BACKFILL.
[[nodiscard]] inline auto queue_policy_names() noexcept -> std::span<const std::string_view> {
  return queue_policy_detail::entry_names;
}
/// Those that are one word: the first of the others.
[[nodiscard]] inline auto plain_queue_policy_names() noexcept -> std::span<const std::string_view> {
  return queue_policy_names().first(queue_policy_detail::orders.size() +
                                    queue_policy_detail::with_fcfs.size());
}
[[nodiscard]] inline auto queue_order_names() noexcept -> std::span<const std::string_view> {
  return queue_policy_detail::order_names;
}
[[nodiscard]] inline auto queue_backfill_names() noexcept -> std::span<const std::string_view> {
  return queue_policy_detail::backfill_names;
}
/// Those of a comparison of the usual ones.
[[nodiscard]] inline auto common_queue_policy_names() noexcept
    -> std::span<const std::string_view> {
  return queue_policy_detail::common_names;
}
/// The usual ones that place jobs on nodes.
[[nodiscard]] inline auto common_gang_policy_names() noexcept -> std::span<const std::string_view> {
  return queue_policy_detail::common_gang_names;
}
/// The policy of that name; nullptr if there is none.
[[nodiscard]] inline auto find_queue_policy(std::string_view name) noexcept
    -> const queue_policy_entry* {
  const auto& table = queue_policy_detail::entries;
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const auto& entry) { return entry.name == name; });
  return at == table.end() ? nullptr : &*at;
}

}  // namespace lepton::simulate
