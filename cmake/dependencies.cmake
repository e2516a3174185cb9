# SPDX-License-Identifier: Apache-2.0
# Finds what the parts switched on need; fetches what is not found if LEPTON_FETCH_DEPS is on;
# otherwise reports all that is missing in one message, with the packages that bring it.
#
# Sets lepton_have_simulate (all of lepton::simulate's libraries are there), lepton_found_simulate
# (and none of them was fetched) and lepton_chart_js (Chart.js, where the tools are built).

include("${CMAKE_CURRENT_LIST_DIR}/packages.cmake")

# --- find ----------------------------------------------------------------------------------------

macro(lepton_find_dependencies)
  lepton_find_packages()
  if(LEPTON_BUILD_TOOLS AND NOT TARGET CLI11::CLI11)
    find_package(CLI11 CONFIG QUIET)
  endif()
  if(LEPTON_BUILD_TESTS)
    if(NOT TARGET Catch2::Catch2)
      find_package(Catch2 3.3 CONFIG QUIET)
    endif()
    if(NOT TARGET Catch2::Catch2)
      find_package(Catch2 2.13 CONFIG QUIET)
    endif()
    if(NOT TARGET rapidcheck)
      find_package(rapidcheck CONFIG QUIET)
    endif()
    if(NOT TARGET rapidcheck)
      # Some packagings ship the library without its CMake files.
      find_path(LEPTON_RAPIDCHECK_INCLUDE_DIR rapidcheck.h)
      find_library(LEPTON_RAPIDCHECK_LIBRARY rapidcheck)
      mark_as_advanced(LEPTON_RAPIDCHECK_INCLUDE_DIR LEPTON_RAPIDCHECK_LIBRARY)
      if(LEPTON_RAPIDCHECK_INCLUDE_DIR AND LEPTON_RAPIDCHECK_LIBRARY)
        add_library(rapidcheck STATIC IMPORTED GLOBAL)
        set_target_properties(rapidcheck PROPERTIES
          IMPORTED_LOCATION "${LEPTON_RAPIDCHECK_LIBRARY}"
          INTERFACE_INCLUDE_DIRECTORIES "${LEPTON_RAPIDCHECK_INCLUDE_DIR}")
      endif()
    endif()
  endif()
  if(LEPTON_BUILD_BENCH AND NOT TARGET benchmark::benchmark)
    find_package(benchmark CONFIG QUIET)
  endif()
endmacro()

# A project that adds Lepton as a subdirectory has to see the imported targets too.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
lepton_find_dependencies()
if(LEPTON_BUILD_TOOLS OR LEPTON_BUILD_TESTS)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()
unset(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)

macro(lepton_look_at_simulate result)
  set(${result} OFF)
  if(TARGET ZLIB::ZLIB AND TARGET nlohmann_json::nlohmann_json AND TARGET fmt::fmt)
    set(${result} ON)
  endif()
endmacro()
lepton_look_at_simulate(lepton_found_simulate)

