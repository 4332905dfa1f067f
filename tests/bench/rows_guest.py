# SPDX-License-Identifier: MIT
"""Row 9: the guest's side. Both programs and what asks them run on one core: between cores the waking would
drown everything else."""
import json
import shutil
import subprocess

import debian
from measure import Measure
from programs import wait_until
from workshop import VALUE_BYTES

PINNED = ["taskset", "-c", "0"]
RECORD_KEY, RECORD_VALUE = 512, 2048


def write_pool(path, count):
    """A pool file with the items bench_key(0) and so on."""
    value = b"v" * VALUE_BYTES
    path.write_bytes(b"".join(f"setting-{i:08}".encode().ljust(RECORD_KEY, b"\0") + value.ljust(RECORD_VALUE, b"\0")
                              for i in range(count)))


class GuestSide(Measure):
    unit, quick = "1/s", True
    operation, present = "", 0

    def drive(self, kind, operation, count, start):
        """Starts the driver, then the daemon that connects to it; the driver's result."""
        folder = self.workshop.new_folder("guest")
        pools = folder / "hyperv"
        pools.mkdir()
        write_pool(pools / ".kvp_pool_0", self.present)
        device = folder / "device"
        arguments = [operation, *([self.present] if self.present else []), count]
        driver = self.workshop.start_tool("kvp_driver", kind, device, *arguments, prefix=PINNED,
                                          stdout=subprocess.PIPE, text=True)
        wait_until(device.exists, "the driver listens")
        daemon = start(folder, device)
        try:
            output, _ = driver.communicate(timeout=120)
        finally:
            daemon.kill()
            daemon.wait()
        if driver.returncode != 0:
            raise RuntimeError(f"the driver of the {kind} daemon ended with {driver.returncode}")
        shutil.rmtree(folder)
        return output

    def start_stock(self, folder, device):
        command = debian.stock_daemon_command(self.workshop.build.folder, folder, device, " ".join(PINNED))
        return subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)

    def start_agent(self, folder, device):
        command = [*PINNED, self.workshop.agent_build.agent, "--folder", folder / "hyperv",
                   "--connect", f"unix:{device}", "serve"]
        return subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)

    def reference(self):
        return self.figure(self.drive("stock", self.operation, self.stock_count, self.start_stock))

    def ours(self):
        return self.figure(self.drive("agent", self.operation, self.agent_count, self.start_agent))

    @staticmethod
    def figure(output):
        return json.loads(output)["rate"]


class GuestSet(GuestSide):
    number, title, mark = "9a", "guest: SET of 128 new items", 1.5
    operation, stock_count, agent_count = "set", 128, 128


class GuestModify(GuestSide):
    number, title, mark = "9b", "guest: SET of items that are there, of 1,000", 20
    operation, present, stock_count, agent_count = "modify", 1000, 300, 6000


class GuestRead(GuestSide):
    """The pool as openkvpd reads it: by openkvp's own protocol, of which one message brings all items. The stock
    daemon knows nothing but one item a request."""

    number, title, mark = "9c", "guest: 1,000 items enumerated, as openkvpd does it: items", 20
    operation, present, stock_count, items = "enumerate", 1000, 1000, 2500000

    def ours(self):
        return self.figure(self.drive("own", "read", self.items, self.start_agent))


class GuestEnumerate(GuestSide):
    """The agent asked as if it were the stock daemon."""

    number, title, mark, quick = "9d", "the same by Hyper-V's messages, one item each", 20, False
    operation, present, stock_count, agent_count = "enumerate", 1000, 1000, 50000


class GuestTrip(GuestSide):
    """The agent asked in that way, beside a program that sends back what it gets: what any answer costs here."""

    number, title, unit = "9e", "9d to a bare trip of a message's size on that core, p50", "us"
    mark, at_least = 2, False
    operation, present, agent_count = "enumerate", 1000, 50000
    MESSAGE_BYTES = 2628  # a frame with Hyper-V's message

    def reference(self):
        return self.workshop.tool("ping_pong", self.MESSAGE_BYTES, self.agent_count, prefix=PINNED)["p50_us"]

    @staticmethod
    def figure(output):
        return json.loads(output)["p50_us"]


ROWS = [GuestSet, GuestModify, GuestRead, GuestEnumerate, GuestTrip]
