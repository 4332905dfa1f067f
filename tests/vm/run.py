#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Boots virtual machines and shows that the exchange works in them, on every road to a guest.

QEMU interprets (TCG): KVM is not used where it is offered either. A boot has 30 s, a step 20 s for what it waits for.
Two roads are travelled at a time.
"""
import argparse
import concurrent.futures
import functools
import pathlib
import shutil
import sys
import tempfile
import threading
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
        self.lock = threading.Lock()

    def add(self, road, name, seconds, trouble=None):
        with self.lock:
            case = self._case(road, name, seconds)
            if trouble:
                ElementTree.SubElement(case, "failure").text = trouble
            self.passed, self.failed = self.passed + (not trouble), self.failed + bool(trouble)
            print(f"{'FAILED' if trouble else 'passed'}  {road}: {case.get('name')} ({seconds:.1f} s)", flush=True)
            if trouble:
                print(trouble, flush=True)

    def skip(self, road, why):
        with self.lock:
            ElementTree.SubElement(self._case(road, "all", 0), "skipped", message=str(why))
            print(f"skipped {road}: {why}", flush=True)

    def _case(self, road, name, seconds):
        return ElementTree.SubElement(self.suite, "testcase", classname=f"vm.{road}", name=name.replace("_", " "),
                                      time=f"{seconds:.1f}")

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


def travel_in_a_folder(report, kind, kernel, arguments):
    folder = tempfile.mkdtemp(prefix="openkvp-vm-")
    try:
        travel(report, kind, Kit(arguments, kernel, folder))
    except Unavailable as why:
        report.skip(kind.TITLE, why)
    finally:
        if arguments.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


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
    except Unavailable as why:
        for kind in kinds:
            report.skip(kind.TITLE, why)
    else:
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as workers:
            under_way = [workers.submit(travel_in_a_folder, report, kind, kernel, arguments) for kind in kinds]
        for road in under_way:
            road.result()
    if arguments.junit:
        report.write(arguments.junit)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


sys.exit(main())
