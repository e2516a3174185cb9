// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/read_records.hpp>

#include "skipped_records.hpp"

namespace lepton_sim {

/// Reads a file, plain or .gz, and calls `read(text, options)` for its records, which gives
/// `expected<read_summary>`; names what was skipped.
template <class Read>
[[nodiscard]] auto read_list(const std::string& path, bool skip_bad, Read read) -> lepton::status {
  auto file = lepton::simulate::read_readable_part(path);
  if (!file) return lepton::unexpected{file.error()};
  if (file->damage && !skip_bad) return lepton::unexpected{*file->damage};
  auto found = read(std::string_view{file->text}, lepton::simulate::read_options{skip_bad});
  if (!found) return lepton::unexpected{found.error()};
  if (file->damage) found->skip(*std::move(file->damage));
  name_skipped(path, *found);
  return {};
}

}  // namespace lepton_sim
