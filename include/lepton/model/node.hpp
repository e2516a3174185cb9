// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/adapt.hpp>
#include <lepton/model/device_set.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/labels.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/taint.hpp>

namespace lepton {

/// What a node is like, before it joins a cluster.
template <std::size_t N, class Dimensions>
struct node_spec {
  std::string name{};
  resources<N, Dimensions> capacity{};  ///< what tasks can get in all
  resources<N, Dimensions> used{};      ///< what tasks that the cluster does not know hold of it
  device_set devices{};
  labels own_labels{};
  std::vector<taint> taints{};
};

/// A node of a cluster: what it has, what is free, what runs on it. Read only: the cluster owns it
/// and is the only one to change it.
template <std::size_t N, class Dimensions>
class node {
 public:
  using resources_type = resources<N, Dimensions>;

  [[nodiscard]] auto free() const noexcept -> const resources_type& { return free_; }
  [[nodiscard]] auto capacity() const noexcept -> const resources_type& { return capacity_; }
  [[nodiscard]] auto devices() const noexcept -> const device_set& { return devices_; }
  [[nodiscard]] auto name() const noexcept -> const std::string& { return name_; }
  [[nodiscard]] auto own_labels() const noexcept -> const labels& { return labels_; }
  [[nodiscard]] auto taints() const noexcept -> const std::vector<taint>& { return taints_; }
  [[nodiscard]] auto residents() const noexcept -> const std::vector<resident>& {
    return residents_;
  }
  /// Number of tasks on it.
  [[nodiscard]] auto task_count() const noexcept -> std::uint32_t { return tasks_; }
  /// Whether it takes tasks: it has neither been drained nor removed.
  [[nodiscard]] auto accepting() const noexcept -> bool { return present_ && !draining_; }
  /// Whether it is still a member; a removed node keeps its index until the index is used again.
  [[nodiscard]] auto present() const noexcept -> bool { return present_; }

 private:
  friend class cluster<N, Dimensions>;

  explicit node(node_spec<N, Dimensions> spec)
      : free_(spec.capacity - spec.used),
        capacity_(spec.capacity),
        devices_(spec.devices),
        name_(std::move(spec.name)),
        labels_(std::move(spec.own_labels)),
        taints_(std::move(spec.taints)) {}

  resources_type free_;
  resources_type capacity_;
  std::uint64_t last_change_ = 0;
  std::uint32_t tasks_ = 0;
  bool present_ = true;
  bool draining_ = false;
  device_set devices_;
  std::string name_;
  labels labels_;
  std::vector<taint> taints_;
  std::vector<resident> residents_;
};

}  // namespace lepton
