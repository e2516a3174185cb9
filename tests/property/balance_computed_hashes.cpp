// SPDX-License-Identifier: Apache-2.0
// The policies that compute a backend from a hash, against slow twins and against what they promise
// about the keys that move when backends come, go, fail and change their weights.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/anchor_hash.hpp>
#include <lepton/balance/bounded_loads.hpp>
#include <lepton/balance/ip_hash.hpp>
#include <lepton/balance/ipvs_source_hash.hpp>
#include <lepton/balance/jump_hash.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/modulo_hash.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace balance = lepton::balance;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using lepton_test::choices;

namespace {

auto of(const std::vector<backend>& list) -> snapshot { return snapshot::build(list).value(); }

auto hashed(std::uint64_t hash) -> balance::context {
  balance::context c;
  c.hash = hash;
  return c;
}

/// Zero, one, or many; weights that are equal, small whole numbers, or anything.
auto some_backends(choices& c, std::uint32_t most, bool equal = false) -> std::vector<backend> {
  std::vector<backend> list(1 + c.below(most));
  const auto kind = equal ? 0 : c.below(3);
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto& b = list[i];
    b.key = "b" + std::to_string(i);
    if (kind == 1) b.weight = 1 + c.below(9);
    if (kind == 2) b.weight = (1 + c.below(4000)) / 256.0;
    if (c.chance(8)) b.weight = 0;
    if (c.chance(8)) b.healthy = false;
    if (c.chance(4)) b.draining = true;
  }
  return list;
}

/// Of a hundred backends, how many are allowed; by a mask, so that it is the same when asked again.
struct mask {
  std::vector<bool> allowed;
  mask(choices& c, std::size_t n) : allowed(n, true) {
    const std::uint32_t shares[] = {100, 90, 50, 10, 2, 0};
    const auto share = c.one_of(shares);
    for (std::size_t i = 0; i < n; ++i) allowed[i] = c.below(100) < share;
  }
  auto operator()(backend_index i) const -> bool { return allowed[i]; }
};

auto seeds() -> std::uint64_t { return LEPTON_PROPERTY_DECISIONS / 1000; }

// --- slow twins
// -----------------------------------------------------------------------------------

/// By the whole chain of hashes; the rule of `detail::rehash_pick` in so many words.
template <class Lookup>
auto slow_chain(const snapshot& s, std::uint64_t hash, const mask& allowed, Lookup lookup)
    -> backend_index {
  for (std::uint64_t k = 0; k < 16; ++k) {
    const auto i = lookup(k == 0 ? hash : balance::more_random(hash, k - 1));
    if (allowed(i)) return i;
  }
  return balance::detail::uniform_pick(s, balance::more_random(hash, 15), allowed);
}

auto slow_modulo(const snapshot& s, std::uint64_t hash) -> backend_index {
  std::vector<std::uint64_t> ends;
  std::uint64_t total = 0;
  const bool equal = s.equal_weights();
  for (const auto i : s.eligible()) ends.push_back(total += equal ? 1 : s.weight(i));
  std::size_t k = 0;
  while (ends[k] <= hash % total) ++k;
  return s.eligible()[k];
}

auto slow_rendezvous(const snapshot& s, std::uint64_t hash, const mask& allowed) -> backend_index {
  long double best = std::numeric_limits<long double>::infinity();
  auto found = no_backend;
  for (const auto i : s.eligible()) {
    if (!allowed(i)) continue;
    const auto seed = lepton::detail::mix(
        lepton::detail::combine(lepton::detail::mix(0), std::string_view{s.key(i)}));
    const auto v = lepton::detail::mix(hash ^ seed) >> 11;
    const auto score = -std::log1p(-static_cast<long double>(v) / 0x1p53L) /
                       static_cast<long double>(s.exact_weight(i));
    if (score >= best) continue;
    best = score;
    found = i;
  }
  return found;
}

