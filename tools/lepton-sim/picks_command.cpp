// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/plain_number.hpp>

#include "balance_command.hpp"
#include "balance_policies.hpp"
#include "command_support.hpp"
#include "exit_code.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;

/// "name" or "name=weight"; the last "=" counts. A name that is a whole number is the id, too.
auto parse_backend(const std::string& text) -> lepton::expected<lepton::balance::backend> {
  lepton::balance::backend b;
  const auto sign = text.rfind('=');
  b.key = text.substr(0, sign);
  if (b.key.empty())
    return lepton::failure("--backends: " + simulate::shown(text) + " has no name");
  const auto* const end = b.key.data() + b.key.size();
  if (std::from_chars(b.key.data(), end, b.id).ptr != end) b.id = 0;
  if (sign == std::string::npos) return b;
  const auto weight = simulate::plain_number::read(std::string_view{text}.substr(sign + 1));
  if (!weight) {
    return lepton::failure("--backends: " + simulate::shown(text) +
                           " has no number as its weight; write NAME=WEIGHT, such as a=5");
  }
  b.weight = weight->value();
  return b;
}

auto make_script(const picks_options& o) -> lepton::expected<simulate::pick_script> {
  simulate::pick_script script;
  for (const auto& text : o.backends) {
    auto b = parse_backend(text);
    if (!b) return lepton::unexpected{b.error()};
    script.backends.push_back(*std::move(b));
  }
  script.keys = o.keys;
  script.count = o.count.value_or(o.keys.empty() ? 10 : o.keys.size());
  script.hold = o.hold;
  script.seed = o.seed;
  return script;
}

}  // namespace

auto run_picks(const picks_options& options) -> int {
  if (options.policy == "all")
    return report_failure(lepton::error{"--policy all: name one policy"}, exit_bad_input);
  const std::vector<std::string> asked{options.policy};
  const auto names = balance_policy_names();
  if (auto known = chosen_policies(asked, names, {}); !known)
    return report_failure(known.error(), exit_bad_input);
  const auto* const entry = find_balance_policy(options.policy);
  const auto script = make_script(options);
  if (!script) return report_failure(script.error(), exit_bad_input);
  const auto picks =
      entry->picks({script->backends.size(), options.seed, {}}, *script, entry->hash_of);
  if (!picks) return report_failure(picks.error(), exit_bad_input);
  std::string text;
  for (const auto i : *picks) {
    text += i == lepton::balance::no_backend ? "(none)" : script->backends[i].key;
    text += '\n';
  }
  fmt::print("{}", text);
  return finish_output();
}

}  // namespace lepton_sim
