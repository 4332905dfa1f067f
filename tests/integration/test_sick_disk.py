# SPDX-License-Identifier: MIT
"""A disk that is full, read-only or damaged: the error says so, reading goes on, and what was stored is there
when the disk is well again."""
import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import time

import pytest

import debian
from api import Api, Refused
from faulty import FaultyDisk
from programs import Agent, Build, Daemon, ROOT, wait_until

GUIDE = ROOT / "docs/durability.md"
BALLAST = 1 << 20


def pairs(count, size, letter="v", first=0):
    return [{"key": f"key-{i}", "value": letter * size} for i in range(first, first + count)]


class SmallDisk(Daemon):
    """openkvpd in a mount namespace of its own, its state on a file system of a few megabytes."""

    def __init__(self, build, folder):
        super().__init__(build, folder / "host", listen_http="")
        self.state = folder / "small"
        self.state.mkdir()
        self.words = debian.namespace_command()
        if not self.words:
            pytest.skip("no mount namespace can be made here")

    def start(self):
        script = (f"mount -t tmpfs -o size=4m none {self.state} && head -c {BALLAST} /dev/zero > {self.state}/ballast && "
                  f"exec {self.build.openkvpd} --state-dir {self.state} --set socket={self.socket} --set listen_http= --set listen_cimxml_http=")
        self.launch(*self.words, "sh", "-c", script)
        wait_until(self._ready, "the daemon answers")
        return self

    def inside(self, *command):
        """Runs a command where the daemon is."""
        user = ["-U", "--preserve-credentials"] if "-Urm" in self.words else []
        subprocess.run(["nsenter", "-t", str(self.process.pid), "-m", *user, *map(str, command)], check=True)


@pytest.fixture
def small(build, tmp_path):
    daemon = SmallDisk(Build(build), tmp_path)
    yield daemon.start()
    assert daemon.stop() == 0, daemon.log_text()


@pytest.fixture
def api(small):
    with Api(small.socket) as api:
        api.ask("POST", "/v1/vms", {"name": "web1"})
        api.batch("web1", put=pairs(5, 10))
        yield api


def items(api, vm="web1"):
    return {item["key"]: item["value"] for item in api.get(f"/v1/vms/{vm}/items/external")["items"]}


def fill(api):
    """Stores until not the smallest change is taken any more; returns what is stored, and the last refusal."""
    count = 100
    for number in range(2000):
        before = items(api)
        try:
            api.batch("web1", put=pairs(count, 900, chr(ord("a") + number % 26)))
        except Refused as why:
            if count == 1:
                return before, why
            count = 1
    raise AssertionError("the disk does not become full")


@pytest.mark.shows("disk full")
def test_a_full_disk_refuses_changes_and_serves_readers(small, api):
    before, why = fill(api)

    assert why.status == 500 and "full" in why.answer
    assert items(api) == before
    names = ["web1"]
    with pytest.raises(Refused, match="full"):  # the last pages may hold a few that are smaller than an item
        for number in range(100):
            api.ask("POST", "/v1/vms", {"name": f"vm-{number}"})
            names.append(f"vm-{number}")
    assert [vm["name"] for vm in api.get("/v1/vms")["vms"]] == names


@pytest.mark.shows("disk full")
def test_a_disk_that_has_room_again_takes_changes_again(small, api):
    before, _ = fill(api)

    small.inside("rm", small.state / "ballast")
    api.batch("web1", put=pairs(1, 20))
    assert items(api) == {**before, "key-0": "v" * 20}


def stored_refusals(small, copy):
    """How many refusals the database holds; as the daemon keeps it locked, a copy is looked at."""
    shutil.rmtree(copy, ignore_errors=True)
    small.inside("cp", "-r", small.state, copy)
    with contextlib.closing(sqlite3.connect(copy / "openkvp.db")) as database:
        return database.execute("SELECT count(refusal) FROM item").fetchone()[0]


@pytest.mark.shows("disk full")
def test_what_a_guest_refuses_while_the_disk_is_full_is_stored_when_it_has_room(small, api, tmp_path):
    api.ask("POST", "/v1/vms", {"name": "web2", "channel": f"unix-listen:{tmp_path}/guest"})
    api.batch("web2", put=[{"key": "long", "value": "\u6f22" * 1000}])
    fill(api)
    with pytest.raises(Refused, match="full"):  # a change of one page, the least there is
        for number in range(2000):
            api.ask("PATCH", "/v1/vms/web1", {"host_items": number % 2 == 0})
    agent = Agent(small.build, tmp_path / "pools", f"unix:{tmp_path}/guest").start()
    wait_until(lambda: api.get("/v1/vms/web2/items/external")["items"][0]["delivery"] == "refused", "it is refused")
    time.sleep(0.5)  # it was to be written by now, of which nothing tells
    assert stored_refusals(small, tmp_path / "copy") == 0

    small.inside("rm", small.state / "ballast")
    wait_until(lambda: stored_refusals(small, tmp_path / "copy") == 1, "the refusal is stored")
    assert agent.stop() == 0


@pytest.mark.shows("disk read-only")
def test_a_disk_that_becomes_read_only_refuses_changes_and_serves_readers(build, memory_path):
    daemon = Daemon(Build(build), memory_path / "state", listen_http="")
    daemon.log = memory_path / "log"
    daemon.launch(*daemon.command(), env=FaultyDisk(daemon.build, daemon.folder, "readonly", 100).environment)
    wait_until(daemon._ready, "the daemon answers")
    with Api(daemon.socket) as api:
        api.ask("POST", "/v1/vms", {"name": "web1"})
        before, why = fill(api)
        assert why.status == 500 and "Read-only file system" in why.answer
        assert items(api) == before
    daemon.stop()


