// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

auto log_of(std::string_view text) -> expected<swf_log> {
  swf_log log;
  auto read = read_swf(text, "l.swf", log);
  if (!read) return unexpected{read.error()};
  return log;
}
auto swf_error(std::string_view text) -> std::string {
  const auto log = log_of(text);
  REQUIRE_FALSE(log);
  return log.error().to_string();
}

/// A record of which only what the rules look at is given.
auto swf_line(std::string_view number, std::string_view submit, std::string_view run,
              std::string_view allocated, std::string_view wanted, std::string_view time)
    -> std::string {
  std::string line{number};
  for (const auto field : {submit, std::string_view{"-1"}, run, allocated, std::string_view{"-1"},
                           std::string_view{"-1"}, wanted, time})
    line += ' ' + std::string{field};
  return line + " -1 1 7 2 3 4 5 -1 -1\n";
}

struct plain_job {
  std::int64_t number, submit, run, estimate, processors;
  friend auto operator==(const plain_job&, const plain_job&) -> bool = default;
};
auto plain(const queue_workload& w) -> std::vector<plain_job> {
  std::vector<plain_job> all;
  for (const auto& j : w.jobs) {
    CHECK(j.id == all.size());
    all.push_back(
        {j.number, j.submitted.time_since_epoch() / 1s, j.run / 1s, j.estimate / 1s, j.demand[0]});
  }
  return all;
}

}  // namespace

TEST_CASE("swf_reader: the 18 fields in their order") {
  const auto log = log_of("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n");
  REQUIRE(log);
  CHECK(log->name == "l.swf");
  REQUIRE(log->records.size() == 1);
  const auto& r = log->records[0];
  CHECK(r.number == 1);
  CHECK(r.submit == 2);
  CHECK(r.wait == 3);
  CHECK(r.run == 4);
  CHECK(r.allocated == 5);
  CHECK(r.cpu_time == 6);
  CHECK(r.memory == 7);
  CHECK(r.requested_processors == 8);
  CHECK(r.requested_time == 9);
  CHECK(r.requested_memory == 10);
  CHECK(r.status == 11);
  CHECK(r.user == 12);
  CHECK(r.group == 13);
  CHECK(r.application == 14);
  CHECK(r.queue == 15);
  CHECK(r.partition == 16);
  CHECK(r.preceding == 17);
  CHECK(r.think_time == 18);
}

TEST_CASE("swf_reader: tabs, blanks, CR LF, fractions, extra columns, no last line end") {
  const auto log = log_of(
      "\xEF\xBB\xBF; Version: 2.2\r\n"
      "\r\n"
      "   1\t 20  -1 489.00 .5 7.9 -1.0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 \t\r\n"
      "  ;in the middle ; MaxProcs: 5\r\n"
      " \t \n"
      "2 10 -1 3 4 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 19 twenty \"; 21\r"
      "000003 0 -1 3. 4 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 999999999");
  REQUIRE(log);
  REQUIRE(log->records.size() == 3);
  CHECK(log->header.version == "2.2");
  CHECK(log->header.max_procs == -1);
  CHECK(log->records[0].submit == 20);
  CHECK(log->records[0].run == 489);
  CHECK(log->records[0].allocated == 0);
  CHECK(log->records[0].cpu_time == 7);
  CHECK(log->records[0].memory == -1);
  CHECK(log->records[0].think_time == -1);
  CHECK(log->records[1].number == 2);
  CHECK(log->records[2].number == 3);
  CHECK(log->records[2].run == 3);
  CHECK(log->records[2].think_time == 999'999'999);
}

TEST_CASE("swf_reader: what the header says") {
  const auto log = log_of(
      ";\n"
      ";;; Computer: a\n"
      ";Computer:  IBM SP2, \xC3\x85\t\r\n"
      "; Computer: another\n"
      ";  MaxProcs:1024 (of which 32 are interactive)\n"
      "; MaxNodes : 128\n"
      "; MaxJobs: many\n"
      "; MaxRecords: 99999999999999999999999\n"
      "; UnixStartTime: 843480031\n"
      "; TimeZoneString: Europe/Stockholm\n"
      "; Installation: \n"
      "; no key here\n" +
      swf_line("1", "0", "1", "1", "1", "1") + "; MaxJobs: 5\n");
  REQUIRE(log);
  const auto& h = log->header;
  CHECK(h.computer == "IBM SP2, \xC3\x85");
  CHECK(h.max_procs == 1024);
  CHECK(h.max_nodes == 128);
  CHECK(h.max_jobs == -1);
  CHECK(h.max_records == -1);
  CHECK(h.unix_start_time == 843480031);
  CHECK(h.time_zone == "Europe/Stockholm");
  CHECK(h.installation.empty());
  CHECK(h.version.empty());
}

