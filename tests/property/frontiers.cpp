// SPDX-License-Identifier: Apache-2.0
// The frontiers of an ordered index beside a plain search: used as the index uses them, every
// search must give the first item in the order that meets the demand.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lepton/detail/order_place.hpp>
#include <lepton/place/frontiers.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using lepton::detail::order_place;
using lepton_test::choices;

namespace {

constexpr std::size_t kinds = 2;
using frontiers = lepton::place::detail::frontiers<kinds>;
using amounts = frontiers::amounts;

class history {
 public:
  history(choices& c, std::size_t items, std::size_t most_rows)
      : c_(c), items_(items), most_rows_(most_rows), narrow_(c.chance(30)) {
    for (auto& i : items_) i = {some_key(), some_amounts(), 0};
  }

  auto run(std::size_t steps) -> std::string {
    for (std::size_t step = 0; step < steps; ++step) {
      // Mostly few changes; now and then a wave of them, more than a heap takes.
      auto changes = c_.below(3);
      if (c_.chance(3)) changes = c_.below(static_cast<std::uint32_t>(2 * items_.size()));
      // A wave that only sets free makes many candidates for the same rows.
      const auto tide = c_.chance(50) ? c_.below(10) : 0;
      for (; changes > 0; --changes) change(tide);
      if (demand_.size() < most_rows_ && c_.chance(10)) {
        reset(demand_.size());
      } else if (!demand_.empty() && c_.chance(1)) {
        reset(c_.below(static_cast<std::uint32_t>(demand_.size())));
      }
      if (c_.chance(1) && c_.chance(10)) clear();
      for (auto searches = c_.below(4); !demand_.empty() && searches > 0; --searches) {
        const auto row = c_.below(static_cast<std::uint32_t>(demand_.size()));
        const auto wanted = naive(row, order_place::least());
        const auto found = search(row);
        if (found != wanted) {
          return "step " + std::to_string(step) + ", row " + std::to_string(row) + ": found " +
                 to_text(found) + ", not " + to_text(wanted);
        }
        // Whoever finds an item mostly takes something of it.
        if (found && c_.chance(80)) take(*found, row);
      }
    }
    return {};
  }

 private:
  struct item {
    std::int64_t key = 0;
    amounts have{};
    std::uint64_t revision = 0;
  };

  static auto to_text(const std::optional<std::uint32_t>& i) -> std::string {
    return i ? std::to_string(*i) : "none";
  }
  auto some_key() -> std::int64_t {
    if (narrow_) return static_cast<std::int64_t>(c_.below(5)) - 2;
    if (c_.chance(2)) return c_.chance(50) ? std::int64_t{1} << 61 : -(std::int64_t{1} << 61);
    return static_cast<std::int64_t>(c_.below(2'000'000)) - 1'000'000;
  }
  auto some_amounts() -> amounts {
    if (c_.chance(2)) return {(std::int64_t{1} << 53) - 1, c_.below(10)};
    // As of an item that takes nothing.
    if (c_.chance(3)) return {-(std::int64_t{1} << 62), c_.below(10)};
    return {c_.below(10), c_.below(10)};
  }
  void offer(std::uint32_t i) {
    items_[i].revision = ++revision_;
    rows_.offer({items_[i].key, i}, items_[i].have, revision_, [&](const auto& candidate) {
      return items_[candidate.where.item].revision == candidate.revision;
    });
  }
  void change(std::uint32_t tide) {
    const auto i = c_.below(static_cast<std::uint32_t>(items_.size()));
    if (c_.chance(70)) items_[i].key = some_key();
    items_[i].have = some_amounts();
    if (tide != 0) items_[i].have = {tide, 9};
    offer(i);
  }
  void take(std::uint32_t i, std::size_t row) {
    for (std::size_t k = 0; k < kinds; ++k) items_[i].have[k] -= demand_[row][k];
    if (c_.chance(50)) items_[i].key = some_key();
    offer(i);
  }
  void reset(std::size_t row) {
    const amounts demand{c_.chance(5) ? std::int64_t{1} << 40 : c_.below(8), c_.below(8)};
    if (row == demand_.size()) demand_.emplace_back();
    demand_[row] = demand;
    rows_.reset(row, demand, order_place::least());
  }
  void clear() {
    rows_.clear();
    demand_.clear();
  }

  auto naive(std::size_t row, const order_place& from) const -> std::optional<std::uint32_t> {
    std::optional<order_place> best;
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      const order_place here{items_[i].key, i};
      bool meets = !(here < from);
      for (std::size_t k = 0; k < kinds; ++k) meets = meets && items_[i].have[k] >= demand_[row][k];
      if (meets && (!best || here < *best)) best = here;
    }
    return best ? std::optional{best->item} : std::nullopt;
  }

  /// As an ordered index searches.
  auto search(std::size_t row) -> std::optional<std::uint32_t> {
    for (const auto* t = rows_.top(row); t != nullptr; t = rows_.top(row)) {
      if (items_[t->where.item].revision == t->revision) return t->where.item;
      rows_.pop(row);
    }
    const auto found = naive(row, rows_.frontier(row));
    rows_.advance(row, found ? order_place{items_[*found].key, *found} : order_place::greatest());
    return found;
  }

  choices& c_;
  std::vector<item> items_;
  std::vector<amounts> demand_;
  frontiers rows_;
  std::size_t most_rows_;
  std::uint64_t revision_ = 0;
  bool narrow_;
};

}  // namespace

TEST_CASE("searches that remember how far they came find what a new search finds") {
  constexpr std::size_t sizes[] = {1, 5, 40, 150, 400};
  std::uint64_t number = 0;
  for (const auto items : sizes) {
    for (const std::size_t rows : {1U, 7U, 33U, 100U}) {
      choices c{lepton_test::seed_for("frontiers", number++)};
      INFO(items << " items, " << rows << " rows, " << lepton_test::how_to_repeat());
      history h{c, items, rows};
      CHECK(h.run(4000) == "");
    }
  }
  CHECK(rc::check("frontiers, shrinking", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    history h{c, 1 + c.below(60), 3};
    RC_ASSERT(h.run(bytes.size()) == "");
  }));
}
