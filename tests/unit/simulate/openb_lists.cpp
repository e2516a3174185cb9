// SPDX-License-Identifier: Apache-2.0
// The reader on the published lists, where these are at hand.
#include <filesystem>
#include <string>

#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/openb_reader.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::simulate;

TEST_CASE("openb lists: all nodes, with and without GPUs") {
  LEPTON_DATA_OR_SKIP(list, "openb/openb_node_list_all_node.csv.gz");
  workload w;
  const auto read = read_openb_nodes(read_file(list.string()).value(), "nodes", w);
  REQUIRE(read);
  CHECK(read->records == 1523);
  std::size_t with_gpus = 0;
  std::size_t gpus = 0;
  for (const auto& n : w.nodes) {
    with_gpus += n.devices.count() != 0 ? 1U : 0U;
    gpus += n.devices.count();
  }
  CHECK(with_gpus == 1213);
  CHECK(gpus == 6212);
  CHECK(w.device_type_names.size() == 7);
}

TEST_CASE("openb lists: the default pods have times and no wish for a type") {
  LEPTON_DATA_OR_SKIP(list, "openb/openb_pod_list_default.csv.gz");
  workload w;
  const auto read = read_openb_pods(read_file(list.string()).value(), "pods", w);
  REQUIRE(read);
  CHECK(read->records == 8152);
  for (const auto& t : w.tasks) {
    if (!t.created || !t.deleted ||
        (!t.what.devices.none() && t.what.devices.acceptable() != device_types::any()))
      FAIL(t.name);
  }
  CHECK(w.device_type_names.empty());
}

TEST_CASE("openb lists: every variant of the pod list is read without a bad record") {
  LEPTON_DATA_OR_SKIP(folder, "openb");
  std::size_t lists = 0;
  std::size_t choosy = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().filename().string().find("openb_pod_list_") != 0) continue;
    CAPTURE(entry.path().filename().string());
    workload w;
    const auto read = read_openb_pods(read_file(entry.path().string()).value(), "pods", w);
    REQUIRE(read);
    ++lists;
    for (const auto& t : w.tasks)
      choosy +=
          !t.what.devices.none() && t.what.devices.acceptable() != device_types::any() ? 1U : 0U;
  }
  CHECK(lists > 0);
  CHECK(choosy > 0);
}
