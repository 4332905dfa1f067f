# SPDX-License-Identifier: MIT
"""Two programs that write the same pool file: libopenkvp, killed again and again, and cloud-init's own
handler, which knows nothing of it."""
import json
import os
import random
import subprocess
import time

import kvp_wire
import pytest
from kvp_wire import GUEST

ROUNDS = 100
WRITES = 50  # of each writer in a round
KEYS = 97

# Publishes as many events as each line of its input says, each in a write of its own.
CLOUD_INIT = """
import sys
sys.path.insert(0, sys.argv[1])
from cloudinit.reporting import events, handlers
handler = handlers.HyperVKvpReportingHandler(kvp_file_path=sys.argv[2])
number = 0
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        handler.publish_event(events.ReportingEvent("start", f"event-{number}", str(number) * (number % 90 + 1)))
        handler.flush()
        number += 1
    print(number, flush=True)
"""


def make_change(items, number):
    """What pool-writer's change of this number does to its items."""
    if number % 10 == 9:
        items.pop(f"ours-{number * 7 % KEYS}", None)
    else:
        items[f"ours-{number % KEYS}"] = f"{number} {number:0{number % 1900 + 1}}"


class OurWriter:
    """pool-writer, and what its items are: what it said it did, and perhaps the change after that."""

    def __init__(self, build, folder):
        self.command = [build / "tests/integration/pool-writer", folder]
        self.next = 0
        self.items = {}

    def run_and_kill(self):
        """Runs until it has made some changes and is busy with another."""
        process = subprocess.Popen([*map(str, self.command), str(self.next)], stdout=subprocess.PIPE, text=True)
        enough = self.next + WRITES
        if enough % 20 >= 10:  # half of the times it is killed in a removal, which moves what others wrote
            enough += 9 - enough % 10
        for number in range(self.next, enough):
            assert process.stdout.readline() == f"{number}\n"
        time.sleep(random.random() / 1000)
        process.kill()
        made = enough + len(process.stdout.read().splitlines())
        process.wait(10)
        for number in range(self.next, made):
            make_change(self.items, number)
        self.next = made

    def may_have(self):
        """The two states in which the pool may be."""
        after = dict(self.items)
        make_change(after, self.next)
        return [self.items, after]


class CloudInit:
    """Debian's cloud-init, publishing."""

    def __init__(self, start, packages, path):
        self.process = start("/usr/bin/python3", "-c", CLOUD_INIT, packages, path, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            pytest.skip(self.process.stderr.read().splitlines()[-1])
        self.asked = self.done = 0

    def begin(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        self.asked += count

    def end(self):
        while self.done < self.asked:
            self.done = int(self.process.stdout.readline())

    def check(self, values):
        """Its records, in the order of the file: none is missing, twice or torn."""
        assert self.done <= len(values) <= self.asked
        for number, value in enumerate(values):
            event = json.loads(value)
            assert (event["name"], event["msg"]) == (f"event-{number}", str(number) * (number % 90 + 1))


def check_pool(agent, ours, cloud_init):
    """Reads the pool as a program of the guest does."""
    listed = json.loads(agent("list", "--pool", "guest", "--json").stdout)
    assert all(item["key"].startswith(("ours-", "CLOUD_INIT|")) for item in listed)
    cloud_init.check([item["value"] for item in listed if item["key"].startswith("CLOUD_INIT|")])
    found = [(item["key"], item["value"]) for item in listed if item["key"].startswith("ours-")]
    assert len(dict(found)) == len(found)
    assert dict(found) in ours.may_have()


@pytest.mark.shows("T20")
def test_t20_two_writers_one_killed_again_and_again_lose_and_tear_nothing(build, agent, start, package):
    agent.folder.mkdir()
    path = kvp_wire.pool_path(agent.folder, GUEST)
    open(path, "ab").close()
    cloud_init = CloudInit(start, package("cloud-init") / "usr/lib/python3/dist-packages", path)
    ours = OurWriter(build, agent.folder)
    for _ in range(ROUNDS):
        cloud_init.begin(WRITES - 5)
        ours.run_and_kill()
        cloud_init.begin(5)  # at least these come behind a change that is half made
        check_pool(agent, ours, cloud_init)
        cloud_init.end()
    check_pool(agent, ours, cloud_init)
    assert ours.next >= ROUNDS * WRITES and cloud_init.done == ROUNDS * WRITES
    agent("set", "last", "1")  # by now everything is in the pool file itself
    records = kvp_wire.records(path)
    assert os.stat(path).st_size == len(records) * 2560
    cloud_init.check([value for key, value in records if key.startswith("CLOUD_INIT|")])
