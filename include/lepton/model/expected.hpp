// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/model/error.hpp>

namespace lepton {

/// Wraps an error so that it converts to any `expected<T, E>`: `return unexpected{error{"..."}};`
template <class E>
class unexpected {
 public:
  constexpr explicit unexpected(E cause) : error_(std::move(cause)) {}
  [[nodiscard]] constexpr auto error() const& noexcept -> const E& { return error_; }
  [[nodiscard]] constexpr auto error() && noexcept -> E&& { return std::move(error_); }

 private:
  E error_;
};

/// A value, or the reason why there is none. A small stand-in for C++23's `std::expected`.
///
/// Reading the value of a failed `expected` (or the error of a good one) is a contract breach and
/// hits `LEPTON_ASSERT`; nothing here throws.
template <class T, class E = lepton::error>
class [[nodiscard]] expected {
 public:
  using value_type = T;
  using error_type = E;

  expected(T value) : good_(true) { ::new (&storage_.value) T(std::move(value)); }
  expected(unexpected<E> cause) : good_(false) {
    ::new (&storage_.cause) E(std::move(cause).error());
  }
  expected(const expected& other) : good_(other.good_) { construct(other); }
  expected(expected&& other) noexcept : good_(other.good_) { construct(std::move(other)); }
  auto operator=(expected other) noexcept -> expected& {
    destroy();
    good_ = other.good_;
    construct(std::move(other));
    return *this;
  }
  ~expected() { destroy(); }

  [[nodiscard]] auto has_value() const noexcept -> bool { return good_; }
  explicit operator bool() const noexcept { return good_; }

  [[nodiscard]] auto value() & noexcept -> T& {
    LEPTON_ASSERT(good_, "expected: there is no value; test it first and read error()");
    return storage_.value;
  }
  [[nodiscard]] auto value() const& noexcept -> const T& {
    LEPTON_ASSERT(good_, "expected: there is no value; test it first and read error()");
    return storage_.value;
  }
  [[nodiscard]] auto value() && noexcept -> T&& { return std::move(value()); }
  [[nodiscard]] auto operator*() & noexcept -> T& { return value(); }
  [[nodiscard]] auto operator*() const& noexcept -> const T& { return value(); }
  [[nodiscard]] auto operator*() && noexcept -> T&& { return std::move(value()); }
  [[nodiscard]] auto operator->() noexcept -> T* { return &value(); }
  [[nodiscard]] auto operator->() const noexcept -> const T* { return &value(); }

  [[nodiscard]] auto error() const noexcept -> const E& {
    LEPTON_ASSERT(!good_, "expected: there is no error, the call succeeded");
    return storage_.cause;
  }

 private:
  union storage {
    storage() noexcept {}
    ~storage() {}
    T value;
    E cause;
  };

  template <class Other>
  void construct(Other&& other) {
    if (good_) {
      ::new (&storage_.value) T(std::forward<Other>(other).storage_.value);
    } else {
      ::new (&storage_.cause) E(std::forward<Other>(other).storage_.cause);
    }
  }
  void destroy() noexcept {
    if (good_) {
      storage_.value.~T();
    } else {
      storage_.cause.~E();
    }
  }

  storage storage_;
  bool good_;
};

/// Success without a value, or the reason of the failure.
template <class E>
class [[nodiscard]] expected<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  expected() = default;
  expected(unexpected<E> cause) : error_(std::move(cause).error()), good_(false) {}

  [[nodiscard]] auto has_value() const noexcept -> bool { return good_; }
  explicit operator bool() const noexcept { return good_; }
  [[nodiscard]] auto error() const noexcept -> const E& {
    LEPTON_ASSERT(!good_, "expected: there is no error, the call succeeded");
    return error_;
  }

 private:
  E error_{};
  bool good_ = true;
};

/// Shorthand of readers and cluster changes.
using status = expected<void, error>;

/// Makes a failed `expected<T, error>` of a sentence.
[[nodiscard]] LEPTON_COLD inline auto failure(std::string message) -> unexpected<error> {
  return unexpected<error>{error{std::move(message)}};
}

}  // namespace lepton
