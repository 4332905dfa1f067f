# SPDX-License-Identifier: MIT
"""T22 in the guest: whatever fails or dies at whatever step of writing a pool file, each request that the agent
answered is in it, and of no request a part."""
import itertools
import json
import signal
import subprocess

import pytest

import kvp_wire
from faulty import FaultyDisk
from kvp_wire import EXTERNAL, HostEnd
from programs import Build

SCRIPT = [("set", "a", "1"), ("set", "b", "2"), ("set", "c", "3"), ("set", "b", "two" * 300), ("delete", "a"),
          ("set", "d", "4"), ("delete", "d"), ("set", "e", "")]


def after(count):
    """The pool, in order, after so many requests."""
    items = {}
    for verb, key, *value in SCRIPT[:count]:
        if verb == "set":
            items[key] = value[0]
        else:
            del items[key]
    return list(items.items())


def run_script(host):
    """Makes the requests; returns how many were answered and whether another one was under way when the agent died.
    One that is refused leaves nothing behind, and succeeds when it is made again."""
    for done, (verb, *arguments) in enumerate(SCRIPT):
        request = getattr(host, verb)
        try:
            if request(EXTERNAL, *arguments) == kvp_wire.OK:
                continue
            assert host.enumerate(EXTERNAL) == after(done), f"{verb} was refused and left something"
            assert request(EXTERNAL, *arguments) == kvp_wire.OK
        except (EOFError, OSError):
            return done, True
    return len(SCRIPT), False


def contact(host):
    """Begins the exchange; False when the agent died before."""
    try:
        host.open()
        return True
    except (EOFError, OSError):
        return False


def one_step(build, folder, how, step):
    """Whether the step was reached."""
    pools = folder / "pools"
    disk = FaultyDisk(build, pools, how, step)
    folder.mkdir()
    with HostEnd.listening(folder / "host") as host:
        agent = subprocess.Popen([build.agent, "--folder", pools, "--connect", f"unix:{folder}/host", "serve"],
                                 env=disk.environment, stderr=subprocess.DEVNULL)
        try:
            answered, under_way = run_script(host) if contact(host) else (0, False)
            if not (disk.kills and disk.reached):
                agent.terminate()
            status = agent.wait(10)
        finally:
            agent.kill()
            agent.wait()
    assert status == (-signal.SIGKILL if disk.kills and disk.reached else 0)
    check(build, pools, answered, under_way, durable=how != "power")
    return disk.reached


def read_pool(build, pools):
    done = subprocess.run([build.agent, "--folder", pools, "--pool", str(EXTERNAL), "--json", "list"],
                          capture_output=True, text=True, check=True, timeout=10)
    return [(item["key"], item["value"]) for item in json.loads(done.stdout)]


def check(build, pools, answered, under_way, durable):
    """What a program of the guest reads. Files are synced now and then only: a loss of power may take the last
    requests, but leaves nothing torn."""
    found = read_pool(build, pools) if (pools / ".kvp_pool_0").exists() else []
    if durable:
        assert found == after(answered) or (under_way and found == after(answered + 1))
    else:
        assert found in [after(count) for count in range(len(SCRIPT) + 1)]


@pytest.mark.shows("T22 pools")
@pytest.mark.parametrize("how", ["kill", "half", "power", "fail"])
def test_t22_a_fault_at_any_step_loses_no_request_and_tears_none(build, memory_path, how):
    for step in itertools.count(1):
        if not one_step(Build(build), memory_path / str(step), how, step):
            break
    assert step > 2 * len(SCRIPT)
