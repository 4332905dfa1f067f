#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints "PASSED FAILED" of a JUnit file. What was skipped, and a file that is not there, is a failure:
on a machine that can install the packages nothing is skipped.
"""
import sys
import xml.etree.ElementTree as ElementTree


def main():
    try:
        cases = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        print(0, 1)
        return
    bad = [case for case in cases if any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))]
    print(len(cases) - len(bad), len(bad) if cases else 1)
    for case in bad:
        print("not passed:", case.get("classname"), case.get("name"), file=sys.stderr)


main()
