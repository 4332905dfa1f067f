# SPDX-License-Identifier: MIT
"""The agent as a service and as a command, against a host written in Python."""
import json
import os
import platform
import signal
import socket
import subprocess
import threading

import kvp_wire
import pytest
from kvp_wire import AUTO, AUTO_EXTERNAL, EXTERNAL, GUEST, HostEnd


@pytest.fixture
def host(tmp_path):
    with HostEnd.listening(tmp_path / "host") as host:
        yield host


@pytest.fixture
def guest(serve, host, tmp_path):
    """The service, with the exchange open."""
    process = serve(f"unix:{tmp_path}/host")
    host.open()
    return process


def test_versions_are_negotiated(serve, host, tmp_path):
    serve(f"unix:{tmp_path}/host")
    host.accept()

    assert host.hello(0, 0) == (0, 0)
    assert host.negotiate() == ([(3, 0)], [(4, 0)])
    assert host.negotiate(messages=[(3, 0), (5, 0)]) == ([(3, 0)], [(3, 0)])
    assert host.negotiate(messages=[(5, 0)]) == ([], [])


def test_a_new_connection_begins_with_wake(serve, host, tmp_path):
    serve(f"unix:{tmp_path}/host")
    for _ in range(2):
        host.accept()
        assert host.receive() == (0, 0, kvp_wire.LINK.pack(kvp_wire.WAKE, 0))
        host.hang_up()


def test_every_pool_file_is_made_at_start(guest, agent):
    for pool in range(5):
        path = kvp_wire.pool_path(agent.folder, pool)
        assert os.stat(path).st_size == 0
        assert os.stat(path).st_mode & 0o777 == 0o644


def test_items_are_set_changed_and_deleted(guest, host, agent):
    path = kvp_wire.pool_path(agent.folder, EXTERNAL)

    assert host.set(EXTERNAL, "color", "green") == kvp_wire.OK
    assert host.set(EXTERNAL, "größe", "日本語 🙂") == kvp_wire.OK
    assert host.set(EXTERNAL, "color", "blue") == kvp_wire.OK
    assert kvp_wire.records(path) == [("color", "blue"), ("größe", "日本語 🙂")]

    assert host.delete(EXTERNAL, "color") == kvp_wire.OK
    assert kvp_wire.records(path) == [("größe", "日本語 🙂")]
    assert host.delete(EXTERNAL, "color") == kvp_wire.NO_MORE_ITEMS


def test_numbers_become_decimal_text(guest, host, agent):
    assert host.set(AUTO_EXTERNAL, "HostingSystemOsMajor", 4294967295) == kvp_wire.OK
    assert agent("get", "HostingSystemOsMajor").stdout == "4294967295\n"


def test_pools_are_enumerated(guest, host, agent):
    for i in range(3):
        assert agent("set", f"key-{i}", f"value {i}").returncode == 0
    host.set(EXTERNAL, "a", "1")

    assert host.enumerate(GUEST) == [(f"key-{i}", f"value {i}") for i in range(3)]
    assert host.enumerate(EXTERNAL) == [("a", "1")]
    assert host.enumerate(AUTO_EXTERNAL) == []


def test_the_machine_tells_about_itself(guest, host):
    facts = host.enumerate(AUTO)

    assert [key for key, _ in facts] == [
        "FullyQualifiedDomainName",
        "IntegrationServicesVersion",
        "NetworkAddressIPv4",
        "NetworkAddressIPv6",
        "OSBuildNumber",
        "OSName",
        "OSMajorVersion",
        "OSMinorVersion",
        "OSVersion",
        "ProcessorArchitecture",
    ]
    facts = dict(facts)
    assert facts["FullyQualifiedDomainName"].split(".")[0] == socket.gethostname().split(".")[0]
    assert facts["IntegrationServicesVersion"] == "3.1"
    assert facts["OSBuildNumber"] == platform.release()
    assert facts["OSVersion"] == platform.release().split("-")[0]
    assert facts["ProcessorArchitecture"] == platform.machine()
    assert "127.0.0.1" not in facts["NetworkAddressIPv4"]


