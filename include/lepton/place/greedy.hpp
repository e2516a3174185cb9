// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/detail/box.hpp>
#include <lepton/detail/order_place.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/domain_rules.hpp>
#include <lepton/place/feasibility.hpp>
#include <lepton/place/local_index.hpp>
#include <lepton/place/none_found.hpp>
#include <lepton/place/ordered_index.hpp>
#include <lepton/place/tie_order.hpp>

namespace lepton::place {

/// The policy most schedulers are: of the nodes that pass every filter, the one with the best
/// score. `greedy{filter…, score}`.
///
/// The library's own tests (room, devices, selectors, taints, affinities, spread) always come
/// first; filters add the program's own. Equal scores go to the lowest index, or to the first in a
/// seeded order (`with_ties`).
///
/// On a `cluster` (any `revisioned_view`) the kind of the score picks an index that gives exactly
/// the answer of looking at every node: ordered scores O(log n + misses), local ones
/// O(changed · log n). Tasks whose constraints reach over nodes, global scores, and views that do
/// not say what changed are scanned, O(n). The policy is a value: a copy has an index of its own.
template <class... Parts>
class greedy {
  static_assert(sizeof...(Parts) >= 1,
                "lepton: greedy{filter..., score} needs a score as its last part");

 public:
  /// See `place::looks_at_nodes_alone`.
  static constexpr bool looks_at_nodes_alone = ((kind_of<Parts>() != score_kind::global) && ...);

  using score_type = std::tuple_element_t<sizeof...(Parts) - 1, std::tuple<Parts...>>;

  constexpr explicit greedy(Parts... parts) : parts_(std::move(parts)...) {}

  /// The same policy with ties broken by a random order of the nodes, drawn once from the seed.
  [[nodiscard]] auto with_ties(std::uint64_t seed) const -> greedy {
    auto copy = *this;
    copy.ties_ = tie_order{seed};
    copy.forget();
    return copy;
  }

  /// What the parts look at beyond demand, devices, labels and rules of a task, as one number.
  template <class Task>
  [[nodiscard]] auto class_key(const Task& t) const noexcept -> std::uint64_t {
    std::uint64_t key = 0;
    std::apply(
        [&](const auto&... part) {
          const auto fold = [&](const auto& p) {
            if constexpr (requires { p.class_key(t); })
              key = lepton::detail::combine(key, static_cast<std::uint64_t>(p.class_key(t)));
          };
          (fold(part), ...);
        },
        parts_);
    return key;
  }

  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    check<Task, View>();
    if (v.size() == 0) return decision::infeasible();
    take_up(v);
    if constexpr (revisioned_view<View> && kind != score_kind::global) {
      if (!domain_rules::concern(t, v)) {
        if constexpr (kind == score_kind::ordered) {
          return pick_ordered(t, v);
        } else {
          return pick_local(t, v);
        }
      }
    }
    return scan(t, v);
  }

  /// The answer of looking at every node, whatever index there is: the reference for tests.
  template <class Task, class View>
  [[nodiscard]] auto pick_by_scan(const Task& t, const View& v) -> decision {
    check<Task, View>();
    if (v.size() == 0) return decision::infeasible();
    take_up(v);
    return scan(t, v);
  }

  [[nodiscard]] auto score() const noexcept -> const score_type& {
    return std::get<filter_count>(parts_);
  }

 private:
  static constexpr std::size_t filter_count = sizeof...(Parts) - 1;
  static constexpr score_kind kind = ((kind_of<Parts>() == score_kind::global) || ...)
                                         ? score_kind::global
                                         : kind_of<score_type>();

  template <class Task, class View>
  static constexpr void check() noexcept {
    static_assert(task_like<Task>,
                  "lepton: this type is not a task: give it a member `demand` that is a "
                  "lepton::resources<N>, or "
                  "specialise lepton::adapt for it with a static function demand(task)");
    static_assert(
        node_view<View>,
        "lepton: this is not a view of nodes: it needs size() and operator[], and its elements a "
        "member `free` "
        "that is a lepton::resources<N> (or a specialisation of lepton::adapt with free(node))");
    if constexpr (task_like<Task> && node_view<View>) {
      static_assert(placeable_on<Task, View>,
                    "lepton: the task's demand and the nodes' free resources are different types: "
                    "both must be the same "
                    "lepton::resources<N, Dimensions>");
      using node_type = node_of_t<View>;
      static_assert(
          place::score<score_type, Task, node_type> || global_score<score_type, Task, View>,
          "lepton: the last part of greedy{filter..., score} must be a score: an integer "
          "operator()(task, node) "
          "const");
      static_assert(
          []<std::size_t... I>(std::index_sequence<I...>) {
            return (filter<std::tuple_element_t<I, std::tuple<Parts...>>, Task, node_type> && ...);
          }(std::make_index_sequence<filter_count>{}),
          "lepton: the parts of greedy{filter..., score} before the last must be filters: bool "
          "operator()(task, node) const");
      if constexpr (place::score<score_type, Task, node_type> &&
                    kind_of<score_type>() == score_kind::local) {
        using value = decltype(std::declval<const score_type&>()(std::declval<const Task&>(),
                                                                 std::declval<const node_type&>()));
        static_assert(sizeof(value) <= 4 && std::is_signed_v<value>,
                      "lepton: a local score must return std::int32_t (scale it), so that its "
                      "index stays small; mark "
                      "the score global if it needs 64 bits");
      }
      if constexpr (kind_of<score_type>() == score_kind::ordered) {
        static_assert(ordered_score<score_type, node_type>,
                      "lepton: an ordered score needs std::int64_t order_key(node) const: the "
                      "smallest key wins");
      }
    }
  }

