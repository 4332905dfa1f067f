#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks that each row of tests/conformance/rows.txt is shown by a test, and that tests show rows alone.

The marks of many tests are computed, therefore pytest collects them; nothing is run.
"""
import contextlib
import io
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/conformance"))
import rows  # noqa: E402


class Collector:
    """A plugin of pytest: name of a row -> a test that shows it."""

    def __init__(self):
        self.shown = {}

    def pytest_collection_finish(self, session):
        for item in session.items:
            for mark in item.iter_markers("shows"):
                self.shown.update(dict.fromkeys(mark.args, item.nodeid))


def main():
    collector, said = Collector(), io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", str(ROOT / "tests/integration")],
                             plugins=[collector])
    if status != pytest.ExitCode.OK:
        print(said.getvalue(), end="")
        return 1
    promised, shown = rows.read(), collector.shown
    faults = [f"tests/conformance/rows.txt: no test shows '{name}'" for name in promised if name not in shown]
    faults += [f"{test} shows '{name}', which is no row" for name, test in shown.items() if name not in promised]
    print("\n".join(faults) if faults else f"rows: {len(promised)}, each shown by a test")
    return 1 if faults else 0


sys.exit(main())
