// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/detail/fnv1a.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// Writes the state of a model, number by number, little-endian; or, without a place to write to,
/// counts the bytes only.
///
/// `a(x, y, ...)` takes integers, `bool`, enumerations, floating-point numbers, `std::array` and
/// `std::vector` of what it takes, and classes with a member `persist(Archive&)`.
class state_writer {
 public:
  static constexpr bool reads = false;

  state_writer() noexcept = default;
  explicit state_writer(std::span<std::byte> out) noexcept : out_(out) {}

  template <class... T>
  void operator()(const T&... values) noexcept {
    (write(values), ...);
  }
  /// Bytes written (or counted) so far.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return at_; }
  /// FNV-1a of the bytes written.
  [[nodiscard]] auto checksum() const noexcept -> std::uint64_t { return hash_; }

 private:
  template <class T>
  void write(const T& value) noexcept;
  void put(std::uint64_t bits, std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < bytes; ++i, bits >>= 8) {
      hash_ = lepton::detail::fnv_add(hash_, bits & 0xffU);
      if (at_ < out_.size()) out_[at_] = static_cast<std::byte>(bits & 0xffU);
      ++at_;
    }
  }

  std::span<std::byte> out_{};
  std::size_t at_ = 0;
  std::uint64_t hash_ = lepton::detail::fnv_start;
};

/// Reads what `state_writer` wrote. Once something did not fit, `good()` is false and all further
/// reads leave their target alone; a length is believed only if that many bytes are left.
class state_reader {
 public:
  static constexpr bool reads = true;

  explicit state_reader(std::span<const std::byte> in) noexcept : in_(in) {}

  template <class... T>
  void operator()(T&... values) {
    (read(values), ...);
  }
  [[nodiscard]] auto good() const noexcept -> bool { return good_; }
  [[nodiscard]] auto at_end() const noexcept -> bool { return good_ && at_ == in_.size(); }
  /// Declares what was read to be nonsense.
  void reject() noexcept { good_ = false; }

 private:
  template <class T>
  void read(T& value);
  auto take(std::size_t bytes) noexcept -> std::uint64_t {
    if (!good_ || bytes > in_.size() - at_) {
      good_ = false;
      return 0;
    }
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      bits |= std::uint64_t{std::to_integer<std::uint8_t>(in_[at_ + i])} << (8 * i);
    at_ += bytes;
    return bits;
  }

  std::span<const std::byte> in_;
  std::size_t at_ = 0;
  bool good_ = true;
};

namespace detail {

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;

/// The unsigned integer that holds a number's bits.
template <class T>
[[nodiscard]] constexpr auto bits_of(T value) noexcept -> std::uint64_t {
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<std::uint64_t>(value);
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<std::uint32_t>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return bits_of(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? 1 : 0;
  } else {
    return static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
  }
}

}  // namespace detail

template <class T>
void state_writer::write(const T& value) noexcept {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    put(detail::bits_of(value), sizeof(T));
  } else if constexpr (detail::is_vector<T>) {
    put(value.size(), 8);
    for (const auto& x : value) write(x);
  } else if constexpr (detail::is_array<T>) {
    for (const auto& x : value) write(x);
  } else if constexpr (detail::is_pair<T>) {
    write(value.first);
    write(value.second);
  } else {
    // persist() serves both ways, so it cannot be const; a writer changes nothing.
    const_cast<T&>(value).persist(*this);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
}

template <class T>
void state_reader::read(T& value) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    const auto bits = take(sizeof(T));
    if (!good_) return;
    if constexpr (std::is_same_v<T, double>) {
      value = std::bit_cast<double>(bits);
    } else if constexpr (std::is_same_v<T, float>) {
      value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    } else if constexpr (std::is_same_v<T, bool>) {
      if (bits > 1) good_ = false;
      value = bits == 1;
    } else {
      value = static_cast<T>(bits);
    }
  } else if constexpr (detail::is_vector<T>) {
    const auto count = take(8);
    // Each element takes a byte at least.
    if (!good_ || count > in_.size() - at_) {
      good_ = false;
      return;
    }
    value.resize(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < value.size() && good_; ++i) {
      if constexpr (std::is_same_v<T, std::vector<bool>>) {
        bool bit = false;
        read(bit);
        value[i] = bit;
      } else {
        read(value[i]);
      }
    }
  } else if constexpr (detail::is_array<T>) {
    for (auto& x : value) read(x);
  } else if constexpr (detail::is_pair<T>) {
    read(value.first);
    read(value.second);
  } else {
    value.persist(*this);
  }
}

