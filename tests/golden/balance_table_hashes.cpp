// SPDX-License-Identifier: Apache-2.0
// The tables and rings of `maglev` and `ring_hash`, and the hashes below them, against figures that
// the originals publish. Turning red is legitimate only when an original changes its algorithm and
// we follow it, on purpose and as a new mode: requests would go elsewhere than before.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/maglev.hpp>
#include <lepton/balance/ring_hash.hpp>
#include <lepton/detail/crc32.hpp>
#include <lepton/detail/md5.hpp>
#include <lepton/detail/murmur.hpp>
#include <lepton/detail/xxh64.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
namespace detail = lepton::detail;
using balance::maglev_mode;
using balance::ring_hash_mode;

namespace {

using indices = std::vector<balance::backend_index>;
using point_list = std::vector<std::pair<balance::backend_index, std::uint64_t>>;

/// Backends `before` + "90", "91", ... with these weights.
auto backends(const std::string& before, unsigned first, const std::vector<double>& weights)
    -> balance::snapshot {
  std::vector<balance::backend> list;
  for (const auto w : weights) {
    list.push_back({.key = before + std::to_string(first++), .weight = w});
  }
  return *balance::snapshot::build(list);
}

auto backends_with_ids(const std::vector<std::pair<std::uint64_t, double>>& list)
    -> balance::snapshot {
  std::vector<balance::backend> made;
  for (const auto& [id, weight] : list) made.push_back({.id = id, .weight = weight});
  return *balance::snapshot::build(made);
}

auto table_of(const balance::snapshot& s, std::uint64_t size, maglev_mode mode = maglev_mode::envoy)
    -> indices {
  balance::maglev p{{.table_size = size, .mode = mode}};
  REQUIRE(p.rebuild(s));
  return {p.table().begin(), p.table().end()};
}

auto ring_of(const balance::snapshot& s, balance::ring_hash_options options) -> balance::ring_hash {
  balance::ring_hash p{options};
  REQUIRE(p.rebuild(s));
  return p;
}

auto points_of(const balance::ring_hash& ring) -> point_list {
  point_list result;
  for (const auto& p : ring.points()) result.emplace_back(p.owner, p.hash);
  return result;
}

/// How many requests, their hashes evenly spread as in Envoy's tests, go to each backend.
auto spread(const balance::ring_hash& ring, const balance::snapshot& s, unsigned requests)
    -> std::vector<int> {
  std::vector<int> counts(s.size());
  for (std::uint64_t i = 0; i < requests; ++i) {
    ++counts[ring.pick(s, balance::context{.hash = i * (~std::uint64_t{0} / requests)})];
  }
  return counts;
}

const std::vector<double> six(6, 1.0);

}  // namespace

TEST_CASE("xxh64 gives the published hashes") {
  // xxHash's own sanity test: pseudo-random bytes, with and without a seed.
  std::string bytes;
  std::uint64_t generator = 2'654'435'761;
  for (int i = 0; i < 222; ++i) {
    bytes.push_back(static_cast<char>(generator >> 56));
    generator *= 11'400'714'785'074'694'797U;
  }
  const auto first = [&](std::size_t n) { return std::string_view{bytes}.substr(0, n); };
  constexpr std::uint64_t seed = 2'654'435'761;
  CHECK(detail::xxh64(first(0)) == 0xef46db3751d8e999U);
  CHECK(detail::xxh64(first(0), seed) == 0xac75fda2929b17efU);
  CHECK(detail::xxh64(first(1)) == 0xe934a84adb052768U);
  CHECK(detail::xxh64(first(1), seed) == 0x5014607643a9b4c3U);
  CHECK(detail::xxh64(first(4)) == 0x9136a0dca57457eeU);
  CHECK(detail::xxh64(first(14)) == 0x8282dcc4994e35c8U);
  CHECK(detail::xxh64(first(14), seed) == 0xc3bd6bf63deb6df0U);
  CHECK(detail::xxh64(first(222)) == 0xb641ae8cb691c174U);
  CHECK(detail::xxh64(first(222), seed) == 0x20cb8ab7ae10c14aU);
  // Envoy, hash_test.cc
  static_assert(balance::envoy_hash("foo") == 3'728'699'739'546'630'719U);
  static_assert(balance::envoy_hash("bar") == 5'234'164'152'756'840'025U);
  static_assert(balance::envoy_hash("foo\nbar") == 8'917'841'378'505'826'757U);
  static_assert(balance::envoy_hash("lyft") == 4'400'747'396'090'729'504U);
  static_assert(balance::envoy_hash("") == 17'241'709'254'077'376'921U);
}

