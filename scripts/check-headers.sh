#!/usr/bin/env bash
# The house rules for include/lepton that a compiler does not check. Prints each breach as
# file:line: rule, and fails if there is one. An include that is right against its rule says so:
#   #include <functional>  // allow: std::less<> is part of the interface
# (Length, arrows and cycles have no such way out.)
# scripts/check-headers.sh [folder that holds lepton/]
set -euo pipefail
cd "$(dirname "$0")/.."

include=${1:-include}
max_lines=300
if [ ! -d "$include/lepton" ]; then
  echo "check-headers: no folder $include/lepton" >&2
  exit 2
fi
# Headers of lepton::simulate, the only ones that may use its libraries.
opt_in=$(sed -n '/^set(LEPTON_SIMULATE_HEADERS/,/)/p' CMakeLists.txt | grep -oE '[a-z_]+/[a-z_]+\.hpp' |
  tr '\n' ' ')

cd "$include"
headers=$(find lepton -name '*.hpp' -type f | LC_ALL=C sort)
if [ -z "$headers" ]; then
  echo "check-headers: no headers"
  exit 0
fi

# shellcheck disable=SC2086  # file names here have no spaces
LC_ALL=C awk -v max_lines="$max_lines" -v opt_in="$opt_in" '
  function breach(where, text) {
    print "'"$include"'/" where ": " text
    ++breaches
  }

  # The room of lepton/<room>/...; "" for headers in lepton/ itself.
  function room_of(header,   part) {
    return split(header, part, "/") > 2 ? part[2] : ""
  }

  # The arrows of the architecture: whether a header of room `from` may include `header`.
  function may_include(from, header,   to, name, part) {
    to = room_of(header)
    name = part[split(header, part, "/")]
    if (from == "") return 1                                    # lepton.hpp, place.hpp, ...
    if (to == "") return name ~ /^(config|version|fwd)\.hpp$/   # no umbrella inside a room
    if (to == from) return 1
    if (from == "simulate") return 1                            # stands on all others
    if (from == "detail") return 0
    if (to == "detail") return 1
    if (from == "model") return 0
    if (to == "model") return 1
    # schedule and monitor know the concepts of the rooms, and their defaults.
    if (from == "schedule" && to ~ /^(order|balance|place|rebalance|predict|collect)$/ ||
        from == "monitor" && to ~ /^(order|balance|place|rebalance|predict|collect|schedule)$/)
      return name ~ /^(concepts?|fwd|queue_of)\.hpp$/
    return 0
  }

  # Depth first; `path` is how we came here.
  function visit(header, path,   i, next_header, k) {
    state[header] = "open"
    for (i = 1; i <= count[header]; ++i) {
      next_header = target[header, i]
      if (!(next_header in known)) continue
      if (state[next_header] == "open")
        breach(header ":" line_of[header, i], "include cycle: " \
               substr(path, index(path, next_header)) " -> " next_header)
      else if (state[next_header] == "")
        visit(next_header, path " -> " next_header)
      for (k = 1; k <= kinds; ++k)
        if (uses[next_header, kind[k]]) uses[header, kind[k]] = 1
    }
    state[header] = "done"
  }

  BEGIN { kinds = split("Eigen,Boost,simulate", kind, ",") }

  FNR == 1 {
    known[FILENAME] = 1
    order[++headers] = FILENAME
  }
  { lines[FILENAME] = FNR }
  /^[ \t]*#[ \t]*pragma[ \t]+once/ { pragma[FILENAME] = 1 }

  # Every rule below has "// allow:" as its way out, but the arrows.
  { allowed = ($0 ~ /\/\/ allow: *[^ ]/); where = FILENAME ":" FNR }

  /^[ \t]*#[ \t]*include/ {
    name = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
    quoted = (substr(name, 1, 1) == "\"")
    name = substr(name, 2)
    sub(/[>"].*/, "", name)
    if (quoted) breach(where, "write <lepton/...>, not \"" name "\"")

    if (name ~ /^lepton\//) {
      i = ++count[FILENAME]
      target[FILENAME, i] = name
      line_of[FILENAME, i] = FNR
      if (!may_include(room_of(FILENAME), name))
        breach(where, (room_of(FILENAME)) "/ must not know <" name ">" \
               (room_of(name) == "" ? ", which gathers rooms" : ""))
      next
    }
    if (name ~ /^(ranges|random|iostream|regex|functional)$/ && !allowed)
      breach(where, "<" name "> costs its users compile time; see CONTRIBUTING.md")
    if (name ~ /^(Eigen|unsupported\/Eigen)\//) {
      uses[FILENAME, "Eigen"] = 1
      if (room_of(FILENAME) != "predict") breach(where, "Eigen belongs to predict/")
    }
    if (name ~ /^boost\//) {
      uses[FILENAME, "Boost"] = 1
      if (room_of(FILENAME) != "graph") breach(where, "Boost belongs to graph/")
    }
    if (name ~ /^(zlib\.h|nlohmann\/.*|fmt\/.*)$/) {
      short = FILENAME
      sub(/^lepton\//, "", short)
      if (index(" " opt_in " ", " " short " ") == 0)
        breach(where, "<" name "> is for the headers that CMakeLists.txt lists in " \
               "LEPTON_SIMULATE_HEADERS")
      uses[FILENAME, "simulate"] = 1
    }
    next
  }

  # Determinism, and what a header must not do to its user.
  {
    code = $0
    sub(/\/\/.*/, "", code)
    if (allowed) next
    if (code ~ /std::hash[ \t]*</) breach(where, "std::hash differs between libraries: use detail/hash.hpp")
    if (code ~ /std::[a-z_]+_distribution[^a-z_]/ || code ~ /std::(mt19937|random_device|default_random_engine)/ ||
        code ~ /(^|[^a-z_.>:])s?rand[ \t]*\(/ || code ~ /std::rand[^a-z_]/)
      breach(where, "randomness comes from detail/rng.hpp, with a seed given by the caller")
    if (code ~ /_clock::now[ \t]*\(/ || code ~ /std::time[ \t]*\(/)
      breach(where, "no hidden clock: time is an argument")
    if (code ~ /#[ \t]*define[ \t]+EIGEN_/) breach(where, "a header must not configure Eigen for its user")
    if (code ~ /^[ \t]*using[ \t]+namespace[ \t]/ && code !~ /literals/)
      breach(where, "using namespace in a header")
  }

  END {
    for (n = 1; n <= headers; ++n) {
      header = order[n]
      if (lines[header] > max_lines)
        breach(header ":" lines[header], lines[header] " lines; a header has one idea, and at most " max_lines)
      if (!pragma[header]) breach(header ":1", "no #pragma once")
      if (state[header] == "") visit(header, header)
    }
    # An umbrella of a room must not bring in what only other rooms pay for.
    for (n = 1; n <= headers; ++n) {
      header = order[n]
      room = room_of(header)
      if (header == "lepton/lepton.hpp" || room == "simulate") continue
      if (uses[header, "Eigen"] && room != "predict" && header != "lepton/predict.hpp")
        breach(header ":1", "includes Eigen by way of other headers")
      if (uses[header, "Boost"] && room != "graph" && header != "lepton/graph.hpp")
        breach(header ":1", "includes Boost by way of other headers")
    }
    for (n = 1; n <= headers; ++n) {
      header = order[n]
      short = header
      sub(/^lepton\//, "", short)
      if (uses[header, "simulate"] && index(" " opt_in " ", " " short " ") == 0)
        breach(header ":1", "includes a library of lepton::simulate by way of other headers; list it in " \
               "LEPTON_SIMULATE_HEADERS")
    }
    if (breaches) {
      print "check-headers: " breaches (breaches == 1 ? " breach" : " breaches") " of the house rules"
      exit 1
    }
    print "check-headers: " headers " headers keep the house rules"
  }
' $headers
