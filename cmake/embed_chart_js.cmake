# SPDX-License-Identifier: Apache-2.0

# lepton_embed_chart_js(<script> <source>): writes a C++ file that holds the script, for the
# variable that tools/lepton-sim/chart_js.hpp declares. An array of numbers, since compilers limit
# the length of string literals (MSVC: 16 KiB apiece).
function(lepton_embed_chart_js script source)
  file(STRINGS "${script}" umd REGEX "typeof (exports|define)" LIMIT_COUNT 1)
  if(NOT umd)
    message(FATAL_ERROR
      "Lepton: ${script} is not the browser build of Chart.js that a page can carry in a script "
      "element (an ES module, perhaps?). Take dist/chart.umd.js of npm's chart.js, or chart.min.js "
      "of Debian's libjs-chart.js.")
  endif()
  message(STATUS "Lepton: reports carry ${script}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${script}")

  file(READ "${script}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REPEAT "0x..," 19 row)
  string(REGEX REPLACE "(${row})" "\\1\n" bytes "${bytes}")
  get_filename_component(name "${script}" NAME)
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
"// Written by CMake from ${name}. Chart.js, MIT licence: https://www.chartjs.org
#include \"chart_js.hpp\"

namespace lepton_sim {
namespace {
constexpr unsigned char bytes[] = {
@bytes@
};
}  // namespace

const std::string_view chart_js{reinterpret_cast<const char*>(bytes), sizeof bytes};

}  // namespace lepton_sim
")
endfunction()
