# SPDX-License-Identifier: MIT
"""Guests that break every rule, beside fifteen that keep them: what the good ones and their clients ask for is
done, and the daemon's memory and its log stay bounded."""
import contextlib
import os
import re
import socket
import threading
import types

import pytest
import soap
from api import Api
from hostile_hyperv import MISBEHAVIOURS, STREAM_MISBEHAVIOURS, HostileGuest
from hostile_own import ANSWERS, FLOODS, HostileOwnGuest
from hyperv_guest import LinuxGuest, WindowsGuest
from kvp_wire import EXTERNAL, GUEST, GuestEnd
from own_guest import OwnGuest
from programs import Memory, wait_until
from test_main_job import component

GOOD = 15
ROUNDS = 2
LINES_PER_MINUTE = 10  # base/log.h; a test may see the end of one minute and the beginning of the next
MEMORY_KIB = 24 * 1024  # that one guest may cost, all of its messages, its queue and the allocator's slack
SETTINGS = {"guest_answer_timeout": 2, "negotiation_timeout": 2, "guest_poll_interval": 1, "guest_data_max_age": 0,
            "guest_items": 1024}

# What is said of a guest in the end: "trouble" or "reason" of the VM, and a part of it. The others are only
# passed over where they are wrong.
SAID = {
    "endless enumeration": ("trouble", "guest_items takes 1024"),
    "an endless pool": ("trouble", "guest_items takes 1024"),
    "wrong sequence": ("reason", "no answer for 2 s"),
    "wrong epoch": ("reason", "no answer for 2 s"),
    "half a frame": ("reason", "no answer for 2 s"),
    "stops reading": ("reason", "nobody answers"),
    "flood": ("trouble", "takes"),
    "hello storm": ("trouble", "guest_message_rate takes 1000"),
    "wake storm": ("trouble", "guest_message_rate takes 1000"),
    "reconnect storm": ("trouble", "began anew"),
    "states": ("trouble", "guest_message_rate takes 1000"),
    "changes of nothing": ("trouble", "guest_message_rate takes 1000"),
    "changes that follow each other": ("trouble", "guest_message_rate takes 1000"),
    "changes of the host's pool": ("trouble", "guest_message_rate takes 1000"),
    "adapters": ("trouble", "guest_byte_rate takes 8388608"),
    "an endless message": ("trouble", "guest_byte_rate takes 8388608"),
    "unasked answers": ("reason", "messages that answer nothing"),
    "heartbeats": ("trouble", "guest_message_rate takes 1000"),
    "unknown messages": ("trouble", "guest_message_rate takes 1000"),
}


def put(client, vm, items):
    """Puts the items of a dictionary; the job."""
    return client.batch(vm, put=[{"key": key, "value": value} for key, value in items.items()])["job"]