  /// Gets ready for a view: forgets another one, and lets the score see what is new of this one.
  template <class View>
  void take_up(const View& v) {
    ties_.resize(static_cast<std::size_t>(v.size()));
    if constexpr (revisioned_view<View>) {
      if (identity_ == v.identity() && structure_ == v.structure_revision()) return;
      if (identity_ != v.identity()) forget();
      identity_ = v.identity();
      structure_ = v.structure_revision();
    } else {
      forget();
    }
    if constexpr (preparable<score_type, View>) {
      auto& score = std::get<filter_count>(parts_);
      if constexpr (std::same_as<decltype(score.prepare(v)), bool>) {
        if (!score.prepare(v)) return;
      } else {
        score.prepare(v);
      }
      index_.clear();
    }
  }
  void forget() noexcept {
    identity_ = 0;
    index_.clear();
    reasons_.clear();
  }

  /// The first test of one node that fails.
  template <class Task, class Node>
  [[nodiscard]] auto failure(const Task& t, const Node& n) const noexcept -> std::optional<reason> {
    if (const auto why = first_failure(t, n)) return why;
    std::optional<reason> own;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (void)((std::get<I>(parts_)(t, n) || (own = filter_reason(I), false)) && ...);
    }
    (std::make_index_sequence<filter_count>{});
    return own;
  }

  template <class Task, class Node>
  [[nodiscard]] auto placed_on(const Task& t, const Node& n, node_index index) const noexcept
      -> decision {
    const auto& request = devices_of(t);
    if (request.none()) return decision::placed(index);
    if constexpr (chooses_devices<score_type, Task, Node>) {
      return decision::placed(index, score().choose_devices(t, n));
    } else {
      return decision::placed(index, devices_of(n).tightest(request));
    }
  }

  template <class Task, class View>
  [[nodiscard]] auto pick_local(const Task& t, const View& v) -> decision {
    auto& index = index_.template get<detail::local_index<resources_of_t<Task>>>();
    const auto found = index.best(t, class_key(t), v, ties_, [&](node_index i) -> std::int32_t {
      const auto& n = v[i];
      if (const auto why = failure(t, n)) return detail::leaf::rejected(*why);
      const std::int32_t value = score()(t, n);
      LEPTON_ASSERT(!detail::leaf::is_rejected(value), "a local score must be above -2^31 + 255");
      return value;
    });
    if (found.node) return placed_on(t, v[*found.node], *found.node);
    return index.feasible(v, [&] { return detail::feasible_somewhere(t, v); })
               ? decision::busy(*found.reasons)
               : decision::infeasible(*found.reasons);
  }

  template <class Task, class View>
  [[nodiscard]] auto pick_ordered(const Task& t, const View& v) -> decision {
    using resources_type = resources_of_t<Task>;
    const auto extra = class_key(t);
    const auto found = index_.template get<detail::ordered_index<resources_type>>().first(
        t, extra, v, ties_, least_key(t), [&](const auto& n) { return score().order_key(n); },
        [&](node_index i) { return !failure(t, v[i]).has_value(); });
    if (found) return placed_on(t, v[*found], *found);
    auto& reasons = reasons_.template get<detail::local_index<resources_type>>();
    const auto why = reasons.best(t, extra, v, ties_, [&](node_index i) -> std::int32_t {
      const auto failed = failure(t, v[i]);
      return failed ? detail::leaf::rejected(*failed) : 0;
    });
    return reasons.feasible(v, [&] { return detail::feasible_somewhere(t, v); })
               ? decision::busy(*why.reasons)
               : decision::infeasible(*why.reasons);
  }

  /// No node whose key is smaller can have room for the task, if the score knows.
  template <class Task>
  [[nodiscard]] auto least_key(const Task& t) const noexcept -> std::int64_t {
    if constexpr (requires { score().least_key(t); }) {
      return score().least_key(t);
    } else {
      return lepton::detail::order_place::least().key;
    }
  }

  template <class Task, class View>
  [[nodiscard]] auto scan(const Task& t, const View& v) -> decision {
    const auto across = domain_rules::concern(t, v);
    if (across) domains_.look(t, v);
    const auto failed = [&](node_index i) -> std::optional<reason> {
      if (const auto own = failure(t, v[i])) return own;
      return across ? domains_.failure(i) : std::nullopt;
    };
    if constexpr (looks_first<score_type, Task, View>) std::get<filter_count>(parts_).look(t, v);
    std::optional<node_index> best;
    std::int64_t best_value = 0;
    for (std::size_t position = 0; position < ties_.size(); ++position) {
      const auto i = ties_.node_at(position);
      if (failed(i)) continue;
      const std::int64_t value = scan_value(t, v, i);
      if (!best || value > best_value) {
        best = i;
        best_value = value;
      }
    }
    if (best) return placed_on(t, v[*best], *best);
    return detail::none_found(t, v, failed);
  }

  template <class Task, class View>
  [[nodiscard]] auto scan_value(const Task& t, const View& v, node_index i) const noexcept
      -> std::int64_t {
    if constexpr (kind == score_kind::ordered) {
      return -score().order_key(v[i]);
    } else if constexpr (requires { score()(t, v, i); }) {
      return static_cast<std::int64_t>(score()(t, v, i));
    } else {
      return static_cast<std::int64_t>(score()(t, v[i]));
    }
  }

  std::tuple<Parts...> parts_;
  tie_order ties_;
  std::uint64_t identity_ = 0;
  std::uint64_t structure_ = 0;
  lepton::detail::box index_;    ///< finds the node
  lepton::detail::box reasons_;  ///< says why there is none, where the index does not
  domain_rules domains_;
};

}  // namespace lepton::place
