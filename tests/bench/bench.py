#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""openkvp beside its references, in one run on one machine: only the ratios count.

Each row does the same thing with openkvp and with a reference, in turns, and shows the medians, the median of
the ratios with the smallest and the largest, and whether it reaches its mark. Exit status: 0; 1 when a row
misses its mark by more than a tenth; 2 for wrong usage.
"""
import argparse
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import measure  # noqa: E402
import rows_guest  # noqa: E402
import rows_read  # noqa: E402
import rows_scale  # noqa: E402
import rows_write  # noqa: E402
import series  # noqa: E402
from workshop import Workshop  # noqa: E402

ROWS = rows_read.ROWS + rows_write.ROWS + rows_guest.ROWS + rows_scale.ROWS


def selected(arguments):
    """The rows to measure: "9" names 9a to 9e."""
    if not arguments.rows:
        return [row for row in ROWS if row.quick or not arguments.quick]
    wanted = arguments.rows.split(",")
    rows = [row for row in ROWS if row.number in wanted or row.number.rstrip("abcde") in wanted]
    if not rows:
        sys.exit(f"bench.py: no such row: {arguments.rows}")
    return rows


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"processors": os.cpu_count(), "model": model, "kernel": os.uname().release,
            "load": os.getloadavg()[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, help="build folder of openkvpd and the references")
    parser.add_argument("--agent-build", required=True, help="build folder of the agent")
    parser.add_argument("--quick", action="store_true", help="rows 1, 6 and 9 (but 9d: see docs/performance.md), in less than a minute")
    parser.add_argument("--rows", help="some rows, as 1,9b")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured (5)")
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file, and of all rows those of the pictures too")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each figure")
    arguments = parser.parse_args()
    workshop = Workshop(arguments.build, arguments.agent_build, arguments.quick)
    results, begin, before = [], time.monotonic(), machine()
    print(measure.COLUMNS, flush=True)
    try:
        for row in selected(arguments):
            say = (lambda text: print(text, flush=True)) if arguments.verbose else (lambda text: None)
            results.append(measure.run(row(workshop), arguments.rounds, say))
            print(measure.line(results[-1]), flush=True)
        pictures = series.measure(workshop) if arguments.json and not arguments.quick and not arguments.rows else []
    finally:
        workshop.close()
    seconds = time.monotonic() - begin
    print(f"\n{len(results)} rows in {seconds:.0f} s, "
          f"{sum(result.reaches() for result in results)} reach their mark; load before: {before['load']:.1f}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"machine": before, "seconds": seconds, "series": pictures,
                       "rows": [result.as_dictionary() for result in results]}, file, indent=1)
    return 0 if all(result.reaches(measure.TOLERANCE) for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
