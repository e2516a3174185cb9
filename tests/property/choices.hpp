// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>

namespace lepton_test {

/// Where a random test gets its choices from: a seeded generator, for volume; or bytes made by
/// RapidCheck, which shrinks them, and with them the whole history that they stand for. Bytes that
/// have run out are zeros, so 0 must always be the dull choice.
class choices {
 public:
  explicit choices(std::uint64_t seed) : random_(lepton::detail::pcg32{seed}) {}
  explicit choices(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  auto below(std::uint32_t bound) -> std::uint32_t {
    if (bound <= 1) return 0;
    if (random_) return random_->below(bound);
    std::uint32_t value = 0;
    for (std::uint32_t range = 1; range < bound && next_ < bytes_.size(); range *= 256) {
      value = value * 256 + bytes_[next_++];
      if (range > bound / 256) break;
    }
    return value % bound;
  }
  /// True in so many of a hundred cases; false when the bytes have run out.
  auto chance(std::uint32_t percent) -> bool { return below(100) >= 100 - percent; }
  template <class Value, std::size_t N>
  auto one_of(const Value (&values)[N]) -> Value {
    return values[below(static_cast<std::uint32_t>(N))];
  }
  [[nodiscard]] auto exhausted() const -> bool { return !random_ && next_ >= bytes_.size(); }

 private:
  std::optional<lepton::detail::pcg32> random_;
  std::vector<std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

/// A seed for one part of a volume test: fixed in CI, fresh in the nightly run, `RC_PARAMS=seed=…`
/// brings a run back.
inline auto seed_for(std::string_view part, std::uint64_t number) -> std::uint64_t {
  const auto base = rc::detail::configuration().testParams.seed;
  return lepton::detail::mix(lepton::detail::combine(lepton::detail::combine(base, part), number));
}
inline auto how_to_repeat() -> std::string {
  return "RC_PARAMS=seed=" + std::to_string(rc::detail::configuration().testParams.seed);
}

}  // namespace lepton_test