TEST_CASE("swf_reader: what is wrong is named, and where it stands") {
  const auto good = swf_line("1", "0", "1", "1", "1", "1");
  CHECK(swf_error("") == "l.swf:1:1: the log has no records; a record is a line of 18 numbers");
  CHECK(swf_error("; MaxProcs: 4\n").find("l.swf:2:1: the log has no records") == 0);
  CHECK(
      swf_error(good + "\n2 0 1 1\n") ==
      "l.swf:3:8: the record ends after 4 of 18 fields; complete it, with -1 for what is unknown");
  CHECK(swf_error(good + "2 0 1 1 ").find("l.swf:2:9: the record ends after 4 of 18") == 0);
  CHECK(swf_error(good + swf_line("2", "zero", "1", "1", "1", "1")) ==
        "l.swf:2:3: the submit time is not a number: 'zero'; a record is 18 numbers with blanks "
        "between them, a comment begins with ';'");
  CHECK(swf_error(swf_line("1", "-5", "1", "1", "1", "1")) ==
        "l.swf:1:3: the submit time is negative: '-5'; write -1 if it is unknown");
  CHECK(swf_error(swf_line("1", "0", "-1.5", "1", "1", "1"))
            .find("l.swf:1:8: the run time is negative: '-1.5'") == 0);
  CHECK(swf_error(swf_line("1", "0", "2147483648", "1", "1", "1")) ==
        "l.swf:1:8: the run time is too large: '2147483648'; it must be at most 2147483647");
  CHECK(log_of(swf_line("1", "4000000000", "2147483647", "1", "1", "1")));
  CHECK(swf_error(swf_line("1", "4000000001", "1", "1", "1", "1")).find("the submit time is too") !=
        std::string::npos);
  CHECK(swf_error(swf_line(std::string(100'000, '9'), "0", "1", "1", "1", "1")) ==
        "l.swf:1:1: the job number is too large: '9999999999999999999999999999999999999999...'; it "
        "must be at most 999999999999999");
  CHECK(log_of(swf_line(std::string(100'000, '0') + "12", "0", "1", "1", "1", "1"))
            ->records[0]
            .number == 12);
  for (const auto* const bad : {"1e5", "+5", "0x10", "nan", "inf", "--1", "-", ".", "-.", "1..2",
                                "1,5", "1-", "\xFF", "1\v", "\xEF\xBB\xBF", "1;"})
    CHECK(swf_error(swf_line("1", "0", "1", bad, "1", "1"))
              .find("l.swf:1:10: the number of allocated processors is not a number: '") == 0);
  const auto zero = swf_line("1", std::string_view{"\0", 1}, "1", "1", "1", "1");
  CHECK(swf_error(zero).find("l.swf:1:3: the submit time is not a number: '?'") == 0);
  CHECK(swf_error("<html>\n").find("l.swf:1:1: the job number is not a number: '<html>'") == 0);
}

TEST_CASE("swf_reader: bad records can be skipped, and an error keeps nothing") {
  const auto good = swf_line("1", "0", "1", "1", "1", "1");
  const auto text = "x\n" + good + "1 2\n;c\n" + good + "1 -2\n";
  swf_log log;
  log.name = "old";
  CHECK_FALSE(read_swf(text, "l.swf", log));
  CHECK(log.name == "old");
  CHECK(log.records.empty());
  const auto read = read_swf(text, "l.swf", log, {true});
  REQUIRE(read);
  CHECK(read->records == 2);
  CHECK(read->skipped == 3);
  REQUIRE(read->problems.size() == 3);
  CHECK(read->problems[0].line == 1);
  CHECK(read->problems[1].line == 3);
  CHECK(read->problems[2].to_string().find("l.swf:6:3: the submit time is negative: '-2'") == 0);
  CHECK(log.records.size() == 2);

  std::string many;
  for (int i = 0; i < 1000; ++i) many += "cut\n";
  const auto none = read_swf(many, "l.swf", log, {true});
  REQUIRE_FALSE(none);
  CHECK(none.error().to_string().find("l.swf:1:1: none of the 1000 records can be used; the first: "
                                      "the job number is not a number: 'cut'") == 0);
  CHECK(log.records.size() == 2);
  CHECK(read_swf(many + good, "l.swf", log, {true})->problems.size() == 100);
}

TEST_CASE("swf_rules: r1 keeps every record") {
  const auto log = log_of(swf_line("5", "9", "100", "4", "8", "60") +   // stopped at 60 s
                          swf_line("1", "7", "10", "99", "99", "60") +  // more than the machine
                          swf_line("2", "-1", "10", "4", "4", "60") +   // no submission
                          swf_line("3", "3", "0", "4", "4", "60") +     // did not run
                          swf_line("4", "3", "10", "-1", "4", "60") +   // unknown size
                          swf_line("6", "0", "0", "99", "-1", "-1") +   //
                          swf_line("7", "3", "10", "2", "4", "-1"));    // no estimate
  REQUIRE(log);
  const auto w = queue_workload_of(*log, swf_rules::r1, 16);
  REQUIRE(w);
  CHECK(w->name == "l.swf");
  CHECK(w->processors == 16);
  CHECK(w->dropped == 0);
  CHECK(plain(*w) == std::vector<plain_job>{{2, 1, 1, 1, 4},
                                            {6, 1, 1, 1, 16},
                                            {3, 3, 1, 1, 4},
                                            {4, 3, 1, 1, 1},
                                            {7, 3, 1, 10, 2},
                                            {1, 7, 10, 60, 16},
                                            {5, 9, 60, 100, 4}});
}

TEST_CASE("swf_rules: r2 goes by the request and drops what it cannot use") {
  const auto log = log_of(swf_line("5", "9", "100", "4", "8", "60") +   // stopped at 60 s
                          swf_line("1", "7", "10", "99", "16", "60") +  //
                          swf_line("2", "-1", "10", "4", "4", "60") +   // no submission: dropped
                          swf_line("3", "3", "0", "4", "4", "60") +     // did not run: dropped
                          swf_line("4", "3", "10", "-1", "4", "60") +   //
                          swf_line("6", "0", "10", "2", "17", "-1") +   // too large: dropped
                          swf_line("7", "3", "10", "2", "-1", "-1") +   //
                          swf_line("8", "3", "10", "-1", "0", "9"));    // no size: dropped
  REQUIRE(log);
  const auto w = queue_workload_of(*log, swf_rules::r2, 16);
  REQUIRE(w);
  CHECK(w->dropped == 4);
  CHECK(plain(*w) ==
        std::vector<plain_job>{
            {4, 3, 10, 60, 4}, {7, 3, 10, 10, 2}, {1, 7, 10, 60, 16}, {5, 9, 60, 60, 8}});
  CHECK(w->jobs[0].tenant == 7);
  CHECK(w->jobs[0].group == 2);
  CHECK(w->jobs[0].application == 3);
  CHECK(w->jobs[0].queue == 4);
  CHECK(w->jobs[0].partition == 5);
}

TEST_CASE("swf_rules: the machine is what is given, else what the header says") {
  const auto line = swf_line("1", "0", "10", "50", "50", "60");
  const auto bare = log_of(line);
  const auto told = log_of("; MaxProcs: 40\n" + line);
  CHECK(queue_workload_of(*told, swf_rules::r1)->jobs[0].demand[0] == 40);
  CHECK(queue_workload_of(*told, swf_rules::r1, 64)->jobs[0].demand[0] == 50);
  CHECK(queue_workload_of(*bare, swf_rules::r1).error().to_string() ==
        "l.swf: the header does not say how many processors the machine has (MaxProcs); give their "
        "number");
  CHECK(queue_workload_of(*told, swf_rules::r2).error().to_string() ==
        "l.swf: the rules leave none of the 1 records; check the number of processors (40) or use "
        "other rules");
  CHECK_FALSE(queue_workload_of(*told, swf_rules::r1, -3));
  CHECK_FALSE(queue_workload_of(*log_of("; MaxProcs: 0\n" + line), swf_rules::r1));
  CHECK(queue_workload_of(*log_of("1 0 0 5 1 0 0 1 5 0 1 -1 -1 -1 -1 -1 -1 -1"), swf_rules::r2, 1)
            ->jobs[0]
            .tenant == unknown_user);
}

TEST_CASE("swf_rules: job counts of published logs") {
  struct published {
    const char* file;
    swf_rules rules;
    std::int64_t processors;
    std::size_t jobs;
    std::size_t dropped;
  };
  for (const auto& p :
       {published{"swf/KTH-SP2-1996-2.1-cln.swf.gz", swf_rules::r1, 100, 28'476, 0},
        published{"swf/NASA-iPSC-1993-3.1-cln.swf.gz", swf_rules::r2, 128, 18'066, 173}}) {
    LEPTON_DATA_OR_SKIP(path, p.file);
    const auto text = read_file(path.string());
    REQUIRE(text);
    swf_log log;
    REQUIRE(read_swf(*text, path.string(), log));
    CHECK(log.header.max_procs == p.processors);
    CHECK_FALSE(log.header.computer.empty());
    const auto w = queue_workload_of(log, p.rules);
    REQUIRE(w);
    CHECK(w->jobs.size() == p.jobs);
    CHECK(w->dropped == p.dropped);
    CHECK(w->processors == p.processors);
  }
}
