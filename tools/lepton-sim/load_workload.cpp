// SPDX-License-Identifier: Apache-2.0
#include "load_workload.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <lepton/simulate/embedded_openb.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/openb_reader.hpp>

#include "skipped_records.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
namespace fs = std::filesystem;

using list_reader = auto(std::string_view, std::string_view, simulate::workload&,
                         const simulate::read_options&) -> lepton::expected<simulate::read_summary>;

struct list_files {
  fs::path nodes;
  fs::path tasks;
};

auto read_list(const std::string& path, bool skip_bad, list_reader* read, simulate::workload& into)
    -> lepton::status {
  auto file = simulate::read_readable_part(path);
  if (!file) return lepton::unexpected{file.error()};
  if (file->damage && !skip_bad) return lepton::unexpected{*file->damage};
  auto found = read(file->text, path, into, {skip_bad});
  if (!found) return lepton::unexpected{found.error()};
  if (file->damage) found->skip(*std::move(file->damage));
  name_skipped(path, *found);
  return {};
}

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
  if (auto done = read_list(nodes.string(), source.skip_bad, simulate::read_openb_nodes, read);
      !done) {
    return lepton::unexpected{done.error()};
  }
  if (auto done = read_list(tasks.string(), source.skip_bad, simulate::read_openb_pods, read);
      !done) {
    return lepton::unexpected{done.error()};
  }
  return read;
}

}  // namespace lepton_sim
