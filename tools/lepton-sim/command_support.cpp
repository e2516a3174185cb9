// SPDX-License-Identifier: Apache-2.0
#include "command_support.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "closest_name.hpp"
#include "exit_code.hpp"

namespace lepton_sim {
namespace {

auto known_policies(std::span<const std::string_view> names, std::span<const std::string_view> all)
    -> std::string {
  std::vector<std::string_view> special;
  for (const auto each : names) {
    if (std::find(all.begin(), all.end(), each) == all.end()) special.push_back(each);
  }
  std::string about_all;
  if (special.empty()) {
    about_all = "; all stands for them all";
  } else if (!all.empty()) {
    about_all = fmt::format("; all stands for all but {}", fmt::join(special, ", "));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), about_all);
}

auto unknown_policy(std::string_view name, std::span<const std::string_view> names,
                    std::string_view which_there_are) -> lepton::unexpected<lepton::error> {
  const auto closest = closest_name(name, names);
  return lepton::failure(fmt::format(
      "there is no policy '{}'{} The policies are: {}", name,
      closest.empty() ? "." : fmt::format("; did you mean '{}'?", closest), which_there_are));
}

}  // namespace

auto chosen_policies(std::span<const std::string> asked, std::span<const std::string_view> names,
                     std::span<const std::string_view> all, std::string_view which_there_are)
    -> lepton::expected<std::vector<std::string>> {
  std::vector<std::string> chosen;
  const auto add = [&](std::string_view name) {
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.emplace_back(name);
  };
  for (const auto& name : asked) {
    if (name == "all") {
      for (const auto each : all) add(each);
    } else if (std::find(names.begin(), names.end(), name) != names.end()) {
      add(name);
    } else {
      return unknown_policy(name, names,
                            which_there_are.empty() ? known_policies(names, all) : which_there_are);
    }
  }
  if (chosen.empty()) return lepton::failure("--policy names no policy; give some, or all");
  return chosen;
}

auto chosen_seeds(std::optional<std::uint64_t> seed, std::size_t count)
    -> std::vector<std::uint64_t> {
  if (seed) return {*seed};
  std::vector<std::uint64_t> seeds(count);
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i;
  return seeds;
}

auto seeds_line(std::span<const std::uint64_t> seeds) -> std::string {
  return seeds.size() == 1 ? fmt::format("seed {}", seeds.front())
                           : fmt::format("means of {} seeds", seeds.size());
}

auto thread_count(std::size_t asked) -> std::size_t {
  return asked != 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

auto check_target(const std::string& path) -> lepton::status {
  namespace fs = std::filesystem;
  const auto folder = fs::path{path}.parent_path();
  std::error_code ignored;
  if (path.empty() || path == "-" || folder.empty() || fs::is_directory(folder, ignored)) return {};
  return lepton::unexpected{
      lepton::error{"cannot be written: there is no folder " + folder.string(), path, 0}};
}

auto finish_output() -> int {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_good;
  std::fputs("lepton-sim: the standard output cannot be written\n", stderr);
  return exit_failed;
}

}  // namespace lepton_sim
