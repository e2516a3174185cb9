# SPDX-License-Identifier: Apache-2.0
# Flags for Lepton's own programs; users of the library never see them.

add_library(lepton_project_options INTERFACE)

if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(lepton_project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<BOOL:${LEPTON_WERROR}>:-Werror>)
  # GCC 12 at -O3 sees overlaps and overflows inside std::string that are not there.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(lepton_project_options INTERFACE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
elseif(MSVC)
  target_compile_options(lepton_project_options INTERFACE
    /W4 /permissive- /utf-8 $<$<BOOL:${LEPTON_WERROR}>:/WX>)
endif()

if(LEPTON_SANITIZE)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    message(FATAL_ERROR "Lepton: LEPTON_SANITIZE needs GCC or Clang, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  target_compile_options(lepton_project_options INTERFACE
    -fsanitize=${LEPTON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_compile_definitions(lepton_project_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(lepton_project_options INTERFACE -fsanitize=${LEPTON_SANITIZE})
endif()