@pytest.mark.shows("disk read-only")
def test_it_does_not_start_on_a_read_only_disk_and_says_why(build, tmp_path):
    words = debian.namespace_command()
    if not words:
        pytest.skip("no mount namespace can be made here")
    program = Build(build).openkvpd
    done = subprocess.run([*words, "sh", "-c", f"mount -t tmpfs -o ro none {tmp_path} && "
                           f"exec {program} --state-dir {tmp_path}"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "Read-only file system" in done.stderr


@pytest.mark.shows("disk read-only")
def test_a_store_on_a_read_only_disk_is_checked_as_a_copy(build, tmp_path):
    words = debian.namespace_command()
    if not words:
        pytest.skip("no mount namespace can be made here")
    daemon = Daemon(Build(build), tmp_path / "host", listen_http="").start()
    daemon.stop()
    (tmp_path / "small").mkdir()
    done = subprocess.run([*words, "sh", "-e", "-c", f"mount -t tmpfs none {tmp_path}/small; cp {daemon.database} {tmp_path}/small; "
                           f"mount -o remount,ro {tmp_path}/small; "
                           f"exec {daemon.build.openkvpd} --state-dir {tmp_path}/small --check-store"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "check a copy: Read-only file system" in done.stderr


# --- Damage ---

def follow_guide(daemon, first, **words):
    """Runs the block of commands of the guide that begins so, in the daemon's folder, with its words replaced."""
    script = next(block for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.S) if block.startswith(first))
    for word, wanted in {"/var/lib/openkvp": str(daemon.folder), **words}.items():
        script = script.replace(word, wanted)
    environment = {**os.environ, "PATH": f"{daemon.build.openkvpd.parent}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-e", "-c", script], check=True, env=environment, capture_output=True, text=True).stdout


VMS, BATCHES = 12, 8


@pytest.fixture
def large_store(build, tmp_path):
    """A daemon that has ended, whose database is larger than what SQLite keeps of it in memory."""
    daemon = Daemon(Build(build), tmp_path / "host", listen_http="").start()
    with Api(daemon.socket) as api:
        for vm in range(VMS):
            api.ask("POST", "/v1/vms", {"name": f"vm{vm}"})
            for batch in range(BATCHES):
                api.batch(f"vm{vm}", put=pairs(120, 900, first=120 * batch))
    assert daemon.stop() == 0
    assert daemon.database.stat().st_size > 10 << 20
    yield daemon
    if daemon.running():
        daemon.kill9()


def page_of(path, table):
    """Where a page in the middle of a table begins, and how long it is."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        pages = database.execute("SELECT pgoffset, pgsize FROM dbstat WHERE name = ? AND pagetype = 'leaf' "
                                 "ORDER BY path", [table]).fetchall()
    return pages[len(pages) // 2]


def damage(path, at, size):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\x5a" * size)


@pytest.mark.shows("disk damaged")
def test_damage_that_shows_while_it_runs_refuses_changes_and_serves_readers(large_store):
    large_store.start()
    damage(large_store.database, 4096, large_store.database.stat().st_size - 4096)
    refused = []
    with Api(large_store.socket) as api:
        for vm in range(VMS):
            try:
                api.batch(f"vm{vm}", put=pairs(120, 899))
            except Refused as why:
                refused.append(why.answer)
            assert len(items(api, f"vm{vm}")) == 120 * BATCHES
    assert refused and all("CORRUPT" in answer and "malformed" in answer for answer in refused)


@pytest.mark.shows("disk damaged")
def test_a_damaged_store_is_refused_at_the_start_and_the_guide_rescues_the_rest(large_store):
    damage(large_store.database, *page_of(large_store.database, "item"))
    for more in ([], ["--check-store"]):
        done = subprocess.run([*large_store.command(), *more], capture_output=True, text=True,
                              timeout=30)
        assert done.returncode == 1 and re.search("malformed|damaged", done.stderr), done.stderr

    follow_guide(large_store, "cd /var/lib/openkvp")
    large_store.start()
    with Api(large_store.socket) as api:
        total = sum(len(items(api, f"vm{vm}")) for vm in range(VMS))
        api.batch("vm0", put=pairs(1, 5))
    everything = VMS * 120 * BATCHES
    assert 0.8 * everything < total < everything  # more than one page is lost when others hang on it
    assert large_store.stop() == 0


@pytest.mark.shows("disk damaged")
def test_a_damaged_value_is_refused_at_the_start_and_the_guide_takes_it_out(build, tmp_path):
    daemon = Daemon(Build(build), tmp_path / "host", listen_http="").start()
    with Api(daemon.socket) as api:
        api.ask("POST", "/v1/vms", {"name": "web1"})
        api.batch("web1", put=[{"key": "token", "value": "the-value-that-suffers"}, {"key": "other", "value": "well"}])
    assert daemon.stop() == 0
    whole = daemon.database.read_bytes()
    daemon.database.write_bytes(whole.replace(b"the-value", b"\xff\xfe\x02\x01value"))

    for more in ([], ["--check-store"]):
        done = subprocess.run([*daemon.command(), *more], capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and "VM 'web1'" in done.stderr and "value of 'token'" in done.stderr, done.stderr
    assert "the store is sound" in follow_guide(daemon, "sqlite3 /var/lib", web1="web1", token="token")
    daemon.start()
    with Api(daemon.socket) as api:
        assert items(api) == {"other": "well"}
    assert daemon.stop() == 0
