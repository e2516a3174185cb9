// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/openb_reader.hpp>
#include <lepton/simulate/plain_number.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// Adds the servers of a list to `into`: the column `name`, and where present `weight`, `speed`,
/// `slots`, `zone` and `priority`. What is absent or empty is as in `server_spec`, but the weight
/// is then speed times slots.
///
/// Fails, leaving `into` as it was, as `read_openb_nodes` does. O(n log n).
inline auto read_servers(std::string_view text, std::string_view file,
                         std::vector<server_spec>& into, const read_options& options = {})
    -> expected<read_summary> {
  static constexpr std::array columns{csv_column{"name"},         csv_column{"weight", false},
                                      csv_column{"speed", false}, csv_column{"slots", false},
                                      csv_column{"zone", false},  csv_column{"priority", false}};
  enum : std::size_t { name, weight, speed, slots, zone, priority };
  constexpr amount most_slots = 1'000'000;
  const auto number = [](csv_table& t, std::size_t column, std::string_view what, double otherwise,
                         bool zero_is_good) {
    if (t.text(column).empty()) return otherwise;
    const auto n = plain_number::read(t.text(column));
    const bool good = n && n->value() <= 1e6 && (n->digits > 0 || zero_is_good);
    if (good) return n->value();
    t.reject(column, std::string{what} + " is not a number " + (zero_is_good ? "from" : "above") +
                         " 0 to 1000000: " + shown(t.text(column)));
    return otherwise;
  };
  auto table = csv_table::open(text, file, columns);
  if (!table) return unexpected{table.error()};
  std::vector<server_spec> staged;
  auto names = openb_detail::names_of(into);
  auto summary = read_records(*table, options, [&](csv_table& t) {
    openb_detail::check_name(t, name, "server", names);
    server_spec s;
    s.name = t.text(name);
    s.speed = number(t, speed, "speed", 1, false);
    const auto own_slots = t.optional_whole(slots, most_slots).value_or(1);
    if (own_slots == 0) t.reject(slots, "slots is 0; a server needs at least 1");
    s.slots = static_cast<std::uint32_t>(own_slots);
    s.weight = number(t, weight, "weight", s.speed * s.slots, true);
    s.zone = t.text(zone);
    s.priority = static_cast<std::uint32_t>(t.optional_whole(priority, 1'000).value_or(0));
    if (t.problem()) return;
    names.emplace(s.name, t.line());
    staged.push_back(std::move(s));
  });
  if (!summary) return summary;
  into.insert(into.end(), std::make_move_iterator(staged.begin()),
              std::make_move_iterator(staged.end()));
  return summary;
}

}  // namespace lepton::simulate