# The browser build (UMD) of Chart.js, which the reports carry with them. The names it has had:
# version 4 chart.umd.js or chart.umd.min.js; versions 2 and 3 chart.min.js or Chart.min.js.
set(LEPTON_CHART_JS "" CACHE FILEPATH "Chart.js for the reports (searched for if empty)")
function(lepton_find_chart_js result)
  set(${result} "" PARENT_SCOPE)
  if(LEPTON_CHART_JS)
    if(NOT EXISTS "${LEPTON_CHART_JS}")
      message(FATAL_ERROR "Lepton: LEPTON_CHART_JS names a file that does not exist: ${LEPTON_CHART_JS}")
    endif()
    get_filename_component(file "${LEPTON_CHART_JS}" ABSOLUTE BASE_DIR "${CMAKE_BINARY_DIR}")
    set(${result} "${file}" PARENT_SCOPE)
    return()
  endif()
  foreach(folder IN ITEMS
      "${PROJECT_SOURCE_DIR}/node_modules/chart.js/dist"
      /usr/share/javascript/chart.js
      /usr/share/nodejs/chart.js/dist
      /usr/lib/node_modules/chart.js/dist
      /usr/local/lib/node_modules/chart.js/dist
      "${chart_js_SOURCE_DIR}/dist")
    foreach(name IN ITEMS chart.umd.min.js chart.umd.js chart.min.js Chart.min.js)
      if(EXISTS "${folder}/${name}")
        set(${result} "${folder}/${name}" PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
endfunction()
if(LEPTON_BUILD_TOOLS)
  lepton_find_chart_js(lepton_chart_js)
endif()

# --- fetch ---------------------------------------------------------------------------------------

# Headers of a fetched library are somebody else's: no warnings from them.
function(lepton_mark_system)
  foreach(target IN LISTS ARGN)
    get_target_property(aliased ${target} ALIASED_TARGET)
    if(aliased)
      set(target ${aliased})
    endif()
    get_target_property(directories ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(directories)
      set_property(TARGET ${target} APPEND PROPERTY
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
    endif()
  endforeach()
endfunction()

# lepton_fetch(<name> <what FetchContent_Declare takes>...): downloads, and adds the project with
# EXCLUDE_FROM_ALL, so that neither its programs nor its install rules join ours.
macro(lepton_fetch name)
  message(STATUS "Lepton: fetching ${name}")
  FetchContent_Declare(${name} ${ARGN} SOURCE_SUBDIR lepton_adds_it_below)
  FetchContent_MakeAvailable(${name})
  string(TOLOWER ${name} fetched)
  if(EXISTS "${${fetched}_SOURCE_DIR}/CMakeLists.txt")
    add_subdirectory("${${fetched}_SOURCE_DIR}" "${${fetched}_BINARY_DIR}" EXCLUDE_FROM_ALL)
  endif()
endmacro()

# A function, so that the settings made for other projects end with it.
function(lepton_fetch_missing)
  include(FetchContent)
  set(github https://github.com)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)   # the plain variables below count as options there
  set(CMAKE_POLICY_DEFAULT_CMP0135 NEW)   # time stamps of extraction
  set(CMAKE_POLICY_VERSION_MINIMUM 3.5)   # for projects older than CMake 4 cares for
  set(BUILD_SHARED_LIBS OFF)
  set(BUILD_TESTING OFF)

  if(NOT TARGET ZLIB::ZLIB)
    set(ZLIB_BUILD_EXAMPLES OFF)
    lepton_fetch(zlib
      URL ${github}/madler/zlib/releases/download/v1.3.1/zlib-1.3.1.tar.gz
      URL_HASH SHA256=9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23)
    target_include_directories(zlibstatic INTERFACE "${zlib_SOURCE_DIR}" "${zlib_BINARY_DIR}")
    lepton_mark_system(zlibstatic)
    add_library(ZLIB::ZLIB ALIAS zlibstatic)
  endif()
  if(NOT TARGET nlohmann_json::nlohmann_json)
    set(JSON_BuildTests OFF)
    set(JSON_Install OFF)
    lepton_fetch(nlohmann_json
      URL ${github}/nlohmann/json/releases/download/v3.11.3/json.tar.xz
      URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
    lepton_mark_system(nlohmann_json::nlohmann_json)
  endif()
  if(NOT TARGET fmt::fmt)
    set(FMT_INSTALL OFF)
    lepton_fetch(fmt
      URL ${github}/fmtlib/fmt/archive/refs/tags/10.2.1.tar.gz
      URL_HASH SHA256=1250e4cc58bf06ee631567523f48848dc4596133e163f02615c97f78bab6c811)
    lepton_mark_system(fmt::fmt)
  endif()
  if(LEPTON_BUILD_TOOLS)
    if(NOT TARGET Eigen3::Eigen)
      set(EIGEN_BUILD_DOC OFF)
      set(EIGEN_BUILD_PKGCONFIG OFF)
      lepton_fetch(eigen
        URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
        URL_HASH SHA256=8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72)
      lepton_mark_system(Eigen3::Eigen)
    endif()
    if(NOT TARGET CLI11::CLI11)
      lepton_fetch(cli11
        URL ${github}/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
        URL_HASH SHA256=f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a)
      lepton_mark_system(CLI11::CLI11)
    endif()
    if(NOT lepton_chart_js)
      lepton_fetch(chart_js
        URL https://registry.npmjs.org/chart.js/-/chart.js-4.4.4.tgz
        URL_HASH SHA256=d0885e6f46faa05f40d5d495ab3766afa719cec063a2391e7555634c051290c0)
      lepton_find_chart_js(lepton_chart_js)
      set(lepton_chart_js "${lepton_chart_js}" PARENT_SCOPE)
    endif()
  endif()
  if(LEPTON_BUILD_TESTS)
    if(NOT TARGET Catch2::Catch2)
      set(CATCH_INSTALL_DOCS OFF)
      set(CATCH_INSTALL_EXTRAS OFF)
      lepton_fetch(Catch2
        URL ${github}/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
        URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
      lepton_mark_system(Catch2::Catch2)
      set(CMAKE_MODULE_PATH "${catch2_SOURCE_DIR}/extras" ${CMAKE_MODULE_PATH} PARENT_SCOPE)
    endif()
    if(NOT TARGET rapidcheck)
      lepton_fetch(rapidcheck
        GIT_REPOSITORY ${github}/emil-e/rapidcheck.git
        GIT_TAG ff6af6fc683159deb51c543b065eba14dfcf329b)
      lepton_mark_system(rapidcheck)
    endif()
  endif()
  if(LEPTON_BUILD_BENCH AND NOT TARGET benchmark::benchmark)
    set(BENCHMARK_ENABLE_TESTING OFF)
    set(BENCHMARK_ENABLE_INSTALL OFF)
    set(BENCHMARK_ENABLE_WERROR OFF)
    lepton_fetch(benchmark
      URL ${github}/google/benchmark/archive/refs/tags/v1.8.3.tar.gz
      URL_HASH SHA256=6bc180a57d23d4d9515519f92b0c83d61b05b5bab188961f08a9d7047293e6ce)
    lepton_mark_system(benchmark::benchmark)
  endif()
endfunction()
if(LEPTON_FETCH_DEPS)
  lepton_fetch_missing()
endif()

# --- report --------------------------------------------------------------------------------------

set(lepton_missing "")

# lepton_missing_unless(<found> <for what> <name> <apt> <dnf> <brew> <pacman>)
macro(lepton_missing_unless found part name apt dnf brew pacman)
  if(NOT (${found}))
    string(APPEND lepton_missing
      "  ${name}, for ${part}\n"
      "      apt: ${apt}   dnf: ${dnf}   brew: ${brew}   pacman: ${pacman}\n")
  endif()
endmacro()

if(LEPTON_BUILD_TOOLS OR LEPTON_BUILD_TESTS)
  set(part "lepton::simulate (LEPTON_BUILD_TOOLS, LEPTON_BUILD_TESTS)")
  lepton_missing_unless("TARGET;ZLIB::ZLIB" "${part}"
    zlib zlib1g-dev zlib-devel zlib zlib)
  lepton_missing_unless("TARGET;nlohmann_json::nlohmann_json" "${part}"
    nlohmann-json nlohmann-json3-dev json-devel nlohmann-json nlohmann-json)
  lepton_missing_unless("TARGET;fmt::fmt" "${part}"
    fmt libfmt-dev fmt-devel fmt fmt)
endif()
if(LEPTON_BUILD_TOOLS)
  lepton_missing_unless("TARGET;CLI11::CLI11" "lepton-sim (LEPTON_BUILD_TOOLS)"
    CLI11 libcli11-dev cli11-devel cli11 cli11)
  lepton_missing_unless("TARGET;Eigen3::Eigen" "lepton-sim (LEPTON_BUILD_TOOLS)"
    Eigen libeigen3-dev eigen3-devel eigen eigen)
  lepton_missing_unless("lepton_chart_js" "the reports of lepton-sim (LEPTON_BUILD_TOOLS)"
    "Chart.js (everywhere: npm install chart.js in the source folder, or -DLEPTON_CHART_JS=<file>)"
    libjs-chart.js - - -)
endif()
if(LEPTON_BUILD_TESTS)
  lepton_missing_unless("TARGET;Catch2::Catch2" "the tests (LEPTON_BUILD_TESTS)"
    "Catch2 2.13 or 3.3 and later" catch2 catch-devel catch2 catch2)
  lepton_missing_unless("TARGET;rapidcheck" "the property tests (LEPTON_BUILD_TESTS)"
    RapidCheck librapidcheck-dev rapidcheck-devel - rapidcheck)
endif()
if(LEPTON_BUILD_BENCH)
  lepton_missing_unless("TARGET;benchmark::benchmark" "the benchmarks (LEPTON_BUILD_BENCH)"
    "Google Benchmark" libbenchmark-dev google-benchmark-devel google-benchmark benchmark)
endif()

if(lepton_missing)
  message(FATAL_ERROR
    "Lepton: not found:\n${lepton_missing}"
    "Install them (scripts/install-deps.sh does it on Debian and Ubuntu), or configure with "
    "-DLEPTON_FETCH_DEPS=ON to download them, or switch off (-D...=OFF) the part that is named in "
    "parentheses.\n"
    "The library itself needs none of these.")
endif()

lepton_look_at_simulate(lepton_have_simulate)

if(PROJECT_IS_TOP_LEVEL)
  if(NOT TARGET Eigen3::Eigen)
    message(STATUS "Lepton: Eigen not found (apt: libeigen3-dev): predict/ is neither verified nor tested")
  endif()
  if(NOT TARGET Boost::headers)
    message(STATUS "Lepton: Boost not found (apt: libboost-dev): graph/ is neither verified nor tested")
  endif()
endif()
