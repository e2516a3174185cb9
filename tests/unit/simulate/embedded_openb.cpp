// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/embedded_openb.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/openb_reader.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::simulate;

namespace {

auto gpu_milli(const workload& w) {
  amount sum = 0;
  for (const auto& n : w.nodes) sum += n.devices.capacity_milli();
  return sum;
}

using node_type = std::tuple<std::string, std::size_t, amount, amount>;
auto node_types(const workload& w) {
  std::map<node_type, std::size_t> count;
  for (const auto& n : w.nodes) {
    ++count[{n.devices.count() == 0 ? "" : w.device_type_names[n.devices.type()], n.devices.count(),
             n.capacity[0], n.capacity[1]}];
  }
  return count;
}

using pod_shape = std::tuple<int, int, std::uint64_t, amount, amount>;
auto pod_shapes(const workload& w) {
  std::map<pod_shape, std::size_t> count;
  for (const auto& t : w.tasks) {
    const auto& r = t.what.devices;
    ++count[{r.count(), r.milli(), r.none() ? 0 : r.acceptable().bits(), t.what.demand[0],
             t.what.demand[1]}];
  }
  return count;
}

template <class Named>
auto distinct_names(const std::vector<Named>& all) -> std::size_t {
  std::set<std::string> names;
  for (const auto& one : all) names.insert(one.name);
  return names.size();
}

}  // namespace

TEST_CASE("embedded_openb: the cluster and the list of the publication") {
  const auto w = embedded_openb();
  CHECK(w.nodes.size() == 1213);
  CHECK(gpu_milli(w) == 6'212'000);
  CHECK(w.tasks.size() == 8152);
  CHECK(node_types(w).size() == 15);
  CHECK(pod_shapes(w).size() == 151);
  CHECK(distinct_names(w.nodes) == w.nodes.size());
  CHECK(distinct_names(w.tasks) == w.tasks.size());
  CHECK(w.nodes.front().name == "a10-0001");
  CHECK(w.tasks.back().name == "pod-08152");
  for (std::size_t i = 0; i < w.tasks.size(); ++i) {
    if (w.tasks[i].what.id != i || !w.tasks[i].what.devices.valid()) FAIL("task " << i);
  }
}

TEST_CASE("embedded_openb: the same nodes and pods as the real lists") {
  LEPTON_DATA_OR_SKIP(nodes, "openb/openb_node_list_gpu_node.csv.gz");
  LEPTON_DATA_OR_SKIP(pods, "openb/openb_pod_list_default.csv.gz");
  workload real;
  REQUIRE(read_openb_nodes(read_file(nodes.string()).value(), "nodes", real));
  REQUIRE(read_openb_pods(read_file(pods.string()).value(), "pods", real));
  const auto made = embedded_openb();
  CHECK(node_types(made) == node_types(real));
  CHECK(pod_shapes(made) == pod_shapes(real));
}
