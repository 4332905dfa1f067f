# SPDX-License-Identifier: MIT
"""The agent's side of openkvp's own protocol, against a host written in Python."""
import fcntl
import ipaddress
import os
import signal
import struct
import subprocess

import kvp_wire
import own_wire
import pytest
from kvp_wire import AUTO, AUTO_EXTERNAL, EXTERNAL, GUEST
from own_wire import BODY_MAX, CANCELLED, CHANGED, READ, REMOVE, OwnHostEnd


@pytest.fixture
def host(tmp_path):
    with OwnHostEnd.listening(tmp_path / "host") as host:
        yield host


@pytest.fixture
def guest(serve, host, tmp_path):
    """The service, greeted; guest.state is how it says it stands."""
    process = serve(f"unix:{tmp_path}/host")
    process.state = host.greet()
    return process


def pool(agent, number):
    return kvp_wire.records(kvp_wire.pool_path(agent.folder, number))


def test_the_digest_is_the_published_siphash():
    assert own_wire.siphash(bytes(range(15))) == 0xA129CA6149BE45E5


def test_a_host_without_the_protocol_negotiates(serve, host, tmp_path):
    serve(f"unix:{tmp_path}/host")
    host.accept()
    assert host.hello(0, 0) == (0, 0)
    assert host.negotiate() == ([(3, 0)], [(4, 0)])
    assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK


def test_a_newer_host_is_answered_with_the_newest_version_that_is_known(serve, host, tmp_path):
    serve(f"unix:{tmp_path}/host")
    host.accept()
    assert host.hello(0, 9) == (1, 1)
    assert host.hello(2, 9) == (0, 0)


def test_the_guest_says_how_its_pools_stand(serve, host, agent, tmp_path):
    agent("set", "a", "1")
    agent("set", "b", "2")
    serve(f"unix:{tmp_path}/host")
    state = host.greet()
    assert (state["key_bytes"], state["value_bytes"]) == (511, 2047)
    assert state["pools"][GUEST] == (2, own_wire.digest(GUEST, [("a", "1"), ("b", "2")]))
    assert state["pools"][EXTERNAL] == (0, 0)
    facts = host.read(AUTO)
    assert state["pools"][AUTO][0] == 10 == len(facts["items"])
    assert facts["digest"] == own_wire.digest(AUTO, facts["items"])


def test_it_says_so_again_after_every_greeting(guest, host):
    assert host.greet(accept=False)["pools"] == guest.state["pools"]
    assert host.greet(accept=False)["pools"] == guest.state["pools"]


def test_a_batch_is_applied(guest, host, agent):
    assert host.batch(EXTERNAL, ("a", "1"), ("größe", "日本語 🙂"), ("c", "")) == (0, [0, 0, 0])
    assert pool(agent, 0) == [("a", "1"), ("größe", "日本語 🙂"), ("c", "")]
    assert host.batch(EXTERNAL, ("a", "2"), ("c", "", REMOVE), ("never", "", REMOVE)) == (0, [0, 0, 0])
    assert pool(agent, 0) == [("a", "2"), ("größe", "日本語 🙂")]
    assert host.batch(AUTO_EXTERNAL, ("HostName", "h")) == (0, [0])
    assert agent("get", "HostName").stdout == "h\n"


def test_a_batch_with_one_bad_change_changes_nothing(guest, host, agent):
    host.batch(EXTERNAL, ("a", "1"))
    status, each = host.batch(EXTERNAL, ("b", "2"), ("long", "語" * 1000), ("a", "", REMOVE))
    assert status == kvp_wire.INVALID_ARGUMENT
    assert each == [CANCELLED, kvp_wire.INVALID_ARGUMENT, CANCELLED]
    assert pool(agent, 0) == [("a", "1")]


@pytest.mark.parametrize("number", [GUEST, AUTO])
def test_the_host_changes_its_own_pools_only(guest, host, agent, number):
    status, each = host.batch(number, ("a", "1"))
    assert status == kvp_wire.FAIL and each == [kvp_wire.FAIL]
    assert pool(agent, number) == []


def test_a_batch_of_128_of_the_longest_items_arrives(guest, host, agent):
    items = [(f"{i:03}" + "k" * 508, "v" * 2047) for i in range(128)]
    assert host.batch(EXTERNAL, *items)[0] == 0
    assert pool(agent, 0) == items


