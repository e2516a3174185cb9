// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <lepton/collect/kernel_tables.hpp>
#include <lepton/collect/machine_usage.hpp>
#include <lepton/collect/text_file.hpp>
#include <lepton/collect/usage.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Reads what one Linux process, with all its threads but not its children, uses: stat, status, io
/// and net/dev in /proc/PID.
///
/// Memory is the resident set (0 for kernel threads and the dead that are not buried). Bytes read
/// and written are those of block devices, and not known of other users' processes. Network
/// traffic is that of the network namespace the process lives in: its container's, if it has one,
/// else the machine's.
class process_usage {
 public:
  explicit process_usage(std::uint64_t pid, std::string proc = "/proc")
      : process_usage(std::to_string(pid), std::move(proc)) {}
  /// The process that reads.
  [[nodiscard]] static auto self(std::string proc = "/proc") -> process_usage {
    return {"self", std::move(proc)};
  }

  /// Reads once; an error if the process is no more. A later process with the same number counts
  /// as read for the first time.
  [[nodiscard]] auto read(time_point now) -> expected<usage> {
    if (!read_text_file(folder_ + "/stat", text_) || text_.empty())
      return unexpected{error{"there is no such process, or no longer", folder_ + "/stat", 0}};
    const auto ticks = read_process_ticks(text_);
    if (!ticks) {
      return unexpected{error{"does not look like 'pid (name) state ...' with 22 fields or more",
                              folder_ + "/stat", 0}};
    }
    if (start_ != ticks->start) {
      for (auto* rate : {&cpu_, &read_, &written_, &received_, &sent_}) rate->forget();
      start_ = ticks->start;
    }
    usage used;
    used.cpu_cores = cpu_.update(now, ticks->cpu, 1 / proc_ticks_per_second);
    if (read_text_file(folder_ + "/status", text_))
      used.memory_bytes = static_cast<double>(count_of(text_, "VmRSS:").value_or(0)) * 1024;
    std::optional<std::uint64_t> in;
    std::optional<std::uint64_t> out;
    if (read_text_file(folder_ + "/io", text_)) {
      in = count_of(text_, "read_bytes:");
      out = count_of(text_, "write_bytes:");
    }
    used.read_bytes = read_.update(now, in);
    used.written_bytes = written_.update(now, out);
    in = out = std::nullopt;
    if (read_text_file(folder_ + "/net/dev", text_)) {
      const auto network = read_network_bytes(text_);
      in = network.in;
      out = network.out;
    }
    used.received_bytes = received_.update(now, in);
    used.sent_bytes = sent_.update(now, out);
    return used;
  }

 private:
  process_usage(std::string pid, std::string proc) : folder_(std::move(proc) + "/" + pid) {}

  std::string folder_;
  std::string text_;
  std::optional<std::uint64_t> start_;
  usage_rate cpu_;
  usage_rate read_;
  usage_rate written_;
  usage_rate received_;
  usage_rate sent_;
};

}  // namespace lepton::collect