@pytest.mark.parametrize("pool", [1, 2, 4, 5, 200])
def test_the_host_writes_its_own_pools_only(guest, host, pool):
    assert host.set(pool, "a", "1") in (kvp_wire.FAIL, kvp_wire.INVALID_ARGUMENT)
    assert host.delete(pool, "a") in (kvp_wire.FAIL, kvp_wire.INVALID_ARGUMENT)
    assert host.enumerate(EXTERNAL) == []


def test_a_pool_that_does_not_exist_is_refused(guest, host):
    for pool in (5, 9, 200, 255):
        assert host.enumerate_at(pool, 0) == (kvp_wire.INVALID_ARGUMENT, None)


def test_a_value_too_long_for_a_record_is_refused_not_cut(guest, host):
    assert host.set(EXTERNAL, "long", "x" * 1023) == kvp_wire.OK
    assert host.set(EXTERNAL, "long", "語" * 1000) != kvp_wire.OK
    assert host.enumerate(EXTERNAL) == [("long", "x" * 1023)]


def test_what_this_protocol_does_not_have_is_not_supported(guest, host):
    for operation in (0, 4, 5, 77):
        assert host.request(operation, EXTERNAL, b"")[0] == kvp_wire.NOT_SUPPORTED
    assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK


def test_an_unreadable_record_does_not_hide_the_others(guest, host, agent):
    broken = b"\xff\xfe".ljust(512, b"\0") + b"value".ljust(2048, b"\0")
    agent("set", "before", "1")
    with open(kvp_wire.pool_path(agent.folder, GUEST), "ab") as file:
        file.write(broken)
    agent("set", "after", "2")

    assert host.enumerate_at(GUEST, 0)[1] == ("before", "1")
    assert host.enumerate_at(GUEST, 1)[0] == kvp_wire.FAIL
    assert host.enumerate_at(GUEST, 2)[1] == ("after", "2")
    assert host.enumerate_at(GUEST, 3)[0] == kvp_wire.NO_MORE_ITEMS


def test_garbage_before_a_frame_is_skipped(serve, host, tmp_path):
    serve(f"unix:{tmp_path}/host")
    host.accept()
    whole = kvp_wire.frame(1, 1, kvp_wire.hello(kvp_wire.HELLO, 0, 0))
    for garbage in (b"login: ", whole[:19], b"OVKP" * 10, bytes(3000)):
        host.send_raw(garbage)
        host.open(accept=False)
        assert host.set(EXTERNAL, "garbage", garbage.hex()[:100]) == kvp_wire.OK


def test_half_a_frame_is_given_up(guest, host):
    big = kvp_wire.frame(host.epoch, 99, bytes(60000))
    host.send_raw(big[:100])
    host.open(accept=False)  # lost in the frame until its time is over
    assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK


def test_a_new_epoch_on_the_same_stream_begins_anew(guest, host):
    """A quick reconnect of the host on a virtio-serial port: the guest is told nothing."""
    old = host.epoch
    host.set(EXTERNAL, "a", "1")
    host.open(accept=False)
    assert host.epoch != old
    assert host.set(EXTERNAL, "a", "2") == kvp_wire.OK

    new, host.epoch = host.epoch, old
    message = kvp_wire.kvp(kvp_wire.SET, EXTERNAL, kvp_wire.item("a", "stale"))
    host.send(kvp_wire.ic(kvp_wire.KVP, message, (3, 0), (4, 0)))
    host.epoch = new
    assert host.enumerate(EXTERNAL) == [("a", "2")]


def test_the_agent_comes_back_after_the_host_went(guest, host):
    for i in range(3):
        host.hang_up()
        host.open()
        assert host.set(EXTERNAL, "round", str(i)) == kvp_wire.OK


