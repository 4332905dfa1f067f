# SPDX-License-Identifier: MIT
"""Rows 1 to 5: reading."""
from measure import Measure
from workshop import get_component, get_component_cimxml, get_items_json, port_of, resident_bytes

ITEMS, GUEST_ITEMS, INTRINSIC_ITEMS = 20, 20, 10


class ReadOneVm(Measure):
    """One VM whose guest is in contact, and the bare server with an answer of the same size."""

    unit = "1/s"
    connections, connection_close, figure = 16, False, "rate"
    binding = "http"
    request = staticmethod(lambda: get_component(0))
    marks = {b"<p:GuestExchangeItems>": GUEST_ITEMS, b"<p:GuestIntrinsicExchangeItems>": INTRINSIC_ITEMS}

    def open(self):
        channels = self.workshop.new_folder("channels")
        self.daemon = self.guest = self.bare = None
        self.daemon = self.workshop.daemon(self.workshop.store(1, ITEMS, channels))
        self.guest = self.workshop.guests(channels, 1, GUEST_ITEMS)
        self.port = port_of(self.daemon, self.binding)
        self.bare = self.workshop.bare(len(self.checked_answer()))
        self.seconds = 1 if self.workshop.quick else 2
        self.run(self.port)  # warm

    def close(self):
        if self.bare:
            self.bare.stop()
        if self.guest:
            self.workshop.close_guests(self.guest)
        if self.daemon:
            self.daemon.stop()

    def checked_answer(self):
        """The answer, when it has all that it must have."""
        answer = self.workshop.ask(self.port, self.request())
        if any(answer.count(mark) != count for mark, count in self.marks.items()):
            raise RuntimeError(f"an answer with other items:\n{answer.decode()}")
        return answer

    def run(self, port):
        return self.workshop.wrk(port, self.request(), self.connections, self.seconds,
                                 self.connection_close)[self.figure]

    def ours(self):
        return self.run(self.port)

    def reference(self):
        return self.run(self.bare.port)


class GetRate(ReadOneVm):
    number, title, mark, quick = "1", "Get, 20 + 10 items, 16 connections", 0.5, True


class GetLatency(ReadOneVm):
    number, title, unit, mark, at_least = "2", "the same, 1 connection, p50", "us", 1.5, False
    connections, figure = 1, "p50_us"


class GetConnecting(ReadOneVm):
    number, title, mark = "3", "the same, a new connection for each request", 0.6
    connection_close = True


class CimXmlGet(ReadOneVm):
    number, title, mark = "4a", "CIM-XML: GetInstance, 20 + 10 items, 16 connections", 0.5
    binding = "cimom"
    request = staticmethod(lambda: get_component_cimxml(0))
    marks = {b"&lt;INSTANCE CLASSNAME=": GUEST_ITEMS + INTRINSIC_ITEMS}


class JsonItems(ReadOneVm):
    number, title, mark = "4b", "JSON: one VM with its items, 16 connections", 0.5
    request = staticmethod(lambda: get_items_json(0))
    marks = {b'"key"': ITEMS}


class Enumerate(Measure):
    number, title, unit, mark = "5a", "Msvm_ComputerSystem of 10,000 VMs, pages of 100", "MB/s", 0.7
    VMS, PAGE = 10000, 100
    binding, listing, get = "http", "enumerate", ("post", get_component)

    def open(self):
        self.daemon = self.one = self.guest = None
        channels = self.workshop.new_folder("channels")
        self.daemon = self.workshop.daemon(self.workshop.store(self.VMS, 0))
        self.one = self.workshop.daemon(self.workshop.store(1, ITEMS, channels))
        self.guest = self.workshop.guests(channels, 1, GUEST_ITEMS)
        scenario, request = self.get
        self.get_words = (scenario, self.workshop.body_file(request(0).body))

    def close(self):
        if self.guest:
            self.workshop.close_guests(self.guest)
        for daemon in (self.daemon, self.one):
            if daemon:
                daemon.stop()

    def load(self, daemon, milliseconds, *scenario):
        return self.workshop.tool("load", port_of(daemon, self.binding), self.workshop.USER, 1, milliseconds, *scenario)

    def list(self, milliseconds):
        with_host = self.VMS + 1
        return self.load(self.daemon, milliseconds, self.listing, "Msvm_ComputerSystem", self.PAGE, with_host)

    def ours(self):
        return self.list(2000)["bytes_rate"] / 1e6

    def reference(self):
        """Get on one connection."""
        return self.load(self.one, 2000, *self.get_words)["bytes_rate"] / 1e6


class EnumerateCimXml(Enumerate):
    number, title = "5b", "the same by CIM-XML pull"
    binding, listing, get = "cimom", "pull", ("call", get_component_cimxml)


class EnumerateMemory(Enumerate):
    number, title, unit = "5c", "memory after many pages, to that after few (WS-Man.)", "MB"
    mark, at_least = 1.05, False

    def resident(self, milliseconds):
        self.list(milliseconds)
        return resident_bytes(self.daemon.process.pid) / 1e6

    def open(self):
        super().open()
        self.few = self.resident(100)

    def reference(self):
        return self.few

    def ours(self):
        return self.resident(1000)


class EnumerateMemoryCimXml(EnumerateMemory):
    number, title = "5d", "the same by CIM-XML pull"
    binding, listing, get = EnumerateCimXml.binding, EnumerateCimXml.listing, EnumerateCimXml.get


ROWS = [GetRate, GetLatency, GetConnecting, CimXmlGet, JsonItems, Enumerate, EnumerateCimXml, EnumerateMemory,
        EnumerateMemoryCimXml]
