// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <lepton/detail/quota_ledger.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::schedule {

/// One node of a tree of quotas, in each dimension of its own: a group of others (cohort, parent
/// queue, department) or, if it has a tenant, a leaf (cluster queue, namespace, user).
///
/// | here           | Kueue                                | YuniKorn, Volcano     |
/// |----------------|--------------------------------------|-----------------------|
/// | `guaranteed`   | nominal quota (a group: + children's)| guaranteed            |
/// | `limit`        | -                                    | max, capability       |
/// | `borrow_limit` | borrowing limit                      | -                     |
/// | `lend_limit`   | lending limit                        | -                     |
template <class Resources>
struct quota_spec {
  static constexpr amount unlimited = lepton::detail::quota_ledger<Resources>::unlimited;

  std::string name;                 ///< unique in the tree
  std::string parent;               ///< name of the group it is in; empty: the top of a tree
  std::optional<tenant_id> tenant;  ///< whose tasks it holds; none: it is a group

  /// What the node can always have, sooner or later. Of a group: of all below it together; left
  /// out, the sum of what its children are guaranteed.
  std::optional<Resources> guaranteed;
  /// What all below the node may use at most.
  Resources limit = Resources::filled(unlimited);
  /// What the node may use at most above what it is guaranteed.
  Resources borrow_limit = Resources::filled(unlimited);
  /// What of its guarantee, while it does not use it, others may use.
  Resources lend_limit = Resources::filled(unlimited);
  std::uint32_t weight = 1;  ///< at equal use above the guarantee, who has more must give less
};

}  // namespace lepton::schedule
