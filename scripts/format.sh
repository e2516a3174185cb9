#!/usr/bin/env bash
# scripts/format.sh          formats our C++ files in place
# scripts/format.sh --check  changes nothing, fails if a file would change
# Versions of clang-format differ in what they write; the house's is 14 (CLANG_FORMAT overrides).
set -euo pipefail
cd "$(dirname "$0")/.."

format=${CLANG_FORMAT:-}
for candidate in clang-format-14 clang-format; do
  if [ -z "$format" ] && command -v "$candidate" >/dev/null &&
    "$candidate" --version | grep -q 'version 14\.'; then
    format=$candidate
  fi
done
if [ -z "$format" ]; then
  echo "format.sh: clang-format 14 not found (scripts/install-deps.sh --ci installs it)" >&2
  exit 3
fi

files() {
  find include tools examples tests bench \( -name '*.hpp' -o -name '*.cpp' \) -type f | LC_ALL=C sort
}
case ${1:-} in
  --check)
    unformatted=$(for file in $(files); do "$format" "$file" | cmp -s - "$file" || echo "  $file"; done)
    if [ -n "$unformatted" ]; then
      printf 'format.sh: not formatted (run scripts/format.sh):\n%s\n' "$unformatted" >&2
      exit 1
    fi ;;
  '') files | xargs "$format" -i ;;
  *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
