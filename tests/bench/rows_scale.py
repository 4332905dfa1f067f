# SPDX-License-Identifier: MIT
"""Rows 10 to 13: many VMs, many guests, and a guest that floods."""
import shutil
import socket
import subprocess
import time

from measure import Measure
from programs import wait_until
from workshop import KEY_BYTES, VALUE_BYTES, get_component, port_of, processor_seconds, resident_bytes

VMS, ITEMS = 10000, 20

IDENTIFY = (b"POST /wsman-anon/identify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s")
IDENTIFY_BODY = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><i:Identify '
                 b'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_identify(port, deadline=60):
    """Until somebody answers Identify; asks again and again as long as nobody listens."""
    end = time.monotonic() + deadline
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as connection:
                connection.sendall(IDENTIFY % (len(IDENTIFY_BODY), IDENTIFY_BODY))
                if b"IdentifyResponse" in b"".join(iter(lambda: connection.recv(4096), b"")):
                    return
        except ConnectionRefusedError:
            pass
        if time.monotonic() > end:
            raise RuntimeError("openkvpd does not answer")
        time.sleep(0.001)


class ManyVms(Measure):
    """10,000 VMs with 20 items each, all off."""

    def open(self):
        self.store = self.workshop.store(VMS, ITEMS)

    def start(self, store):
        """A daemon that has answered Identify, and how long that took."""
        port = free_port()
        daemon = self.workshop.daemon(store, start=False, listen_http=f"127.0.0.1:{port}")
        begin = time.monotonic()
        daemon.launch(*daemon.command())
        wait_for_identify(port)
        return daemon, time.monotonic() - begin

    @staticmethod
    def end(daemon):
        daemon.stop()
        shutil.rmtree(daemon.folder)


class Memory(ManyVms):
    number, title, unit = "10a", "memory of 10,000 VMs x 20 items", "MB"
    # 3 times the bytes and 4 KiB a VM, as a multiple of the bytes
    BYTES = VMS * ITEMS * (KEY_BYTES + VALUE_BYTES)
    mark, at_least = 3 + VMS * 4096 / BYTES, False

    def resident(self, store):
        daemon, _ = self.start(store)
        try:
            return resident_bytes(daemon.process.pid)
        finally:
            self.end(daemon)

    def ours(self):
        return (self.resident(self.store) - self.resident(None)) / 1e6

    def reference(self):
        """Keys and values, and nothing else."""
        return self.BYTES / 1e6


class StartTime(ManyVms):
    number, title, unit, mark, at_least = "10b", "start with 10,000 VMs x 20 items", "ms", 2.0, False

    def ours(self):
        daemon, seconds = self.start(self.store)
        self.end(daemon)
        return 1000 * seconds

    def reference(self):
        """SQLite reads the same rows."""
        begin = time.monotonic()
        subprocess.run([str(self.workshop.tools / "raw_read"), str(self.store)], check=True,
                       stdout=subprocess.DEVNULL)
        return 1000 * (time.monotonic() - begin)


class ManyGuests(Measure):
    """2,000 guests in contact, by openkvp's own protocol."""

    GUESTS, ITEMS = 2000, 0

    def open(self):
        channels = self.workshop.new_folder("channels")
        self.daemon = self.guests = None
        self.daemon = self.workshop.daemon(self.workshop.store(self.GUESTS, 0, channels))
        self.alone = resident_bytes(self.daemon.process.pid)
        self.guests = self.workshop.guests(channels, self.GUESTS, self.ITEMS)
        wait_until(self.all_known, "all guests have been read", 60)

    def all_known(self):
        return all(vm["guest_read"] and vm["outstanding"] == 0 for vm in self.daemon.cli_json("vm", "list")["vms"])

    def close(self):
        if self.guests:
            self.workshop.close_guests(self.guests)
        if self.daemon:
            self.daemon.stop()


class GuestMemory(ManyGuests):
    number, title, unit, mark, at_least = "11a", "2,000 idle guests: memory of each; 16 KiB", "KiB", 1.0, False

    def ours(self):
        return (resident_bytes(self.daemon.process.pid) - self.alone) / self.GUESTS / 1024

    def reference(self):
        return 16


class GuestProcessor(ManyGuests):
    number, title, unit, mark, at_least = "11b", "2,000 idle guests: of one core; 1 %", "%", 1.0, False
    SECONDS = 5

    def ours(self):
        begin = processor_seconds(self.daemon.process.pid)
        time.sleep(self.SECONDS)
        return 100 * (processor_seconds(self.daemon.process.pid) - begin) / self.SECONDS

    def reference(self):
        return 1


class GuestChanges(ManyGuests):
    """4,000 changes a second. That none is lost is a condition, not a figure."""

    number, title, unit = "12", "2,000 guests, 4,000 changes/s: until shown, p99; 50 ms", "ms"
    mark, at_least, rounds = 1.0, False, 1
    ITEMS, RATE, SECONDS = 20, 4000, 20

    def ours(self):
        seen = self.workshop.change_guests(self.guests, self.RATE, self.SECONDS, port_of(self.daemon))
        if seen["lost"] > 0 or seen["changes"] < 0.99 * self.RATE * self.SECONDS:
            raise RuntimeError(f"changes of guests: {seen}")
        return seen["p99_us"] / 1000

    def reference(self):
        return 50


class Flood(Measure):
    """Clients that read one VM, alone and while the guest of another floods."""

    number, title, unit, mark = "13a", "15 clients while a guest floods: frames", "1/s", 0.5
    kind, CLIENTS = "frames", 15

    def open(self):
        self.daemon = self.guest = None
        channels = self.workshop.new_folder("channels")
        self.flooded = channels / "1"
        self.daemon = self.workshop.daemon(self.workshop.store(2, 20, channels))
        self.guest = self.workshop.guests(channels, 1, 20)

    def close(self):
        if self.guest:
            self.workshop.close_guests(self.guest)
        if self.daemon:
            self.daemon.stop()

    def reference(self):
        return self.workshop.wrk(port_of(self.daemon), get_component(0), self.CLIENTS, 2)["rate"]

    def ours(self):
        flood = self.workshop.start_tool("flood", self.flooded, self.kind, prefix=["taskset", "-c", "0"])
        try:
            time.sleep(0.5)  # until it floods
            rate = self.reference()
            if flood.poll() is not None:
                raise RuntimeError("the flood has ended")
            return rate
        finally:
            flood.kill()
            flood.wait()


class FloodOfNoise(Flood):
    number, title, kind = "13b", "the same: bytes that are no frames", "noise"


ROWS = [Memory, StartTime, GuestMemory, GuestProcessor, GuestChanges, Flood, FloodOfNoise]
