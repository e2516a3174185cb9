// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/openb_reader.hpp>

#include <string>
#include <vector>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

const std::string node_header = "sn,cpu_milli,memory_mib,gpu,model\n";
const std::string pod_header =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n";

auto two_nodes() -> workload {
  workload w;
  REQUIRE(read_openb_nodes(node_header + "a,32000,1024,2,T4\nb,64000,2048,0,\n", "n.csv", w));
  return w;
}

struct bad_input {
  std::string lines;  ///< behind the header
  std::size_t line;
  std::size_t column;
  std::string says;
};

void check_error(const expected<read_summary>& read, const std::string& file,
                 const bad_input& bad) {
  REQUIRE_FALSE(read);
  CHECK(read.error().file == file);
  CHECK(read.error().line == bad.line);
  CHECK(read.error().column == bad.column);
  INFO(read.error().message);
  CHECK(read.error().message.find(bad.says) != std::string::npos);
}

}  // namespace

TEST_CASE("openb nodes: amounts, GPUs and their types") {
  const auto w = two_nodes();
  REQUIRE(w.nodes.size() == 2);
  CHECK(w.nodes[0].name == "a");
  CHECK(w.nodes[0].capacity == resources<2>{32000, 1024});
  CHECK(w.nodes[0].used == resources<2>{});
  CHECK(w.nodes[0].devices == device_set{2, 0});
  CHECK(w.nodes[1].devices.count() == 0);
  CHECK(w.device_type_names == std::vector<std::string>{"T4"});
}

TEST_CASE("openb nodes: columns in any order, quoted, with CR LF, BOM and strangers among them") {
  workload w;
  const auto read = read_openb_nodes(
      "\xEF\xBB\xBF\"model\",zone, gpu ,memory_mib,cpu_milli,sn\r\nG2,x,8,393216,96000,\"g,1\"\r\n",
      "n.csv", w);
  REQUIRE(read);
  CHECK(read->records == 1);
  CHECK(read->skipped == 0);
  REQUIRE(w.nodes.size() == 1);
  CHECK(w.nodes[0].name == "g,1");
  CHECK(w.nodes[0].capacity == resources<2>{96000, 393216});
  CHECK(w.nodes[0].devices.count() == 8);
}

TEST_CASE("openb nodes: what is wrong is said with its place, and nothing is kept") {
  const std::vector<bad_input> table{
      {"a,1,1,0,\na,1,1,0,\n", 3, 1, "node 'a' is there already, on line 2"},
      {"kept,1,1,0,\n", 2, 1, "node 'kept' is there already;"},
      {",1,1,0,\n", 2, 1, "no name"},
      {"a,-1,1,0,\n", 2, 3, "cpu_milli is negative"},
      {"a,1,99999999999999999999,0,\n", 2, 5, "memory_mib is too large"},
      {"a,1000000000001,1,0,\n", 2, 3, "cpu_milli is too large"},
      {"a,x,1,0,\n", 2, 3, "cpu_milli is not a whole number"},
      {"a,1,,0,\n", 2, 5, "memory_mib is empty"},
      {"a,1,1,17,T4\n", 2, 7, "node 'a' has 17 GPUs; at most 16"},
      {"a,1,1,99999999999999999999,T4\n", 2, 7, "gpu is too large"},
      {"a,1,1,1,\n", 2, 9, "no model"},
      {"a,1,1,0\n", 2, 8, "4 fields where the header has 5"},
      {"a,1,1,0,,\n", 2, 10, "6 fields where the header has 5"},
      {"a,1,1,0,\nb,1,\"1,0,\n", 3, 5, "not closed"},
      {"", 2, 1, "no records"}};
  for (const auto& bad : table) {
    CAPTURE(bad.lines);
    workload w;
    REQUIRE(read_openb_nodes(node_header + "kept,1,1,1,T4\n", "k.csv", w));
    check_error(read_openb_nodes(node_header + bad.lines, "n.csv", w), "n.csv", bad);
    CHECK(w.nodes.size() == 1);
    CHECK(w.device_type_names.size() == 1);
  }
}

TEST_CASE("openb nodes: a header without a column, and an empty file") {
  workload w;
  check_error(read_openb_nodes("sn,cpu_milli,gpu,model\na,1,1,T4\n", "n.csv", w), "n.csv",
              {"", 1, 23,
               "the column 'memory_mib' is missing; the header must name sn, cpu_milli, "
               "memory_mib, gpu, model"});
  check_error(read_openb_nodes("", "n.csv", w), "n.csv", {"", 1, 1, "the file is empty"});
  check_error(read_openb_nodes("", "n.csv", w, {true}), "n.csv", {"", 1, 1, "the file is empty"});
}

TEST_CASE("openb nodes: at most 64 GPU types") {
  auto lines = node_header;
  for (auto i = 0; i < 64; ++i) {
    const auto number = std::to_string(i);
    lines.append("n").append(number).append(",1,1,1,type").append(number).append("\n");
  }
  workload w;
  REQUIRE(read_openb_nodes(lines, "n.csv", w));
  check_error(read_openb_nodes(node_header + "x,1,1,1,one more\n", "n.csv", w), "n.csv",
              {"", 2, 9, "GPU type 'one more' is one more than the 64"});
  CHECK(read_openb_nodes(node_header + "x,1,1,1,type63\ny,1,1,0,ignored\n", "n.csv", w));
  CHECK(w.device_type_names.size() == 64);
}

