#!/usr/bin/env bash
# Installs what this project needs and the machine lacks: quick if nothing is missing, never asks.
#
#   scripts/install-deps.sh          to build and test everything
#   scripts/install-deps.sh --demo   only to build lepton-sim
#   scripts/install-deps.sh --ci     also what .ci/run uses: clang 14, clang-tidy, doxygen ...
#   scripts/install-deps.sh --list   prints the packages missing, installs nothing
#
# With apt (Debian 12, Ubuntu 24.04 and later) it installs; elsewhere it names the packages.
# Exit codes: 0 all there, 3 something is missing and was not installed, 2 wrong usage.
set -euo pipefail

scope=all
list_only=false
for argument in "$@"; do
  case $argument in
    --demo) scope=demo ;;
    --ci) scope=ci ;;
    --list) list_only=true ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install-deps: unknown argument $argument (see --help)" >&2; exit 2 ;;
  esac
done

# --- what is needed: how to see that it is there, and its packages ---------------------------------
# scope|test|apt|dnf|pacman|brew, a package "-" standing for "none": the notes below say what then.
# Tests: cmd:<program>, c++:<header that must be found>, file:<any of these>, or dpkg (apt only).

wanted='
demo|cmd:c++|g++|gcc-c++|gcc|gcc
demo|cmd:cmake|cmake|cmake|cmake|cmake
demo|cmd:ninja|ninja-build|ninja-build|ninja|ninja
demo|c++:zlib.h|zlib1g-dev|zlib-devel|zlib|zlib
demo|c++:nlohmann/json.hpp|nlohmann-json3-dev|json-devel|nlohmann-json|nlohmann-json
demo|c++:fmt/format.h|libfmt-dev|fmt-devel|fmt|fmt
demo|c++:CLI/CLI.hpp|libcli11-dev|cli11-devel|cli11|cli11
demo|chart.js|libjs-chart.js|-|-|-
demo|eigen|libeigen3-dev|eigen3-devel|eigen|eigen
demo|c++:boost/version.hpp|libboost-dev|boost-devel|boost|boost
all|catch2|catch2|catch-devel|catch2|catch2
all|c++:rapidcheck.h|librapidcheck-dev|rapidcheck-devel|rapidcheck|-
all|c++:benchmark/benchmark.h|libbenchmark-dev|google-benchmark-devel|benchmark|google-benchmark
all|cmd:pkg-config|pkg-config|pkgconf-pkg-config|pkgconf|pkgconf
ci|cmd:clang++-14|clang-14|clang|clang|llvm
ci|cmd:clang-tidy-14|clang-tidy-14|clang-tools-extra|clang|llvm
ci|cmd:clang-format-14|clang-format-14|clang-tools-extra|clang|llvm
ci|cmd:doxygen|doxygen|doxygen|doxygen|doxygen
ci|cmd:python3|python3|python3|python|python
ci|browser|chromium|chromium|chromium|-
'

root=$(cd "$(dirname "$0")/.." && pwd)
have_apt=false
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then have_apt=true; fi

compiler=
for candidate in "${CXX:-}" c++ g++ clang++; do
  if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then
    compiler=$candidate
    break
  fi
done

# One run of the preprocessor tells for all headers; without a compiler none is found.
found_headers=
if [ -n "$compiler" ]; then
  found_headers=$(
    cut -d'|' -f2 <<<"$wanted" | sed -n 's/^c++://p' |
      sed 's|.*|#if __has_include(<&>)\nfound &\n#endif|' |
      "$compiler" -E -P -x c++ - 2>/dev/null | sed -n 's/^found *//p' | tr -d ' '
  ) || true
fi

