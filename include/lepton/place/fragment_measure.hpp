// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/model/device_set.hpp>
#include <lepton/model/devices.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/place/typical_tasks.hpp>

namespace lepton::place {

/// How much of a node's free device capacity a typical task could not use (Weng et al., "Beware of
/// Fragmentation", USENIX ATC 2023).
///
/// A typical task that the node can run (the resource, the device type, and enough devices each
/// with at least its share) leaves as fragment the free milli on devices too small for it; one that
/// the node cannot run, or that needs no device, leaves all. The measure is the sum over the
/// typical tasks weighted by their counts: an exact integer, `total_count()` times the expected
/// fragment.
///
/// The sum is regrouped so that it costs a table look-up for each partly used device: with the
/// tasks that fit by resource and type held fixed, a device of g free milli is of use to those
/// whose share is at most g, and a wholly free one also to those that ask for no more whole ones
/// than there are.
class fragment_measure {
 public:
  fragment_measure() = default;
  explicit fragment_measure(std::span<const typical_task> typical) { build(typical); }

  /// Sum of the counts of the typical tasks.
  [[nodiscard]] auto total_count() const noexcept -> std::int64_t { return total_; }

  /// A row of the tables: which typical tasks fit by resource and type.
  using row = std::span<const std::int64_t>;

  /// The row for a node with that much of the resource free. O(log shapes).
  [[nodiscard]] auto row_for(device_type type, amount free) const noexcept -> row {
    const auto rank = static_cast<std::size_t>(
        std::upper_bound(steps_.begin(), steps_.end(), free) - steps_.begin());
    return row{tables_}.subspan((table_of_[type] * (steps_.size() + 1) + rank) * width_, width_);
  }
  /// Use of one partly free device: `total_count()` times the milli of it that typical tasks can
  /// use.
  [[nodiscard]] auto use_of_partial(row r, std::uint16_t milli) const noexcept -> std::int64_t {
    return milli * r[bucket_[milli]];
  }
  /// Use of `count` wholly free devices.
  [[nodiscard]] auto use_of_whole(row r, std::size_t count) const noexcept -> std::int64_t {
    return static_cast<std::int64_t>(count) * device_milli * r[shares_ + count];
  }
  /// Use of all devices of a node.
  [[nodiscard]] auto use_of(row r, const device_set& devices) const noexcept -> std::int64_t {
    auto use = use_of_whole(r, devices.whole_count());
    for (auto rest = devices.partial(); rest != 0;
         rest = static_cast<device_mask>(rest & (rest - 1))) {
      use += use_of_partial(r, devices.free(static_cast<std::size_t>(std::countr_zero(rest))));
    }
    return use;
  }

  /// `total_count()` times the expected fragment of a node, in milli. O(devices + log shapes).
  [[nodiscard]] auto fragment(amount free, const device_set& devices) const noexcept
      -> std::int64_t {
    if (devices.count() == 0) return 0;
    return total_ * devices.free_milli() - use_of(row_for(devices.type(), free), devices);
  }

 private:
  void build(std::span<const typical_task> typical) {
    tables_.clear();
    std::vector<std::uint16_t> shares;
    for (const auto& t : typical) {
      total_ += static_cast<std::int64_t>(t.count);
      if (t.devices.none()) continue;
      steps_.push_back(t.demand);
      if (t.devices.is_share()) shares.push_back(t.devices.milli());
    }
    sort_unique(steps_);
    sort_unique(shares);
    shares_ = shares.size() + 1;
    width_ = shares_ + max_devices + 1;
    for (std::size_t milli = 0; milli < bucket_.size(); ++milli) {
      bucket_[milli] = static_cast<std::uint16_t>(
          std::upper_bound(shares.begin(), shares.end(), milli) - shares.begin());
    }
    std::vector<std::vector<char>> signatures;
    for (std::size_t type = 0; type < max_device_types; ++type) {
      std::vector<char> accepted;
      for (const auto& t : typical)
        accepted.push_back(t.devices.acceptable().contains(static_cast<device_type>(type)) ? 1 : 0);
      const auto known = std::find(signatures.begin(), signatures.end(), accepted);
      table_of_[type] = static_cast<std::size_t>(known - signatures.begin());
      if (known != signatures.end()) continue;
      add_table(typical, accepted);
      signatures.push_back(std::move(accepted));
    }
  }

  void add_table(std::span<const typical_task> typical, const std::vector<char>& accepted) {
    for (std::size_t rank = 0; rank <= steps_.size(); ++rank) {
      const auto at = tables_.size();
      tables_.resize(at + width_, 0);
      for (std::size_t i = 0; i < typical.size(); ++i) {
        const auto& t = typical[i];
        if (t.devices.none() || accepted[i] == 0 || rank == 0 || t.demand > steps_[rank - 1])
          continue;
        const auto count = static_cast<std::int64_t>(t.count);
        if (t.devices.is_share()) {
          for (std::size_t b = bucket_[t.devices.milli()]; b < shares_; ++b)
            tables_[at + b] += count;
          for (std::size_t whole = 1; whole <= max_devices; ++whole)
            tables_[at + shares_ + whole] += count;
        } else {
          for (std::size_t whole = t.devices.count(); whole <= max_devices; ++whole)
            tables_[at + shares_ + whole] += count;
        }
      }
    }
  }

  template <class Values>
  static void sort_unique(Values& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }

  std::int64_t total_ = 0;
  std::size_t shares_ = 1;  ///< distinct shares, plus one for "too small for any"
  std::size_t width_ = 1 + max_devices + 1;
  std::vector<amount> steps_;  ///< distinct demands of typical tasks with devices
  std::vector<std::int64_t> tables_ = std::vector<std::int64_t>(1 + max_devices + 1, 0);
  std::array<std::size_t, max_device_types> table_of_{};
  std::array<std::uint16_t, device_milli + 1> bucket_{};
};

}  // namespace lepton::place
