#!/usr/bin/env python3
"""Prints Markdown tables of Google Benchmark results: bench_table.py RESULT ... (without .json).

The time of a row is the median of its repetitions. A benchmark named X_index (or X) and one named
X_scan with the same arguments stand in one row with their ratio, and so do one with the label
"beside Y" and the one that is named Y. Times of peers, in RESULT.*.peer (JSON: {peer: {benchmark:
seconds}}), go to a table of their own, with the ratio to the fastest of them.
"""

import glob
import json
import os
import statistics
import sys


def medians(path):
    with open(path, encoding="utf-8") as file:
        runs = json.load(file)["benchmarks"]
    by_name = {}
    for run in runs:
        if run.get("run_type") == "iteration":
            by_name.setdefault(without_options(run["run_name"]), []).append(run)
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    result = {}
    for name, repetitions in by_name.items():
        seconds = statistics.median(r["real_time"] * scale[r["time_unit"]] for r in repetitions)
        rates = [r["items_per_second"] for r in repetitions if "items_per_second" in r]
        label = repetitions[0].get("label", "")
        beside = label[len("beside ") :] if label.startswith("beside ") else None
        median = statistics.median(rates) if rates else None
        result[name] = (seconds, median, len(repetitions), beside)
    return result


def pretty(seconds):
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def without_options(name):
    return "/".join(p for p in name.split("/") if not p.startswith(("min_time:", "repeats:", "iterations:", "manual_time")))


def plain_twin(name, known):
    beside = known[name][3]
    if beside:
        return beside if beside in known else None
    base, _, rest = name.partition("/")
    rest = "/" + rest if rest else ""
    stem = base[: -len("_index")] if base.endswith("_index") else base
    if base == "experiment":  # experiment/fgd and fgd_scan are the same work
        variant, _, tail = rest[1:].partition("/")
        twin = f"{variant}_scan" + ("/" + tail if tail else "")
        return twin if twin in known else None
    twin = f"{stem}_scan{rest}"
    return twin if twin != name and twin in known else None


def peers_of(path):
    found = {}
    for file_name in sorted(glob.glob(path + ".*peer")):
        with open(file_name, encoding="utf-8") as file:
            found.update(json.load(file))
    return found


def print_peers(known, peers):
    rows = [name for name in known if any(name in times for times in peers.values())]
    if not rows:
        return
    print("| beside peers | Lepton | " + " | ".join(peers) + " | fastest / Lepton |")
    print("|---|---:|" + "---:|" * (len(peers) + 1))
    for name in rows:
        seconds = known[name][0]
        theirs = [times.get(name) for times in peers.values()]
        fastest = min(t for t in theirs if t is not None)
        cells = " | ".join(pretty(t) if t is not None else "" for t in theirs)
        print(f"| {name} | {pretty(seconds)} | {cells} | {fastest / seconds:.1f}x |")
    print()


def main():
    for path in sys.argv[1:]:
        known = medians(path + ".json")
        repetitions = max((row[2] for row in known.values()), default=0)
        print(f"### {os.path.basename(path)} (medians of {repetitions} repetitions)\n")
        print("| benchmark | time | per second | plain version | ratio |")
        print("|---|---:|---:|---:|---:|")
        for name, (seconds, rate, _, _) in known.items():
            twin = plain_twin(name, known)
            other = known[twin] if twin else None
            factor = ""
            if other:
                # Per item where both count items: the runs may differ in length.
                factor = rate / other[1] if rate and other[1] else other[0] / seconds
                factor = f"{factor:.1f}x"
            print(
                f"| {name} | {pretty(seconds)} | {f'{rate:,.0f}' if rate else ''} "
                f"| {pretty(other[0]) if other else ''} | {factor} |"
            )
        print()
        print_peers(known, peers_of(path))


if __name__ == "__main__":
    main()