/// nginx: the list is walked, and everything is reduced at once.
auto slow_ip_hash(const snapshot& s, const balance::client_address& address, const mask& allowed)
    -> backend_index {
  std::uint64_t total = 0;
  for (backend_index i = 0; i < s.size(); ++i) total += s.weight(i);
  std::uint32_t hash = 89;
  for (int tries = 0; tries <= 20; ++tries) {
    const std::size_t length = address.is_v6() ? 16 : 3;
    for (std::size_t k = 0; k < length; ++k) hash = (hash * 113 + address.bytes()[k]) % 6271;
    auto w = hash % total;
    backend_index i = 0;
    while (w >= s.weight(i)) w -= s.weight(i++);
    if (s.is_eligible(i) && allowed(i)) return i;
  }
  return no_backend;
}

/// The kernel's loop, over its list.
auto slow_ipvs(const snapshot& s, const balance::client_address& address, const mask& allowed)
    -> backend_index {
  std::vector<backend_index> list;
  for (auto i = s.size(); i-- > 0;) list.push_back(static_cast<backend_index>(i));
  std::array<backend_index, 256> table{};
  std::size_t p = 0;
  std::uint32_t d_count = 0;
  for (auto& bucket : table) {
    bucket = list[p % list.size()];
    if (++d_count >= s.weight(bucket)) {
      ++p;
      d_count = 0;
    }
  }
  std::uint32_t fold = 0;
  for (std::size_t k = 0; k < 4; ++k) fold ^= address.word(k);
  const auto hash = [&](std::uint32_t offset) {
    return (offset + (fold * 0x61c88647U >> 24)) & 255;
  };
  const auto available = [&](backend_index i) { return s.is_eligible(i) && allowed(i); };
  const auto ihash = hash(0);
  if (available(table[ihash])) return table[ihash];
  for (std::uint32_t offset = 0; offset < 256; ++offset) {
    const auto i = table[hash((offset + ihash) % 256)];
    if (available(i)) return i;
  }
  return no_backend;
}

auto some_address(choices& c) -> balance::client_address {
  if (c.chance(50)) {
    std::array<std::uint8_t, 4> bytes{};
    for (auto& b : bytes) b = static_cast<std::uint8_t>(c.below(256));
    return balance::client_address{bytes};
  }
  std::array<std::uint8_t, 16> bytes{};
  for (auto& b : bytes) b = static_cast<std::uint8_t>(c.below(256));
  return balance::client_address{bytes};
}

/// Sum of (observed - expected)^2 / expected, in standard deviations from its mean.
auto surprise(const std::vector<double>& observed, const std::vector<double>& weights) -> double {
  double keys = 0;
  double weight = 0;
  for (const auto o : observed) keys += o;
  for (const auto w : weights) weight += w;
  double sum = 0;
  double freedom = -1;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const auto expected = keys * weights[i] / weight;
    if (expected == 0) continue;
    sum += (observed[i] - expected) * (observed[i] - expected) / expected;
    ++freedom;
  }
  return (sum - freedom) / std::sqrt(2 * freedom);
}

template <class Policy>
auto keys_of(Policy& p, const snapshot& s, std::size_t n) -> std::vector<backend_index> {
  std::vector<backend_index> result(n);
  for (std::size_t k = 0; k < n; ++k) result[k] = p.pick(s, hashed(lepton::detail::mix(k)));
  return result;
}

}  // namespace

