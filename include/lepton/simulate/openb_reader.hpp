// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/workload.hpp>

// Node and pod lists in the CSV format of "openb", the trace of a GPU cluster that Alibaba
// published in 2023 (github.com/alibaba/clusterdata, cluster-trace-gpu-v2023).

namespace lepton::simulate {
namespace openb_detail {

/// Most milli-CPU or MiB of one record: 10^12, so that sums over nine million records stay exact.
inline constexpr amount most_in_a_record = 1'000'000'000'000;
/// Latest time stamp in seconds: 285 years, a little less than a `time_point` reaches.
inline constexpr amount latest_second = 9'000'000'000;

/// Names in use, and the line that each stands on (0: it was there before this text).
using names_in_use = std::map<std::string, std::size_t, std::less<>>;

template <class Named>
[[nodiscard]] auto names_of(const std::vector<Named>& all) -> names_in_use {
  names_in_use names;
  for (const auto& one : all) names.emplace(one.name, 0);
  return names;
}

/// Rejects a record that has no name, or one that is in use.
inline void check_name(csv_table& table, std::size_t column, const char* what,
                       const names_in_use& names) {
  const auto name = table.text(column);
  if (name.empty())
    return table.reject(column, std::string{"the "} + what + " has no name; give it one");
  const auto same = names.find(name);
  if (same == names.end()) return;
  table.reject(column, std::string{what} + " " + shown(name) + " is there already" +
                           (same->second == 0 ? "" : ", on line " + std::to_string(same->second)) +
                           "; rename or remove one of the two");
}

/// The number of a GPU type; rejects the record when there are too many types.
inline auto gpu_type(csv_table& table, std::size_t column, std::string_view name, workload& staged)
    -> device_type {
  const auto type = staged.device_type_of(name);
  if (!type) {
    table.reject(column, "GPU type " + shown(name) + " is one more than the " +
                             std::to_string(max_device_types) +
                             " that are supported; merge some types");
  }
  return type.value_or(device_type{0});
}

/// The types of a list such as "G2|T4"; any type when it is empty.
inline auto gpu_types(csv_table& table, std::size_t column, workload& staged) -> device_types {
  auto rest = table.text(column);
  if (rest.empty()) return device_types::any();
  const auto known = staged.device_type_names.size();
  device_types acceptable;
  for (auto more = true; more;) {
    const auto bar = rest.find('|');
    const auto name = rest.substr(0, bar);
    more = bar != std::string_view::npos;
    if (more) rest.remove_prefix(bar + 1);
    if (name.empty()) {
      table.reject(column, "a GPU type is empty in " + shown(table.text(column)) +
                               "; write A|B, or nothing for any type");
    }
    if (table.problem()) break;
    acceptable.insert(gpu_type(table, column, name, staged));
  }
  if (table.problem()) staged.device_type_names.resize(known);
  return acceptable;
}

inline constexpr std::array openb_node_columns{csv_column{"sn"}, csv_column{"cpu_milli"},
                                               csv_column{"memory_mib"}, csv_column{"gpu"},
                                               csv_column{"model"}};

inline void read_openb_node(csv_table& t, workload& staged, names_in_use& names) {
  enum : std::size_t { sn, cpu_milli, memory_mib, gpu, model };
  check_name(t, sn, "node", names);
  const auto cpu = t.whole(cpu_milli, most_in_a_record);
  const auto memory = t.whole(memory_mib, most_in_a_record);
  const auto gpus = t.whole(gpu, most_in_a_record);
  if (gpus > amount{max_devices}) {
    t.reject(gpu, "node " + shown(t.text(sn)) + " has " + std::to_string(gpus) + " GPUs; at most " +
                      std::to_string(max_devices) + " are supported, so split the node");
  }
  if (gpus > 0 && t.text(model).empty()) {
    t.reject(model, "node " + shown(t.text(sn)) + " has GPUs but no model; name the model");
  }
  if (t.problem()) return;

  node_spec<2> spec;
  spec.name = t.text(sn);
  spec.capacity = {cpu, memory};
  if (gpus > 0) {
    const auto type = gpu_type(t, model, t.text(model), staged);
    spec.devices = device_set{static_cast<std::uint8_t>(gpus), type};
  }
  if (t.problem()) return;
  names.emplace(spec.name, t.line());
  staged.nodes.push_back(std::move(spec));
}

inline constexpr std::array openb_pod_columns{csv_column{"name"},
                                              csv_column{"cpu_milli"},
                                              csv_column{"memory_mib"},
                                              csv_column{"num_gpu"},
                                              csv_column{"gpu_milli"},
                                              csv_column{"gpu_spec", false},
                                              csv_column{"creation_time", false},
                                              csv_column{"deletion_time", false}};

inline void read_openb_pod(csv_table& t, workload& staged, names_in_use& names, task_id id) {
  enum : std::size_t {
    name,
    cpu_milli,
    memory_mib,
    num_gpu,
    gpu_milli,
    gpu_spec,
    creation_time,
    deletion_time
  };
  check_name(t, name, "pod", names);
  const auto cpu = t.whole(cpu_milli, most_in_a_record);
  const auto memory = t.whole(memory_mib, most_in_a_record);
  const auto gpus = t.whole(num_gpu, most_in_a_record);
  const auto share = t.whole(gpu_milli, most_in_a_record);
  if (gpus > amount{max_devices}) {
    t.reject(num_gpu, "pod " + shown(t.text(name)) + " asks for " + std::to_string(gpus) +
                          " GPUs; a node has at most " + std::to_string(max_devices) +
                          ", so split the pod or leave it out");
  }
  if (gpus == 1 && (share < 1 || share > device_milli)) {
    t.reject(gpu_milli, "gpu_milli is " + std::to_string(share) +
                            "; a pod with one GPU takes 1 to 1000 thousandths of it");
  }
  if (gpus > 1 && share != device_milli) {
    t.reject(gpu_milli, "gpu_milli is " + std::to_string(share) +
                            "; a pod with several GPUs takes them whole, write 1000");
  }
  const auto created = t.optional_whole(creation_time, latest_second);
  const auto deleted = t.optional_whole(deletion_time, latest_second);
  if (created && deleted && *deleted < *created) {
    t.reject(deletion_time, "the pod is deleted at " + std::to_string(*deleted) +
                                " s, before its creation at " + std::to_string(*created) +
                                " s; mend one of the two times");
  }
  const auto acceptable = gpus > 0 ? gpu_types(t, gpu_spec, staged) : device_types{};
  if (t.problem()) return;

  recorded_task task;
  task.name = t.text(name);
  task.what.id = id;
  task.what.demand = {cpu, memory};
  auto& devices = task.what.devices;
  if (gpus == 1) devices = device_request::share(static_cast<std::uint16_t>(share), acceptable);
  if (gpus > 1) devices = device_request::whole(static_cast<std::uint8_t>(gpus), acceptable);
  if (created) task.created = at(std::chrono::seconds{*created});
  if (deleted) task.deleted = at(std::chrono::seconds{*deleted});
  names.emplace(task.name, t.line());
  staged.tasks.push_back(std::move(task));
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace openb_detail

/// Adds the nodes of an openb list to `into`: columns `sn`, `cpu_milli`, `memory_mib`, `gpu` (their
/// number, 0 to 16) and `model` (may be empty without GPUs).
///
/// @param text  the list, as CSV
/// @param file  its name, for errors
///
/// Fails, leaving `into` as it was, at the first record that cannot be used (a number missing,
/// negative or too large; a name used twice; too many GPUs, or types of them), or skips such
/// records if `options` say so; always for want of columns or records. The error says where.
/// O(n log n).
inline auto read_openb_nodes(std::string_view text, std::string_view file, workload& into,
                             const read_options& options = {}) -> expected<read_summary> {
  auto table = csv_table::open(text, file, openb_detail::openb_node_columns);
  if (!table) return unexpected{table.error()};
  workload staged;
  staged.device_type_names = into.device_type_names;
  auto names = openb_detail::names_of(into.nodes);
  auto summary = read_records(
      *table, options, [&](csv_table& t) { openb_detail::read_openb_node(t, staged, names); });
  if (!summary) return summary;
  openb_detail::append(into.nodes, std::move(staged.nodes));
  into.device_type_names = std::move(staged.device_type_names);
  return summary;
}

/// Adds the pods of an openb list to the tasks of `into`: columns `name`, `cpu_milli`,
/// `memory_mib`, `num_gpu` (0 to 16), `gpu_milli` (of each GPU: 1 to 1000 with one, 1000 with
/// several, ignored without); optional ones are `gpu_spec` (the acceptable types, `A|B`; empty
/// for any), `creation_time` and `deletion_time` (seconds; may be empty).
///
/// A type that no node has is accepted: such a pod can never be placed. Otherwise as
/// `read_openb_nodes`.
inline auto read_openb_pods(std::string_view text, std::string_view file, workload& into,
                            const read_options& options = {}) -> expected<read_summary> {
  auto table = csv_table::open(text, file, openb_detail::openb_pod_columns);
  if (!table) return unexpected{table.error()};
  workload staged;
  staged.device_type_names = into.device_type_names;
  auto names = openb_detail::names_of(into.tasks);
  auto summary = read_records(*table, options, [&](csv_table& t) {
    openb_detail::read_openb_pod(t, staged, names, into.tasks.size() + staged.tasks.size());
  });
  if (!summary) return summary;
  openb_detail::append(into.tasks, std::move(staged.tasks));
  into.device_type_names = std::move(staged.device_type_names);
  return summary;
}

}  // namespace lepton::simulate
