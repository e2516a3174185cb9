// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace lepton::detail {

/// Holds one value of any copyable type, made when it is first asked for; copies copy the value.
/// Needs no run-time type information.
class box {
 public:
  box() = default;
  box(const box& other)
      : value_(other.value_ != nullptr ? other.kind_->copy(other.value_) : nullptr),
        kind_(other.kind_) {}
  box(box&& other) noexcept : value_(std::exchange(other.value_, nullptr)), kind_(other.kind_) {}
  auto operator=(box other) noexcept -> box& {
    std::swap(value_, other.value_);
    std::swap(kind_, other.kind_);
    return *this;
  }
  ~box() { clear(); }

  /// The value if it is a `T`; else drops what is there and makes a `T{}`.
  template <class T>
  [[nodiscard]] auto get() -> T& {
    if (value_ == nullptr || kind_ != &kind_of<T>) {
      clear();
      value_ = new T{};
      kind_ = &kind_of<T>;
    }
    return *static_cast<T*>(value_);
  }

  void clear() noexcept {
    if (value_ != nullptr) kind_->destroy(value_);
    value_ = nullptr;
  }

 private:
  struct operations {
    void* (*copy)(const void*);
    void (*destroy)(void*) noexcept;
  };
  template <class T>
  static constexpr operations kind_of{
      [](const void* value) -> void* { return new T(*static_cast<const T*>(value)); },
      [](void* value) noexcept { delete static_cast<T*>(value); }};

  void* value_ = nullptr;
  const operations* kind_ = nullptr;
};

}  // namespace lepton::detail
