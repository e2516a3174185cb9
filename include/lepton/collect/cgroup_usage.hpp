// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <lepton/collect/kernel_tables.hpp>
#include <lepton/collect/text_file.hpp>
#include <lepton/collect/usage.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Reads what a Linux control group (version 2) and all below it use: cpu.stat, cpu.max,
/// memory.current, memory.max, memory.events, io.stat and *.pressure.
///
///     collect::cgroup_usage service{"system.slice/nginx.service"};
///
/// Files of controllers that are not enabled for the group (of the root, most) are missing, and
/// what they would tell is not known. A group knows nothing of the network.
class cgroup_usage {
 public:
  /// `path`: of the group, below `root`; empty for the root, which is a container's own group.
  explicit cgroup_usage(std::string path, std::string root = "/sys/fs/cgroup")
      : root_(std::move(root)), folder_(root_ + (path.empty() ? "" : "/") + path) {}

  /// Reads once; an error if there is no such group or the root is not of version 2.
  [[nodiscard]] auto read(time_point now) -> expected<usage> {
    if (!read_text_file(folder_ + "/cpu.stat", text_)) return no_group();
    usage used;
    const auto time = count_of(text_, "usage_usec");
    if (!time) {
      return unexpected{error{"has no line 'usage_usec <number>'; is this a group of version 2?",
                              folder_ + "/cpu.stat", 0}};
    }
    used.cpu_cores = cpu_.update(now, time, 1e-6);
    const auto stopped = throttled_.update(now, count_of(text_, "nr_throttled"));
    const auto periods = periods_.update(now, count_of(text_, "nr_periods"));
    used.throttled = periods > 0 ? stopped / periods : stopped;
    used.cpu_limit = cpu_limit();
    used.memory_bytes = amount("/memory.current");
    used.memory_limit = amount("/memory.max");
    if (read_text_file(folder_ + "/memory.events", text_))
      used.out_of_memory = killed_.update(count_of(text_, "oom_kill"));
    std::optional<byte_counts> io;
    if (read_text_file(folder_ + "/io.stat", text_)) io = read_group_bytes(text_);
    using maybe = std::optional<std::uint64_t>;
    used.read_bytes = read_.update(now, io ? maybe{io->in} : maybe{});
    used.written_bytes = written_.update(now, io ? maybe{io->out} : maybe{});
    used.cpu_pressure = pressure_of("/cpu.pressure");
    used.memory_pressure = pressure_of("/memory.pressure");
    used.io_pressure = pressure_of("/io.pressure");
    return used;
  }

 private:
  [[nodiscard]] LEPTON_COLD auto no_group() -> unexpected<error> {
    if (!read_text_file(root_ + "/cgroup.controllers", text_)) {
      return unexpected{error{
          "is not the root of control groups of version 2 (there is no cgroup.controllers in it); "
          "version 1 is not read, but a machine with both may have version 2 in the folder unified",
          root_, 0}};
    }
    return unexpected{error{"there is no such control group, or no longer", folder_, 0}};
  }
  /// A number of bytes, or "max".
  auto amount(const char* file) -> double {
    if (!read_text_file(folder_ + file, text_)) return missing;
    const auto word = words{text_}.next();
    if (word == "max") return std::numeric_limits<double>::infinity();
    const auto value = words::count(word);
    return value ? static_cast<double>(*value) : missing;
  }
  /// "max 100000", or "150000 100000": microseconds of CPU in each period of so many.
  auto cpu_limit() -> double {
    if (!read_text_file(folder_ + "/cpu.max", text_)) return missing;
    words fields{text_};
    const auto quota = fields.next();
    const auto period = fields.next_count();
    if (quota == "max") return std::numeric_limits<double>::infinity();
    const auto time = words::count(quota);
    if (!time || !period || *period == 0) return missing;
    return static_cast<double>(*time) / static_cast<double>(*period);
  }
  auto pressure_of(const char* file) -> pressure {
    return read_text_file(folder_ + file, text_) ? read_pressure(text_) : pressure{};
  }

  std::string root_;
  std::string folder_;
  std::string text_;
  usage_rate cpu_;
  usage_rate throttled_;
  usage_rate periods_;
  usage_rate read_;
  usage_rate written_;
  usage_events killed_;
};

}  // namespace lepton::collect
