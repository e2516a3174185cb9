// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/label_digest.hpp>
#include <lepton/balance/wraps.hpp>
#include <lepton/detail/key_index.hpp>

namespace lepton::balance {

/// A context that also says which labels a backend must have: `label_context{context{...},
/// wanted}`. `wanted` is a `labels`, or any range of pairs of texts; it must outlive the context.
template <class Base = context, class Labels = labels>
struct label_context : Base {
  constexpr label_context(const Base& base, const Labels& wanted) noexcept
      : Base(base), match(wanted) {}
  const Labels& match;
};
template <class Base, class Labels>
label_context(const Base&, const Labels&) -> label_context<Base, Labels>;

/// Who gets the requests for which there is no subset.
enum class subset_fallback : std::uint8_t {
  none,           ///< nobody
  any,            ///< any backend
  default_subset  ///< the backends with `subset_options::default_labels`
};

/// Backends that have a label under each of these keys are divided by the values.
struct subset_selector {
  std::vector<std::string> keys{};
  /// Instead of that of the options, for requests with just these keys.
  std::optional<subset_fallback> fallback{};
};

struct subset_options {
  std::vector<subset_selector> selectors{};
  subset_fallback fallback = subset_fallback::none;
  labels default_labels{};
  /// More subsets are an error: each has a snapshot and a policy of its own.
  std::size_t max_subsets = 1024;
};

/// Requests go to the backends whose labels they ask for (subset load balancer of Envoy). There is
/// a subset with an inner policy for each combination of values that members have under the keys of
/// a selector. A request whose labels (`match` of the context) are just those of a subset goes to
/// it, also if nobody in it may be picked; else to the fallback, as does one without labels.
///
/// A look-up hashes the request's labels, O(their length), and allocates nothing. Rebuilding and
/// memory are O(subsets × size).
template <class Inner>
class label_subset : public detail::wraps<Inner> {
 public:
  explicit label_subset(Inner inner = Inner{}, subset_options options = {})
      : fresh_(std::move(inner)), options_(std::move(options)), rest_{{}, fresh_}, all_(fresh_) {}

  auto rebuild(const snapshot& s) -> status {
    if (auto good = check(); !good) return good;
    const auto per_backend = options_.selectors.size() + 1;
    std::vector<std::uint32_t> subset_of(s.size() * per_backend, none);
    std::vector<std::pair<labels, std::vector<backend_index>>> found;
    lepton::detail::key_index by_labels{options_.max_subsets};
    for (std::size_t k = 0; k < options_.selectors.size(); ++k) {
      for (backend_index i = 0; i < s.size(); ++i) {
        if (!s.is_member(i)) continue;
        const auto values = selected(s.labels_of(i), options_.selectors[k]);
        if (!values) continue;
        const auto key = detail::digest_of(*values).all;
        auto j = by_labels.find(key);
        if (j == lepton::detail::key_index::none) {
          if (found.size() == options_.max_subsets) return too_many();
          j = static_cast<std::uint32_t>(found.size());
          by_labels.insert(key, j);
          found.push_back({*values, {}});
        }
        subset_of[i * per_backend + k] = j;
        if (s.is_eligible(i)) found[j].second.push_back(i);
      }
    }
    std::vector<subset> subsets;
    subsets.reserve(found.size());
    for (auto& [values, members] : found) {
      auto part = detail::part_of(s.restricted(members), known_policy(values));
      if (!part) return unexpected{part.error()};
      subsets.push_back({std::move(*part), std::move(values)});
    }
    std::vector<backend_index> rest;
    for (backend_index i = 0; i < s.size(); ++i) {
      if (!s.is_member(i) || !detail::has_labels(s.labels_of(i), options_.default_labels)) continue;
      subset_of[i * per_backend + per_backend - 1] = in_rest;
      if (s.is_eligible(i)) rest.push_back(i);
    }
    auto part = detail::part_of(s.restricted(rest), rest_.policy);
    if (!part) return unexpected{part.error()};
    auto all = all_;
    if (auto built = all.rebuild(s); !built) return built;

    subsets_ = std::move(subsets);
    by_labels_ = std::move(by_labels);
    subset_of_ = std::move(subset_of);
    rest_ = std::move(*part);
    all_ = std::move(all);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    auto fallback = options_.fallback;
    if constexpr (requires { detail::digest_of(c.match); }) {
      const auto wanted = detail::digest_of(c.match);
      if (wanted.count != 0) {
        const auto j = by_labels_.find(wanted.all);
        if (j != lepton::detail::key_index::none && wanted.count == subsets_[j].values.size() &&
            detail::same_labels(subsets_[j].values, c.match)) {
          return subsets_[j].backends.pick(c, only(j, allowed));
        }
        fallback = fallback_for(wanted);
      }
    }
    if (fallback == subset_fallback::any) return all_.pick(s, c, allowed);
    if (fallback == subset_fallback::default_subset) return rest_.pick(c, only(in_rest, allowed));
    return no_backend;
  }