TEST_CASE("property: computed hashes pick what slow twins pick") {
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 0; seed < 4 * seeds(); ++seed) {
    choices c{lepton_test::seed_for("computed twins", seed)};
    const std::uint32_t sizes[] = {1, 3, 20, 300};
    const auto s = of(some_backends(c, c.one_of(sizes)));
    const auto same = of(some_backends(c, c.one_of(sizes), true));
    balance::modulo_hash modulo;
    balance::rendezvous_hash rendezvous;
    balance::jump_hash jump;
    balance::ip_hash<> ip;
    balance::ipvs_source_hash ipvs;
    REQUIRE(modulo.rebuild(s));
    REQUIRE(rendezvous.rebuild(s));
    REQUIRE(ip.rebuild(s));
    REQUIRE(ipvs.rebuild(s));
    REQUIRE(jump.rebuild(same));
    for (int k = 0; k < 120; ++k) {
      const mask allowed{c, std::max(s.size(), same.size())};
      const auto hash = lepton::detail::mix(seed * 1000 + static_cast<std::uint64_t>(k));
      const balance::address_context client{some_address(c), hashed(hash)};
      const auto any = [&](const snapshot& of_these) {
        return std::any_of(of_these.eligible().begin(), of_these.eligible().end(), allowed);
      };
      if (!any(same)) {
        wrong += jump.pick(same, client, allowed) != no_backend;
      } else {
        wrong += jump.pick(same, client, allowed) !=
                 slow_chain(same, hash, allowed, [&](std::uint64_t h) {
                   const auto n = static_cast<std::uint32_t>(same.eligible().size());
                   return same.eligible()[balance::jump_hash::bucket(h, n)];
                 });
      }
      wrong += rendezvous.pick(s, client, allowed) != slow_rendezvous(s, hash, allowed);
      if (!any(s)) {
        wrong += modulo.pick(s, client, allowed) != no_backend;
        wrong += ip.pick(s, client, allowed) != no_backend;
        wrong += ipvs.pick(s, client, allowed) != no_backend;
        continue;
      }
      const auto by_modulo =
          slow_chain(s, hash, allowed, [&](std::uint64_t h) { return slow_modulo(s, h); });
      wrong += modulo.pick(s, client, allowed) != by_modulo;
      const auto by_ip = slow_ip_hash(s, client.address, allowed);
      wrong += ip.pick(s, client, allowed) != (by_ip != no_backend ? by_ip : by_modulo);
      const auto by_ipvs = slow_ipvs(s, client.address, allowed);
      wrong += ipvs.pick(s, client, allowed) != (by_ipvs != no_backend ? by_ipvs : by_modulo);
    }
    if (wrong != 0) {
      CAPTURE(seed, lepton_test::how_to_repeat());
      REQUIRE(wrong == 0);
    }
  }
}

TEST_CASE("property: rendezvous_hash moves only the keys of the backend that changes") {
  for (std::uint64_t seed = 0; seed < seeds() / 2 + 1; ++seed) {
    choices c{lepton_test::seed_for("rendezvous moves", seed)};
    auto list = some_backends(c, 40);
    balance::rendezvous_hash p;
    REQUIRE(p.rebuild(of(list)));
    auto keys = keys_of(p, of(list), 1000);
    for (int step = 0; step < 8; ++step) {
      const auto changed = c.below(static_cast<std::uint32_t>(list.size()));
      auto& b = list[changed];
      const auto before = b.healthy && !b.draining ? b.weight : 0;
      if (c.chance(40)) {
        b.healthy = !b.healthy;
      } else {
        b.weight = c.chance(50) ? c.below(5) : c.below(2000) / 128.0;
      }
      const auto after = b.healthy && !b.draining ? b.weight : 0;
      const auto s = of(list);
      REQUIRE(p.rebuild(s));
      const auto now = keys_of(p, s, keys.size());
      std::size_t wrong = 0;
      for (std::size_t k = 0; k < keys.size(); ++k) {
        if (keys[k] == now[k]) continue;
        if (keys[k] == no_backend || now[k] == no_backend) continue;  // none was, or is, left
        wrong += after >= before && now[k] != changed;
        wrong += after <= before && keys[k] != changed;
      }
      CAPTURE(seed, step, lepton_test::how_to_repeat());
      REQUIRE(wrong == 0);
      keys = now;
    }
  }
}

