// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace lepton::predict::detail {

/// Threads that a number asked for means for so many pieces of work: 0 is one a processor.
[[nodiscard]] inline auto threads_for(std::size_t asked, std::size_t pieces) -> std::size_t {
  if (asked == 0) asked = std::max(1U, std::thread::hardware_concurrency());
  return std::max<std::size_t>(1, std::min(asked, pieces));
}

/// Calls work(i, thread) once for each i below `count`, in any order, on `threads` threads
/// (this one among them). The result must not depend on who does what.
template <class Work>
void parallel_for(std::size_t count, std::size_t threads, Work work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&](std::size_t thread) {
    for (auto i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i, thread);
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < threads; ++t) {
#if defined(__cpp_exceptions)
    try {
      others.emplace_back(run, t);
    } catch (const std::system_error&) {  // no more threads to be had: the ones there will do
      break;
    }
#else
    others.emplace_back(run, t);
#endif
  }
  run(0);
  for (auto& t : others) t.join();
}

}  // namespace lepton::predict::detail
