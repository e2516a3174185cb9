// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/simulate/openb_reader.hpp>

#include "catch.hpp"

using namespace lepton::simulate;

namespace {

constexpr std::string_view nodes =
    "sn,cpu_milli,memory_mib,gpu,model\n"
    "n0,64000,262144,2,P100\n"
    "\"n,1\",96000,393216,8,\"G2\"\r\n"
    "n2,32000,131072,0,\n";
constexpr std::string_view pods =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n"
    "p0,12000,16384,1,1000,,0,12537496\n"
    "p1,6000,12288,1,460,G2|P100,427061,12902960\n"
    "p2,4000,1024,0,0,,5,5\n"
    "p3,4000,1024,8,1000,G2,,\n";

auto mutate(std::string text, lepton::detail::pcg32& random) -> std::string {
  static constexpr std::string_view pieces[] = {
      ",", "\"", "\n", "\r", "-", "0", "9999999999", "|", "\xEF\xBB\xBF", " ", "p0", ".5", "\xFF"};
  const auto below = [&](std::size_t bound) {
    return std::size_t{random.below(static_cast<std::uint32_t>(bound))};
  };
  for (auto changes = 1 + below(4); changes != 0; --changes) {
    const auto at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, below(12));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      default:
        text.insert(at, text.substr(below(text.size() + 1), below(40)));
    }
  }
  return text;
}

/// Neither a crash nor a half-read list, and every error says where.
template <class Read, class Size>
void fuzz(std::string_view valid, Read read, Size size, std::uint64_t seed) {
  lepton::detail::pcg32 random{seed};
  std::size_t good = 0;
  std::size_t failed = 0;
  for (auto i = 0; i < 20'000; ++i) {
    const auto text = mutate(std::string{valid}, random);
    const read_options options{random.below(2) == 1};
    workload w;
    w.device_type_names = {"P100"};
    const auto found = read(text, "f.csv", w, options);
    if (found) {
      ++good;
      const auto consistent = size(w) == found->records && found->records > 0 &&
                              (options.skip_bad || found->skipped == 0) &&
                              found->problems.size() == found->skipped;
      if (!consistent) FAIL("inconsistent summary for:\n" << text);
      for (const auto& problem : found->problems) {
        if (problem.line < 2 || problem.column < 1)
          FAIL("a skipped record without its place in:\n" << text);
      }
    } else {
      ++failed;
      const auto& e = found.error();
      if (e.line < 1 || e.column < 1 || e.file != "f.csv" || e.message.empty())
        FAIL("an error without its place for:\n" << text);
      if (size(w) != 0 || w.device_type_names.size() != 1) FAIL("something was kept of:\n" << text);
    }
  }
  CHECK(good > 1000);
  CHECK(failed > 1000);
}

}  // namespace

TEST_CASE("openb readers: 20,000 mutations of a node list") {
  fuzz(
      nodes, read_openb_nodes, [](const workload& w) { return w.nodes.size(); }, 1);
}

TEST_CASE("openb readers: 20,000 mutations of a pod list") {
  fuzz(
      pods, read_openb_pods, [](const workload& w) { return w.tasks.size(); }, 2);
}

TEST_CASE("openb readers: every prefix of a list") {
  for (std::size_t n = 0; n <= pods.size(); ++n) {
    workload w;
    const auto found = read_openb_pods(pods.substr(0, n), "f.csv", w, {});
    CHECK((found || (found.error().line >= 1 && w.tasks.empty())));
  }
}
