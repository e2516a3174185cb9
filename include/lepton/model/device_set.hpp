// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lepton/config.hpp>
#include <lepton/model/devices.hpp>

namespace lepton {

/// The devices of one node: up to 16 of one type, each with 1,000 milli that tasks take whole or
/// in shares, and how many tasks of each kind are using them.
///
/// Everything a filter or score asks for (largest free share, number of wholly free devices, the
/// free sum) is kept current by `take` and `give`, so reading it costs nothing.
class device_set {
 public:
  constexpr device_set() noexcept = default;
  /// `count` wholly free devices of `type`; count ≤ `max_devices`, type < `max_device_types`.
  constexpr device_set(std::uint8_t count, device_type type) noexcept : count_(count), type_(type) {
    LEPTON_ASSERT(count <= max_devices && type < max_device_types,
                  "device_set: at most 16 devices of a type below 64");
    for (std::size_t i = 0; i < count; ++i) free_[i] = device_milli;
    whole_ = static_cast<device_mask>((1U << count) - 1U);
    free_milli_ = static_cast<std::uint16_t>(count * device_milli);
    largest_ = count == 0 ? std::uint16_t{0} : device_milli;
  }

  [[nodiscard]] constexpr auto count() const noexcept -> std::size_t { return count_; }
  [[nodiscard]] constexpr auto type() const noexcept -> device_type { return type_; }
  /// Free milli of device `i`.
  [[nodiscard]] constexpr auto free(std::size_t i) const noexcept -> std::uint16_t {
    return free_[i];
  }
  /// Free milli of all devices together.
  [[nodiscard]] constexpr auto free_milli() const noexcept -> std::int64_t { return free_milli_; }
  [[nodiscard]] constexpr auto capacity_milli() const noexcept -> std::int64_t {
    return std::int64_t{count_} * device_milli;
  }
  /// Largest free share of one device.
  [[nodiscard]] constexpr auto largest() const noexcept -> std::uint16_t { return largest_; }
  /// The wholly free devices, and the partly used ones that have something left.
  [[nodiscard]] constexpr auto whole() const noexcept -> device_mask { return whole_; }
  [[nodiscard]] constexpr auto partial() const noexcept -> device_mask { return partial_; }
  [[nodiscard]] constexpr auto whole_count() const noexcept -> std::size_t {
    return static_cast<std::size_t>(std::popcount(whole_));
  }
  /// Kinds of tasks that use these devices: bit 0 for shares, bit k for tasks of k whole devices.
  [[nodiscard]] constexpr auto kinds() const noexcept -> std::uint32_t { return kinds_; }

  /// Whether the type is acceptable (or no device asked for).
  [[nodiscard]] constexpr auto type_fits(const device_request& r) const noexcept -> bool {
    return r.none() || (count_ != 0 && r.acceptable().contains(type_));
  }
  /// Whether enough is free, whatever the type. A share of nothing fits nowhere.
  [[nodiscard]] constexpr auto amount_fits(const device_request& r) const noexcept -> bool {
    if (r.count() == 1) return r.milli() != 0 && largest_ >= r.milli();
    return whole_count() >= r.count();
  }
  [[nodiscard]] constexpr auto fits(const device_request& r) const noexcept -> bool {
    return type_fits(r) && amount_fits(r);
  }
  /// Whether these very devices are enough for the request: the right number, each with the share.
  [[nodiscard]] constexpr auto fits_on(const device_request& r, device_mask chosen) const noexcept
      -> bool {
    if (!type_fits(r) || std::popcount(chosen) != r.count() || (chosen >> count_) != 0)
      return false;
    for (auto rest = chosen; rest != 0; rest = static_cast<device_mask>(rest & (rest - 1))) {
      if (free_[index_of_lowest(rest)] < r.milli()) return false;
    }
    return true;
  }

  /// The customary choice: a share goes to the fitting device with the least left (the lowest such
  /// index), whole requests to the first free devices. `fits(r)` must hold.
  [[nodiscard]] constexpr auto tightest(const device_request& r) const noexcept -> device_mask {
    if (r.none()) return 0;
    if (!r.is_share()) return first_whole(r.count());
    auto best = first_whole(1);
    auto least = device_milli;
    for (auto rest = partial_; rest != 0; rest = static_cast<device_mask>(rest & (rest - 1))) {
      const auto i = index_of_lowest(rest);
      if (free_[i] >= r.milli() && free_[i] < least) {
        least = free_[i];
        best = static_cast<device_mask>(1U << i);
      }
    }
    return best;
  }

  /// Takes the request from the chosen devices; `fits_on(r, chosen)` must hold.
  constexpr void take(const device_request& r, device_mask chosen) noexcept {
    if (r.none()) return;
    if (users_[r.kind()]++ == 0) kinds_ |= 1U << r.kind();
    for (auto rest = chosen; rest != 0; rest = static_cast<device_mask>(rest & (rest - 1))) {
      set(index_of_lowest(rest),
          static_cast<std::uint16_t>(free_[index_of_lowest(rest)] - r.milli()));
    }
    refresh_largest();
  }
  /// Undoes `take(r, chosen)`.
  constexpr void give(const device_request& r, device_mask chosen) noexcept {
    if (r.none()) return;
    if (--users_[r.kind()] == 0) kinds_ &= ~(1U << r.kind());
    for (auto rest = chosen; rest != 0; rest = static_cast<device_mask>(rest & (rest - 1))) {
      set(index_of_lowest(rest),
          static_cast<std::uint16_t>(free_[index_of_lowest(rest)] + r.milli()));
    }
    refresh_largest();
  }

  friend constexpr auto operator==(const device_set&, const device_set&) noexcept -> bool = default;

 private:
  [[nodiscard]] static constexpr auto index_of_lowest(device_mask mask) noexcept -> std::size_t {
    return static_cast<std::size_t>(std::countr_zero(mask));
  }
  [[nodiscard]] constexpr auto first_whole(std::size_t count) const noexcept -> device_mask {
    device_mask chosen = 0;
    auto rest = whole_;
    for (; count != 0; --count) {
      const auto lowest = static_cast<device_mask>(rest & -rest);
      chosen = static_cast<device_mask>(chosen | lowest);
      rest = static_cast<device_mask>(rest ^ lowest);
    }
    return chosen;
  }
  constexpr void set(std::size_t i, std::uint16_t milli) noexcept {
    free_milli_ = static_cast<std::uint16_t>(free_milli_ - free_[i] + milli);
    free_[i] = milli;
    const auto bit = static_cast<device_mask>(1U << i);
    whole_ = static_cast<device_mask>(milli == device_milli ? whole_ | bit : whole_ & ~bit);
    partial_ = static_cast<device_mask>(milli != 0 && milli != device_milli ? partial_ | bit
                                                                            : partial_ & ~bit);
  }
  constexpr void refresh_largest() noexcept {
    largest_ = whole_ != 0 ? device_milli : std::uint16_t{0};
    if (whole_ != 0) return;
    for (auto rest = partial_; rest != 0; rest = static_cast<device_mask>(rest & (rest - 1))) {
      largest_ = std::max(largest_, free_[index_of_lowest(rest)]);
    }
  }

  std::array<std::uint16_t, max_devices> free_{};
  std::uint16_t free_milli_ = 0;
  std::uint16_t largest_ = 0;
  device_mask whole_ = 0;
  device_mask partial_ = 0;
  std::uint32_t kinds_ = 0;
  std::uint8_t count_ = 0;
  device_type type_ = 0;
  std::array<std::uint16_t, max_devices + 1> users_{};
};

}  // namespace lepton
