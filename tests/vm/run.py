#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Boots virtual machines and shows that the exchange works in them, on every road to a guest.

QEMU interprets (TCG): KVM is not used where it is offered either. A boot has 30 s, a step 20 s for what it waits for.
"""
import argparse
import functools
import pathlib
import shutil
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from debian import Unavailable, unpack  # noqa: E402
from exchange import Exchange  # noqa: E402
from image import Kernel  # noqa: E402
from programs import ROOT, Build  # noqa: E402
from roads import ROADS, SYSTEMD_ROADS  # noqa: E402


class Kit:
    """What a road is made of."""

    def __init__(self, arguments, kernel, folder):
        self.build, self.kernel, self.folder = Build(arguments.build), kernel, pathlib.Path(folder)
        self.cache = self.build.folder / "packages"
        self.agent_build = (ROOT / arguments.agent_build).resolve()
        self.agent = self.agent_build / "agent/openkvp-agent"

    def package(self, name):
        """The folder with the files of a package of the distribution."""
        return unpack(name, self.cache / name)


class Report:
    """Prints each result, and writes all of them as JUnit has them."""

    def __init__(self):
        self.suite = ElementTree.Element("testsuite", name="vm")
        self.passed = self.failed = 0

    def add(self, road, name, seconds, trouble=None):
        name = name.replace("_", " ")
        case = ElementTree.SubElement(self.suite, "testcase", classname=f"vm.{road}", name=name, time=f"{seconds:.1f}")
        if trouble:
            ElementTree.SubElement(case, "failure").text = trouble
        self.passed, self.failed = self.passed + (not trouble), self.failed + bool(trouble)
        print(f"{'FAILED' if trouble else 'passed'}  {road}: {name} ({seconds:.1f} s)", flush=True)
        if trouble:
            print(trouble, flush=True)

    def write(self, path):
        ElementTree.ElementTree(self.suite).write(path)


def attempt(report, road, name, action):
    """Runs a step; None when it failed."""
    begin = time.monotonic()
    try:
        result = action()
    except Unavailable:
        raise
    except Exception:  # whatever it is, it is this step's failure
        report.add(road, name, time.monotonic() - begin, traceback.format_exc())
        return None
    report.add(road, name, time.monotonic() - begin)
    return result or True


def travel(report, kind, kit):
    """All steps on one road; what comes after a failure is not tried."""
    road = attempt(report, kind.TITLE, "host_and_machine_are_made", lambda: kind(kit))
    if not road:
        return
    exchange = Exchange(road)
    steps = [(step.__name__, functools.partial(step, exchange)) for step in Exchange.STEPS]
    steps += [(step.__name__, functools.partial(step, road, exchange)) for step in kind.STEPS]
    for name, action in steps:
        if not attempt(report, kind.TITLE, name, action):
            break
    attempt(report, kind.TITLE, "everything_ends_in_order", road.close)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/plain", help="folder with openkvpd and openkvp")
    parser.add_argument("--agent-build", default="build/agent", help="folder with the static agent")
    parser.add_argument("--systemd", action="store_true", help="in Debian with systemd, as installed, instead")
    parser.add_argument("--junit", help="also write the results to this file")
    parser.add_argument("--keep", action="store_true", help="keep the machines' folders, with their logs")
    parser.add_argument("roads", nargs="*", help=", ".join(kind.TITLE for kind in ROADS + SYSTEMD_ROADS))
    arguments = parser.parse_args()
    kinds = SYSTEMD_ROADS if arguments.systemd else ROADS
    if arguments.roads:
        kinds = [kind for kind in ROADS + SYSTEMD_ROADS if kind.TITLE in arguments.roads]
    report = Report()
    try:
        kernel = Kernel(Build(arguments.build).folder / "packages")
        for kind in kinds:
            folder = tempfile.mkdtemp(prefix="openkvp-vm-")
            travel(report, kind, Kit(arguments, kernel, folder))
            if arguments.keep:
                print(f"kept: {folder}")
            else:
                shutil.rmtree(folder)
    except Unavailable as error:
        print(f"skipped: {error}")
    if arguments.junit:
        report.write(arguments.junit)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


sys.exit(main())
