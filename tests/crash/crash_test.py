#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""kill -9 under load: sixteen writers, a daemon that is killed again and again, and a checker that compares what
was acknowledged with what is in the database.

Each writer has a VM of its own and one call under way. What its VM holds after each of its calls is known; after
a kill it must hold what the acknowledged calls made, perhaps with the one that was under way. The checker reads a
copy of the database with Python's SQLite and shares no code with openkvpd; then openkvpd starts on the original and
must show the same.

The last line is "N rounds, 0 lost, 0 partial"; exit status 1 when it is another one.
"""
import argparse
import base64
import collections
import http.client
import itertools
import pathlib
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import soap  # noqa: E402
from api import Api, Refused  # noqa: E402
from programs import Build, Daemon  # noqa: E402

WRITERS = 16
KEPT = 20  # calls whose items a VM keeps; older ones are removed
NAMES = 1000  # calls whose keys differ: what is removed while the guest is away is bounded, too
ITEMS = 4  # of a call
ADDED, REMOVED = "add", "remove"


class Writer:
    """One VM, and the calls that change it: call n adds four keys with values that name it, or removes those of an
    earlier one."""

    def __init__(self, number):
        self.name, self.guid = f"writer-{number}", str(uuid.UUID(int=number + 1)).upper()
        self.items = {}  # after the acknowledged calls, in order
        self.added = collections.deque()  # calls whose items are there
        self.next = 0
        self.under_way = None  # what the items would be after the call that is under way
        self.acknowledged = 0
        self.job = None  # of the last acknowledged call

    @staticmethod
    def keys(call):
        return [f"{call % NAMES}-{i}" for i in range(ITEMS)]

    def begin_call(self):
        """The next call: (what, pairs). It is under way until it is acknowledged or found to have failed."""
        after = dict(self.items)
        if len(self.added) == KEPT:
            old = self.added[0]
            pairs = [(key, after.pop(key)) for key in self.keys(old)]
            self.under_way = (REMOVED, after)
            return REMOVED, pairs
        pairs = [(key, f"{self.next} {'x' * random.randrange(200)}") for key in self.keys(self.next)]
        after.update(pairs)
        self.under_way = (ADDED, after)
        return ADDED, pairs

    def end_call(self, job=None):
        """The call that was under way is done."""
        what, self.items = self.under_way
        if what == ADDED:
            self.added.append(self.next)
            self.next += 1
        else:
            self.added.popleft()
        self.under_way = None
        self.acknowledged += 1
        self.job = job

    def drop_call(self):
        """The call that was under way was not done."""
        if self.under_way and self.under_way[0] == ADDED:
            self.next += 1  # its values are not used again, so that remains of it would show
        self.under_way = None

    def judge(self, found, jobs):
        """What a VM that holds these items, in a store with these jobs, says about the promise: None, "lost" or
        "partial". Afterwards nothing is under way."""
        if self.job and self.job not in jobs:
            return "lost"
        if found == self.items:
            self.drop_call()
            return None
        if self.under_way and found == self.under_way[1]:
            self.end_call()
            return None
        after = self.under_way[1] if self.under_way else self.items
        same = [key for key, value in self.items.items() if after.get(key) == value]
        return "lost" if any(found.get(key) != self.items[key] for key in same) else "partial"


class JsonClient:
    """Calls by the JSON API on the local socket. A call gives its job."""

    def __init__(self, daemon, writer):
        self.api, self.writer = Api(daemon.socket, timeout=30), writer

    def call(self, what, pairs):
        if what == ADDED:
            changes = {"add": [{"key": key, "value": value} for key, value in pairs]}
        else:
            changes = {"remove": [key for key, _ in pairs]}
        return self.api.batch(self.writer.name, **changes)["job"]

    def close(self):
        self.api.connection.close()


class SoapClient:
    """Calls by WS-Management, which are done when their job says so: with the VM off that is at once."""

    METHODS = {ADDED: "AddKvpItems", REMOVED: "RemoveKvpItems"}

    def __init__(self, daemon, writer):
        self.connection = http.client.HTTPConnection(daemon.http.removeprefix("http://"), timeout=30)
        self.headers = {"Content-Type": "application/soap+xml;charset=UTF-8", "Authorization": daemon.authorization}
        self.writer = writer

    def call(self, what, pairs):
        method = self.METHODS[what]
        class_name = "Msvm_VirtualSystemManagementService"
        items = [soap.data_item(key, value if what == ADDED else None) for key, value in pairs]
        body = soap.kvp_input(method, self.writer.guid, items)
        self.connection.request("POST", "/wsman", soap.envelope(f"{soap.WMI}{class_name}/{method}",
                                                                soap.WMI + class_name, body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200 or "ReturnValue>4096<" not in text:
            raise Refused(answer.status, text)
        return re.search('Selector Name="InstanceID">([^<]*)<', text).group(1)

    def close(self):
        self.connection.close()


def write_until_killed(client_kind, daemon, writer):
    try:
        client = client_kind(daemon, writer)
        while True:
            writer.end_call(client.call(*writer.begin_call()))
    except (OSError, http.client.HTTPException):
        pass


class CrashTest:
    def __init__(self, build, folder, seed):
        self.folder = pathlib.Path(folder)
        self.daemon = Daemon(Build(build), self.folder / "state", log_level="error")
        self.writers = [Writer(number) for number in range(WRITERS)]
        self.random = random.Random(seed)
        self.lost = self.partial = 0
        self.broken = []  # exceptions of writers

    def define(self):
        self.daemon.start()
        user, password = self.daemon.add_user()
        self.daemon.authorization = http_basic(user, password)
        with Api(self.daemon.socket) as api:
            for writer in self.writers:
                api.ask("POST", "/v1/vms", {"name": writer.name, "id": writer.guid})

    # --- Killing ---

    def kill_under_load(self):
        threads = [threading.Thread(target=self.write, args=(client, writer)) for client, writer in
                   zip(itertools.cycle([JsonClient, SoapClient]), self.writers)]
        for thread in threads:
            thread.start()
        time.sleep(self.random.uniform(0.01, 0.3))
        self.daemon.kill9()
        for thread in threads:
            thread.join()
        if self.broken:
            raise self.broken[0]

    def write(self, client, writer):
        try:
            write_until_killed(client, self.daemon, writer)
        except Exception as error:  # a refusal: told by the main thread
            self.broken.append(error)

    def kill_while_it_starts(self):
        """Now and then, so that recovery is interrupted too."""
        while self.random.random() < 0.2:
            self.daemon.launch(*self.daemon.command())
            time.sleep(self.random.uniform(0, 0.03))
            self.daemon.kill9()

    # --- Checking ---

    def read_copy(self):
        """VM name -> items, and the jobs, as SQLite finds them in a copy of the database."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.daemon.folder.glob("openkvp.db*"):
            shutil.copyfile(file, copy / file.name)
        with sqlite3.connect(copy / "openkvp.db") as database:
            (verdict,) = database.execute("PRAGMA quick_check").fetchone()
            if verdict != "ok":
                raise AssertionError(f"the database is damaged: {verdict}")
            found = {name: {} for (name,) in database.execute("SELECT name FROM vm")}
            for name, key, value in database.execute(
                    "SELECT vm.name, key, value FROM item JOIN vm ON vm.id = item.vm WHERE NOT removed"):
                found[name][key] = value
            jobs = {str(uuid.UUID(bytes=job)).upper() for (job,) in database.execute("SELECT id FROM job")}
        database.close()
        return found, jobs

    def check_copy(self):
        found, jobs = self.read_copy()
        for writer in self.writers:
            verdict = writer.judge(found.get(writer.name, {}), jobs)
            if verdict:
                print(f"{writer.name}: {verdict} after {writer.acknowledged} acknowledged calls", file=sys.stderr)
            self.lost += verdict == "lost"
            self.partial += verdict == "partial"

    def check_daemon(self):
        """The daemon shows what the checker found."""
        with Api(self.daemon.socket) as api:
            for writer in self.writers:
                answer = api.get(f"/v1/vms/{writer.name}/items/external")
                shown = {item["key"]: item["value"] for item in answer["items"]}
                if shown != writer.items:
                    raise AssertionError(f"{writer.name}: the daemon shows something else than the database holds")

    def round(self):
        self.kill_under_load()
        self.kill_while_it_starts()
        self.check_copy()
        if not self.lost and not self.partial:
            self.daemon.start()
            self.check_daemon()

    def calls(self):
        return sum(writer.acknowledged for writer in self.writers)


def http_basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rounds", nargs="?", type=int, default=50)
    parser.add_argument("--build", required=True)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    random.seed(seed)
    done = 0
    with tempfile.TemporaryDirectory(prefix="openkvp-crash-", dir="/var/tmp") as folder:
        test = CrashTest(arguments.build, folder, seed)
        try:
            test.define()
            while done < arguments.rounds and not test.lost and not test.partial:
                test.round()
                done += 1
                if done % 50 == 0:
                    print(f"{done} rounds, {test.calls()} calls acknowledged", flush=True)
        finally:
            if test.daemon.running():
                test.daemon.stop()
    print(f"seed {seed}, {test.calls()} calls acknowledged")
    print(f"{done} rounds, {test.lost} lost, {test.partial} partial")
    return 1 if test.lost or test.partial else 0


if __name__ == "__main__":
    sys.exit(main())
