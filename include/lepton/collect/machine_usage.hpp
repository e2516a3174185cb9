// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <lepton/collect/kernel_tables.hpp>
#include <lepton/collect/text_file.hpp>
#include <lepton/collect/usage.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Ticks of a second in the tables of /proc; Linux shows user space this number everywhere.
inline constexpr double proc_ticks_per_second = 100;

/// Reads what a whole Linux machine uses: /proc/stat, meminfo, diskstats, net/dev, loadavg and
/// pressure. Seen from a container, most of these tell of the machine.
///
///     collect::machine_usage machine;
///     const auto used = machine.read(now);   // expected<usage>
///
/// Memory in use is what a new program could not have: total minus available.
class machine_usage {
 public:
  explicit machine_usage(std::string proc = "/proc") : proc_(std::move(proc)) {}

  /// Reads once. Only stat and meminfo must be there; what else is missing is not known.
  [[nodiscard]] auto read(time_point now) -> expected<usage> {
    usage used;
    if (auto done = read_text_file(proc_ + "/stat", text_); !done)
      return unexpected{std::move(done).error()};
    const auto ticks = read_cpu_ticks(text_);
    if (!ticks) return wrong("/stat", "has no whole line 'cpu user nice system idle ...'");
    if (auto done = read_text_file(proc_ + "/meminfo", text_); !done)
      return unexpected{std::move(done).error()};
    const auto total = count_of(text_, "MemTotal:");
    if (!total) return wrong("/meminfo", "has no line 'MemTotal: <number> kB'");
    const auto free = available(text_);
    if (!free) return wrong("/meminfo", "has neither a line 'MemAvailable:' nor 'MemFree:'");
    used.memory_limit = static_cast<double>(*total) * 1024;
    used.memory_bytes = static_cast<double>(*total - std::min(*free, *total)) * 1024;
    used.cpu_cores = cpu_.update(now, ticks->busy, 1 / proc_ticks_per_second);
    if (ticks->processors > 0) used.cpu_limit = static_cast<double>(ticks->processors);

    const auto disk = table("/diskstats", read_disk_bytes);
    used.read_bytes = read_.update(now, disk.in);
    used.written_bytes = written_.update(now, disk.out);
    const auto network = table("/net/dev", read_network_bytes);
    used.received_bytes = received_.update(now, network.in);
    used.sent_bytes = sent_.update(now, network.out);
    if (read_text_file(proc_ + "/loadavg", text_))
      used.load = words::number(words{text_}.next()).value_or(missing);
    used.cpu_pressure = pressure_of("/pressure/cpu");
    used.memory_pressure = pressure_of("/pressure/memory");
    used.io_pressure = pressure_of("/pressure/io");
    if (read_text_file(proc_ + "/vmstat", text_))
      used.out_of_memory = killed_.update(count_of(text_, "oom_kill"));
    return used;
  }

 private:
  struct maybe_bytes {
    std::optional<std::uint64_t> in;
    std::optional<std::uint64_t> out;
  };
  [[nodiscard]] auto wrong(const char* file, const char* what) const -> unexpected<error> {
    return unexpected{error{std::string{what} + "; is this /proc of Linux?", proc_ + file, 0}};
  }
  [[nodiscard]] static auto available(std::string_view meminfo) noexcept
      -> std::optional<std::uint64_t> {
    if (const auto told = count_of(meminfo, "MemAvailable:")) return told;
    const auto free = count_of(meminfo, "MemFree:");  // before Linux 3.14
    if (!free) return std::nullopt;
    return *free + count_of(meminfo, "Buffers:").value_or(0) +
           count_of(meminfo, "Cached:").value_or(0);
  }
  template <class Read>
  auto table(const char* file, Read parse) -> maybe_bytes {
    if (!read_text_file(proc_ + file, text_)) return {};
    const byte_counts counts = parse(text_);
    return {counts.in, counts.out};
  }
  auto pressure_of(const char* file) -> pressure {
    return read_text_file(proc_ + file, text_) ? read_pressure(text_) : pressure{};
  }

  std::string proc_;
  std::string text_;
  usage_rate cpu_;
  usage_rate read_;
  usage_rate written_;
  usage_rate received_;
  usage_rate sent_;
  usage_events killed_;
};

}  // namespace lepton::collect