def test_what_is_no_batch_is_refused(guest, host, agent):
    for body in (b"", struct.pack("<BBH", 0, 0, 0), struct.pack("<BBH", 0, 0, 129) + own_wire.record("k", "v") * 129,
                 struct.pack("<BBH", 9, 0, 1) + own_wire.record("k", "v"),
                 struct.pack("<BBH", 0, 0, 1) + own_wire.RECORD.pack(1, 1, 0, 0) + b"\xff1"):
        status = own_wire.parse_result(host.ask(own_wire.BATCH, body))[0]
        assert status == kvp_wire.INVALID_ARGUMENT
    assert pool(agent, 0) == []


def test_a_request_of_a_version_to_come_is_not_supported(guest, host):
    assert own_wire.parse_result(host.ask(0x4F4B0077, b"?"))[0] == kvp_wire.NOT_SUPPORTED
    assert host.batch(EXTERNAL, ("a", "1"))[0] == 0


def test_several_requests_are_outstanding(guest, host, agent):
    numbers = [host.send_own(READ, struct.pack("<II", AUTO, 0)),
               host.send_own(own_wire.BATCH, own_wire.batch(EXTERNAL, [("a", "1")])),
               host.send_own(READ, struct.pack("<II", EXTERNAL, 0))]
    assert len(own_wire.parse_read_answer(host.answer_to(READ, numbers[0]))["items"]) == 10
    assert own_wire.parse_batch_answer(host.answer_to(own_wire.BATCH, numbers[1])) == (0, [0])
    assert own_wire.parse_read_answer(host.answer_to(READ, numbers[2]))["items"] == [("a", "1")]


