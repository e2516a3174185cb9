// SPDX-License-Identifier: Apache-2.0
// What reads from outside: tables of numbers, and Linux's own.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <lepton/collect/cgroup_usage.hpp>
#include <lepton/collect/csv_read.hpp>
#include <lepton/collect/csv_write.hpp>
#include <lepton/collect/machine_usage.hpp>
#include <lepton/collect/process_usage.hpp>
#include <lepton/simulate/gz_file.hpp>

#include "catch.hpp"
#include "data.hpp"

namespace {

using namespace lepton::collect;
using namespace std::chrono_literals;
using lepton::at;
namespace fs = std::filesystem;

// A folder that goes away with the test.
class folder {
 public:
  folder() {
    static int number = 0;
    do {
      path_ = fs::temp_directory_path() / ("lepton-collect-" + std::to_string(number++));
    } while (!fs::create_directory(path_));
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  void put(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    auto* file = std::fopen((path_ / name).string().c_str(), "wb");
    REQUIRE(file != nullptr);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  void remove(const std::string& name) const { fs::remove(path_ / name); }
  [[nodiscard]] std::string name() const { return path_.string(); }

 private:
  fs::path path_;
};

auto read(std::string_view text, const csv_options& options = {}) {
  return read_series_text(text, "f.csv", options);
}
csv_options column(std::string name) {
  csv_options options;
  options.column = std::move(name);
  return options;
}
std::string problem(std::string_view text, const csv_options& options = {}) {
  const auto result = read(text, options);
  return result ? "" : result.error().to_string();
}
bool starts(const std::string& text, std::string_view with) {
  UNSCOPED_INFO(text);
  return text.substr(0, with.size()) == with;
}

}  // namespace

TEST_CASE("collect: times are read and written") {
  CHECK(read_time("1970-01-01") == at(0s));
  CHECK(read_time("2014-02-14 14:30:00") == at(1392388200s));
  CHECK(read_time("2014-02-14T14:30") == at(1392388200s));
  CHECK(read_time("2014-02-14T14:30:00Z") == at(1392388200s));
  CHECK(read_time("2014-02-14T16:30:00+02:00") == at(1392388200s));
  CHECK(read_time("2014-02-14T10:00:00-0430") == at(1392388200s));
  CHECK(read_time("2014-02-14 14:30:00.250000000001") == at(1392388200250ms));
  CHECK(read_time("2016-02-29 23:59:60") == at(1456790400s));
  CHECK(read_time("1969-12-31 23:59:59.5") == at(-500ms));
  for (const auto* wrong :
       {"", "2014", "2014-2-14", "2015-02-29", "2014-02-14 24:00:00", "2014-02-14 14:60",
        "2014-02-14 14:30:00.", "2014-02-14 14:30:00 x", "2014-02-14x14:30", "9999-01-01",
        "0001-01-01", "2014-02-14 14:30:00+99:00", "1392388200"})
    CHECK(!read_time(wrong));
  CHECK(write_time(at(1392388200s)) == "2014-02-14 14:30:00");
  CHECK(write_time(at(-500ms)) == "1969-12-31 23:59:59.5");
  CHECK(write_time(lepton::time_point::min()) == "1677-09-21 00:12:43.145224192");
  CHECK(write_time(lepton::time_point::max()) == "2262-04-11 23:47:16.854775807");

  CHECK(read_seconds("1392388200") == at(1392388200s));
  CHECK(read_seconds("+5.") == at(5s));
  CHECK(read_seconds("-0.25") == at(-250ms));
  CHECK(read_seconds("1.000000001") == at(1000000001ns));
  CHECK(read_seconds("1e3") == at(1000s));
  CHECK(read_seconds("1392388200123") == at(1392388200123ms));
  CHECK(read_seconds("1392388200123456") == at(1392388200123456us));
  CHECK(read_seconds("1392388200123456789") == at(1392388200123456789ns));
  CHECK(read_seconds("-9223372036854775808") == lepton::time_point::min());
  for (const auto* wrong : {"", "-", "x", "1s", "1 2", "nan", "inf", "1e300", "99999999999"})
    CHECK(!read_seconds(wrong));
  // Milliseconds and microseconds beyond the time line.
  for (const auto* wrong : {"9300000000000", "50000000000000", "-50000000000000000"})
    CHECK(!read_seconds(wrong));
  for (const auto t : {at(0s), at(-1ns), at(1392388200s), at(-1500ms)})
    CHECK(read_seconds(write_seconds(t)) == t);
}

TEST_CASE("collect: a plain list of numbers") {
  const auto list = read("NA\n87\r\n 8.5e1 \n\n+1\n-2\nnan\n# by hand\n1e-999\n");
  REQUIRE(list);
  CHECK(list->values.size() == 7);
  CHECK(std::isnan(list->values[0]));
  CHECK(list->values[2] == 85);
  CHECK(std::isnan(list->values[5]));
  CHECK(list->values[6] == 0);
  CHECK(list->times.empty());
  CHECK(list->column.empty());
  CHECK(list->interval == 0s);
}

TEST_CASE("collect: columns are found by name, number or sense") {
  constexpr std::string_view text =
      "\xEF\xBB\xBFtimestamp,\"a, \"\"b\"\"\",cpu\n"
      "2014-02-14 14:30:00,1,10\n2014-02-14 14:35:00,,NULL\n2014-02-14 14:45:00,3,\"30\"\n"
      "2014-02-14 14:50:00,4,40\n";
  const auto first = read(text);
  REQUIRE(first);
  CHECK(first->column == "a, \"b\"");
  CHECK(first->time_column == "timestamp");
  CHECK(first->interval == 5min);
  CHECK(first->times[2] == at(1392388200s) + 15min);
  CHECK(std::isnan(first->values[1]));
  for (const auto* name : {"cpu", "3"}) {
    const auto found = read(text, column(name));
    REQUIRE(found);
    CHECK(found->values[2] == 30);
    CHECK(found->times.size() == 4);
  }
  CHECK(problem(text, column("mem")) ==
        "f.csv:1:1: there is no column 'mem'; there are: timestamp, a, \"b\", cpu");
  CHECK(starts(problem("1,2\n3,4\n", column("3")), "f.csv:1:1: there is no column '3'; without"));

  const auto bare = read("0,5\n300,6\n600,NA\n", column("2"));
  REQUIRE(bare);
  CHECK(bare->times.empty());
  csv_options timed = column("2");
  timed.time_column = "1";
  CHECK(read("0,5\n300,6\n600,NA\n", timed)->interval == 300s);
  CHECK(read("2014-02-14;1\n2014-02-15;2\n")->interval == 24h);
  CHECK(read("x\ty\n1\t2\n", column("y"))->values[0] == 2);
  CHECK(read("\"\",\"x\"\n\"1\",112\n\"2\",118\n")->values[1] == 118);  // R's row names
  CHECK(read("\"a,b\";c\n1;2\n", column("a,b"))->values[0] == 1);
  csv_options headless;
  headless.header = csv_header::yes;
  CHECK(read("1\n2\n", headless)->values.size() == 1);
}

TEST_CASE("collect: what is wrong with a table is told with its place") {
  CHECK(starts(problem(""), "f.csv: there are no lines"));
  CHECK(starts(problem("\n# only this\n"), "f.csv: there are no lines"));
  CHECK(starts(problem("value\n"), "f.csv: there are no lines after"));
  CHECK(starts(problem("time\n"), "f.csv: there are no lines after"));
  CHECK(starts(problem("1\n2\nx3\n"), "f.csv:3:1: 'x3' is no finite number"));
  CHECK(starts(problem("1\ninf\n"), "f.csv:2:1: 'inf'"));
  CHECK(starts(problem("1\n1e999\n"), "f.csv:2:1: '1e999'"));
  CHECK(starts(problem("1\n-1e999\n"), "f.csv:2:1: '-1e999'"));
  CHECK(starts(problem("1\n1 2\n"), "f.csv:2:1: '1 2'"));
  CHECK(starts(problem("time,\xC3\xA4\n1,2\n1, z\n"), "f.csv:3:4: 'z'"));
  CHECK(starts(problem("time,x\n2014-13-01,2\n"), "f.csv:2:1: '2014-13-01' is no time"));
  CHECK(starts(problem("a,b\n1,2\n3\n", column("b")), "f.csv:3:2: the line has 1 fields"));
  CHECK(starts(problem("a,b\n1,\"2\n"), "f.csv:2:3: the quote"));
  CHECK(starts(problem("a,b\n1,\"2\"x\n"), "f.csv:2:3: text follows"));
  CHECK(starts(problem("2014-02-14\n"), "f.csv:1:1: '2014-02-14' is no finite number"));
}

TEST_CASE("collect: a series that was written is read again to the last bit") {
  const folder f;
  const std::vector<double> values{0.1, missing, -1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 7};
  std::vector<lepton::time_point> times;
  for (std::size_t i = 0; i < values.size(); ++i)
    times.push_back(at(1392388200s) + static_cast<int>(i) * 300s + 1ns);
  csv_write_options options;
  options.column = "a, \"b\"";
  for (const auto format : {time_format::iso, time_format::seconds}) {
    options.time = format;
    const auto path = f.name() + "/out.csv";
    REQUIRE(write_series_file(path, values, times, options));
    const auto back = read_series_file(path);
    REQUIRE(back);
    CHECK(back->times == times);
    CHECK(back->column == options.column);
    REQUIRE(back->values.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 1) CHECK(back->values[i] == values[i]);
    }
    CHECK(std::isnan(back->values[1]));
  }
  CHECK(series_csv(values).substr(0, 17) == "value\n0.1\nNA\n-0.3");
  // Nothing but the file is left, and nothing is written where that fails.
  CHECK(std::distance(fs::directory_iterator{f.name()}, fs::directory_iterator{}) == 1);
  const auto lost = write_series_file(f.name() + "/no/such/folder.csv", values);
  REQUIRE(!lost);
  CHECK(lost.error().message.substr(0, 18) == "cannot be written:");
  fs::create_directory(f.name() + "/taken");
  CHECK(!write_series_file(f.name() + "/taken", values));
  CHECK(std::distance(fs::directory_iterator{f.name()}, fs::directory_iterator{}) == 2);
  CHECK(!read_series_file(f.name() + "/none.csv"));
  CHECK(!read_series_file(f.name()));
}

TEST_CASE("collect: the recorded series are read") {
  LEPTON_DATA_OR_SKIP(data, "util");
  const auto load = [&](const fs::path& path) {
    const auto text = lepton::simulate::read_file(path.string());
    REQUIRE(text);
    auto series = read_series_text(*text, path.string());
    if (!series) FAIL(series.error().to_string());
    return std::move(*series);
  };
  const auto nab = load(data / "nab_elb_request_count_8c0756.csv.gz");
  CHECK(nab.values.size() == 4032);
  CHECK(nab.column == "value");
  CHECK(nab.interval == 5min);
  CHECK(nab.times.front() == at(1397088240s));
  const auto azure = load(data / "azure_v2_vm_cpu_readings_month_aggregated_cpu_mem.csv.gz");
  CHECK(azure.column == "cpu_usage");
  CHECK(azure.interval == 300s);
  CHECK(azure.values.size() == 8640);
  const auto google = load(data / "google2019_instance_usage_grouped_300_seconds_month.csv.gz");
  CHECK(google.column == "avg_cpu");
  CHECK(google.times.empty());
  CHECK(google.values.size() == 8064);
  CHECK(load(data / "../series/AirPassengers.txt").values.size() == 144);
  const auto presidents = load(data / "../series/presidents.txt");
  CHECK(presidents.values.size() == 120);
  CHECK(std::isnan(presidents.values[0]));
  for (const auto& entry : fs::directory_iterator{data}) load(entry.path());
}

TEST_CASE("collect: a machine's usage") {
  const folder proc;
  CHECK(!machine_usage{proc.name()}.read(at(0s)));
  proc.put("stat",
           "cpu  1000 50 200 9000 100 5 45 0 30 0\ncpu0 500 25 100 4500 50 3 20 0 10 0\n"
           "cpu1 500 25 100 4500 50 2 25 0 20 0\nintr 5 5\nctxt 99\n");
  CHECK(!machine_usage{proc.name()}.read(at(0s)));
  proc.put("meminfo", "MemTotal:  1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\n");
  machine_usage machine{proc.name()};
  auto used = machine.read(at(0s));
  REQUIRE(used);
  CHECK(std::isnan(used->cpu_cores));
  CHECK(used->cpu_limit == 2);
  CHECK(used->memory_bytes == 600 * 1024);
  CHECK(used->memory_limit == 1000 * 1024);
  CHECK(std::isnan(used->received_bytes));
  CHECK(std::isnan(used->load));
  CHECK(std::isnan(used->cpu_pressure.some));

  const auto disks = [](int sda, int sda1, int nvme) {
    const auto line = [](const char* name, int sectors) {
      return std::string("   8 0 ") + name + " 10 0 " + std::to_string(sectors) + " 5 7 0 " +
             std::to_string(2 * sectors) + " 9 0 9 9\n";
    };
    return line("loop0", 77777) + line("sda", sda) + line("sda1", sda1) + line("nvme0n1", nvme) +
           line("nvme0n1p1", nvme) + line("dm-0", sda) + "   8 16 sdb\n";
  };
  const auto interfaces = [](int lo, int eth, int veth) {
    const auto line = [](const char* name, int bytes) {
      return std::string("  ") + name + ":" + std::to_string(bytes) + " 1 0 0 0 0 0 0 " +
             std::to_string(3 * bytes) + " 1 0 0 0 0 0 0\n";
    };
    return "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n" + line("lo", lo) +
           line("eth0", eth) + line("veth12", veth);
  };
  proc.put("diskstats", disks(100, 90, 1000));
  proc.put("net/dev", interfaces(5, 1000, 1000));
  proc.put("loadavg", "1.25 0.50 0.10 2/345 6789\n");
  proc.put("pressure/cpu",
           "some avg10=12.50 avg60=1.00 avg300=0.10 total=5\nfull avg10=0.00 avg60=0.00 "
           "avg300=0.00 total=0\n");
  proc.put("vmstat", "nr_free_pages 5\noom_kill 3\n");
  REQUIRE(machine.read(at(10s)));
  proc.put("meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 750 kB\n");
  proc.put("stat", "cpu  1500 50 400 9999 900 5 45 300 30 0\n");
  proc.put("diskstats", disks(300, 290, 1100));
  proc.put("net/dev", interfaces(50000, 3000, 99000));
  proc.put("vmstat", "oom_kill 5\n");
  used = machine.read(at(20s));
  REQUIRE(used);
  CHECK(used->cpu_cores == lepton_test::approx(1));  // 1,000 ticks of 1/100 s in 10 s
  CHECK(std::isnan(used->cpu_limit));
  CHECK(used->memory_bytes == 250 * 1024);
  CHECK(used->read_bytes == lepton_test::approx(300 * 512 / 10.0));
  CHECK(used->written_bytes == lepton_test::approx(600 * 512 / 10.0));
  CHECK(used->received_bytes == lepton_test::approx(200));
  CHECK(used->sent_bytes == lepton_test::approx(600));
  CHECK(used->load == 1.25);
  CHECK(used->cpu_pressure.some == 0.125);
  CHECK(used->cpu_pressure.full == 0);
  CHECK(std::isnan(used->io_pressure.some));
  CHECK(used->out_of_memory == 2);
  // A counter that goes back gives no rate, once.
  proc.put("stat", "cpu  1400 50 400 9999 900 5 45 300 30 0\n");
  CHECK(std::isnan(machine.read(at(30s))->cpu_cores));
  CHECK(machine.read(at(40s))->cpu_cores == 0);
  for (const auto* wrong :
       {"", "cpu", "cpu  1 2 x 4\n", "nothing\n", "cpu -1 -1 -1 -1 -1 -1 -1 -1\n"}) {
    proc.put("stat", wrong);
    const auto result = machine.read(at(50s));
    REQUIRE(!result);
    CHECK(result.error().file == proc.name() + "/stat");
  }
  proc.put("stat", "cpu  99999999999999999999999 1 2 3\n");
  CHECK(machine.read(at(60s)));
  for (const auto* wrong :
       {"", "MemTotal:\n", "MemTotal: 5 kB\n", "MemTotal: x kB\nMemFree: 1 kB"}) {
    proc.put("meminfo", wrong);
    CHECK(!machine.read(at(70s)));
  }
}

TEST_CASE("collect: a process's usage") {
  const folder proc;
  const auto stat = [](int user, int system, int start) {
    return "42 (a) R (b c) S 1 42 42 0 -1 4194560 100 0 0 0 " + std::to_string(user) + " " +
           std::to_string(system) + " 7777 7777 20 0 3 0 " + std::to_string(start) +
           " 1000000 250 18446744073709551615 1 1 0 0\n";
  };
  process_usage process{42, proc.name()};
  const auto none = process.read(at(0s));
  REQUIRE(!none);
  CHECK(none.error().to_string() ==
        proc.name() + "/42/stat: there is no such process, or no longer");
  proc.put("42/stat", stat(100, 50, 555));
  proc.put("42/status",
           "Name:\t(a) R (b c)\nVmPeak:\t  9999 kB\nVmRSS:\t   1234 kB\nThreads:\t3\n");
  proc.put("42/io", "rchar: 9\nwchar: 9\nread_bytes: 1000\nwrite_bytes: 0\n");
  proc.put("42/net/dev", "  eth0: 10 0 0 0 0 0 0 0 20 0 0 0 0 0 0 0\n");
  auto used = process.read(at(0s));
  REQUIRE(used);
  CHECK(used->memory_bytes == 1234 * 1024);
  CHECK(std::isnan(used->cpu_cores));
  proc.put("42/stat", stat(150, 100, 555));
  proc.put("42/io", "read_bytes: 3000\nwrite_bytes: 500\n");
  proc.put("42/net/dev", "  eth0: 30 0 0 0 0 0 0 0 60 0 0 0 0 0 0 0\n");
  used = process.read(at(2s));
  CHECK(used->cpu_cores == lepton_test::approx(0.5));
  CHECK(used->read_bytes == 1000);
  CHECK(used->written_bytes == 250);
  CHECK(used->received_bytes == 10);
  CHECK(used->sent_bytes == 20);
  // Another process with the number of the first; one whose IO is not ours to see; one that ends.
  proc.put("42/stat", stat(900, 900, 777));
  proc.remove("42/io");
  proc.put("42/status", "Name:\tkworker\n");
  used = process.read(at(4s));
  CHECK(std::isnan(used->cpu_cores));
  CHECK(std::isnan(used->read_bytes));
  CHECK(used->memory_bytes == 0);
  for (const auto* wrong : {"", "42", "42 (x", "42 (x) S 1 2 3",
                            "42 (x) S 1 2 3 4 5 6 7 8 9 10 a b "
                            "c d e f g h i j"}) {
    proc.put("42/stat", wrong);
    CHECK(!process.read(at(6s)));
  }
}

TEST_CASE("collect: a control group's usage") {
  const folder root;
  cgroup_usage group{"system.slice/nginx.service", root.name()};
  auto used = group.read(at(0s));
  REQUIRE(!used);
  CHECK(used.error().message.find("version 2") != std::string::npos);
  root.put("cgroup.controllers", "cpu io memory\n");
  used = group.read(at(0s));
  REQUIRE(!used);
  CHECK(used.error().message.find("no such control group") != std::string::npos);

  const std::string g = "system.slice/nginx.service/";
  root.put(g + "cpu.stat", "nr_periods 5\nnr_throttled 1\n");  // as version 1 has it
  CHECK(!group.read(at(0s)));
  root.put(g + "cpu.stat",
           "usage_usec 1000000\nuser_usec 5\nsystem_usec 5\nnr_periods 100\nnr_throttled 10\n");
  used = group.read(at(0s));
  REQUIRE(used);
  CHECK(std::isnan(used->memory_bytes));
  CHECK(std::isnan(used->cpu_limit));
  CHECK(std::isnan(used->read_bytes));
  root.put(g + "cpu.stat",
           "usage_usec 6000000\nuser_usec 5\nsystem_usec 5\nnr_periods 200\nnr_throttled 35\n");
  root.put(g + "cpu.max", "150000 100000\n");
  root.put(g + "memory.current", "123456789012\n");
  root.put(g + "memory.max", "max\n");
  root.put(g + "memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 2\noom_group_kill 0\n");
  root.put(g + "memory.pressure", "some avg10=1.00 avg60=0 avg300=0 total=0\n");
  root.put(g + "io.stat",
           "8:0 rbytes=1000 wbytes=10 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2\n");
  used = group.read(at(2s));
  REQUIRE(used);
  CHECK(used->cpu_cores == lepton_test::approx(2.5));
  CHECK(used->throttled == lepton_test::approx(0.25));
  CHECK(used->cpu_limit == 1.5);
  CHECK(used->memory_bytes == 123456789012);
  CHECK(used->memory_limit == std::numeric_limits<double>::infinity());
  CHECK(used->memory_pressure.some == 0.01);
  CHECK(std::isnan(used->memory_pressure.full));
  CHECK(std::isnan(used->out_of_memory));
  root.put(g + "io.stat",
           "8:0 rbytes=3000 wbytes=10\n8:16 rbytes=1 wbytes=2002\nrbytes= wbytes=x\n");
  root.put(g + "memory.events", "oom_kill 3\n");
  root.put(g + "cpu.max", "max 100000\n");
  used = group.read(at(4s));
  CHECK(used->cpu_cores == 0);
  CHECK(used->throttled == 0);
  CHECK(used->read_bytes == 1000);
  CHECK(used->written_bytes == 1000);
  CHECK(used->out_of_memory == 1);
  CHECK(used->cpu_limit == std::numeric_limits<double>::infinity());
  root.put("cpu.stat", "usage_usec 5\n");
  CHECK(cgroup_usage{"", root.name()}.read(at(0s)));
}

TEST_CASE("collect: the machine this test runs on") {
  if (!fs::exists("/proc/self/stat")) LEPTON_SKIP("there is no /proc");
  machine_usage machine;
  auto self = process_usage::self();
  REQUIRE(machine.read(at(0s)));
  REQUIRE(self.read(at(0s)));
  double work = 1;
  for (int i = 0; i < 20000000; ++i) work = work * 1.0000001 + 1e-9;
  CHECK(work > 1);
  const auto all = machine.read(at(100ms));
  const auto mine = self.read(at(100ms));
  REQUIRE(all);
  REQUIRE(mine);
  CHECK(all->memory_bytes > 0);
  CHECK(all->memory_bytes < all->memory_limit);
  CHECK(all->cpu_cores >= 0);
  CHECK(mine->memory_bytes > 100000);
  CHECK(mine->cpu_cores >= 0);
}
