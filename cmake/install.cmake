# SPDX-License-Identifier: Apache-2.0
# cmake --install: headers, the CMake package, a pkg-config file, and lepton-sim where it is built.
# Component lepton_headers leaves the program out.
include(CMakePackageConfigHelpers)

set(lepton_cmake_dir "${CMAKE_INSTALL_DATADIR}/cmake/lepton")
set(lepton_pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(TARGETS lepton
  EXPORT lepton-targets
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT lepton_headers
  FILE_SET predict_headers DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT lepton_headers
  FILE_SET graph_headers DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT lepton_headers)

# The headers of lepton::simulate are installed on every machine, whatever was found on this one:
# lepton-config.cmake defines the target where its user has the libraries.
install(FILES ${lepton_simulate_headers}
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/lepton/simulate" COMPONENT lepton_headers)

install(EXPORT lepton-targets NAMESPACE lepton:: DESTINATION "${lepton_cmake_dir}"
  COMPONENT lepton_headers)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/lepton-config.cmake.in" "${PROJECT_BINARY_DIR}/lepton-config.cmake"
  INSTALL_DESTINATION "${lepton_cmake_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/lepton-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/lepton-config.cmake"
  "${PROJECT_BINARY_DIR}/lepton-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/packages.cmake"
  DESTINATION "${lepton_cmake_dir}" COMPONENT lepton_headers)

# The paths in lepton.pc are relative to where it lies, so that the prefix can be moved.
file(RELATIVE_PATH lepton_pc_to_prefix
  "/prefix/${lepton_pkgconfig_dir}" "/prefix")
string(REGEX REPLACE "/$" "" lepton_pc_to_prefix "${lepton_pc_to_prefix}")
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(lepton_pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
else()
  set(lepton_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
if(IS_ABSOLUTE "${lepton_pkgconfig_dir}")
  set(lepton_pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  set(lepton_pc_prefix "\${pcfiledir}/${lepton_pc_to_prefix}")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/lepton.pc.in" "${PROJECT_BINARY_DIR}/lepton.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/lepton.pc" DESTINATION "${lepton_pkgconfig_dir}"
  COMPONENT lepton_headers)

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT lepton_headers)

if(TARGET lepton-sim)
  install(TARGETS lepton-sim RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT lepton_tools)
endif()
