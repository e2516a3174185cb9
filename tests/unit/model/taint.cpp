// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/taint.hpp>

#include <vector>

#include "catch.hpp"

using lepton::taint;
using lepton::toleration;
using effect = lepton::taint_effect;

namespace {

const taint gpu{"gpu", "yes", effect::no_schedule};

auto named(std::string key, std::string value) -> toleration {
  toleration t;
  t.key = std::move(key);
  t.value = std::move(value);
  return t;
}

}  // namespace

TEST_CASE("a toleration needs the same key, value and effect") {
  CHECK(named("gpu", "yes").tolerates(gpu));
  CHECK_FALSE(named("gpu", "no").tolerates(gpu));
  CHECK_FALSE(named("gpu", "").tolerates(gpu));
  CHECK_FALSE(named("cpu", "yes").tolerates(gpu));
  CHECK_FALSE(named("gpu", "yes").tolerates({"gpu", "yes", effect::no_execute}));
  CHECK_FALSE(named("gpu", "yes").tolerates({"gpu", "yes", effect::prefer_no_schedule}));
}

TEST_CASE("any_value and any_effect widen a toleration") {
  auto t = named("gpu", "");
  t.any_value = true;
  CHECK(t.tolerates(gpu));
  CHECK_FALSE(t.tolerates({"cpu", "yes", effect::no_schedule}));
  CHECK_FALSE(t.tolerates({"gpu", "yes", effect::no_execute}));
  t.any_effect = true;
  CHECK(t.tolerates({"gpu", "yes", effect::no_execute}));

  auto of_value = named("gpu", "yes");
  of_value.any_effect = true;
  CHECK(of_value.tolerates({"gpu", "yes", effect::no_execute}));
  CHECK_FALSE(of_value.tolerates({"gpu", "no", effect::no_execute}));
}

TEST_CASE("an empty key stands for every key, but only with any_value") {
  toleration all;
  CHECK_FALSE(all.tolerates({"", "", effect::no_schedule}));
  all.any_value = true;
  CHECK(all.tolerates(gpu));
  CHECK(all.tolerates({"other", "", effect::no_schedule}));
  CHECK_FALSE(all.tolerates({"other", "", effect::no_execute}));
  all.any_effect = true;
  CHECK(all.tolerates({"other", "", effect::no_execute}));
}

TEST_CASE("one toleration of several is enough") {
  const std::vector<toleration> some{named("a", "1"), named("gpu", "yes")};
  CHECK(tolerated(gpu, some));
  CHECK_FALSE(tolerated({"b", "1", effect::no_schedule}, some));
  CHECK_FALSE(tolerated(gpu, {}));
}
