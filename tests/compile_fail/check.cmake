# SPDX-License-Identifier: Apache-2.0
# cmake -DCOMPILER= -DCOMPILER_ID= -DFLAGS= -DINCLUDE_DIR= -DSYSTEM_DIRS=a|b -DSOURCE= -P check.cmake
#
# Passes if SOURCE
#   1. compiles with -DLEPTON_EXPECT_OK (so that it fails for no accidental reason), and
#   2. does not compile without it, each of its lines
#        // expect: <regular expression of CMake>
#      matching the text of the diagnostics.
# "The text" is what follows "error:" or "note:", the word included: neither file names nor quoted
# source lines, where the expression would find itself.

get_filename_component(name "${SOURCE}" NAME)
file(READ "${SOURCE}" rest)
if(NOT rest MATCHES "LEPTON_EXPECT_OK")
  message(FATAL_ERROR "${name}: holds no #ifdef LEPTON_EXPECT_OK, the variant that must compile")
endif()

separate_arguments(flags NATIVE_COMMAND "${FLAGS}")
string(REPLACE "|" ";" system_dirs "${SYSTEM_DIRS}")
list(REMOVE_DUPLICATES system_dirs)
list(FILTER system_dirs EXCLUDE REGEX "^(/usr/include)?$")
list(TRANSFORM system_dirs PREPEND "-isystem")
if(COMPILER_ID STREQUAL "GNU")
  set(plain -fno-diagnostics-show-caret -fdiagnostics-color=never)
else()
  set(plain -fno-caret-diagnostics -fno-color-diagnostics)
endif()
set(command "${COMPILER}" -std=c++20 ${flags} -fsyntax-only ${plain}
  "-I${INCLUDE_DIR}" ${system_dirs})

execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${command} -DLEPTON_EXPECT_OK "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${name}: must compile with -DLEPTON_EXPECT_OK, but does not:\n${output}")
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${command} "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${name}: compiles, but must be rejected")
endif()

# Keep "error: ..." and "note: ..." of the lines "file:line:column: error: ...".
set(text "")
set(unread "${output}\n")
while(unread MATCHES "^([^\n]*)\n(.*)$")
  set(line "${CMAKE_MATCH_1}")
  set(unread "${CMAKE_MATCH_2}")
  if(line MATCHES ":[0-9]+: ((fatal )?error|note): (.*)$")
    string(APPEND text "${CMAKE_MATCH_1}: ${CMAKE_MATCH_3}\n")
  endif()
endwhile()

set(expectations 0)
while(rest MATCHES "// expect:[ \t]*([^\r\n]*)(.*)$")
  set(expected "${CMAKE_MATCH_1}")
  set(rest "${CMAKE_MATCH_2}")
  math(EXPR expectations "${expectations} + 1")
  string(STRIP "${expected}" expected)
  if(expected STREQUAL "")
    message(FATAL_ERROR "${name}: an empty // expect: line would match anything")
  endif()
  if(NOT text MATCHES "${expected}")
    message(FATAL_ERROR
      "${name}: is rejected, but not with a diagnostic that matches\n    ${expected}\n"
      "The text searched:\n${text}\nThe compiler's output:\n${output}")
  endif()
endwhile()
if(expectations EQUAL 0)
  message(FATAL_ERROR "${name}: holds no line // expect: <regular expression>")
endif()
message(STATUS "${name}: rejected as expected")
