// SPDX-License-Identifier: Apache-2.0
#include "queue_gantt.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <utility>

#include "queue_timeline.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;

auto holds_in(const simulate::job_outcome& job, time_window window) -> bool {
  return (job.fate == simulate::job_fate::completed || job.fate == simulate::job_fate::killed) &&
         job.start < window.to && job.end > window.from;
}

constexpr std::int64_t most_candidates = 1'000'000;  ///< for the busiest window

/// Free processors as ranges that do not touch each other.
class free_ranges {
 public:
  explicit free_ranges(std::int64_t processors) { ranges_.emplace(0, processors); }

  /// Takes `count` of them; fewer if there are not as many.
  void take(std::int64_t count, std::size_t job, std::vector<gantt_block>& into) {
    const auto whole = std::find_if(ranges_.begin(), ranges_.end(),
                                    [&](const auto& r) { return r.second >= count; });
    if (whole != ranges_.end()) return cut(whole, count, job, into);
    while (count > 0 && !ranges_.empty()) {
      const auto part = std::min(count, ranges_.begin()->second);
      cut(ranges_.begin(), part, job, into);
      count -= part;
    }
  }

  void give_back(const gantt_block& block) {
    auto at = ranges_.emplace(block.first, block.count).first;
    if (const auto next = std::next(at);
        next != ranges_.end() && next->first == at->first + at->second) {
      at->second += next->second;
      ranges_.erase(next);
    }
    if (at == ranges_.begin()) return;
    const auto before = std::prev(at);
    if (before->first + before->second != at->first) return;
    before->second += at->second;
    ranges_.erase(at);
  }

 private:
  using by_first = std::map<std::int64_t, std::int64_t>;

  void cut(by_first::iterator range, std::int64_t count, std::size_t job,
           std::vector<gantt_block>& into) {
    const auto [first, length] = *range;
    ranges_.erase(range);
    if (length > count) ranges_.emplace(first + count, length - count);
    into.push_back({job, first, count});
  }

  by_first ranges_;  ///< first processor and number of them
};

}  // namespace

auto gantt_blocks(const simulate::queue_workload& workload, const simulate::queue_run& run,
                  time_window window, std::size_t most_jobs) -> std::vector<gantt_block> {
  std::vector<std::size_t> jobs;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    if (holds_in(run.jobs[i], window)) jobs.push_back(i);
  }
  std::stable_sort(jobs.begin(), jobs.end(), [&](std::size_t a, std::size_t b) {
    return run.jobs[a].start < run.jobs[b].start;
  });
  if (jobs.size() > most_jobs) jobs.resize(most_jobs);

  free_ranges free{workload.processors};
  using ending = std::pair<lepton::time_point, std::size_t>;  // of a block
  std::priority_queue<ending, std::vector<ending>, std::greater<>> running;
  std::vector<gantt_block> blocks;
  for (const auto job : jobs) {
    for (; !running.empty() && running.top().first <= run.jobs[job].start; running.pop())
      free.give_back(blocks[running.top().second]);
    const auto begin = blocks.size();
    free.take(workload.jobs[job].demand[0], job, blocks);
    for (auto b = begin; b < blocks.size(); ++b) running.emplace(run.jobs[job].end, b);
  }
  return blocks;
}

auto jobs_in(const simulate::queue_run& run, time_window window) -> std::size_t {
  return static_cast<std::size_t>(
      std::count_if(run.jobs.begin(), run.jobs.end(),
                    [&](const simulate::job_outcome& job) { return holds_in(job, window); }));
}

auto busiest_window(std::span<const simulate::curve_point> waiting,
                    std::span<const simulate::curve_point> busy, lepton::duration length)
    -> time_window {
  if (waiting.empty() || busy.empty()) return {{}, lepton::time_point{length}};
  constexpr std::int64_t steps = 4;  // of a window from one candidate to the next
  const auto begin = waiting.front().when;
  const auto step = std::max(length / steps, (busy.back().when - begin) / most_candidates);
  const auto count = (busy.back().when - begin) / step + 1;
  const auto places = static_cast<std::size_t>(count);
  const auto queue = means_over_time(waiting, begin, begin + step * count, places);
  const auto use = means_over_time(busy, begin, begin + step * count, places);
  std::pair<double, double> most{-1, -1};
  std::size_t best = 0;
  for (std::size_t at = 0; at < places; ++at) {
    std::pair<double, double> sum{0, 0};
    for (auto k = at; k < std::min(at + steps, places); ++k) {
      sum.first += queue[k];
      sum.second += use[k];
    }
    if (sum <= most) continue;
    most = sum;
    best = at;
  }
  const auto from = begin + step * static_cast<std::int64_t>(best);
  return {from, from + length};
}

}  // namespace lepton_sim