TEST_CASE("property: jump_hash moves only the keys of the last backend") {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    choices c{lepton_test::seed_for("jump moves", seed)};
    std::vector<backend> list(2 + c.below(200));
    for (std::size_t i = 0; i < list.size(); ++i) list[i].id = i + 1;
    balance::jump_hash p;
    const auto s = of(list);
    const auto last = static_cast<backend_index>(list.size() - 1);
    list.pop_back();
    const auto less = of(list);
    std::size_t wrong = 0;
    for (std::uint64_t k = 0; k < 500; ++k) {
      const auto key = hashed(lepton::detail::mix(k));
      const auto before = p.pick(s, key);
      const auto after = p.pick(less, key);
      wrong += before != last && after != before;
      // An exclusion moves only the keys of the excluded, while the chain of hashes lasts.
      const auto with_it = p.pick(s, key, [&](backend_index i) { return i != last; });
      wrong += before != last && with_it != before;
    }
    CAPTURE(seed, lepton_test::how_to_repeat());
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("property: anchor_hash moves only the keys of backends that change") {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    choices c{lepton_test::seed_for("anchor moves", seed)};
    const bool equal = c.chance(50);
    std::vector<backend> list(2 + c.below(30));
    std::uint64_t names = 0;
    for (auto& b : list) {
      b.id = ++names;
      if (!equal) b.weight = 1 + c.below(8);
    }
    balance::anchor_hash p{{4000, 1}};
    REQUIRE(p.rebuild(of(list)));
    auto ids_of = [](const snapshot& s, const std::vector<backend_index>& keys) {
      std::vector<std::uint64_t> ids;
      for (const auto i : keys) ids.push_back(i == no_backend ? 0 : s.id(i));
      return ids;
    };
    auto ids = ids_of(of(list), keys_of(p, of(list), 1500));
    for (int step = 0; step < 25; ++step) {
      std::vector<std::uint64_t> gained;
      std::vector<std::uint64_t> lost;
      const auto change = [&](backend& b, auto how) {
        const auto slots = [](const backend& x) {
          return x.healthy && !x.draining && x.weight > 0 ? std::max(1.0, std::round(x.weight)) : 0;
        };
        const auto old = b;
        how(b);
        if (old.id != b.id) {
          lost.push_back(old.id);
          gained.push_back(b.id);
        } else if (slots(b) != slots(old)) {
          (slots(b) > slots(old) ? gained : lost).push_back(b.id);
        }
      };
      for (auto times = 1 + c.below(3); times > 0; --times) {
        const auto at = c.below(static_cast<std::uint32_t>(list.size()));
        const auto kind = c.below(5);
        if (kind == 0 && list.size() < 60) {
          list.emplace_back().id = ++names;
          gained.push_back(names);
        } else if (kind == 1 && !equal) {
          change(list[at], [&](backend& b) { b.weight = c.below(8); });
        } else if (kind == 2) {
          change(list[at], [&](backend& b) { b.id = ++names; });  // replaced, at its index
        } else {
          change(list[at], [&](backend& b) { b.healthy = !b.healthy; });
        }
      }
      const auto s = of(list);
      REQUIRE(p.rebuild(s));
      const auto now = ids_of(s, keys_of(p, s, ids.size()));
      std::size_t wrong = 0;
      const auto in = [](const std::vector<std::uint64_t>& some, std::uint64_t id) {
        return std::find(some.begin(), some.end(), id) != some.end();
      };
      for (std::size_t k = 0; k < ids.size(); ++k) {
        if (ids[k] == now[k] || ids[k] == 0 || now[k] == 0) continue;
        wrong += !in(lost, ids[k]) && !in(gained, now[k]);
      }
      // The slots are in use and shared out in proportion.
      std::uint32_t slots = 0;
      for (const auto i : s.eligible()) slots += std::max(1U, s.weight(i));
      wrong += p.slots() != slots;
      CAPTURE(seed, step, lepton_test::how_to_repeat());
      REQUIRE(wrong == 0);
      ids = now;
    }
  }
}

