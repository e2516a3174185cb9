// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/simulate/workload.hpp>

// Figures counted in cluster-trace-gpu-v2023, which Alibaba published at
// github.com/alibaba/clusterdata (Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing
// Workloads with Fragmentation Gradient Descent", USENIX ATC 2023); the lists were taken from the
// copy in github.com/hkust-adsl/kubernetes-scheduler-simulator, under the Apache License 2.0.

namespace lepton::simulate {

/// Nodes of one type.
struct openb_node_type {
  std::string_view model;
  std::uint8_t gpus;
  amount cpu_milli;
  amount memory_mib;
  std::size_t nodes;  ///< how many there are
};

/// Pods of one shape; any GPU type will do.
struct openb_pod_shape {
  std::uint8_t gpus;
  std::uint16_t gpu_milli;  ///< of each GPU
  amount cpu_milli;
  amount memory_mib;
  std::size_t pods;  ///< how many there are
};

/// The nodes with GPUs: 1,213 nodes, 6,212 GPUs.
inline constexpr std::array<openb_node_type, 15> openb_node_types{{
    {"A10", 1, 128000, 1048576, 2},
    {"G2", 8, 96000, 393216, 549},
    {"G3", 8, 128000, 786432, 39},
    {"P100", 1, 8000, 61440, 3},
    {"P100", 2, 8000, 61440, 2},
    {"P100", 2, 16000, 122880, 107},
    {"P100", 2, 64000, 262144, 22},
    {"T4", 2, 104000, 524288, 387},
    {"T4", 4, 96000, 393216, 17},
    {"V100M16", 1, 8000, 32768, 19},
    {"V100M16", 4, 32000, 131072, 28},
    {"V100M16", 8, 64000, 262144, 7},
    {"V100M16", 8, 82000, 344064, 1},
    {"V100M32", 4, 48000, 376832, 9},
    {"V100M32", 8, 96000, 786432, 21},
}};

/// The pods of the list "default": 8,152.
inline constexpr std::array<openb_pod_shape, 151> openb_pod_shapes{{
    {0, 0, 8000, 8192, 2},        {0, 0, 8000, 15625, 11},      {0, 0, 8000, 16384, 2},
    {0, 0, 8000, 30517, 163},     {0, 0, 8000, 31250, 5},       {0, 0, 8000, 61035, 1},
    {0, 0, 8000, 62500, 1},       {0, 0, 10000, 48828, 1},      {0, 0, 11400, 57344, 11},
    {0, 0, 12000, 24576, 4},      {0, 0, 12500, 57344, 364},    {0, 0, 12500, 65536, 2},
    {0, 0, 15400, 51200, 120},    {0, 0, 16000, 15625, 1},      {0, 0, 16000, 16384, 1},
    {0, 0, 16000, 31250, 8},      {0, 0, 16000, 32768, 2},      {0, 0, 16000, 62500, 1},
    {0, 0, 16000, 65536, 1},      {0, 0, 16500, 51200, 95},     {0, 0, 20000, 65536, 2},
    {0, 0, 32000, 32768, 2},      {0, 0, 32000, 49152, 284},    {0, 0, 32000, 62500, 3},
    {0, 0, 32000, 65536, 1},      {1, 50, 4000, 15258, 3},      {1, 50, 6000, 22888, 4},
    {1, 110, 4000, 15258, 8},     {1, 110, 4000, 22888, 9},     {1, 110, 4000, 30517, 1},
    {1, 110, 6000, 22888, 4},     {1, 110, 8000, 30517, 2},     {1, 140, 1000, 2048, 1},
    {1, 160, 4000, 15258, 53},    {1, 160, 4000, 22888, 1},     {1, 160, 6000, 22888, 20},
    {1, 220, 4000, 15258, 24},    {1, 220, 4000, 22888, 11},    {1, 220, 4000, 30517, 8},
    {1, 220, 8000, 30517, 19},    {1, 230, 4000, 15258, 12},    {1, 230, 4000, 22888, 26},
    {1, 230, 4000, 30517, 84},    {1, 230, 8000, 30517, 18},    {1, 270, 4152, 10600, 4},
    {1, 290, 1000, 2048, 1},      {1, 320, 1000, 2048, 22},     {1, 320, 4000, 15258, 78},
    {1, 320, 4000, 22888, 111},   {1, 320, 4000, 30517, 43},    {1, 320, 6000, 30517, 2},
    {1, 320, 8000, 30517, 72},    {1, 330, 4000, 22888, 7},     {1, 350, 4000, 22888, 6},
    {1, 370, 2000, 8192, 2},      {1, 370, 4152, 10600, 45},    {1, 440, 8000, 30517, 2},
    {1, 460, 6000, 6144, 51},     {1, 460, 6000, 8192, 9},      {1, 460, 6000, 12288, 29},
    {1, 460, 6000, 16384, 7},     {1, 460, 6000, 18432, 18},    {1, 460, 6000, 23552, 6},
    {1, 460, 8000, 16000, 2},     {1, 460, 12000, 18432, 6},    {1, 470, 4000, 15258, 2},
    {1, 470, 8000, 30517, 360},   {1, 470, 11908, 47104, 388},  {1, 480, 4000, 22888, 18},
    {1, 480, 8000, 30517, 1},     {1, 550, 4152, 10600, 72},    {1, 590, 3152, 5600, 75},
    {1, 650, 1000, 2048, 2},      {1, 650, 4000, 15258, 2},     {1, 650, 8000, 30517, 12},
    {1, 650, 11908, 47104, 237},  {1, 810, 3152, 5600, 1047},   {1, 810, 4152, 10600, 31},
    {1, 1000, 1000, 6144, 15},    {1, 1000, 2000, 8192, 3},     {1, 1000, 2000, 16384, 5},
    {1, 1000, 3152, 5600, 470},   {1, 1000, 4000, 4096, 1},     {1, 1000, 4000, 8192, 1},
    {1, 1000, 4000, 16384, 8},    {1, 1000, 4000, 24576, 104},  {1, 1000, 4000, 31250, 40},
    {1, 1000, 4000, 32768, 5},    {1, 1000, 5000, 10240, 1},    {1, 1000, 6000, 8192, 1},
    {1, 1000, 6000, 16384, 1},    {1, 1000, 6000, 32768, 6},    {1, 1000, 7000, 30000, 11},
    {1, 1000, 8000, 8192, 1},     {1, 1000, 8000, 15625, 1},    {1, 1000, 8000, 16384, 104},
    {1, 1000, 8000, 24576, 1},    {1, 1000, 8000, 32768, 55},   {1, 1000, 8000, 65536, 2},
    {1, 1000, 8200, 33792, 41},   {1, 1000, 8710, 41560, 1},    {1, 1000, 9400, 52224, 6},
    {1, 1000, 9810, 41560, 195},  {1, 1000, 11300, 23552, 1},   {1, 1000, 11300, 37888, 16},
    {1, 1000, 11300, 49152, 857}, {1, 1000, 11400, 48128, 534}, {1, 1000, 11400, 77824, 65},
    {1, 1000, 11800, 78848, 1},   {1, 1000, 11900, 43008, 4},   {1, 1000, 11900, 77824, 51},
    {1, 1000, 11908, 47104, 153}, {1, 1000, 12000, 12288, 1},   {1, 1000, 12000, 15360, 44},
    {1, 1000, 12000, 16000, 2},   {1, 1000, 12000, 16384, 99},  {1, 1000, 12000, 23552, 2},
    {1, 1000, 12000, 24576, 158}, {1, 1000, 12000, 32768, 8},   {1, 1000, 12000, 47104, 8},
    {1, 1000, 12000, 49152, 4},   {1, 1000, 14000, 0, 1},       {1, 1000, 14200, 58368, 93},
    {1, 1000, 14900, 73728, 8},   {1, 1000, 15200, 80896, 36},  {1, 1000, 15400, 90112, 9},
    {1, 1000, 15700, 58368, 158}, {1, 1000, 15900, 90112, 1},   {1, 1000, 16000, 16384, 2},
    {1, 1000, 16000, 24576, 1},   {1, 1000, 16000, 31250, 3},   {1, 1000, 16000, 32768, 108},
    {1, 1000, 16000, 49152, 3},   {1, 1000, 16000, 65536, 33},  {1, 1000, 16400, 84992, 2},
    {1, 1000, 16400, 125952, 27}, {1, 1000, 18708, 64512, 255}, {1, 1000, 24200, 93184, 84},
    {2, 1000, 6000, 65536, 3},    {2, 1000, 14000, 60000, 1},   {2, 1000, 16200, 66560, 7},
    {2, 1000, 17400, 43008, 2},   {2, 1000, 30200, 160768, 3},  {4, 1000, 32000, 131072, 3},
    {4, 1000, 32200, 132096, 9},  {4, 1000, 60200, 320512, 3},  {8, 1000, 64000, 262144, 3},
    {8, 1000, 64200, 263168, 18}, {8, 1000, 88000, 327680, 18}, {8, 1000, 120000, 737280, 3},
    {8, 1000, 120200, 640000, 2},
}};

namespace embedded_detail {

/// `stem` and a number with at least `digits` digits.
[[nodiscard]] inline auto numbered(std::string_view stem, std::size_t number, std::size_t digits)
    -> std::string {
  auto figures = std::to_string(number);
  if (figures.size() < digits) figures.insert(0, digits - figures.size(), '0');
  return std::string{stem} + figures;
}

[[nodiscard]] inline auto lower_case(std::string_view text) -> std::string {
  std::string out{text};
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace embedded_detail

/// A real cluster and its tasks without any file: the nodes and pod shapes above, each as often as
/// it was counted, grouped by type and shape, with made-up names ("g2-0001", "pod-00001"). The
/// tasks have no times.
[[nodiscard]] inline auto embedded_openb() -> workload {
  workload made;
  made.name = "openb (built-in figures)";
  for (const auto& type : openb_node_types) {
    const auto model = made.device_type_of(type.model);
    LEPTON_ASSERT(model.has_value(),
                  "embedded_openb: the table has more GPU types than are supported");
    const auto stem = embedded_detail::lower_case(type.model) + "-";
    std::size_t of_model = 0;
    for (const auto& n : made.nodes) of_model += n.devices.type() == *model ? 1U : 0U;
    for (std::size_t i = 1; i <= type.nodes; ++i) {
      node_spec<2> spec;
      spec.name = embedded_detail::numbered(stem, of_model + i, 4);
      spec.capacity = {type.cpu_milli, type.memory_mib};
      spec.devices = device_set{type.gpus, *model};
      made.nodes.push_back(std::move(spec));
    }
  }
  for (const auto& shape : openb_pod_shapes) {
    for (std::size_t i = 0; i < shape.pods; ++i) {
      recorded_task task;
      task.what.id = made.tasks.size();
      task.name = embedded_detail::numbered("pod-", made.tasks.size() + 1, 5);
      task.what.demand = {shape.cpu_milli, shape.memory_mib};
      if (shape.gpus == 1) task.what.devices = device_request::share(shape.gpu_milli);
      if (shape.gpus > 1) task.what.devices = device_request::whole(shape.gpus);
      made.tasks.push_back(std::move(task));
    }
  }
  return made;
}

}  // namespace lepton::simulate
