// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <lepton/collect/usage.hpp>
#include <lepton/collect/words.hpp>

namespace lepton::collect {

// The tables of Linux's /proc and control groups, each given as text. A line that does not look as
// it should is passed over, and what it would have told is not known.

/// CPU time in ticks and processors online, of /proc/stat.
struct cpu_ticks {
  std::uint64_t busy = 0;  ///< all but idle and waiting for IO; guests are part of user and nice
  std::uint64_t processors = 0;
};

[[nodiscard]] inline auto read_cpu_ticks(std::string_view stat) noexcept
    -> std::optional<cpu_ticks> {
  cpu_ticks ticks;
  std::string_view line;
  auto found = false;
  while (take_line(stat, line)) {
    words fields{line};
    const auto name = fields.next();
    if (name.substr(0, 3) != "cpu") continue;
    if (name.size() > 3) {
      ++ticks.processors;
      continue;
    }
    // user nice system idle iowait irq softirq steal; old kernels have fewer.
    for (std::size_t i = 0; i < 8; ++i) {
      const auto value = fields.next_count();
      if (!value && i < 4) return std::nullopt;
      if (i != 3 && i != 4) ticks.busy += value.value_or(0);
    }
    found = true;
  }
  return found ? std::optional{ticks} : std::nullopt;
}

/// Bytes read and written, or received and sent.
struct byte_counts {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
};

/// Whether a block device is a partition of `disk` ("sda1" of "sda", "nvme0n1p2" of "nvme0n1").
[[nodiscard]] constexpr auto is_partition(std::string_view name, std::string_view disk) noexcept
    -> bool {
  constexpr auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (disk.empty() || name.size() <= disk.size() || name.substr(0, disk.size()) != disk)
    return false;
  auto rest = name.substr(disk.size());
  if (digit(disk.back())) {
    if (rest.front() != 'p') return false;
    rest.remove_prefix(1);
  }
  return !rest.empty() && std::all_of(rest.begin(), rest.end(), digit);
}

/// Sums /proc/diskstats over whole disks: partitions, and devices that stand on others (loop, ram,
/// device mapper, RAID), are part of what is counted already.
[[nodiscard]] inline auto read_disk_bytes(std::string_view diskstats) noexcept -> byte_counts {
  constexpr std::array<std::string_view, 7> not_disks{"loop", "ram", "zram", "dm-",
                                                      "md",   "fd",  "drbd"};
  constexpr std::uint64_t sector = 512;  // in this table, whatever the device has
  byte_counts sum;
  std::string_view line;
  std::string_view disk;
  while (take_line(diskstats, line)) {
    words fields{line};
    fields.skip(2);
    const auto name = fields.next();
    const auto stands_on_others =
        std::any_of(not_disks.begin(), not_disks.end(),
                    [&](std::string_view kind) { return name.substr(0, kind.size()) == kind; });
    if (name.empty() || stands_on_others || is_partition(name, disk)) continue;
    disk = name;
    fields.skip(2);
    const auto read = fields.next_count();
    fields.skip(3);
    const auto written = fields.next_count();
    if (!read || !written) continue;
    sum.in += *read * sector;
    sum.out += *written * sector;
  }
  return sum;
}

/// Sums /proc/net/dev over the interfaces that reach out: not the loopback, nor virtual ones, whose
/// traffic passes a real one too (bridges, containers' ends, tunnels, bonds).
[[nodiscard]] inline auto read_network_bytes(std::string_view net_dev) noexcept -> byte_counts {
  constexpr std::array<std::string_view, 16> inner{
      "lo",   "veth", "docker", "br-", "virbr", "cni",   "flannel", "cali",
      "vnet", "tun",  "tap",    "wg",  "dummy", "vxlan", "ifb",     "bond"};
  byte_counts sum;
  std::string_view line;
  while (take_line(net_dev, line)) {
    // "eth0:123" and "eth0: 123" both occur; aliases have a colon in their name.
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    const auto name = words{line.substr(0, colon)}.next();
    const auto is_inner = std::any_of(inner.begin(), inner.end(), [&](std::string_view kind) {
      return kind == "lo" ? name == kind : name.substr(0, kind.size()) == kind;
    });
    if (is_inner) continue;
    words fields{line.substr(colon + 1)};
    const auto received = fields.next_count();
    fields.skip(7);
    const auto sent = fields.next_count();
    if (!received || !sent) continue;
    sum.in += *received;
    sum.out += *sent;
  }
  return sum;
}

/// /proc/pressure/* or a control group's *.pressure.
[[nodiscard]] inline auto read_pressure(std::string_view text) noexcept -> pressure {
  constexpr std::string_view key = "avg10=";
  const auto share = [&](std::string_view kind) {
    auto fields = line_of(text, kind);
    const auto word = fields ? fields->next() : std::string_view{};
    if (word.substr(0, key.size()) != key) return missing;
    return words::number(word.substr(key.size())).value_or(missing) / 100;
  };
  return {share("some"), share("full")};
}

/// What a process used: CPU time in ticks of its user and system time, and when it was started.
struct process_ticks {
  std::uint64_t cpu = 0;
  std::uint64_t start = 0;  ///< tells a process from a later one with the same number
};

/// /proc/PID/stat. The name in it may hold anything, parentheses and blanks included.
[[nodiscard]] inline auto read_process_ticks(std::string_view stat) noexcept
    -> std::optional<process_ticks> {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  words fields{stat.substr(name_end + 1)};
  fields.skip(11);  // state, 3rd, to cmajflt, 13th
  const auto user = fields.next_count();
  const auto system = fields.next_count();
  fields.skip(6);  // cutime, 16th, to itrealvalue, 21st
  const auto start = fields.next_count();
  if (!user || !system || !start) return std::nullopt;
  return process_ticks{*user + *system, *start};
}

/// Sums a control group's io.stat over its devices ("8:0 rbytes=1 wbytes=2 ...").
[[nodiscard]] inline auto read_group_bytes(std::string_view io_stat) noexcept -> byte_counts {
  byte_counts sum;
  words fields{io_stat};
  for (auto word = fields.next(); !word.empty(); word = fields.next()) {
    if (word.substr(0, 7) == "rbytes=") sum.in += words::count(word.substr(7)).value_or(0);
    if (word.substr(0, 7) == "wbytes=") sum.out += words::count(word.substr(7)).value_or(0);
  }
  return sum;
}

}  // namespace lepton::collect