is_there() {
  local file
  case $1 in
    cmd:c++) [ -n "$compiler" ] ;;
    # Ubuntu has browsers as snaps only, which containers cannot run; the tests do without.
    browser)
      command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
        grep -qs '^ID=ubuntu' /etc/os-release ;;
    cmd:*-14) command -v "${1#cmd:}" >/dev/null || { ! $have_apt && command -v "$(basename "${1#cmd:}" -14)" >/dev/null; } ;;
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    c++:*) grep -qxF "${1#c++:}" <<<"$found_headers" ;;
    chart.js)
      for file in "$root"/node_modules/chart.js/dist/chart.umd*.js \
        /usr/share/javascript/chart.js/chart.min.js /usr/share/nodejs/chart.js/dist/chart*.js; do
        [ -e "$file" ] && return 0
      done
      return 1 ;;
    eigen)
      for file in /usr/include/eigen3/Eigen/Core /usr/local/include/eigen3/Eigen/Core \
        /opt/homebrew/include/eigen3/Eigen/Core; do
        [ -e "$file" ] && return 0
      done
      return 1 ;;
    catch2)
      for file in {/usr,/usr/local,/opt/homebrew}/include/catch2/{catch_test_macros,catch}.hpp; do
        [ -e "$file" ] && return 0
      done
      return 1 ;;
  esac
}

apt_missing=() dnf_missing=() pacman_missing=() brew_missing=() names_missing=()
while IFS='|' read -r level test apt dnf pacman brew; do
  [ -n "$level" ] || continue
  case $scope:$level in demo:all | demo:ci | all:ci) continue ;; esac
  if ! is_there "$test"; then
    names_missing+=("${test#*:}")
    apt_missing+=("$apt") dnf_missing+=("$dnf") pacman_missing+=("$pacman") brew_missing+=("$brew")
  fi
done <<<"$wanted"

# --- what no package of the system may bring -------------------------------------------------------

check_cmake() {
  local version
  version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
  if [ "${version%%.*}" -lt 3 ] || { [ "${version%%.*}" -eq 3 ] && [ "${version#*.}" -lt 24 ]; }; then
    echo "install-deps: CMake $version is too old, 3.24 is needed: pip install 'cmake>=3.24', or" \
      "the packages of https://apt.kitware.com" >&2
    exit 3
  fi
}

if [ ${#names_missing[@]} -eq 0 ]; then
  check_cmake
  $list_only || echo "install-deps: nothing is missing"
  exit 0
fi
if $list_only; then
  if $have_apt; then printf '%s\n' "${apt_missing[@]}"; else printf '%s\n' "${names_missing[@]}"; fi
  exit 3
fi

# --- not apt: say what to do -----------------------------------------------------------------------

say_packages() { # <command> <package>...
  local command=$1 packages
  shift
  # Two needs may come in one package.
  packages=$(printf '%s\n' "$@" | grep -vx -e - | sort -u | tr '\n' ' ') || true
  echo "  $command $packages" >&2
}

if ! $have_apt; then
  {
    echo "install-deps: this machine has no apt; missing here: ${names_missing[*]}"
    echo "Install with the package manager you have, one of:"
  } >&2
  say_packages "dnf install" "${dnf_missing[@]}"
  say_packages "pacman -S" "${pacman_missing[@]}"
  say_packages "brew install" "${brew_missing[@]}"
  case " ${names_missing[*]} " in *" chart.js "*)
    echo "Chart.js: npm install chart.js (in the source folder)" >&2 ;;
  esac
  case " ${names_missing[*]} " in *" rapidcheck.h "*)
    echo "RapidCheck, where there is no package: configure with -DLEPTON_FETCH_DEPS=ON" >&2 ;;
  esac
  exit 3
fi

# --- apt -------------------------------------------------------------------------------------------

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo)
  else
    echo "install-deps: not root, and no sudo that works without a password. As root:" >&2
    echo "  apt-get install --no-install-recommends ${apt_missing[*]}" >&2
    exit 3
  fi
fi

apt_get() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

echo "install-deps: installing ${apt_missing[*]}"
if ! apt_get install -y --no-install-recommends "${apt_missing[@]}" >/dev/null 2>&1; then
  echo "install-deps: reading the package lists anew"
  apt_get update
  if ! apt_get install -y --no-install-recommends "${apt_missing[@]}"; then
    echo "install-deps: apt could not install all of: ${apt_missing[*]}" >&2
    echo "(an older release may lack one: -DLEPTON_FETCH_DEPS=ON downloads libraries instead)" >&2
    exit 3
  fi
fi
check_cmake