def test_the_agent_waits_for_a_host_that_comes_later(serve, tmp_path):
    process = serve(f"unix:{tmp_path}/late", stderr=subprocess.PIPE, text=True)
    assert any("the host is not there" in line for line in process.stderr)
    with HostEnd.listening(tmp_path / "late") as host:
        host.open()
        assert host.set(EXTERNAL, "a", "1") == kvp_wire.OK


def test_the_agent_can_be_the_one_that_listens(serve, tmp_path):
    process = serve(f"unix-listen:{tmp_path}/agent")
    for i in range(2):
        with HostEnd.connected(tmp_path / "agent") as host:
            host.open()
            assert host.set(EXTERNAL, "round", str(i)) == kvp_wire.OK
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not (tmp_path / "agent").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(guest, host, number, agent):
    host.set(EXTERNAL, "a", "1")
    guest.send_signal(number)
    assert guest.wait(10) == 0
    with pytest.raises(EOFError):
        host.receive()
    assert agent("get", "a").stdout == "1\n"


def test_killed_in_the_middle_of_sets_it_has_lost_nothing(serve, host, tmp_path, agent):
    """What was acknowledged is there, and the one item under way is old or new."""
    acknowledged = {}
    for round_number in range(10):
        process = serve(f"unix:{tmp_path}/host")
        host.open()
        killer = threading.Timer(0.05 + 0.01 * round_number, process.kill)
        killer.start()
        under_way = None
        try:
            for i in range(100000):
                under_way = (f"key-{i % 50}", f"{round_number}-{i} " + "v" * (i % 900))
                assert host.set(EXTERNAL, *under_way) == kvp_wire.OK
                acknowledged[under_way[0]] = under_way[1]
        except (EOFError, ConnectionError):
            pass
        process.wait(10)
        host.hang_up()
        found = dict(kvp_wire.records(kvp_wire.pool_path(agent.folder, EXTERNAL)))
        listed = {
            item["key"]: item["value"] for item in json.loads(agent("list", "--json").stdout)
        }
        for key, value in acknowledged.items():
            allowed = {value, under_way[1]} if key == under_way[0] else {value}
            assert listed[key] in allowed
        assert set(listed) - set(acknowledged) <= {under_way[0]}
        assert len(found) >= len(acknowledged)
        acknowledged = listed


def test_values_are_in_no_log_line(serve, host, tmp_path):
    with open(tmp_path / "log", "w+") as log:
        process = serve(f"unix:{tmp_path}/host", stderr=log)
        host.open()
        host.set(EXTERNAL, "password", "hunter2")
        host.set(GUEST, "password", "hunter2")
        host.set(EXTERNAL, "password", "hunter2" * 140 + "語" * 40)
        process.terminate()
        process.wait(10)
        log.seek(0)
        text = log.read()
    assert "pool 1" in text and "hunter2" not in text


# --- the verbs ----------------------------------------------------------------------------------


def test_get_prefers_what_management_set(agent):
    agent("set", "--pool", "3", "HostName", "real")
    assert agent("get", "HostName").stdout == "real\n"
    agent("set", "--pool", "external", "HostName", "wanted")
    assert agent("get", "HostName").stdout == "wanted\n"
    assert agent("get", "--pool", "3", "HostName").stdout == "real\n"


def test_set_publishes_to_the_host(agent):
    assert agent("set", "role", "web server").returncode == 0
    assert kvp_wire.records(kvp_wire.pool_path(agent.folder, GUEST)) == [("role", "web server")]
    assert agent("delete", "role").returncode == 0
    assert kvp_wire.records(kvp_wire.pool_path(agent.folder, GUEST)) == []


def test_keys_and_values_may_begin_with_a_hyphen(agent):
    assert agent("set", "--", "-temperature", "-5").returncode == 0
    assert agent("get", "-p", "guest", "--", "-temperature").stdout == "-5\n"