class GoodGuests:
    """VMs whose guests behave, each with a client of its own that keeps its connection."""

    def __init__(self, daemon, folder):
        self.daemon = daemon
        self.names = [f"good{n:02}" for n in range(GOOD)]
        self.clients = {name: Api(daemon.socket) for name in self.names}
        self.guests, self.round = {}, 0
        for number, name in enumerate(self.names):
            daemon.cli_ok("vm", "define", name, "--channel", f"unix-listen:{folder}/{name}.sock")
            self.guests[name] = (LinuxGuest, OwnGuest, WindowsGuest)[number % 3](f"{folder}/{name}.sock")

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for guest in self.guests.values():
                stack.enter_context(guest)
            self.stack = stack.pop_all()
        for guest in self.guests.values():
            guest.wait_for_contact()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _serve(self, name, number, done):
        client, guest = self.clients[name], self.guests[name]
        job = put(client, name, {"round": str(number), f"key{number % 7}": "x" * number})
        job = client.get(f"/v1/jobs/{job}?wait=30")
        assert (job["state"], job["text"]) == ("completed", "delivered"), job
        assert guest.items(EXTERNAL)["round"] == str(number)
        guest.publish("answer", str(number))
        wait_until(lambda: {"key": "answer", "value": str(number)} in client.get(f"/v1/vms/{name}/guest")["guest"],
                   f"{name} published {number}")
        done.append(name)

    def serve_all(self):
        """Each client changes an item, waits for its delivery, and reads what the guest publishes then."""
        self.round += 1
        done = []
        threads = [threading.Thread(target=self._serve, args=(name, self.round, done)) for name in self.names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == self.names


@pytest.fixture(scope="module")
def good(make_shared_daemon, tmp_path_factory):
    daemon = make_shared_daemon(**SETTINGS)
    with GoodGuests(daemon, tmp_path_factory.mktemp("good")) as guests:
        for _ in range(2 * ROUNDS):
            guests.serve_all()
        yield guests


@pytest.fixture
def bad_vm(good, tmp_path, request):
    """Name and socket of a VM whose guest is bad. In the end its lines in the log are few."""
    name = "bad-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[-40:]
    path = tmp_path / "bad.sock"
    good.daemon.cli_ok("vm", "define", name, "--channel", f"unix-listen:{path}")
    yield name, path
    good.daemon.cli_ok("vm", "undefine", name, "--items")
    lines = good.daemon.log_text().count(name)
    assert lines <= 2 * (LINES_PER_MINUTE + 1)


def show(daemon, name):
    return Api(daemon.socket).get(f"/v1/vms/{name}")


def wait_for_word(daemon, name, misbehaviour):
    if misbehaviour in SAID:
        member, text = SAID[misbehaviour]
        wait_until(lambda: text in show(daemon, name)[member], f"'{text}' is said of {misbehaviour}")


def misbehave(good, bad_vm, guest, misbehaviour):
    name, path = bad_vm
    daemon, memory = good.daemon, Memory(good.daemon)
    put(Api(daemon.socket), name, {f"key{n}": "v" * 500 for n in range(60)})
    with guest(path, misbehaviour=misbehaviour):
        for _ in range(ROUNDS):
            good.serve_all()
            memory.check(MEMORY_KIB)
        wait_for_word(daemon, name, misbehaviour)
        good.serve_all()
        memory.check(MEMORY_KIB)
        assert all(show(daemon, other)["trouble"] == "" for other in good.names)


@pytest.mark.shows("T21", "T18")
@pytest.mark.parametrize("misbehaviour", [*MISBEHAVIOURS, *STREAM_MISBEHAVIOURS])
def test_t21_a_guest_with_hyper_vs_messages_costs_no_more_than_its_share(good, bad_vm, misbehaviour):
    misbehave(good, bad_vm, HostileGuest, misbehaviour)


@pytest.mark.shows("T21", "T18")
@pytest.mark.parametrize("misbehaviour", [*FLOODS, *ANSWERS])
def test_t21_a_guest_with_openkvps_own_protocol_costs_no_more_than_its_share(good, bad_vm, misbehaviour):
    misbehave(good, bad_vm, HostileOwnGuest, misbehaviour)


# --- guests that keep the rules, and are a burden all the same ---

class SlowGuest(LinuxGuest):
    """Answers just before the host would lose patience."""

    hurried = False

    def answer(self, epoch, sequence, request):
        wait_for = 0 if self.hurried else SETTINGS["guest_answer_timeout"] * 0.75
        self.stopped.wait(wait_for)
        super().answer(epoch, sequence, request)


@pytest.mark.shows("T21")
@pytest.mark.parametrize("kind, mute", [(SlowGuest, False), (OwnGuest, True)], ids=["slow", "mute"])
def test_t21_what_a_slow_guest_is_to_get_is_kept_once(good, bad_vm, kind, mute):
    """Its client goes on to change the same keys."""
    name, path = bad_vm
    client, memory = Api(good.daemon.socket), Memory(good.daemon)
    with kind(path) as guest:
        guest.wait_for_contact()
        guest.mute = mute
        for turn in range(300):
            put(client, name, {f"key{n}": f"{turn} " + "v" * 1000 for n in range(128)})
        memory.check(MEMORY_KIB)
        good.serve_all()
        assert show(good.daemon, name)["outstanding"] == 128
        guest.hurried, guest.mute = True, False
        wait_until(lambda: show(good.daemon, name)["outstanding"] == 0, "the rest is delivered")
        assert all(guest.items(EXTERNAL)[f"key{n}"].startswith("299 ") for n in range(128))


@pytest.mark.shows("T21")
@pytest.mark.parametrize("kind", [LinuxGuest, OwnGuest], ids=lambda kind: kind.__name__)
def test_t21_a_guest_that_stops_reading_is_lost_and_found(good, bad_vm, kind):
    name, path = bad_vm
    client, memory = Api(good.daemon.socket), Memory(good.daemon)
    with kind(path) as guest:
        guest.wait_for_contact()
        guest.deaf = True
        for turn in range(50):
            put(client, name, {f"key{n}": f"{turn} " + "v" * 1000 for n in range(128)})
        wait_until(lambda: "no answer for 2 s" in show(good.daemon, name)["reason"], "it is lost")
        memory.check(MEMORY_KIB)
        good.serve_all()
        guest.deaf = False
        wait_until(lambda: show(good.daemon, name)["outstanding"] == 0, "the rest is delivered")
        assert all(guest.items(EXTERNAL)[f"key{n}"].startswith("49 ") for n in range(128))


@pytest.mark.shows("T21")
@pytest.mark.parametrize("kind", [LinuxGuest, OwnGuest], ids=lambda kind: kind.__name__)
def test_t21_of_a_flood_of_keys_as_many_are_taken_as_the_limit_says(good, bad_vm, kind):
    name, path = bad_vm
    client, memory = Api(good.daemon.socket), Memory(good.daemon)
    guest = kind(path)
    guest.pools[GUEST] = [(f"key{n}", "v" * 100) for n in range(3000)]
    with guest:
        text = "pool 1 of the guest holds more than the first 1024 items of"
        wait_until(lambda: text in show(good.daemon, name)["trouble"], "the limit is told")
        assert len(client.get(f"/v1/vms/{name}/guest")["guest"]) == 1024
        memory.check(MEMORY_KIB)
        good.serve_all()
        guest.restart(forget=True)
        wait_until(lambda: show(good.daemon, name)["trouble"] == "", "nothing is wrong any more")
    assert f"{name}: {text}" in good.daemon.log_text()


@pytest.mark.shows("T21")
def test_t21_of_many_that_call_one_is_heard_and_the_others_wait(good, bad_vm):
    name, path = bad_vm
    folder = f"/proc/{good.daemon.process.pid}/fd"
    before = len(os.listdir(folder))
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(GuestEnd()) for _ in range(5)]
        for caller in callers:
            caller.connect(path)
        crowd = [stack.enter_context(GuestEnd(timeout=1)) for _ in range(300)]
        for caller in crowd:
            caller.socket = socket.socket(socket.AF_UNIX)
            caller.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.socket.connect(str(path))
        good.serve_all()
        assert len(os.listdir(folder)) <= before + 5
        for caller in crowd:
            caller.hang_up()
        for caller in callers[:-1]:
            caller.hang_up()
        with callers[-1].serving() as guest:
            wait_until(lambda: show(good.daemon, name)["contact"] == "open", "the last one is heard")
            put(Api(good.daemon.socket), name, {"color": "blue"})
            wait_until(lambda: guest.pools[EXTERNAL].get("color") == "blue", "it is served")


# --- what is told ---

@pytest.mark.shows("T18")
def test_t18_a_limit_that_is_met_is_told_with_the_use_of_it(good, bad_vm):
    """To the command line, to clients of CIM, and in the log."""
    name, path = bad_vm
    daemon = good.daemon
    client = soap.Client(daemon.http, *daemon.add_user())
    vm = types.SimpleNamespace(guid=show(daemon, name)["id"])
    with HostileOwnGuest(path, misbehaviour="heartbeats"):
        wait_until(lambda: show(daemon, name)["trouble"], "the trouble is told")
        found = re.search(r"the guest sent (\d+) messages within \d+ ms; guest_message_rate takes 1000",
                          daemon.cli_ok("vm", "show", name))
        assert int(found[1]) > 1000
        answer = component(client, vm)
        assert answer.texts("OperationalStatus") == ["3", "32775"]
        assert answer.texts("StatusDescriptions")[0] == "Degraded"
        assert "guest_message_rate" in answer.texts("StatusDescriptions")[1]
        good.serve_all()
    told = [line for line in daemon.log_text().splitlines() if name in line and "guest_message_rate" in line]
    assert len(told) == 1
