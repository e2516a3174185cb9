// SPDX-License-Identifier: Apache-2.0
#include "load_workload.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <lepton/simulate/embedded_openb.hpp>
#include <lepton/simulate/openb_reader.hpp>

#include "read_list.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
namespace fs = std::filesystem;

struct list_files {
  fs::path nodes;
  fs::path tasks;
};

auto lists_in(const fs::path& folder) -> std::optional<list_files> {
  list_files lists{folder / "openb" / "openb_node_list_gpu_node.csv.gz",
                   folder / "openb" / "openb_pod_list_default.csv.gz"};
  std::error_code ignored;
  if (fs::exists(lists.nodes, ignored) && fs::exists(lists.tasks, ignored)) return lists;
  return std::nullopt;
}

/// Nothing when the built-in figures are to be taken.
auto choose_lists(const workload_source& source) -> lepton::expected<std::optional<list_files>> {
  if (source.nodes.empty() != source.tasks.empty()) {
    return lepton::failure(
        source.nodes.empty()
            ? "--tasks needs --nodes; give both lists, or neither for the built-in workload"
            : "--nodes needs --tasks; give both lists, or neither for the built-in workload");
  }
  if (!source.nodes.empty()) return std::optional{list_files{source.nodes, source.tasks}};
  if (!source.data.empty()) {
    auto lists = lists_in(source.data);
    if (lists) return lists;
    return lepton::failure("--data " + source.data +
                           ": no openb/openb_node_list_gpu_node.csv.gz and "
                           "openb/openb_pod_list_default.csv.gz in this folder");
  }
  const char* const folder = std::getenv("LEPTON_DATA_DIR");
  return folder == nullptr || *folder == '\0' ? std::nullopt : lists_in(folder);
}

}  // namespace

auto load_workload(const workload_source& source) -> lepton::expected<simulate::workload> {
  const auto lists = choose_lists(source);
  if (!lists) return lepton::unexpected{lists.error()};
  if (!lists->has_value()) return simulate::embedded_openb();
  const auto& [nodes, tasks] = **lists;

  simulate::workload read;
  read.name = nodes.filename().string() + ", " + tasks.filename().string();
  const auto with = [&](auto* reader, const std::string& path) {
    return read_list(path, source.skip_bad, [&](std::string_view text, const auto& how) {
      return reader(text, path, read, how);
    });
  };
  if (auto done = with(simulate::read_openb_nodes, nodes.string()); !done)
    return lepton::unexpected{done.error()};
  if (auto done = with(simulate::read_openb_pods, tasks.string()); !done)
    return lepton::unexpected{done.error()};
  return read;
}

}  // namespace lepton_sim