def test_exit_codes(agent):
    assert agent("get", "nothing").returncode == 4
    assert agent("delete", "nothing").returncode == 4
    assert agent("list").returncode == 0
    assert agent("get").returncode == 2
    assert agent("fetch", "x").returncode == 2
    assert agent("get", "--pool", "seven", "x").returncode == 2
    assert agent("serve", "--json").returncode == 2
    assert agent("set", "--pool", "auto", "a", "1").returncode == 1
    assert agent("set", "k" * 256, "1").returncode == 1
    assert agent("serve", "--connect", "tcp:1").returncode == 1
    assert agent("--help").returncode == 0
    assert agent("--version").stdout.startswith("openkvp-agent ")


def test_list_shows_all_pools(agent):
    agent("set", "--pool", "0", "a", "1")
    agent("set", "b", "2")

    assert agent("list").stdout == "a\t1\n"
    lines = agent("list", "--all").stdout.splitlines()
    assert lines[0] == "external\ta\t1" and lines[1] == "guest\tb\t2"
    assert len(lines) == 12 and lines[-1].startswith("auto\tProcessorArchitecture\t")
    items = json.loads(agent("list", "--all", "--json").stdout)
    assert items[1] == {"pool": "guest", "key": "b", "value": "2"}
    assert json.loads(agent("list", "--json", "-p", "4").stdout) == []


def test_list_does_not_obey_what_it_prints_on_a_terminal(agent):
    agent("set", "-p", "0", "name", "a\tb\nc\x85d\\e")
    leader, follower = os.openpty()
    command = [agent.program, "-f", agent.folder, "list"]
    subprocess.run(command, stdout=follower, check=True, timeout=30)
    shown = os.read(leader, 1000)
    os.close(leader)
    os.close(follower)
    assert shown == b"name\ta\\x09b\\nc\\xC2\\x85d\\\\e\r\n"
    assert agent("get", "name").stdout == "a\tb\nc\x85d\\e\n"


def test_the_folder_may_come_from_the_environment(agent, tmp_path):
    environment = dict(os.environ, OPENKVP_FOLDER=str(tmp_path / "other"))
    subprocess.run([agent.program, "set", "a", "1"], env=environment, check=True, timeout=30)
    assert kvp_wire.records(kvp_wire.pool_path(tmp_path / "other", GUEST)) == [("a", "1")]


@pytest.mark.shows("T16")
@pytest.mark.parametrize("data, items", [
    (b"", []),
    (b"\0" * 2559, []),
    (b"a".ljust(512, b"\0") + b"1".ljust(2048, b"\0"), [("a", "1")]),
    (b"a\0stale".ljust(512, b"x") + b"1\0older value".ljust(2048, b"y"), [("a", "1")]),
    (b"a".ljust(512, b"\0") + b"1".ljust(2048, b"\0") + b"half".ljust(1000, b"\0"), [("a", "1")]),
    (b"k" * 512 + b"v" * 2048, [("k" * 512, "v" * 2048)]),
    ((b"a".ljust(512, b"\0") + b"1".ljust(2048, b"\0")) * 2, [("a", "1"), ("a", "1")]),
], ids=["empty", "less than a record", "one", "stale bytes", "half a record", "no NUL", "twice"])
def test_t16_whatever_is_in_a_pool_file_the_records_are_read(agent, data, items):
    """As lines and as JSON, with exit codes that scripts can use."""
    agent.folder.mkdir()
    with open(kvp_wire.pool_path(agent.folder, GUEST), "wb") as file:
        file.write(data)
    listed = agent("list", "--pool", "guest")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout == "".join(f"{key}\t{value}\n" for key, value in items)
    in_json = json.loads(agent("list", "--pool", "guest", "--json").stdout)
    assert in_json == [{"pool": "guest", "key": key, "value": value} for key, value in items]
    for key, value in items:
        assert agent("get", "--pool", "guest", key).stdout == f"{value}\n"
    assert agent("get", "--pool", "guest", "none").returncode == 4