TEST_CASE("The Murmur hashes give the published hashes") {
  // MurmurHash2: Envoy, hash_test.cc
  static_assert(detail::murmur2("foo") == 9'631'199'822'919'835'226U);
  static_assert(detail::murmur2("bar") == 11'474'628'671'133'349'555U);
  static_assert(detail::murmur2("foo\nbar") == 16'306'510'975'912'980'159U);
  static_assert(detail::murmur2("lyft") == 12'847'078'931'730'529'320U);
  static_assert(detail::murmur2("") == 6'142'509'188'972'423'790U);
  // MurmurHash3_x64_128 of "abcdefghijklmnop", first half: Guava, Murmur3Hash128Test
  static_assert(detail::murmur3(0x6867666564636261U, 0x706f6e6d6c6b6a69U, 0) ==
                0xc4ca3ca3224cb723U);
  // With Katran's seeds: from an independent program
  static_assert(detail::murmur3(1000, 42, 0) == 0x0344e2452fb7879fU);
  static_assert(detail::murmur3(2000, 2'718'281'828, 2'307) == 0x3d98dadda2132049U);
}

TEST_CASE("md5 and crc32 give the published hashes") {
  using words = std::array<std::uint32_t, 4>;
  // RFC 1321, A.5
  CHECK(detail::md5("") == words{0xd98c1dd4, 0x04b2008f, 0x980980e9, 0x7e42f8ec});
  CHECK(detail::md5("abc") == words{0x98500190, 0xb04fd23c, 0x7d3f96d6, 0x727fe128});
  CHECK(detail::md5("message digest") == words{0x7d696bf9, 0x8d93b77c, 0x312f5a52, 0xd061f1aa});
  CHECK(detail::md5("12345678901234567890123456789012345678901234567890123456789012345678901234567"
                    "890") == words{0xa2f4ed57, 0x55c9e32b, 0x2eda49ac, 0x7ab60721});
  // Blocks that the length does not fit into, and that the text fills: from Python's hashlib
  CHECK(detail::md5(std::string(55, 'a'))[0] == 0xb67217ef);
  CHECK(detail::md5(std::string(56, 'a'))[0] == 0xc78a0c3b);
  CHECK(detail::md5(std::string(64, 'a'))[0] == 0xd4424801);
  static_assert(detail::crc32("123456789") == 0xcbf43926);  // the usual check value
  static_assert(detail::crc32("56789", detail::crc32("1234")) == 0xcbf43926);
  static_assert(detail::crc32(0x34333231U, detail::crc32("")) == detail::crc32("1234"));
  static_assert(balance::nginx_hash("foo") == 2'356'372'769U);
}

TEST_CASE("maglev builds the tables of Envoy's tests") {
  // maglev_lb_test.cc: Basic, BasicWithHostName, Weighted
  CHECK(table_of(backends("127.0.0.1:", 90, six), 7) == indices{2, 4, 0, 1, 5, 0, 3});
  CHECK(table_of(backends("", 90, six), 7) == indices{2, 5, 0, 3, 4, 1, 0});
  CHECK(table_of(backends("127.0.0.1:", 90, {1, 2}), 17) ==
        indices{1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1});
  // LocalityWeightedSameLocalityWeights: 1 : 1, and LocalityWeightedDifferentLocalityWeights:
  // 8 : 2, with a third host in a locality of weight 0
  CHECK(table_of(backends("127.0.0.1:", 90, {1, 1}), 17) ==
        indices{1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1});
  CHECK(table_of(backends("127.0.0.1:", 90, {8, 2, 0}), 17) ==
        indices{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0});
  CHECK(table_of(backends("127.0.0.1:", 90, {7}), 17) == indices(17, 0));
}

TEST_CASE("maglev gives every light host of Envoy's lopsided test one slot") {
  // LocalityWeightedLopsided: one host with 127 / 128 of the weight, 1,023 others share the rest
  std::vector<double> weights(1024, 1.0);
  weights[0] = 127 * 1023;
  const auto table = table_of(backends("127.0.0.1:", 0, weights), 65'537);
  std::vector<int> counts(1024);
  for (const auto i : table) ++counts[i];
  CHECK(counts[0] == 65'537 - 1023);
  CHECK(std::count(counts.begin() + 1, counts.end(), 1) == 1023);
}

TEST_CASE("maglev builds Katran's tables") {
  // The counts are those of Katran's MaglevHashTest.cpp (4 : 3 and 5 : 2 with the weights 2 : 1);
  // the tables are from an independent program in Python, written from the algorithm.
  const auto two = backends_with_ids({{1000, 2}, {2000, 1}});
  CHECK(table_of(two, 7, maglev_mode::katran) == indices{1, 1, 0, 1, 0, 0, 0});
  CHECK(table_of(two, 7, maglev_mode::katran_v2) == indices{1, 0, 0, 1, 0, 0, 0});
  const auto other = backends_with_ids({{111, 1}, {222, 2}});
  CHECK(table_of(other, 11, maglev_mode::katran) == indices{1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0});
  CHECK(table_of(other, 11, maglev_mode::katran_v2) == indices{1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 0});
  const auto four = backends_with_ids({{10, 1}, {20, 2}, {30, 3}, {40, 1}});
  CHECK(table_of(four, 23, maglev_mode::katran) ==
        indices{3, 0, 2, 2, 0, 1, 3, 0, 2, 2, 2, 1, 0, 1, 3, 0, 1, 2, 2, 3, 1, 1, 3});
  CHECK(table_of(four, 23, maglev_mode::katran_v2) ==
        indices{3, 2, 2, 2, 1, 1, 3, 0, 2, 2, 2, 1, 0, 1, 3, 0, 2, 2, 2, 1, 1, 1, 2});
  // CHHelpersTest.cpp: 400 real servers of the same weight differ by one slot.
  std::vector<std::pair<std::uint64_t, double>> many;
  for (std::uint64_t id = 1; id <= 400; ++id) many.emplace_back(id, 1.0);
  const auto large = table_of(backends_with_ids(many), 65'537, maglev_mode::katran);
  std::vector<int> counts(400);
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (const auto i : large) {
    ++counts[i];
    sum = (sum ^ i) * 0x100000001b3U;
  }
  CHECK(*std::min_element(counts.begin(), counts.end()) == 163);
  CHECK(*std::max_element(counts.begin(), counts.end()) == 164);
  CHECK(sum == 0x21033bd766581de7U);
}

TEST_CASE("ring_hash builds the rings of Envoy's tests") {
  // ring_hash_lb_test.cc: Basic, BasicWithHostname, BasicWithMurmur2
  const auto basic = backends("127.0.0.1:", 90, six);
  const auto ring = ring_of(basic, {.min_size = 12});
  CHECK(points_of(ring) == point_list{{4, 833437586790550860U},
                                      {2, 928266305478181108U},
                                      {0, 1033482794131418490U},
                                      {5, 3551244743356806947U},
                                      {3, 3851675632748031481U},
                                      {1, 5583722120771150861U},
                                      {1, 6311230543546372928U},
                                      {3, 7700377290971790572U},
                                      {5, 13144177310400110813U},
                                      {2, 13444792449719432967U},
                                      {4, 15516499411664133160U},
                                      {0, 16117243373044804889U}});
  const auto at = [&](std::uint64_t hash) {
    return ring.pick(basic, balance::context{.hash = hash});
  };
  CHECK(at(0) == 4);
  CHECK(at(~std::uint64_t{0}) == 4);
  CHECK(at(3551244743356806947U) == 5);
  CHECK(at(3551244743356806948U) == 3);
  CHECK(at(16117243373044804880U) == 0);
  // BasicWithRetryHostPredicate: the next host on the ring
  CHECK(ring.pick(basic, balance::context{}, [](auto i) { return i != 4; }) == 2);

  CHECK(points_of(ring_of(backends("", 90, six), {.min_size = 12})) ==
        point_list{{5, 1975508444536362413U},
                   {5, 2376063919839173711U},
                   {3, 2386806903309390596U},
                   {4, 6749904478991551885U},
                   {3, 6803900775736438537U},
                   {2, 7225015537174310577U},
                   {0, 8787465352164086522U},
                   {2, 11282020843382717940U},
                   {1, 13723418369486627818U},
                   {0, 13776502110861797421U},
                   {1, 14338313586354474791U},
                   {4, 15364271037087512980U}});
  CHECK(points_of(ring_of(backends("127.0.0.1:", 80, six),
                          {.mode = ring_hash_mode::envoy_murmur2, .min_size = 12})) ==
        point_list{{5, 1358027074129602068U},
                   {3, 4361834613929391114U},
                   {4, 7224494972555149682U},
                   {1, 7701421856454313576U},
                   {2, 8649315368077433379U},
                   {4, 8739448859063030639U},
                   {1, 9887544217113020895U},
                   {2, 10150910876324007731U},
                   {3, 15168472011420622455U},
                   {0, 15427156902705414897U},
                   {5, 16375050414328759093U},
                   {0, 17613279263364193813U}});
  // UnevenHosts: a least size of 3 for two hosts makes 4 points
  CHECK(points_of(ring_of(backends("127.0.0.1:", 80, {1, 1}), {.min_size = 3})) ==
        point_list{{0, 5454692015285649509U},
                   {1, 7859399908942313493U},
                   {0, 13838424394637650569U},
                   {1, 16064866803292627174U}});
}

TEST_CASE("ring_hash scales the rings of Envoy's weighted tests") {
  // HostWeightedTinyRing and HostWeightedLargeRing
  const auto weighted = backends("127.0.0.1:", 90, {1, 2, 3});
  CHECK(points_of(ring_of(weighted, {.min_size = 6, .max_size = 6})) ==
        point_list{{2, 928266305478181108U},
                   {2, 4443673547860492590U},
                   {1, 5583722120771150861U},
                   {1, 6311230543546372928U},
                   {2, 13444792449719432967U},
                   {0, 16117243373044804889U}});
  const auto large = ring_of(weighted, {.min_size = 6144});
  CHECK(large.points().size() == 6144);
  CHECK(spread(large, weighted, 6000) == std::vector<int>{987, 1932, 3081});
  // HostAndLocalityWeightedTinyRing and ...LargeRing: 1 : 2 in each of two localities of 1 : 2
  const auto localities = backends("127.0.0.1:", 90, {1, 2, 2, 4});
  CHECK(points_of(ring_of(localities, {.min_size = 9, .max_size = 9})) ==
        point_list{{2, 928266305478181108U},
                   {3, 3851675632748031481U},
                   {1, 5583722120771150861U},
                   {1, 6311230543546372928U},
                   {3, 7700377290971790572U},
                   {3, 12559126875973811811U},
                   {2, 13444792449719432967U},
                   {3, 13784988426630141778U},
                   {0, 16117243373044804889U}});
  CHECK(spread(ring_of(localities, {.min_size = 9216}), localities, 9000) ==
        std::vector<int>{924, 2009, 2053, 4014});
  // SmallFractionalScale: a ring of 2 points for 4 hosts; LargeFractionalScale
  const auto four = backends("127.0.0.1:", 90, {1, 1, 1, 1});
  CHECK(ring_of(four, {.min_size = 2, .max_size = 2}).points().size() == 2);
  const auto halves = backends("127.0.0.1:", 90, {1, 1});
  CHECK(spread(ring_of(halves, {.min_size = 1023, .max_size = 1023}), halves, 1023) ==
        std::vector<int>{526, 497});
  // LopsidedWeightSmallScale: of the light hosts, every 128th has a point
  std::vector<double> weights(1024, 1.0);
  weights[0] = 127 * 1023;
  const auto lopsided = backends("127.0.0.1:", 0, weights);
  const auto ring = ring_of(lopsided, {.min_size = 1024, .max_size = 1024});
  CHECK(ring.points().size() == 1024);
  const point_list light{{1, 11664790346325243808U},   {128, 15894554872961148518U},
                         {256, 13958138884277627155U}, {384, 15803774069438192949U},
                         {512, 3829253010855396576U},  {640, 17918147347826565154U},
                         {768, 6442769608292299103U},  {896, 5881074926069334434U}};
  for (const auto& [owner, hash] : light) {
    CHECK(ring.pick(lopsided, balance::context{.hash = hash}) == owner);
  }
}

TEST_CASE("ring_hash sends keys where ketama's test cases say") {
  // Part of the 99 cases of libmemcached (test/fixtures/ketama.hpp): the key, its hash, the point
  // that libmemcached finds and its server, and the server that spymemcached finds.
  struct test_case {
    std::string_view key;
    std::uint32_t hash;
    std::uint32_t point;
    unsigned server;
    unsigned spy_server;
  };
  constexpr test_case cases[] = {
      {"SVa_]_V41)", 443691461, 445379617, 7, 2},   {"*/Z;?V(.\\8", 1422915503, 1428303028, 1, 4},
      {"30C1*Z*S/_", 1473165754, 1480075959, 2, 2}, {"ERR:EC58G>", 2148406511, 2168579133, 7, 7},
      {"1I=cTMNTKF", 2882686667, 2885206587, 5, 4}, {"]VG<`I*Z8)", 1103544263, 1104827657, 5, 5},
      {"UUTC`-V159", 3716288206, 3727224240, 5, 7}, {"@7RU6C6T+Z", 3862737685, 3871917949, 5, 6},
      {"/XLN0@+36;", 1623269830, 1627683651, 1, 7}, {"4(`X;\\V.^c", 373546328, 383925769, 1, 6},
      {"726bW=9*a4", 4213440020, 4213950705, 7, 3}, {"\\`)<B)UE,c", 951096736, 955226069, 1, 8},
      {"P1[Ma3=K1/", 1989324036, 1994028240, 8, 1}, {"C89I.-V?cT", 1604239957, 1606398093, 8, 5},
      {"cDT0)Z5P6,", 176485284, 178675413, 5, 1},   {"=256P+;Qc8", 3976201210, 3976304873, 5, 3},
      {"+550F^/.01", 3781824099, 3783248219, 6, 2}, {"8*6a;Sc*X+", 4223431086, 4230156966, 2, 5},
      {"?@12R<=1BH", 1494795329, 1502505505, 8, 1}, {"`C9^FV,960", 2628553463, 2628733766, 6, 3},
      {"M/HV^_HZ4O", 3623390946, 3624445007, 7, 4}, {"[>RZHG97Q9", 71954686, 72034069, 6, 4},
      {"N-)88>[O`,", 50404102, 51792557, 5, 2},     {"VD6D0]ba_\\", 3842502950, 3842588691, 1, 7},
      {"D[HE+cFXDK", 2117036136, 2117124014, 3, 5}, {"EM75N0+[X1", 1558531507, 1559308507, 4, 5},
  };
  std::vector<balance::backend> plain;
  std::vector<balance::backend> spy;
  const double weights[] = {600, 300, 200, 350, 1000, 800, 950, 100};
  for (std::size_t i = 0; i < 8; ++i) {
    const auto address = "10.0.1." + std::to_string(i + 1);
    plain.push_back({.key = address, .weight = weights[i]});
    spy.push_back({.key = "/" + address + ":11211", .weight = weights[i]});
  }
  const auto s = *balance::snapshot::build(plain);
  const auto spy_s = *balance::snapshot::build(spy);
  for (const auto mode : {ring_hash_mode::ketama, ring_hash_mode::libketama}) {
    const auto ring = ring_of(s, {.mode = mode});
    const auto spy_ring = ring_of(spy_s, {.mode = mode});
    const auto points = ring.points();
    for (const auto& c : cases) {
      CAPTURE(c.key);
      const balance::context request{.hash = balance::ketama_hash(c.key)};
      CHECK(request.hash == c.hash);
      CHECK(std::count_if(points.begin(), points.end(), [&](const auto& p) {
              return p.hash == c.point && p.owner + 1 == c.server;
            }) == 1);
      CHECK(ring.pick(s, request) + 1 == c.server);
      CHECK(spy_ring.pick(spy_s, request) + 1 == c.spy_server);
    }
    // Behind the last point the ring begins again.
    CHECK(balance::ketama_hash("VDEAAAAA") == 0xfffcd1b5U);
    CHECK(points.back().hash < 0xfffcd1b5U);
    CHECK(ring.pick(s, balance::context{.hash = 0xfffcd1b5U}) == points.front().owner);
  }
}

TEST_CASE("The two ways of rounding ketama's shares differ where the originals do") {
  // 29 equal backends: the share as a float times 1,160 is a little less than 40 in doubles, and 40
  // in floats.
  CHECK(balance::detail::ketama_hashes(1, 29, 29, ring_hash_mode::ketama) == 40);
  CHECK(balance::detail::ketama_hashes(1, 29, 29, ring_hash_mode::libketama) == 39);
  CHECK(balance::detail::ketama_hashes(1, 30, 30, ring_hash_mode::libketama) == 40);
}

TEST_CASE("nginx's chain of CRC-32 gives the counts of lua-resty-balancer's test") {
  // t/chash.t: which of three servers the keys 1 to 100000 go to. That ring names servers in
  // another way than nginx's and sends a key to the point before it; the chain of hashes is the
  // same.
  const std::pair<std::string_view, int> servers[] = {
      {"server1", 10}, {"server2", 2}, {"server3", 1}};
  std::vector<std::pair<std::uint32_t, std::size_t>> points;
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint32_t hash = 0;
    for (int k = 0; k < 160 * servers[i].second; ++k) {
      hash = detail::crc32(hash, ~detail::crc32(servers[i].first));
      points.emplace_back(hash, i);
    }
  }
  CHECK(points.size() == 2080);
  std::sort(points.begin(), points.end());
  std::vector<int> counts(3);
  for (int key = 1; key <= 100'000; ++key) {
    const std::pair<std::uint32_t, std::size_t> behind{balance::nginx_hash(std::to_string(key)), 3};
    const auto next = std::upper_bound(points.begin(), points.end(), behind);
    ++counts[next == points.begin() ? points.front().second : std::prev(next)->second];
  }
  CHECK(counts == std::vector<int>{75'588, 16'114, 8'298});
}

TEST_CASE("ring_hash builds nginx's rings") {
  // The servers of nginx-tests' upstream_hash.t; the figures are from an independent program in
  // Python, whose chain of hashes gives the counts of the test above.
  const auto first_points = [](const balance::ring_hash& ring) {
    auto points = points_of(ring);
    points.resize(4);
    return points;
  };
  const auto picks = [](const balance::ring_hash& ring, const balance::snapshot& s) {
    indices result;
    for (int key = 1; key <= 20; ++key) {
      const balance::context request{.hash = balance::nginx_hash(std::to_string(key))};
      result.push_back(ring.pick(s, request));
    }
    return result;
  };
  const auto equal = backends("127.0.0.1:", 8081, {1, 1, 1});
  const auto ring = ring_of(equal, {.mode = ring_hash_mode::nginx});
  CHECK(ring.points().size() == 480);
  CHECK(first_points(ring) == point_list{{0, 858133}, {0, 4193833}, {2, 5735281}, {0, 8769220}});
  CHECK(picks(ring, equal) == indices{0, 2, 0, 2, 0, 2, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 2, 0, 0, 1});
  const auto weighted = backends("127.0.0.1:", 8081, {1, 1, 10});
  const auto heavy = ring_of(weighted, {.mode = ring_hash_mode::nginx});
  CHECK(heavy.points().size() == 1920);
  CHECK(first_points(heavy) == point_list{{2, 136917}, {0, 858133}, {2, 2631512}, {2, 3687774}});
  CHECK(picks(heavy, weighted) ==
        indices{2, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2});
  // The prefix of a socket does not count, nor does a port that is not a number.
  const auto has_points = [](const std::string& key, std::vector<std::uint64_t> hashes) {
    const auto points =
        ring_of(*balance::snapshot::build({{.key = key}}), {.mode = ring_hash_mode::nginx})
            .points();
    return std::all_of(hashes.begin(), hashes.end(), [&](std::uint64_t hash) {
      return std::any_of(points.begin(), points.end(),
                         [&](const auto& p) { return p.hash == hash; });
    });
  };
  CHECK(has_points("unix:/tmp/s", {880684646, 2296925598, 1684526228}));
  CHECK(has_points("UNIX:/tmp/s", {880684646, 2296925598, 1684526228}));
  CHECK(has_points("backend", {451348769, 3789907620, 1622205862}));
  CHECK(!has_points("backend:x", {451348769}));
}
