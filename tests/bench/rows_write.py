# SPDX-License-Identifier: MIT
"""Rows 6 to 8: changing items, and their way into the guest."""
import shutil
import sqlite3

from measure import Measure
from programs import Agent, wait_until
from workshop import KEY_BYTES, port_of  # noqa: F401

ITEMS = 4  # of a call


class AddItems(Measure):
    """AddKvpItems on 10,000 VMs, one after another, each time on a fresh store."""

    number, title, unit, mark, quick = "6", "AddKvpItems of 4 items, 10,000 VMs, 64 connections", "calls/s", 0.45, True
    VMS, connections = 10000, 64

    def open(self):
        self.store = self.workshop.store(self.VMS, 0)
        self.milliseconds = 1000 if self.workshop.quick else 3000
        self.size = self.load_ours(100)["body"]

    def load(self, port, user, milliseconds):
        return self.workshop.tool("load", port, user, self.connections, milliseconds, "add", self.VMS, ITEMS)

    def load_ours(self, milliseconds):
        daemon = self.workshop.daemon(self.store)
        try:
            result = self.load(port_of(daemon), self.workshop.USER, milliseconds)
        finally:
            daemon.stop()
        with sqlite3.connect(daemon.database) as database:
            (rows,) = database.execute("SELECT count(*) FROM item").fetchone()
        if rows != ITEMS * result["requests"]:
            raise RuntimeError(f"{result['requests']} calls left {rows} items")
        shutil.rmtree(daemon.folder)
        return result

    def load_bare(self):
        """The bare server, which commits the same rows."""
        store = self.workshop.new_folder("raw") / "openkvp.db"
        shutil.copyfile(self.store, store)
        bare = self.workshop.bare(self.size, store, ITEMS)
        try:
            return self.load(bare.port, "-", self.milliseconds)
        finally:
            bare.stop()
            shutil.rmtree(store.parent)

    def ours(self):
        return self.load_ours(self.milliseconds)["rate"]

    def reference(self):
        return self.load_bare()["rate"]


def commit_p50(workshop, store, items, count=1000):
    """SQLite alone: the rows of one call, one commit."""
    copy = workshop.new_folder("raw") / "openkvp.db"
    shutil.copyfile(store, copy)
    try:
        return workshop.tool("raw_commits", copy, items, count)["p50_us"]
    finally:
        shutil.rmtree(copy.parent)


class AddItemsLatency(AddItems):
    number, title, unit, mark, quick = "7", "the same, 1 connection, p50", "us", 1.5, False
    at_least, connections = False, 1

    def open(self):
        super().open()
        self.bare = self.workshop.bare(self.size)

    def close(self):
        if getattr(self, "bare", None):
            self.bare.stop()

    def ours(self):
        return self.load_ours(2000)["p50_us"]

    def reference(self):
        """A commit of SQLite and a round trip of the bare server."""
        return commit_p50(self.workshop, self.store, ITEMS) + self.load(self.bare.port, "-", 500)["p50_us"]


class Delivery(Measure):
    number, title, unit, mark, at_least = "8", "call to pool file of the guest, p50", "us", 2.0, False
    COUNT, MESSAGE_BYTES = 500, 64

    def open(self):
        self.channels = self.workshop.new_folder("channels")
        self.store = self.workshop.store(1, 0, self.channels)

    def ours(self):
        daemon = self.workshop.daemon(self.store)
        agent = Agent(self.workshop.agent_build, daemon.folder / "guest", f"unix:{self.channels / '0'}")
        try:
            agent.start()
            wait_until(lambda: daemon.cli_json("vm", "show", "vm-0")["outstanding"] == 0
                       and daemon.cli_json("status")["in_contact"] == 1, "the guest has the host's own items")
            return self.workshop.tool("delivery", port_of(daemon), self.workshop.USER, 0, agent.pool(0),
                                      self.COUNT)["p50_us"]
        finally:
            agent.stop()
            daemon.stop()
            shutil.rmtree(daemon.folder)

    def reference(self):
        """A message to and fro, a commit, a record: one after another, and no more."""
        record = self.workshop.new_folder("record") / "pool"
        return (self.workshop.tool("ping_pong", self.MESSAGE_BYTES, 20000)["p50_us"]
                + commit_p50(self.workshop, self.store, 1)
                + self.workshop.tool("pool_record", record, 2000)["p50_us"])


ROWS = [AddItems, AddItemsLatency, Delivery]
