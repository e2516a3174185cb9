// SPDX-License-Identifier: Apache-2.0
// No predictor allocates in update, forecast, moments, peak_quantile, ready or in saving its state
// into memory of the caller's: neither when it was fitted, nor when it never was. A new model is a
// line in one of the tests here or in allocations_*.cpp.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <lepton/predict/any_predictor.hpp>
#include <lepton/predict/auto_arima.hpp>
#include <lepton/predict/auto_ets.hpp>
#include <lepton/predict/clamped.hpp>
#include <lepton/predict/drift.hpp>
#include <lepton/predict/histogram_member.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/mean_value.hpp>
#include <lepton/predict/seasonal_naive.hpp>
#include <lepton/predict/theta.hpp>

#include "allocations.hpp"

namespace {

thread_local bool counting = false;
thread_local std::size_t allocations = 0;

#if LEPTON_TEST_COUNTS
auto allocated(std::size_t size, std::size_t alignment) noexcept -> void* {
  if (counting) ++allocations;
  if (size == 0) size = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}
auto allocated_or_end(std::size_t size, std::size_t alignment) -> void* {
  void* p = allocated(size, alignment);
  if (p == nullptr) std::abort();
  return p;
}
#endif

}  // namespace

// Out of line, lest the compiler see one of a pair without the other and warn of a mismatch.
#if LEPTON_TEST_COUNTS
[[gnu::noinline]] auto operator new(std::size_t n) -> void* { return allocated_or_end(n, 1); }
[[gnu::noinline]] auto operator new[](std::size_t n) -> void* { return allocated_or_end(n, 1); }
[[gnu::noinline]] auto operator new(std::size_t n, std::align_val_t a) -> void* {
  return allocated_or_end(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] auto operator new[](std::size_t n, std::align_val_t a) -> void* {
  return allocated_or_end(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] auto operator new(std::size_t n, const std::nothrow_t&) noexcept -> void* {
  return allocated(n, 1);
}
[[gnu::noinline]] auto operator new[](std::size_t n, const std::nothrow_t&) noexcept -> void* {
  return allocated(n, 1);
}
[[gnu::noinline]] auto operator new(std::size_t n, std::align_val_t a,
                                    const std::nothrow_t&) noexcept -> void* {
  return allocated(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] auto operator new[](std::size_t n, std::align_val_t a,
                                      const std::nothrow_t&) noexcept -> void* {
  return allocated(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p, std::align_val_t,
                                         const std::nothrow_t&) noexcept {
  std::free(p);
}
#endif

void allocation_tests::count() {
  allocations = 0;
  counting = true;
}
auto allocation_tests::counted() -> std::size_t {
  counting = false;
  return allocations;
}

using namespace lepton::predict;
using allocation_tests::allocations_in;
using allocation_tests::never_allocates;

#if LEPTON_TEST_COUNTS
TEST_CASE("allocations: the test itself can tell") {
  std::vector<int> v;
  CHECK(allocations_in([&] { v.resize(100); }) == 1);
  CHECK(allocations_in([&] { v.resize(50); }) == 0);
  struct alignas(128) wide {
    char c[128];
  };
  wide* w = nullptr;
  CHECK(allocations_in([&] { w = new wide; }) == 1);
  CHECK(reinterpret_cast<std::uintptr_t>(w) % 128 == 0);
  delete w;
  v.resize(1000);  // not counted
  CHECK(allocations == 1);
}
#endif

TEST_CASE("allocations: none in simple predictors after fit") {
  never_allocates(last_value{});
  never_allocates(mean_value{});
  never_allocates(drift{});
  never_allocates(seasonal_naive{12});
  never_allocates(histogram_member{});
  never_allocates(theta{});
  never_allocates(clamped<drift>{100});
  never_allocates(any_predictor{seasonal_naive{12}});
}

TEST_CASE("allocations: none in ets and arima after fit") {
  never_allocates(ets{});
  never_allocates(auto_ets{12});
  arima_options airline;
  airline.d = airline.q = airline.D = airline.Q = 1;
  airline.season = 12;
  never_allocates(arima{airline});
  auto_arima_options quick;
  quick.max_p = quick.max_q = 1;
  never_allocates(auto_arima{quick});
}
