#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints a row for each thing that openkvp promises to do, with the test that shows it and its result.

The rows stand in rows.txt beside this file: section, name, what it means. A test says what it shows by
@pytest.mark.shows("name", ...), which is found in the JUnit file of the integration tests. A row that no test
shows has failed, and so has a test that shows what is no row.
"""
import argparse
import sys
import xml.etree.ElementTree as ElementTree

import rows

NAMES = 3  # tests of a row that are listed


def read_results(path):
    """A list of {"test", "passed", "shows"}, in the order of the tests."""
    results = []
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        sys.exit(f"{path}: {error}")
    for case in cases:
        properties = [(entry.get("name"), entry.get("value")) for entry in case.iter("property")]
        file = case.get("classname").split(".")[-1]
        results.append({
            "test": f"{file}.py::{case.get('name')}",
            "passed": not any(case.find(kind) is not None for kind in ("failure", "error", "skipped")),
            "shows": [value for name, value in properties if name == "shows"],
            "position": next((int(value) for name, value in properties if name == "position"), 0),
        })
    return sorted(results, key=lambda result: result["position"])


def names_of(tests):
    """The first few; those that failed come first."""
    names = [test["test"] for test in sorted(tests, key=lambda test: test["passed"])]
    return ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("results", help="JUnit file of the integration tests")
    arguments = parser.parse_args()
    promised = rows.read()
    shown = {}
    for result in read_results(arguments.results):
        for name in result["shows"]:
            shown.setdefault(name, []).append(result)
    passed = failed = 0
    section = None
    for name, (row_section, meaning) in promised.items():
        if row_section != section:
            section = row_section
            print(f"\n{section}")
        tests = shown.get(name, [])
        good = bool(tests) and all(test["passed"] for test in tests)
        passed, failed = passed + good, failed + (not good)
        result = "passed" if good else "FAILED" if tests else "NO TEST"
        print(f"  {result:8} {name:44} {meaning:60} {names_of(tests)}")
    for name in sorted(shown.keys() - promised.keys()):
        failed += 1
        print(f"  FAILED   '{name}' is shown by {shown[name][0]['test']} and is no row of rows.txt")
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