  void started(backend_index i, const context& c) noexcept {
    tell_started(all_, i, c);
    for_each_policy_of(i, [&](Inner& p) noexcept { tell_started(p, i, c); });
  }
  void finished(backend_index i, const outcome& how) noexcept {
    tell_finished(all_, i, how);
    for_each_policy_of(i, [&](Inner& p) noexcept { tell_finished(p, i, how); });
  }

  [[nodiscard]] auto options() const noexcept -> const subset_options& { return options_; }
  [[nodiscard]] auto subset_count() const noexcept -> std::size_t { return subsets_.size(); }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;
  static constexpr std::uint32_t in_rest = 0xffff'fffe;

  struct subset {
    detail::part<Inner> backends;
    labels values;
  };

  /// The labels of a backend under the keys of a selector, if it has them all.
  [[nodiscard]] static auto selected(const labels& own, const subset_selector& by)
      -> std::optional<labels> {
    labels values;
    for (const auto& key : by.keys) {
      const auto* value = own.find(key);
      if (value == nullptr) return std::nullopt;
      values.set(key, *value);
    }
    return values;
  }
  /// An inner policy that may pick in panic must be kept to the members of its subset.
  template <class Allowed>
  [[nodiscard]] auto only(std::uint32_t j, const Allowed& allowed) const noexcept {
    if constexpr (detail::may_pick_unhealthy<Inner>()) {
      return [this, j, &allowed](backend_index i) noexcept {
        const auto n = options_.selectors.size() + 1;
        const auto first = subset_of_.begin() + static_cast<std::ptrdiff_t>(i * n);
        const auto last = first + static_cast<std::ptrdiff_t>(n);
        return std::find(first, last, j) != last && allowed(i);
      };
    } else {
      return allowed;
    }
  }
  [[nodiscard]] auto fallback_for(const detail::label_digest& wanted) const noexcept
      -> subset_fallback {
    for (const auto& by : options_.selectors) {
      if (by.fallback && detail::digest_of_keys(by.keys) == wanted.keys) return *by.fallback;
    }
    return options_.fallback;
  }
  template <class Visit>
  void for_each_policy_of(backend_index i, const Visit& visit) noexcept {
    const auto n = options_.selectors.size() + 1;
    if ((i + std::size_t{1}) * n > subset_of_.size()) return;
    for (std::size_t k = i * n; k < (i + std::size_t{1}) * n; ++k) {
      const auto j = subset_of_[k];
      if (j == in_rest) visit(rest_.policy);
      if (j < subsets_.size()) visit(subsets_[j].backends.policy);
    }
  }
  [[nodiscard]] auto known_policy(const labels& values) const -> Inner {
    const auto j = by_labels_.find(detail::digest_of(values).all);
    return j < subsets_.size() && subsets_[j].values == values ? subsets_[j].backends.policy
                                                               : fresh_;
  }

  [[nodiscard]] auto check() const -> status {
    std::vector<std::uint64_t> seen;
    for (const auto& by : options_.selectors) {
      if (by.keys.empty())
        return failure("label_subset: a selector without keys; name at least one");
      auto keys = by.keys;
      std::sort(keys.begin(), keys.end());
      if (std::adjacent_find(keys.begin(), keys.end()) != keys.end())
        return failure("label_subset: a selector names the key '" + keys.front() +
                       "' or another twice");
      seen.push_back(detail::digest_of_keys(by.keys));
    }
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end())
      return failure("label_subset: two selectors have the same keys; leave one out");
    return {};
  }
  [[nodiscard]] LEPTON_COLD auto too_many() const -> status {
    return failure("label_subset: the backends' labels make more than " +
                   std::to_string(options_.max_subsets) +
                   " subsets; select by keys with fewer values, or raise max_subsets");
  }

  Inner fresh_;
  subset_options options_;
  std::vector<subset> subsets_;
  lepton::detail::key_index by_labels_;
  std::vector<std::uint32_t> subset_of_;  ///< for each backend and selector, and the default subset
  detail::part<Inner> rest_;              ///< the default subset
  Inner all_;
};

}  // namespace lepton::balance