TEST_CASE("openb pods: demands, shares, types and times") {
  auto w = two_nodes();
  const auto read = read_openb_pods(pod_header +
                                        "p0,4000,512,1,460,,5,65\n"
                                        "p1,4000,512,1,1000,T4,5,\n"
                                        "p2,4000,512,16,1000,T4|A10,,\n"
                                        "p3,4000,512,0,0,,7,7\n"
                                        "p4,4000,512,0,999,unheard of,,9\n",
                                    "p.csv", w);
  REQUIRE(read);
  CHECK(read->records == 5);
  REQUIRE(w.tasks.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(w.tasks[i].what.id == i);
    CHECK(w.tasks[i].what.demand == resources<2>{4000, 512});
  }
  CHECK(w.tasks[0].name == "p0");
  CHECK(w.tasks[0].what.devices == device_request::share(460));
  CHECK(w.tasks[0].created == at(5s));
  CHECK(w.tasks[0].deleted == at(65s));
  CHECK(w.tasks[1].what.devices == device_request::whole(1, device_types::only(0)));
  CHECK_FALSE(w.tasks[1].deleted);
  CHECK(w.tasks[2].what.devices == device_request::whole(16, device_types::from_bits(0b11)));
  CHECK_FALSE(w.tasks[2].created);
  CHECK(w.tasks[3].what.devices.none());
  CHECK(w.tasks[3].what.devices.valid());
  CHECK(w.tasks[4].what.devices.none());
  CHECK(w.device_type_names == std::vector<std::string>{"T4", "A10"});
}

TEST_CASE("openb pods: types and times are optional columns, and reading again adds") {
  workload w;
  REQUIRE(
      read_openb_pods("num_gpu,gpu_milli,name,memory_mib,cpu_milli\n1,500,a,1,2\n", "p.csv", w));
  REQUIRE(
      read_openb_pods("num_gpu,gpu_milli,name,memory_mib,cpu_milli\n2,1000,b,3,4\n", "p.csv", w));
  REQUIRE(w.tasks.size() == 2);
  CHECK(w.tasks[0].what.devices == device_request::share(500));
  CHECK_FALSE(w.tasks[0].created);
  CHECK(w.tasks[1].what.id == 1);
  CHECK(w.tasks[1].what.demand == resources<2>{4, 3});
}

TEST_CASE("openb pods: what is wrong is said with its place, and nothing is kept") {
  const std::vector<bad_input> table{
      {"p,1,1,17,1000,,,\n", 2, 7, "pod 'p' asks for 17 GPUs; a node has at most 16"},
      {"p,1,1,1,0,,,\n", 2, 9, "gpu_milli is 0; a pod with one GPU takes 1 to 1000"},
      {"p,1,1,1,1001,,,\n", 2, 9, "gpu_milli is 1001"},
      {"p,1,1,2,500,,,\n", 2, 9, "gpu_milli is 500; a pod with several GPUs takes them whole"},
      {"p,1,1,2,70000,,,\n", 2, 9, "gpu_milli is 70000"},
      {"p,1,1,-1,0,,,\n", 2, 7, "num_gpu is negative"},
      {"p,1,1,0,-1,,,\n", 2, 9, "gpu_milli is negative"},
      {"p,1,1,1,500,A||B,,\n", 2, 13, "a GPU type is empty in 'A||B'"},
      {"p,1,1,1,500,A|,,\n", 2, 13, "a GPU type is empty"},
      {"p,1,1,1,500,,10,9\n", 2, 17, "deleted at 9 s, before its creation at 10 s"},
      {"p,1,1,1,500,,-10,9\n", 2, 14, "creation_time is negative"},
      {"p,1,1,1,500,,0,9000000001\n", 2, 16, "deletion_time is too large"},
      {"p,1,1,0,0,,,\nq,1,1,0,0,,,\np,1,1,0,0,,,\n", 4, 1, "pod 'p' is there already, on line 2"},
      {"p,9223372036854775808,1,0,0,,,\n", 2, 3, "cpu_milli is too large"},
      {",1,1,0,0,,,\n", 2, 1, "the pod has no name"},
      {"p,1,1,0,0,,\n", 2, 12, "7 fields where the header has 8"},
      {"", 2, 1, "no records"}};
  for (const auto& bad : table) {
    CAPTURE(bad.lines);
    auto w = two_nodes();
    check_error(read_openb_pods(pod_header + bad.lines, "p.csv", w), "p.csv", bad);
    CHECK(w.tasks.empty());
    CHECK(w.device_type_names == std::vector<std::string>{"T4"});
  }
}

TEST_CASE("openb pods: bad records are skipped on request, counted and named") {
  auto w = two_nodes();
  const auto read = read_openb_pods(pod_header +
                                        "a,1,1,17,1000,,,\nb,1,1,1,100,,,\nb,1,1,1,100,,,\nc,-1,1,"
                                        "0,0,,,\nd,1,1,1,5,X||,,\ne,1,1,0,0,,,\n",
                                    "p.csv", w, {true});
  REQUIRE(read);
  CHECK(read->records == 2);
  CHECK(read->skipped == 4);
  REQUIRE(read->problems.size() == 4);
  CHECK(read->problems[0].line == 2);
  CHECK(read->problems[1].line == 4);
  CHECK(read->problems[2].line == 5);
  CHECK(read->problems[3].line == 6);
  REQUIRE(w.tasks.size() == 2);
  CHECK(w.tasks[0].name == "b");
  CHECK(w.tasks[1].name == "e");
  CHECK(w.tasks[1].what.id == 1);
  CHECK(w.device_type_names == std::vector<std::string>{"T4"});  // those of skipped records are not
}
