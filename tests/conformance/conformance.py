#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the integration tests and prints a row for each thing that openkvp promises to do, with the test that
shows it and its result.

The rows stand in rows.txt beside this file: section, name, what it means. A test says what it shows by
@pytest.mark.shows("name", ...). A row that no test shows has failed, and so has a test that shows what is
no row.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import rows

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMES = 3  # tests of a row that are listed


def run_tests(build, words):
    """Runs pytest; a list of {"test", "outcome", "shows"}."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "shown.json"
        env = {**os.environ, "OPENKVP_BUILD": build, "OPENKVP_SHOWN": str(report)}
        subprocess.run([sys.executable, "-m", "pytest", "-q", str(ROOT / "tests/integration"), *words],
                       env=env, cwd=ROOT, stdout=sys.stderr)
        return json.loads(report.read_text()) if report.exists() else []


def names_of(tests):
    """The first few; those that failed come first."""
    names = [test["test"] for test in sorted(tests, key=lambda test: test["outcome"] == "passed")]
    return ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", required=True, help="build folder")
    parser.add_argument("words", nargs="*", help="what follows goes to pytest, for example -k wsman")
    arguments = parser.parse_args()
    promised = rows.read()
    shown = {}
    for result in run_tests(arguments.build, arguments.words):
        for name in result["shows"]:
            shown.setdefault(name, []).append(result)
    passed = failed = 0
    section = None
    for name, (row_section, meaning) in promised.items():
        if row_section != section:
            section = row_section
            print(f"\n{section}")
        tests = shown.get(name, [])
        good = bool(tests) and all(test["outcome"] == "passed" for test in tests)
        passed, failed = passed + good, failed + (not good)
        result = "passed" if good else "FAILED" if tests else "NO TEST"
        print(f"  {result:8} {name:44} {meaning:60} {names_of(tests)}")
    for name in sorted(shown.keys() - promised.keys()):
        failed += 1
        print(f"  FAILED   '{name}' is shown by {shown[name][0]['test']} and is no row of rows.txt")
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
