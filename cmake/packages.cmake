# SPDX-License-Identifier: Apache-2.0
# The packages Lepton's headers can use. The build includes this file, and so does the installed
# lepton-config.cmake, so that both take the same things under the same names.
# A macro, as find_package must set its variables where it is called.

macro(lepton_find_packages)
  # predict/
  find_package(Eigen3 CONFIG QUIET)

  # graph/: headers only. Boost's own package file first, as CMake's module is on its way out.
  if(NOT TARGET Boost::headers)
    find_package(Boost 1.74 CONFIG QUIET)
    if(NOT TARGET Boost::headers)
      if(POLICY CMP0167)
        cmake_policy(PUSH)
        cmake_policy(SET CMP0167 OLD)
        find_package(Boost 1.74 MODULE QUIET)
        cmake_policy(POP)
      else()
        find_package(Boost 1.74 MODULE QUIET)
      endif()
    endif()
  endif()

  # lepton::simulate
  if(NOT TARGET ZLIB::ZLIB)
    find_package(ZLIB QUIET)
  endif()
  if(NOT TARGET nlohmann_json::nlohmann_json)
    find_package(nlohmann_json CONFIG QUIET)
  endif()
  if(NOT TARGET fmt::fmt)
    find_package(fmt CONFIG QUIET)
  endif()
endmacro()