TEST_CASE("property: anchor_hash gives a backend that comes back its keys again") {
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    choices c{lepton_test::seed_for("anchor returns", seed)};
    std::vector<backend> list(3 + c.below(40));
    for (std::size_t i = 0; i < list.size(); ++i) {
      list[i].id = i + 1;
      list[i].weight = 1 + c.below(3);
    }
    balance::anchor_hash p;
    REQUIRE(p.rebuild(of(list)));
    const auto keys = keys_of(p, of(list), 1000);
    // Some fail, in any order and one or several at a time; then all come back at once.
    auto failing = list;
    for (auto times = 1 + c.below(6); times > 0; --times) {
      failing[c.below(static_cast<std::uint32_t>(list.size()))].healthy = false;
      if (c.chance(60)) REQUIRE(p.rebuild(of(failing)));
    }
    REQUIRE(p.rebuild(of(failing)));
    REQUIRE(p.rebuild(of(list)));
    CAPTURE(seed, lepton_test::how_to_repeat());
    REQUIRE(keys_of(p, of(list), 1000) == keys);
    // All fail, and come back.
    auto none = list;
    for (auto& b : none) b.healthy = false;
    REQUIRE(p.rebuild(of(none)));
    REQUIRE(p.pick(of(none), hashed(1)) == no_backend);
    REQUIRE(p.rebuild(of(list)));
    REQUIRE(keys_of(p, of(list), 1000) == keys);
  }
}

