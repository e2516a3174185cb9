// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lepton {

/// Capacity of one device (a GPU, say) in its smallest unit.
inline constexpr std::uint16_t device_milli = 1000;
/// Most devices one node may have.
inline constexpr std::size_t max_devices = 16;
/// Number of distinct device types a program may use.
inline constexpr std::size_t max_device_types = 64;

/// The model of a device: a small number of the program's choice, below `max_device_types`.
using device_type = std::uint8_t;

/// Which devices of a node: bit i stands for device i.
using device_mask = std::uint16_t;

/// A set of device types.
class device_types {
 public:
  constexpr device_types() noexcept = default;
  /// The types whose bits are set.
  static constexpr auto from_bits(std::uint64_t bits) noexcept -> device_types {
    device_types set;
    set.bits_ = bits;
    return set;
  }
  /// Every type there is.
  static constexpr auto any() noexcept -> device_types { return from_bits(~std::uint64_t{0}); }
  /// Exactly one type.
  static constexpr auto only(device_type type) noexcept -> device_types {
    return from_bits(std::uint64_t{1} << type);
  }

  constexpr void insert(device_type type) noexcept { bits_ |= std::uint64_t{1} << type; }
  [[nodiscard]] constexpr auto contains(device_type type) const noexcept -> bool {
    return ((bits_ >> type) & 1U) != 0;
  }
  [[nodiscard]] constexpr auto empty() const noexcept -> bool { return bits_ == 0; }
  [[nodiscard]] constexpr auto bits() const noexcept -> std::uint64_t { return bits_; }
  friend constexpr auto operator==(const device_types&, const device_types&) noexcept
      -> bool = default;

 private:
  std::uint64_t bits_ = 0;
};

/// What a task asks of the devices of its node: nothing, k whole ones, or a share of one.
class device_request {
 public:
  /// No device.
  constexpr device_request() noexcept = default;
  /// `count` whole devices, 1 to `max_devices`, of one of the acceptable types.
  static constexpr auto whole(std::uint8_t count,
                              device_types acceptable = device_types::any()) noexcept
      -> device_request {
    return {count, device_milli, acceptable};
  }
  /// `milli` thousandths (1 to 1000) of one device of one of the acceptable types.
  static constexpr auto share(std::uint16_t milli,
                              device_types acceptable = device_types::any()) noexcept
      -> device_request {
    return {1, milli, acceptable};
  }

  /// Number of devices; 0 when the task needs none.
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint8_t { return count_; }
  /// Milli of each of them.
  [[nodiscard]] constexpr auto milli() const noexcept -> std::uint16_t { return milli_; }
  /// Milli in all.
  [[nodiscard]] constexpr auto total_milli() const noexcept -> std::int64_t {
    return std::int64_t{count_} * milli_;
  }
  [[nodiscard]] constexpr auto acceptable() const noexcept -> device_types { return acceptable_; }
  [[nodiscard]] constexpr auto none() const noexcept -> bool { return count_ == 0; }
  [[nodiscard]] constexpr auto is_share() const noexcept -> bool {
    return count_ == 1 && milli_ < device_milli;
  }

  /// 0 for a share, k for k whole devices; meaningless when `none()`.
  [[nodiscard]] constexpr auto kind() const noexcept -> std::size_t {
    return is_share() ? 0 : count_;
  }

  /// Whether some node could ever hold it: nothing at all, or 1 to 16 devices of 1 to 1000 milli,
  /// more than one only as whole ones, and at least one acceptable type.
  [[nodiscard]] constexpr auto valid() const noexcept -> bool {
    if (count_ == 0) return milli_ == 0;
    return count_ <= max_devices && milli_ >= 1 && milli_ <= device_milli &&
           (count_ == 1 || milli_ == device_milli) && !acceptable_.empty();
  }

  friend constexpr auto operator==(const device_request&, const device_request&) noexcept
      -> bool = default;

 private:
  constexpr device_request(std::uint8_t count, std::uint16_t milli,
                           device_types acceptable) noexcept
      : acceptable_(acceptable), milli_(milli), count_(count) {}

  device_types acceptable_ = device_types::any();
  std::uint16_t milli_ = 0;
  std::uint8_t count_ = 0;
};

}  // namespace lepton
