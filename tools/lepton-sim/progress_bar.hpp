// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

namespace lepton_sim {

/// A line on the standard error that grows with the work: only if that is a terminal, and only
/// when the work is long. It is wiped away at the end.
class progress_bar {
 public:
  explicit progress_bar(std::size_t total) : total_(total) {}
  progress_bar(const progress_bar&) = delete;
  auto operator=(const progress_bar&) -> progress_bar& = delete;
  ~progress_bar() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }

  void show(std::size_t done) {
    constexpr std::size_t width = 40;
    constexpr auto patience = std::chrono::milliseconds{700};
    if (!is_terminal_ || std::chrono::steady_clock::now() - begin_ < patience) return;
    const auto full = total_ == 0 ? width : done * width / total_;
    const auto bar = std::string(full, '#') + std::string(width - full, '.');
    std::fprintf(stderr, "\r[%s] %zu/%zu experiments", bar.c_str(), done, total_);
    std::fflush(stderr);
    drawn_ = true;
  }

 private:
  [[nodiscard]] static auto stderr_is_terminal() -> bool {
#if defined(_WIN32)
    return _isatty(_fileno(stderr)) != 0;
#else
    return isatty(fileno(stderr)) != 0;
#endif
  }

  std::size_t total_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool is_terminal_ = stderr_is_terminal();
  bool drawn_ = false;
};

}  // namespace lepton_sim