TEST_CASE("property: anchor_table agrees with the algorithm that keeps every working set") {
  // Algorithm 1 of the paper: W_b, the set that worked after b was removed, is kept as a whole.
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    choices c{lepton_test::seed_for("anchor table", seed)};
    const auto capacity = 1 + c.below(60);
    balance::detail::anchor_table table{capacity};
    // The working sets as the removals left them; a stack, so an addition takes the last off.
    std::vector<std::vector<std::uint32_t>> before;
    std::vector<std::uint32_t> working;
    std::vector<std::vector<std::uint32_t>> after(capacity);
    std::vector<std::uint32_t> removed;
    for (std::uint32_t b = 0; b < capacity; ++b) working.push_back(b);
    const auto remove = [&](std::uint32_t b) {
      before.push_back(working);
      *std::find(working.begin(), working.end(), b) = working.back();
      working.pop_back();
      after[b] = working;
      removed.push_back(b);
    };
    while (!working.empty()) remove(working.back());
    std::size_t wrong = 0;
    for (int step = 0; step < 60; ++step) {
      if (working.empty() || (working.size() < capacity && c.chance(55))) {
        const auto b = removed.back();
        removed.pop_back();
        working = before.back();
        before.pop_back();
        after[b].clear();
        wrong += table.add(b) != b;
      } else {
        const auto b = working[c.below(static_cast<std::uint32_t>(working.size()))];
        table.remove(b);
        remove(b);
      }
      wrong += table.working() != working.size();
      if (working.empty()) continue;
      for (std::uint64_t k = 0; k < 40; ++k) {
        auto hash = lepton::detail::mix(k);
        auto b = static_cast<std::uint32_t>(balance::below(hash, capacity));
        while (std::find(working.begin(), working.end(), b) == working.end()) {
          hash = lepton::detail::mix(hash + after[b].size());
          const auto t = static_cast<std::uint32_t>(balance::below(hash, after[b].size()));
          // Position t of W_b in the paper's order: slot t, or who took its place.
          b = after[b][t];
        }
        wrong += table.find(k) != b;
      }
    }
    CAPTURE(seed, lepton_test::how_to_repeat());
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("property: computed hashes share the keys out by weight") {
  constexpr std::size_t keys = 200'000;
  for (const bool equal : {true, false}) {
    std::vector<backend> list(24);
    for (std::size_t i = 0; i < list.size(); ++i) {
      list[i].id = i + 1;
      list[i].weight = equal ? 1 : static_cast<double>(i % 5);  // 0 too
    }
    std::vector<double> weights;
    for (const auto& b : list) weights.push_back(b.weight);
    const auto s = of(list);
    const auto check = [&](auto p, const snapshot& now, const std::vector<double>& shares) {
      REQUIRE(p.rebuild(now));
      std::vector<double> observed(now.size());
      for (const auto i : keys_of(p, now, keys)) ++observed[i];
      for (std::size_t i = 0; i < shares.size(); ++i) CHECK((shares[i] > 0 || observed[i] == 0));
      CHECK(std::abs(surprise(observed, shares)) < 4);
      return p;
    };
    check(balance::modulo_hash{}, s, weights);
    check(balance::rendezvous_hash{}, s, weights);
    if (equal) check(balance::jump_hash{}, s, weights);
    const auto full = check(balance::anchor_hash{}, s, weights);
    check(balance::anchor_hash{{2000, equal ? 3.0 : 4.0}}, s, weights);
    // With every third one down, and up again.
    auto some = list;
    auto left = weights;
    for (std::size_t i = 0; i < some.size(); i += 3) {
      some[i].healthy = false;
      left[i] = 0;
    }
    check(balance::rendezvous_hash{}, of(some), left);
    const auto less = check(full, of(some), left);
    check(less, s, weights);
  }
}

TEST_CASE("property: bounded_loads keeps every backend within its bound and moves only overflow") {
  const auto run = [](auto inner, std::uint64_t seed, bool equal) {
    choices c{lepton_test::seed_for("bounded loads", seed)};
    using inner_policy = decltype(inner);
    const double factors[] = {1, 1.05, 1.25, 2, 10};
    const auto factor = c.one_of(factors);
    balance::bounded_loads<inner_policy, balance::single_threaded> p{factor};
    const auto s = of(some_backends(c, 30, equal));
    if (s.eligible().empty()) return;
    REQUIRE(p.rebuild(s));
    REQUIRE(inner.rebuild(s));
    balance::loads<balance::single_threaded> l{s.size()};
    std::vector<backend_index> in_flight;
    std::vector<double> bound(s.size());
    std::size_t wrong = 0;
    for (int step = 0; step < 600; ++step) {
      // Bursts of starts and of ends.
      const std::uint32_t start_percent = step / 100 % 2 == 0 ? 75 : 35;
      if (!in_flight.empty() && !c.chance(start_percent)) {
        const auto k = c.below(static_cast<std::uint32_t>(in_flight.size()));
        l.finish(in_flight[k]);
        p.finished(in_flight[k], {});
        in_flight[k] = in_flight.back();
        in_flight.pop_back();
        continue;
      }
      const auto key = hashed(lepton::detail::mix(c.below(12)));  // few keys: hot ones
      const auto total = in_flight.size();
      const auto whole_factor = static_cast<std::uint64_t>(std::lround(factor * 10'000));
      const auto cap = [&](backend_index i) -> std::uint64_t {
        const auto parts = whole_factor * (total + 1) * s.weight(i);
        const auto unit = 10'000 * s.total_weight();
        return (parts + unit - 1) / unit;
      };
      const auto i = p.pick(s, key.with(l));
      wrong += !s.is_eligible(i);
      wrong += l[i] + 1 > cap(i);
      wrong += p.bound(s, i, total) != cap(i);
      const auto wish = inner.pick(s, key);
      wrong += i != wish && l[wish] + 1 <= cap(wish);
      const mask allowed{c, s.size()};
      const auto with_mask = p.pick(s, key.with(l), allowed);
      wrong += (with_mask == no_backend) != (inner.pick(s, key, allowed) == no_backend);
      wrong += with_mask != no_backend && !allowed(with_mask);
      l.start(i);
      p.started(i, key);
      in_flight.push_back(i);
    }
    CAPTURE(seed, factor, lepton_test::how_to_repeat());
    REQUIRE(wrong == 0);
  };
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    run(balance::rendezvous_hash{}, 4 * seed, false);
    run(balance::modulo_hash{}, 4 * seed + 1, false);
    run(balance::anchor_hash{}, 4 * seed + 2, false);
    run(balance::jump_hash{}, 4 * seed + 3, true);
  }
}
