// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/schedule/quota_spec.hpp>

namespace lepton::schedule::detail {

/// Checks the specs of a tree of quotas and puts every node behind its parent.
template <class Resources>
class quota_build {
 public:
  using spec = quota_spec<Resources>;
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  /// Sums of guarantees stay below it, so that nothing overflows.
  static constexpr amount most = amount{1} << 60;

  explicit quota_build(std::span<const spec> specs) : specs_(specs) {}

  [[nodiscard]] auto run() -> status {
    for (const auto step : {&quota_build::name_all, &quota_build::find_parents,
                            &quota_build::put_in_order, &quota_build::add_up}) {
      if (auto s = (this->*step)(); !s) return s;
    }
    return {};
  }

  /// The specs' numbers, parents first.
  [[nodiscard]] auto order() const noexcept -> const std::vector<std::size_t>& { return order_; }
  /// The number of the parent's spec, or `nobody`.
  [[nodiscard]] auto parent(std::size_t i) const noexcept -> std::size_t { return parents_[i]; }
  /// What the node has besides its children's guarantees.
  [[nodiscard]] auto own(std::size_t i) const noexcept -> const Resources& { return own_[i]; }

 private:
  using name_place = std::pair<std::string, std::size_t>;

  [[nodiscard]] LEPTON_COLD auto wrong(std::size_t i, const std::string& what) const -> status {
    return failure("quota '" + specs_[i].name + "': " + what);
  }

  [[nodiscard]] auto name_all() -> status {
    std::vector<std::pair<tenant_id, std::size_t>> tenants;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const auto& s = specs_[i];
      if (s.name.empty())
        return failure("quota " + std::to_string(i) + " (counted from 0) has no name");
      names_.push_back({s.name, i});
      if (s.tenant) tenants.push_back({*s.tenant, i});
      if (auto checked = check_amounts(i); !checked) return checked;
    }
    std::sort(names_.begin(), names_.end());
    for (std::size_t k = 1; k < names_.size(); ++k) {
      if (names_[k].first == names_[k - 1].first)
        return wrong(names_[k].second, "the name is used twice");
    }
    std::sort(tenants.begin(), tenants.end());
    for (std::size_t k = 1; k < tenants.size(); ++k) {
      if (tenants[k].first != tenants[k - 1].first) continue;
      return wrong(tenants[k].second, "tenant " + std::to_string(tenants[k].first) +
                                          " has quota '" + specs_[tenants[k - 1].second].name +
                                          "' already; a tenant has one");
    }
    return {};
  }

  [[nodiscard]] auto check_amounts(std::size_t i) const -> status {
    const auto& s = specs_[i];
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      const auto wanted = s.guaranteed ? (*s.guaranteed)[d] : 0;
      const std::string name{Resources::name(d)};
      if (wanted < 0 || s.limit[d] < 0 || s.borrow_limit[d] < 0 || s.lend_limit[d] < 0)
        return wrong(i, name + " has a negative guarantee or limit; amounts start at 0");
      if (wanted > most)
        return wrong(
            i, name + ": a guarantee of " + std::to_string(wanted) + " is too large; at most 2^60");
      if (s.guaranteed && wanted > s.limit[d]) {
        return wrong(i, name + ": " + std::to_string(wanted) +
                            " is guaranteed, above the limit of " + std::to_string(s.limit[d]));
      }
    }
    return {};
  }

  [[nodiscard]] auto find_parents() -> status {
    parents_.assign(specs_.size(), nobody);
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      const auto& name = specs_[i].parent;
      if (name.empty()) continue;
      const auto at = std::lower_bound(names_.begin(), names_.end(), name_place{name, 0});
      if (at == names_.end() || at->first != name)
        return wrong(i, "there is no quota '" + name + "' to be its parent");
      if (specs_[at->second].tenant)
        return wrong(i, "its parent '" + name + "' is a tenant's; only groups have children");
      parents_[i] = at->second;
    }
    return {};
  }

  [[nodiscard]] auto put_in_order() -> status {
    std::vector<char> placed(specs_.size(), 0);
    std::vector<std::size_t> way;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      for (auto at = i; at != nobody && placed[at] != 2; at = parents_[at]) {
        if (placed[at] == 1) {
          return wrong(at, "it is in a cycle: it is its own parent, by way of '" +
                               specs_[parents_[at]].name + "'");
        }
        placed[at] = 1;
        way.push_back(at);
      }
      for (; !way.empty(); way.pop_back()) {
        placed[way.back()] = 2;
        order_.push_back(way.back());
      }
    }
    return {};
  }

  [[nodiscard]] auto add_up() -> status {
    std::vector<Resources> children(specs_.size());
    own_.assign(specs_.size(), {});
    for (auto k = order_.size(); k-- > 0;) {
      const auto i = order_[k];
      const auto all = specs_[i].guaranteed ? *specs_[i].guaranteed : children[i];
      for (std::size_t d = 0; d < Resources::size(); ++d) {
        const std::string name{Resources::name(d)};
        if (children[i][d] > all[d]) {
          return wrong(i, name + ": its children are guaranteed " + std::to_string(children[i][d]) +
                              " together, more than its own " + std::to_string(all[d]));
        }
        if (all[d] > specs_[i].limit[d]) {
          return wrong(i, name + ": its children are guaranteed " + std::to_string(all[d]) +
                              " together, above its limit of " +
                              std::to_string(specs_[i].limit[d]));
        }
        if (parents_[i] == nobody) continue;
        children[parents_[i]][d] += all[d];
        if (children[parents_[i]][d] > most)
          return wrong(parents_[i], name + ": its children's guarantees add up to more than 2^60");
      }
      own_[i] = all - children[i];
    }
    return {};
  }

  std::span<const spec> specs_;
  std::vector<name_place> names_;  ///< sorted
  std::vector<std::size_t> parents_;
  std::vector<std::size_t> order_;
  std::vector<Resources> own_;
};

}  // namespace lepton::schedule::detail
