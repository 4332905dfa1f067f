# SPDX-License-Identifier: MIT
"""T22: whatever fails or dies at whatever step of writing, each call that was answered is in the store, and of
no call a part.

A first run without faults tells what the store looks like after each call of a script. Then the same script runs
again and again, with a fault at the first step, the second, and so on to the last.
"""
import http.client
import itertools
import signal

import pytest

from api import Api, Refused
from faulty import FaultyDisk
from programs import Build, Daemon, wait_until

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def pairs(**items):
    return [{"key": key, "value": value} for key, value in items.items()]


SCRIPT = [
    ("POST", "/v1/vms", {"name": "one", "id": ONE}),
    ("POST", f"/v1/vms/{ONE}/items/external", {"add": pairs(a="1", b="2", c="3", d="4")}),
    ("POST", f"/v1/vms/{ONE}/items/external", {"modify": pairs(a="one"), "put": pairs(b="two", e="5"), "remove": ["c"]}),
    ("POST", f"/v1/vms/{ONE}/items/host-only", {"put": pairs(secret="x" * 3000)}),
    ("PATCH", f"/v1/vms/{ONE}", {"name": "uno", "exchange_enabled": False}),
    ("POST", "/v1/vms", {"name": "two", "id": TWO}),
    ("POST", f"/v1/vms/{TWO}/items/external", {"add": pairs(**{f"k{i}": "v" * 500 for i in range(10)})}),
    ("POST", f"/v1/vms/{ONE}/items/external", {"clear": True, "put": pairs(last="1")}),
    ("DELETE", f"/v1/vms/{TWO}?items=1", None),
]


def view(api):
    """All that the store holds, but for times, random names, and how far jobs are: that is told to nobody as a
    promise. Jobs of a VM that was undefined are forgotten a moment later."""
    vms = api.get("/v1/vms")["vms"]
    present = [vm["id"] for vm in vms]
    found = {"jobs": [(job["vm"], job["kind"], job["generation"]) for job in api.get("/v1/jobs")["jobs"]
                      if job["vm"] in present]}
    for vm in vms:
        pools = {pool: api.get(f"/v1/vms/{vm['id']}/items/{pool}") for pool in ("external", "host-only")}
        found[vm["name"]] = {
            "settings": [vm[name] for name in ("id", "channel", "exchange_enabled", "host_items", "generation")],
            "items": {pool: [(item["key"], item["value"]) for item in answer["items"]]
                      for pool, answer in pools.items()},
            "removing": [item["key"] for item in pools["external"]["removing"]],
        }
    return found


class FaultyDaemon(Daemon):
    """openkvpd on a disk that fails at a step."""

    def __init__(self, build, folder, how, step):
        super().__init__(build, folder / "state", listen_http="")
        self.log = folder / "log"  # outside: what is said about a full disk must not need it
        self.disk = FaultyDisk(build, self.folder, how, step)

    def start_faulty(self):
        """Starts on the disk that fails; whether it came to answer."""
        self.launch(*self.command(), env=self.disk.environment)
        wait_until(lambda: self.answers() or not self.running(), "the daemon answers or ends")
        return self.running()

    def answers(self):
        try:
            with Api(self.socket) as api:
                return api.get("/v1/status")
        except (OSError, http.client.HTTPException):
            return None

    def start_sound(self):
        self.launch(*self.command())
        wait_until(lambda: self.answers() or not self.running(), "the daemon answers")
        assert self.running(), self.log_text()


@pytest.fixture(scope="module")
def views(build, tmp_path_factory):
    """What the store looks like before the script and after each of its calls."""
    daemon = Daemon(Build(build), tmp_path_factory.mktemp("sound"), listen_http="").start()
    with Api(daemon.socket) as api:
        seen = [view(api)]
        for call in SCRIPT:
            api.ask(*call)
            seen.append(view(api))
    assert daemon.stop() == 0
    return seen


def run_script(daemon, views):
    """Runs the script; returns how many calls were answered and whether another one was under way when the daemon
    died. A call that is refused leaves nothing behind, and succeeds when it is made again."""
    with Api(daemon.socket) as api:
        for done, call in enumerate(SCRIPT):
            try:
                try:
                    api.ask(*call)
                except Refused as why:
                    assert why.status == 500, why
                    assert view(api) == views[done], f"{call[:2]} was refused and left something"
                    api.ask(*call)
            except (OSError, http.client.HTTPException):
                return done, True
    return len(SCRIPT), False


def check(daemon, views, answered, under_way):
    """After a new start on a sound disk the store is what the answered calls made, perhaps with the one that was
    under way."""
    daemon.start_sound()
    with Api(daemon.socket) as api:
        found = view(api)
    assert found == views[answered] or (under_way and found == views[answered + 1]), \
        f"{answered} calls were answered, but the store is another one: {found}"
    assert daemon.stop() == 0


def one_step(build, views, folder, how, step):
    """Whether the step was reached."""
    folder.mkdir()
    daemon = FaultyDaemon(Build(build), folder, how, step)
    answered, under_way = 0, False
    try:
        if daemon.start_faulty():
            answered, under_way = run_script(daemon, views)
            if daemon.running():
                daemon.stop()
        if daemon.process:
            status = daemon.process.wait(10)
            assert status == (-signal.SIGKILL if daemon.disk.kills else 1), daemon.log_text()
        check(daemon, views, answered, under_way)
    finally:
        if daemon.running():
            daemon.kill9()
    return daemon.disk.reached


@pytest.mark.shows("T22 store")
@pytest.mark.parametrize("how", ["kill", "half", "power", "fail"])
def test_t22_a_fault_at_any_step_loses_no_call_and_tears_none(build, views, memory_path, how):
    for step in itertools.count(1):
        if not one_step(build, views, memory_path / str(step), how, step):
            break
    assert step > 4 * len(SCRIPT)
