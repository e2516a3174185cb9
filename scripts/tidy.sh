#!/usr/bin/env bash
# clang-tidy over all headers, as one source file: each header is read once.
# scripts/tidy.sh [arguments of clang-tidy], e.g. --fix. CLANG_TIDY names another version.
set -euo pipefail
cd "$(dirname "$0")/.."

tidy=${CLANG_TIDY:-clang-tidy}
if ! command -v "$tidy" >/dev/null; then
  echo "tidy.sh: $tidy not found (scripts/install-deps.sh --ci installs it)" >&2
  exit 3
fi

source=$(mktemp --suffix=.cpp)
trap 'rm -f "$source"' EXIT
headers=$(cd include && find lepton -name '*.hpp' | LC_ALL=C sort)
system=()
if pkg-config --exists eigen3 2>/dev/null; then
  for flag in $(pkg-config --cflags-only-I eigen3); do system+=(-isystem "${flag#-I}"); done
else
  headers=$(grep -vE '^lepton/(predict[/.]|lepton\.hpp)' <<<"$headers" || true)
fi
if [ -z "$headers" ]; then
  echo "tidy.sh: no headers"
  exit 0
fi
# shellcheck disable=SC2001
sed 's|.*|#include <&>|' <<<"$headers" >"$source"

"$tidy" --quiet --config-file=.clang-tidy "$@" "$source" -- \
  -std=c++20 "-I$PWD/include" ${system[@]+"${system[@]}"} -Wno-pragma-once-outside-header \
  2> >(grep -vE "warnings? generated|^$" >&2)
echo "tidy.sh: $(wc -l <"$source") headers are clean"