/// A model that can be written down and read back.
///
/// 1. `M::model_name` is a short name, unlike that of any other model.
/// 2. `m.persist(a)` passes all that makes up the model's state and options to `a(...)`, in one
///    order, whether `a` writes or reads (`Archive::reads` tells). When reading it calls
///    `a.reject()` if the numbers cannot be the state of such a model.
template <class M>
concept persistent = std::copyable<M> && requires(M& m, state_writer& w, state_reader& r) {
  { M::model_name } -> std::convertible_to<std::string_view>;
  m.persist(w);
  m.persist(r);
};

namespace detail {

inline constexpr std::uint32_t state_magic = 0x4c505431;  // "LPT1"
inline constexpr std::size_t state_head = 4 + 8;          // magic, the model's name hashed
inline constexpr std::size_t state_tail = 8;              // checksum of all before

[[nodiscard]] constexpr auto name_hash(std::string_view name) noexcept -> std::uint64_t {
  std::uint64_t hash = lepton::detail::fnv_start;
  for (const char c : name) hash = lepton::detail::fnv_add(hash, static_cast<std::uint8_t>(c));
  return hash;
}

template <persistent M>
void write_state(const M& model, state_writer& w) noexcept {
  w(state_magic, name_hash(M::model_name), model);
  w(w.checksum());
}

}  // namespace detail

/// Bytes that the saved state of the model takes. Updates do not change it.
template <persistent M>
[[nodiscard]] auto state_bytes(const M& model) noexcept -> std::size_t {
  state_writer count;
  detail::write_state(model, count);
  return count.size();
}

/// Writes the model's state into `out`, without allocation; fails if it is too small.
/// The same state gives the same bytes on every machine.
template <persistent M>
[[nodiscard]] auto save(const M& model, std::span<std::byte> out) -> expected<std::size_t> {
  const auto needed = state_bytes(model);
  if (out.size() < needed)
    return failure("save: the state of " + std::string(M::model_name) + " takes " +
                   std::to_string(needed) + " bytes, there is room for " +
                   std::to_string(out.size()));
  state_writer w{out};
  detail::write_state(model, w);
  return needed;
}
template <persistent M>
[[nodiscard]] auto save(const M& model) -> std::vector<std::byte> {
  std::vector<std::byte> out(state_bytes(model));
  state_writer w{out};
  detail::write_state(model, w);
  return out;
}

/// Makes `model` the one that was saved. Of anything else than a whole, unchanged state of this
/// very kind of model it says what is wrong, and leaves the model alone.
template <persistent M>
[[nodiscard]] auto load(M& model, std::span<const std::byte> bytes) -> status {
  const auto wrong = [](const char* what) {
    return failure("load: " + std::string(M::model_name) + ": " + what);
  };
  if (bytes.size() < detail::state_head + detail::state_tail)
    return wrong("too short to be a saved state; was it cut off?");
  state_reader head{bytes};
  std::uint32_t magic = 0;
  std::uint64_t name = 0;
  head(magic, name);
  if (magic != detail::state_magic) return wrong("this is no saved state of a predictor");
  const auto body = bytes.first(bytes.size() - detail::state_tail);
  std::uint64_t hash = lepton::detail::fnv_start;
  for (const auto b : body) hash = lepton::detail::fnv_add(hash, std::to_integer<std::uint8_t>(b));
  state_reader tail{bytes.last(detail::state_tail)};
  std::uint64_t checksum = 0;
  tail(checksum);
  if (checksum != hash)
    return wrong("the checksum does not match; the state was damaged or cut off");
  if (name != detail::name_hash(M::model_name))
    return wrong("this is the saved state of another kind of model");
  state_reader r{body.subspan(detail::state_head)};
  M loaded = model;
  r(loaded);
  if (!r.at_end()) return wrong("the state does not fit this version of the model");
  if constexpr (requires(M & m, std::span<const double> in, std::span<double> out) {
                  m.ready();
                  m.forecast(std::size_t{2}, in, out);
                }) {
    constexpr std::array<double, 2> levels{0.1, 0.9};
    std::array<double, 4> next{};
    loaded.forecast(2, std::span<const double>{levels}, std::span<double>{next});
    for (const double x : next) {
      if (loaded.ready() && !std::isfinite(x))
        return wrong("the numbers are not those of a working model");
    }
  }
  model = std::move(loaded);
  return {};
}

}  // namespace lepton::predict
