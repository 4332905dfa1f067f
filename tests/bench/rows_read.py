# SPDX-License-Identifier: MIT
"""Rows 1 to 5: reading."""
from measure import Measure
from workshop import component_keys, count_items, get_component, port_of, vm_guid  # noqa: F401

GUEST_ITEMS, INTRINSIC_ITEMS = 20, 10


class ReadOneVm(Measure):
    """One VM whose guest is in contact, and the bare server with an answer of the same size."""

    unit = "1/s"
    connections, connection_close, figure = 16, False, "rate"

    def open(self):
        channels = self.workshop.new_folder("channels")
        self.daemon = self.guest = self.bare = None
        self.daemon = self.workshop.daemon(self.workshop.store(1, 20, channels))
        self.guest = self.workshop.guests(channels, 1, GUEST_ITEMS)
        self.port = port_of(self.daemon)
        self.path, self.body = self.request()
        self.bare = self.workshop.bare(len(self.check()))
        self.seconds = 1 if self.workshop.quick else 2
        self.run(self.port)  # warm

    def close(self):
        if self.bare:
            self.bare.stop()
        if self.guest:
            self.workshop.close_guests(self.guest)
        if self.daemon:
            self.daemon.stop()

    def run(self, port):
        return self.workshop.wrk(port, self.path, self.connections, self.seconds, self.body,
                                 self.connection_close)[self.figure]

    def ours(self):
        return self.run(self.port)

    def reference(self):
        return self.run(self.bare.port)


class GetComponent(ReadOneVm):
    def request(self):
        return "/wsman", self.workshop.body_file(get_component(0))

    def check(self):
        """The answer, when it has all that it must have."""
        answer = self.workshop.ask(self.port, "/wsman", get_component(0))
        if (count_items(answer, "GuestExchangeItems") != GUEST_ITEMS
                or count_items(answer, "GuestIntrinsicExchangeItems") != INTRINSIC_ITEMS):
            raise RuntimeError(f"an answer with other items:\n{answer.decode()}")
        return answer


class GetRate(GetComponent):
    number, title, mark, quick = "1", "Get, 20 + 10 items, 16 connections", 0.5, True


class GetLatency(GetComponent):
    number, title, unit, mark, at_least = "2", "the same, 1 connection, p50", "us", 1.5, False
    connections, figure = 1, "p50_us"


class GetConnecting(GetComponent):
    number, title, mark = "3", "the same, a new connection for each request", 0.6
    connection_close = True


class JsonItems(ReadOneVm):
    number, title, mark = "4b", "JSON: one VM with its items, 16 connections", 0.5

    def request(self):
        return f"/v1/vms/{vm_guid(0)}/items/external", None

    def check(self):
        answer = self.workshop.ask(self.port, self.path)
        if answer.count(b'"key"') != 20:
            raise RuntimeError(f"an answer with other items:\n{answer.decode()}")
        return answer


class Enumerate(Measure):
    number, title, unit, mark = "5a", "Msvm_ComputerSystem of 10,000 VMs, pages of 100", "MB/s", 0.7
    VMS, PAGE = 10000, 100

    def open(self):
        self.daemon = self.one = self.guest = None
        channels = self.workshop.new_folder("channels")
        self.daemon = self.workshop.daemon(self.workshop.store(self.VMS, 0))
        self.one = self.workshop.daemon(self.workshop.store(1, 20, channels))
        self.guest = self.workshop.guests(channels, 1, GUEST_ITEMS)
        self.body = self.workshop.body_file(get_component(0))

    def close(self):
        if self.guest:
            self.workshop.close_guests(self.guest)
        for daemon in (self.daemon, self.one):
            if daemon:
                daemon.stop()

    def load(self, daemon, *scenario):
        result = self.workshop.tool("load", port_of(daemon), self.workshop.USER, 1, 2000, *scenario)
        return result["bytes_rate"] / 1e6

    def ours(self):
        with_host = self.VMS + 1
        return self.load(self.daemon, "enumerate", "Msvm_ComputerSystem", self.PAGE, with_host)

    def reference(self):
        """Get on one connection."""
        return self.load(self.one, "post", self.body)


ROWS = [GetRate, GetLatency, GetConnecting, JsonItems, Enumerate]
