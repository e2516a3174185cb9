# shellcheck shell=bash disable=SC2034
# Shared by the scripts here and .ci/run, which source it from the top folder of the project.

jobs=${LEPTON_JOBS:-$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)}

# The data folder is optional. Set but empty means: none.
if [ -z "${LEPTON_DATA_DIR+set}" ] && [ -d ../shared/data ]; then
  LEPTON_DATA_DIR=$(cd ../shared/data && pwd)
  export LEPTON_DATA_DIR
fi

install_dependencies() { # [--demo | --ci]
  [ "${LEPTON_SKIP_INSTALL:-0}" = 1 ] || scripts/install-deps.sh "$@"
}

fresh() { [ ! -e "$1/CMakeCache.txt" ]; } # <build folder>

# configure <build folder> [arguments of cmake]: with Ninja if it is there; a folder that is
# configured keeps its generator.
configure() {
  local build=$1
  shift
  if fresh "$build" && [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null; then
    set -- -G Ninja "$@"
  fi
  cmake -S . -B "$build" "$@"
}
