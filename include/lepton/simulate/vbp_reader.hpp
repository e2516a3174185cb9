// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/simulate/csv_table.hpp>

// Vector bin packing instances in the format "vbp" of VPSolver (Brandão and Pedroso 2016): the
// number of dimensions; the capacity of a bin; the number of item types; for each type a line with
// its demand and the number of such items. Blank lines are passed over.

namespace lepton::simulate {

/// Most items of one instance, so that a short file cannot fill the memory.
inline constexpr std::int64_t most_vbp_items = 10'000'000;

/// Items of one demand.
template <resource_vector R>
struct vbp_item_type {
  R demand{};
  std::uint32_t count = 0;
};

/// A vector bin packing instance.
template <resource_vector R>
struct vbp_instance {
  R capacity{};  ///< of every bin
  std::vector<vbp_item_type<R>> types{};

  /// The items one by one, in the order of their types.
  [[nodiscard]] auto items() const -> std::vector<R> {
    std::vector<R> all;
    for (const auto& type : types) all.insert(all.end(), type.count, type.demand);
    return all;
  }
};

namespace vbp_detail {

/// Reads lines of whole numbers. The first thing wrong is kept in `problem()`; numbers are 0 from
/// then on.
class number_lines {
 public:
  number_lines(std::string_view text, std::string_view file) noexcept : rest_(text), file_(file) {}

  /// Moves on to the next line that is not blank; false at the end of the text.
  auto next() -> bool {
    while (!rest_.empty()) {
      const auto end = std::min(rest_.find('\n'), rest_.size());
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++line_number_;
      at_ = 0;
      skip_blanks();
      if (at_ != line_.size()) return true;
    }
    return false;
  }
  /// The same, where the text must not end yet.
  void expect_line(const char* what) {
    if (!problem_ && !next()) {
      line_number_ = std::max<std::size_t>(line_number_, 1);
      reject(line_.size(), "the text ends here, and " + std::string{what} + " is missing");
    }
  }

  /// The next number of the line, from `lowest` to `highest`; `what` names it in messages.
  auto number(const char* what, std::int64_t lowest, std::int64_t highest) -> std::int64_t {
    if (problem_) return 0;
    start_ = at_;
    if (at_ == line_.size()) {
      reject(at_, "the line ends here, and " + std::string{what} + " is missing");
      return 0;
    }
    at_ = std::min(line_.find_first_of(blanks, at_), line_.size());
    const auto digits = line_.substr(start_, at_ - start_);
    skip_blanks();
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const auto whole = end == digits.data() + digits.size() && fault != std::errc::invalid_argument;
    if (whole && fault == std::errc{} && value >= lowest && value <= highest) return value;
    reject(start_, std::string{what} + (whole ? " is out of range: " : " is not a whole number: ") +
                       shown(digits) + "; it must be " + std::to_string(lowest) + " to " +
                       std::to_string(highest));
    return 0;
  }
  /// Nothing more may stand on the line.
  void end_line() {
    if (at_ != line_.size())
      reject(at_, "there is one number too many on this line: " + shown(line_.substr(at_)));
  }

  [[nodiscard]] auto problem() const noexcept -> const std::optional<error>& { return problem_; }
  /// Notes what is wrong with the number read last, or with the line.
  LEPTON_COLD void reject_last(std::string message) { reject(start_, std::move(message)); }
  LEPTON_COLD void reject_line(std::string message) { reject(at_, std::move(message)); }

 private:
  static constexpr std::string_view blanks = " \t\r\v\f";

  void skip_blanks() noexcept {
    at_ = std::min(line_.find_first_not_of(blanks, at_), line_.size());
  }
  LEPTON_COLD void reject(std::size_t at, std::string message) {
    if (!problem_) problem_ = error{std::move(message), std::string{file_}, line_number_, at + 1};
  }

  std::string_view rest_;
  std::string_view file_;
  std::string_view line_{};
  std::size_t line_number_ = 0;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::optional<error> problem_{};
};

}  // namespace vbp_detail

/// Reads an instance; `file` is its name in messages.
///
/// Fails at the first thing that is wrong: a number that is missing, not whole or out of range, a
/// number or line too many, a demand above the capacity, another number of dimensions than R has.
template <resource_vector R>
[[nodiscard]] auto read_vbp(std::string_view text, std::string_view file)
    -> expected<vbp_instance<R>> {
  vbp_instance<R> instance;
  vbp_detail::number_lines in{text, file};

  in.expect_line("the number of dimensions");
  constexpr auto dimensions = static_cast<std::int64_t>(R::dimension_count);
  const auto given = in.number("the number of dimensions", 1, 1'000'000);
  if (given != dimensions) {
    in.reject_last("the items have " + std::to_string(given) + " dimensions where " +
                   std::to_string(dimensions) + " are expected");
  }
  in.end_line();

  in.expect_line("the line of capacities");
  for (auto& c : instance.capacity) c = in.number("the capacity", 0, max_amount);
  in.end_line();

  in.expect_line("the number of item types");
  const auto types = in.number("the number of item types", 0, most_vbp_items);
  in.end_line();

  std::int64_t items = 0;
  for (std::int64_t t = 0; t < types && !in.problem(); ++t) {
    vbp_item_type<R> type;
    in.expect_line("the line of another item type");
    for (std::size_t d = 0; d < R::size(); ++d)
      type.demand[d] = in.number("the demand", 0, instance.capacity[d]);
    type.count = static_cast<std::uint32_t>(in.number("the count", 0, most_vbp_items));
    items += type.count;
    if (items > most_vbp_items)
      in.reject_last("with these there are more than " + std::to_string(most_vbp_items) + " items");
    in.end_line();
    instance.types.push_back(type);
  }
  if (!in.problem() && in.next())
    in.reject_line("all " + std::to_string(types) + " item types came before this line");
  if (in.problem()) return unexpected{*in.problem()};
  return instance;
}

}  // namespace lepton::simulate
