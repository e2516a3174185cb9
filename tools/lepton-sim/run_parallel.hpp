// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace lepton_sim {

/// Calls `job(i)` for each i below `count` on at most `threads` threads, and `progress(done)` on
/// this one, a few times a second, until all are done. Jobs are started in order.
template <class Job, class Progress>
void run_parallel(std::size_t count, std::size_t threads, Job job, Progress progress) {
  constexpr auto pause = std::chrono::milliseconds{200};
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::mutex guard;
  std::condition_variable finished;

  const auto work = [&] {
    for (auto i = next++; i < count; i = next++) {
      job(i);
      const std::lock_guard lock{guard};
      if (++done == count) finished.notify_all();
    }
  };
  std::vector<std::thread> pool;
  while (pool.size() < std::min(threads, count)) {
    try {
      pool.emplace_back(work);
    } catch (const std::system_error&) {  // no more threads to be had: the ones there will do
      if (pool.empty()) throw;
      break;
    }
  }
  {
    std::unique_lock lock{guard};
    while (!finished.wait_for(lock, pause, [&] { return done == count; })) progress(done);
  }
  for (auto& thread : pool) thread.join();
}

}  // namespace lepton_sim