def test_a_large_pool_is_read_in_parts(serve, host, agent, tmp_path):
    items = [(f"key-{i}", "v" * 2000) for i in range(1200)]
    agent.folder.mkdir()
    with open(kvp_wire.pool_path(agent.folder, GUEST), "wb") as file:
        for key, value in items:
            file.write(key.encode().ljust(512, b"\0") + value.encode().ljust(2048, b"\0"))
    serve(f"unix:{tmp_path}/host")
    host.greet()
    found, parts = [], 0
    while len(found) < 1200:
        part = host.read(GUEST, len(found))
        assert part["total"] == 1200 and part["first"] == len(found) and part["items"]
        found += part["items"]
        parts += 1
    assert found == items and parts == -(-1200 * (6 + 8 + 2000) // BODY_MAX)
    assert host.read(GUEST, 1200)["items"] == [] == host.read(GUEST, 99999)["items"]


def test_a_record_that_is_not_utf8_does_not_exist(serve, host, agent, tmp_path):
    agent("set", "before", "1")
    with open(kvp_wire.pool_path(agent.folder, GUEST), "ab") as file:
        file.write(b"\xff\xfe".ljust(512, b"\0") + b"value".ljust(2048, b"\0"))
    agent("set", "after", "2")
    serve(f"unix:{tmp_path}/host")
    assert host.greet()["pools"][GUEST][0] == 2
    assert host.read(GUEST)["items"] == [("before", "1"), ("after", "2")]


# --- what the guest tells by itself ---------------------------------------------------------------


class Follower:
    """What a host knows that only hears of changes."""

    def __init__(self, host, number):
        self.host, self.number = host, number
        self.items = host.read(number)["items"]

    def take(self):
        change = self.host.expect_changed(self.number)
        assert change["before"] == own_wire.digest(self.number, self.items)
        self.items[change["at"] : change["at"] + change["gone"]] = change["come"]
        assert change["after"] == own_wire.digest(self.number, self.items)
        assert change["count"] == len(self.items)
        return change


def test_what_a_program_publishes_is_told(guest, host, agent):
    follower = Follower(host, GUEST)
    agent("set", "a", "1")
    follower.take()
    agent("set", "b", "2")
    assert follower.take()["come"] == [("b", "2")]
    agent("set", "a", "changed")
    change = follower.take()
    assert (change["at"], change["gone"], change["come"]) == (0, 1, [("a", "changed")])
    agent("delete", "a")
    follower.take()
    assert follower.items == [("b", "2")]


def test_every_kind_of_writer_is_noticed(guest, host, agent):
    follower = Follower(host, GUEST)
    path = kvp_wire.pool_path(agent.folder, GUEST)

    def row(key, value):
        return key.ljust(512, b"\0") + value.ljust(2048, b"\0")

    with open(path, "ab") as file:  # as cloud-init: the same key again, kept open
        file.write(row(b"event", b"1") + row(b"event", b"2"))
        file.flush()
        follower.take()
    assert follower.items == [("event", "1"), ("event", "2")]
    with open(path + ".new", "wb") as file:  # another file in its place
        file.write(row(b"x", b"1"))
    os.rename(path + ".new", path)
    follower.take()
    assert follower.items == [("x", "1")]
    os.truncate(path, 0)
    follower.take()
    os.unlink(path)
    agent("set", "y", "1")
    follower.take()
    assert follower.items == [("y", "1")]


def test_the_hosts_own_changes_are_not_told_back(guest, host, agent):
    host.batch(EXTERNAL, ("a", "1"), ("b", "2"))
    host.batch(EXTERNAL, ("a", "2"), ("b", "", REMOVE))
    agent("set", "-p", "external", "c", "forged")
    change = host.expect_changed(EXTERNAL)
    assert (change["at"], change["gone"], change["come"]) == (1, 0, [("c", "forged")])
    assert change["before"] == own_wire.digest(EXTERNAL, [("a", "2")])
    agent("delete", "-p", "external", "a")
    change = host.expect_changed(EXTERNAL)
    assert change["after"] == own_wire.digest(EXTERNAL, [("c", "forged")])
    assert not [body for kind, body in host.pushed if kind == CHANGED]


def test_a_change_of_another_just_before_a_batch_is_told(guest, host, agent):
    host.batch(EXTERNAL, ("a", "1"))
    for i in range(20):
        number = host.send_own(own_wire.BATCH, own_wire.batch(EXTERNAL, [("a", str(i))]))
        agent("set", "-p", "external", "foreign", str(i))
        host.answer_to(own_wire.BATCH, number)
    known = {}
    while known.get("foreign") != "19":
        known.update(host.expect_changed(EXTERNAL)["come"])


def test_changes_that_come_while_the_host_does_not_read_are_told_together(guest, host, agent):
    follower = Follower(host, GUEST)
    for i in range(30):
        with open(kvp_wire.pool_path(agent.folder, GUEST), "ab") as file:
            file.write(f"k{i}".encode().ljust(512, b"\0") + (b"v" * 2000).ljust(2048, b"\0"))
    while len(follower.items) < 30:
        follower.take()
    assert follower.items[29] == ("k29", "v" * 2000)


def test_a_guest_without_news_sends_heartbeats(guest, host):
    host.timeout = 15
    host.socket.settimeout(15)
    assert host.expect(own_wire.HEARTBEAT) == b""


def test_the_adapters_are_told(guest, host):
    found = own_wire.parse_adapters(host.expect(own_wire.ADAPTERS))
    shown = subprocess.run(["ip", "-o", "address", "show", "scope", "global"], capture_output=True, text=True)
    if shown.returncode != 0:
        pytest.skip("no ip command")
    addresses = {(str(ipaddress.ip_address(data)), prefix)
                 for one in found for data, prefix, _origin in one["addresses"]}
    for line in shown.stdout.splitlines():
        words = line.split()
        with_mac = os.path.exists(f"/sys/class/net/{words[1].split('@')[0]}/address")
        if with_mac and "tentative" not in words:
            address, _, prefix = words[3].partition("/")
            assert (address, int(prefix)) in addresses


def test_a_stopped_agent_leaves_no_watch_behind(guest, host, agent):
    guest.send_signal(signal.SIGTERM)
    assert guest.wait(10) == 0


# --- a pool that cannot be read for a while -------------------------------------------------------


def test_a_change_under_a_long_lock_is_told_when_the_lock_is_gone(guest, host, agent):
    follower = Follower(host, GUEST)
    host.expect(own_wire.ADAPTERS)
    host.timeout = 30
    host.socket.settimeout(30)
    with open(kvp_wire.pool_path(agent.folder, GUEST), "ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"a".ljust(512, b"\0") + b"1".ljust(2048, b"\0"))
        assert host.next_message()[0] == own_wire.HEARTBEAT  # the guest has tried, and given up for now
        fcntl.flock(file, fcntl.LOCK_UN)
        kind, _, body = host.next_message()
    assert kind == CHANGED and own_wire.parse_changed(body)["untold"]
    assert host.read(GUEST)["items"] == [("a", "1")] != follower.items


def test_a_pool_that_cannot_be_read_is_not_said_to_be_empty(serve, host, agent, tmp_path):
    agent("set", "a", "1")
    redo = kvp_wire.pool_path(agent.folder, GUEST) + ".redo"
    os.unlink(redo)
    os.symlink("elsewhere", redo)  # which nobody follows: as long as it is there, the pool cannot be read
    serve(f"unix:{tmp_path}/host")
    assert host.greet()["pools"][GUEST] == own_wire.UNREAD
    assert host.read(GUEST) == {"status": kvp_wire.FAIL}
    assert host.greet(accept=False)["pools"][GUEST] == own_wire.UNREAD
    os.unlink(redo)
    assert host.expect_changed(GUEST)["untold"]
    assert host.read(GUEST)["items"] == [("a", "1")]
