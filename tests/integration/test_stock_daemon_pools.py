# SPDX-License-Identifier: MIT
"""The distribution's own daemon behind our bridge, cloud-init, and the agent, on the same pools."""
import signal
import subprocess
import sys
import textwrap

import kvp_wire
import pytest
from kvp_wire import AUTO, EXTERNAL, GUEST, HostEnd


@pytest.fixture
def host(tmp_path):
    with HostEnd.listening(tmp_path / "host") as host:
        yield host


@pytest.fixture
def start_bridge(start, build, tmp_path):
    """Starts the bridge, to which the daemon can connect then."""

    def run():
        program = build / "tests/integration/kvp-bridge"
        words = ["--connect", f"unix:{tmp_path}/host", "--device-socket", tmp_path / "device"]
        process = start(program, *words, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "listening\n"
        process.device = tmp_path / "device"
        return process

    return run


@pytest.fixture
def bridge(start_bridge):
    return start_bridge()


@pytest.fixture
def daemon(bridge, stock_daemon, host):
    """The stock daemon, with the exchange open."""
    process = stock_daemon(bridge.device)
    host.open()
    return process


def test_the_stock_daemon_serves_an_openkvp_host(daemon, host, agent):
    assert host.message == (4, 0)
    assert host.set(EXTERNAL, "color", "green") == kvp_wire.OK
    assert host.set(EXTERNAL, "größe", "日本語") == kvp_wire.OK
    assert host.set(EXTERNAL, "number", 42) == kvp_wire.OK
    assert host.delete(EXTERNAL, "color") == kvp_wire.OK
    assert host.delete(EXTERNAL, "color") == kvp_wire.NO_MORE_ITEMS
    assert host.enumerate(EXTERNAL) == [("größe", "日本語"), ("number", "42")]
    assert agent("get", "number").stdout == "42\n"


@pytest.mark.shows("stock pools")
def test_a_pool_that_would_end_the_daemon_does_not_reach_it(daemon, host):
    for pool in (5, 9, 200):
        assert host.set(pool, "a", "1") == kvp_wire.INVALID_ARGUMENT
    assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK
    assert daemon.poll() is None


@pytest.mark.shows("stock too long")
def test_a_value_too_long_for_the_daemon_is_refused_not_cut(daemon, host):
    assert host.set(EXTERNAL, "long", "語" * 1000) == kvp_wire.INVALID_ARGUMENT
    assert host.enumerate(EXTERNAL) == []


@pytest.mark.shows("stock dies")
def test_a_daemon_that_dies_fails_its_request(daemon, host, bridge, stock_daemon):
    daemon.send_signal(signal.SIGSTOP)
    body = kvp_wire.item("a", "1")
    host.send(kvp_wire.ic(kvp_wire.KVP, kvp_wire.kvp(kvp_wire.SET, EXTERNAL, body), (3, 0), (4, 0)))
    daemon.kill()
    assert kvp_wire.parse_ic(host.receive_answer())["status"] == kvp_wire.FAIL
    assert host.receive() == (0, 0, kvp_wire.LINK.pack(kvp_wire.WAKE, 0))

    stock_daemon(bridge.device)
    host.open(accept=False)
    assert host.set(EXTERNAL, "a", "2") == kvp_wire.OK
    assert host.enumerate(EXTERNAL) == [("a", "2")]


@pytest.mark.shows("stock waits")
def test_the_host_waits_for_a_daemon_that_is_not_yet_up(bridge, stock_daemon, host):
    host.accept()
    host.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        host.hello()
    host.socket.settimeout(10)

    stock_daemon(bridge.device)
    payload = host.receive_answer()
    assert kvp_wire.LINK.unpack_from(payload)[0] == kvp_wire.HELLO_ANSWER
    host.negotiate()
    assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK


def test_the_bridge_comes_back_after_the_host_went(daemon, host):
    host.set(EXTERNAL, "a", "1")
    host.hang_up()
    host.open()
    assert host.enumerate(EXTERNAL) == [("a", "1")]


@pytest.mark.shows("stock turns")
def test_agent_and_daemon_take_turns_on_the_same_files(
    daemon, bridge, host, agent, serve, start_bridge, stock_daemon, tmp_path
):
    """Order, changes in place, and what the daemon leaves behind a NUL."""
    for i in range(20):
        host.set(EXTERNAL, f"key-{i}", "long " * i)
    host.set(EXTERNAL, "key-19", "short")
    host.delete(EXTERNAL, "key-3")
    expected = host.enumerate(EXTERNAL)
    daemon.kill()
    bridge.terminate()
    bridge.wait(10)
    host.hang_up()

    service = serve(f"unix:{tmp_path}/host")
    host.open()
    assert host.enumerate(EXTERNAL) == expected
    host.set(EXTERNAL, "key-5", "changed by the agent")
    host.delete(EXTERNAL, "key-0")
    host.set(EXTERNAL, "new", "from the agent")
    expected = [("key-5", "changed by the agent") if k == "key-5" else (k, v) for k, v in expected]
    expected = expected[1:] + [("new", "from the agent")]
    assert host.enumerate(EXTERNAL) == expected
    service.terminate()
    assert service.wait(10) == 0
    host.hang_up()

    start_bridge()
    host.accept()
    stock_daemon(bridge.device)
    host.open(accept=False)
    assert host.enumerate(EXTERNAL) == expected
    host.set(EXTERNAL, "key-7", "changed by the daemon")
    assert agent("get", "key-7").stdout == "changed by the daemon\n"


def test_the_agent_tells_the_same_facts_as_the_daemon(daemon, host, agent):
    theirs = host.enumerate(AUTO)
    ours = [tuple(line.split("\t")) for line in agent("list", "-p", "auto").stdout.splitlines()]
    assert ours == theirs


def test_what_guest_programs_publish_through_the_agent_is_enumerated(daemon, host, agent):
    agent("set", "role", "web")
    agent("set", "größe", "12")
    agent("set", "role", "db")
    assert host.enumerate(GUEST) == [("role", "db"), ("größe", "12")]


def test_a_daemons_lock_is_respected(agent, tmp_path):
    """A lock of the kind that the daemon takes, held by another process."""
    agent("set", "a", "1")
    path = kvp_wire.pool_path(agent.folder, GUEST)
    script = f"""
        import fcntl, sys
        file = open({path!r}, "r+b")
        fcntl.lockf(file, fcntl.LOCK_EX)
        print("locked", flush=True)
        sys.stdin.readline()
        file.write(b"a".ljust(512, b"\\0") + b"2".ljust(2048, b"\\0"))
        file.flush()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "locked\n"
    setter = subprocess.Popen([agent.program, "-f", agent.folder, "set", "b", "3"])
    with pytest.raises(subprocess.TimeoutExpired):
        setter.wait(0.3)
    holder.communicate("go on\n", timeout=10)
    assert setter.wait(10) == 0
    assert kvp_wire.records(path) == [("a", "2"), ("b", "3")]


CLOUD_INIT = """
import sys
sys.path.insert(0, sys.argv[1])
from cloudinit.reporting import events, handlers
open(sys.argv[2], "ab").close()
handler = handlers.HyperVKvpReportingHandler(kvp_file_path=sys.argv[2])
handler.publish_event(events.ReportingEvent("start", "init-local", "searching"))
handler.publish_event(events.ReportingEvent("start", "long", "x" * 1500))
handler.publish_event(events.ReportingEvent("start", "init-local", "searching"))
handler.flush()
"""


@pytest.fixture
def cloud_init(package, agent):
    """Runs cloud-init's own handler, which publishes three events in pool 1."""
    packages = package("cloud-init") / "usr/lib/python3/dist-packages"

    def run():
        path = kvp_wire.pool_path(agent.folder, GUEST)
        command = ["/usr/bin/python3", "-c", CLOUD_INIT, packages, path]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if "ModuleNotFoundError" in result.stderr:
            pytest.skip(result.stderr.splitlines()[-1])
        assert result.returncode == 0, result.stderr

    return run


def test_cloud_init_publishes_and_the_agent_tells(serve, host, agent, cloud_init, tmp_path):
    serve(f"unix:{tmp_path}/host")
    host.open()
    agent("set", "before", "1")
    cloud_init()
    agent("set", "after", "2")

    items = host.enumerate(GUEST)
    assert items == kvp_wire.records(kvp_wire.pool_path(agent.folder, GUEST))
    assert items[0] == ("before", "1") and items[-1] == ("after", "2")
    events = items[1:-1]
    assert len(events) >= 4  # the long one takes two records
    assert all(key.startswith("CLOUD_INIT|") for key, _ in events)
    assert sum("init-local" in key for key, _ in events) == 2


def test_the_daemon_tells_the_same_of_cloud_init(daemon, host, agent, cloud_init):
    agent("set", "before", "1")
    cloud_init()

    items = host.enumerate(GUEST)
    assert items == kvp_wire.records(kvp_wire.pool_path(agent.folder, GUEST))
    assert len(items) >= 5
