# SPDX-License-Identifier: Apache-2.0
# cmake -DMODE= ... -P run.cmake: one of the modes below, in a folder of its own, made afresh.
cmake_minimum_required(VERSION 3.24)

set(here "${SOURCE_DIR}/tests/consumer")
set(prefix "${WORK_DIR}/prefix")
set(work "${WORK_DIR}/${MODE}")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${work}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "consumer ${MODE}: failed (${result}): ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# The program prints the version it was compiled with.
function(run_program program)
  run("${program}")
  string(STRIP "${output}" output)
  if(NOT output STREQUAL "lepton ${VERSION}")
    message(FATAL_ERROR "consumer ${MODE}: expected \"lepton ${VERSION}\", got \"${output}\"")
  endif()
endfunction()

function(run_project project)
  run(${CMAKE_COMMAND} -S "${here}/${project}" -B "${work}/build" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_BUILD_TYPE=Debug "-DCONSUMER_VERSION=${VERSION}"
    "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${work}/bin" ${ARGN})
  run(${CMAKE_COMMAND} --build "${work}/build" --config Debug)
  file(GLOB_RECURSE program "${work}/bin/consumer" "${work}/bin/*/consumer" "${work}/bin/*.exe")
  run_program("${program}")
endfunction()

function(compile_and_run)
  separate_arguments(flags NATIVE_COMMAND "${FLAGS}")
  run("${COMPILER}" -std=c++20 ${flags} ${ARGN}
    "${here}/program/main.cpp" "${here}/program/other.cpp" -o "${work}/consumer")
  run_program("${work}/consumer")
endfunction()

if(MODE STREQUAL "add_subdirectory")
  run_project(add_subdirectory "-DLEPTON_SOURCE_DIR=${SOURCE_DIR}")

elseif(MODE STREQUAL "install")
  file(REMOVE_RECURSE "${prefix}")
  run(${CMAKE_COMMAND} --install "${BINARY_DIR}" --prefix "${prefix}" --component lepton_headers)

elseif(MODE STREQUAL "find_package")
  run_project(find_package "-DCMAKE_PREFIX_PATH=${prefix}")

elseif(MODE STREQUAL "find_package_alone")
  # A machine that has none of the libraries Lepton can use.
  run_project(find_package "-DCMAKE_PREFIX_PATH=${prefix}"
    -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON)

elseif(MODE STREQUAL "find_package_simulate")
  run_project(find_package "-DCMAKE_PREFIX_PATH=${prefix}" -DCONSUMER_COMPONENT=simulate)

elseif(MODE STREQUAL "pkg_config")
  set(ENV{PKG_CONFIG_PATH} "${prefix}/share/pkgconfig")
  find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
  run("${pkg_config}" --cflags "lepton = ${VERSION}")
  string(STRIP "${output}" cflags)
  separate_arguments(cflags NATIVE_COMMAND "${cflags}")
  compile_and_run(${cflags})

elseif(MODE STREQUAL "no_exceptions")
  compile_and_run("-I${SOURCE_DIR}/include" -fno-exceptions -fno-rtti
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

else()
  message(FATAL_ERROR "run.cmake: unknown mode \"${MODE}\"")
endif()
