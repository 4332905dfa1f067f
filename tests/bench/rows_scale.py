# SPDX-License-Identifier: MIT
"""Rows 10 and 13: many VMs, and a guest that floods."""
import shutil
import socket
import subprocess
import time

from measure import Measure
from workshop import KEY_BYTES, VALUE_BYTES, get_component, port_of, resident_bytes

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


ROWS = [Memory, StartTime, Flood, FloodOfNoise]
