# SPDX-License-Identifier: MIT
"""The documented return values of the KVP methods, which are the error codes of their jobs as well: each that can
occur, over every binding.

0 is that of a job: a call that was dispatched has one (4096), also when all is done at once. 32771, 32775, 32777 and
32778 do not occur: the service knows how each call ended, VMs take items in every state, and a program that is out of
memory ends.
"""
import os
import signal

import pytest

import wmi
from programs import wait_until

METHODS = ["AddKvpItems", "ModifyKvpItems", "RemoveKvpItems"]
NAMESPACES = ["root/virtualization", "root/virtualization/v2", "root/HyperVCluster/v2"]


@pytest.fixture
def script(face, vm):
    return wmi.Script(face)


def call(script, method, *items):
    """A method for web1: its return value, and the job or None."""
    return script.call(method, script.vm("web1"), *items)


def change(script, method, *items):
    """The same, and how its job ended: (JobState, ErrorCode, JobStatus)."""
    return outcome(script.change(method, script.vm("web1"), *items))


def outcome(job):
    return int(job["JobState"]), int(job["ErrorCode"]), job["JobStatus"]


@pytest.mark.shows("return value 4096", "return value 0")
@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("method", METHODS)
def test_a_call_that_was_dispatched_has_a_job(face_in, vm, method, namespace):
    vm.daemon.cli_ok("item", "put", "web1", "EEE", "1")
    script = wmi.Script(face_in(vm.daemon, namespace))
    name = "new" if method == "AddKvpItems" else "EEE"
    value, job = call(script, method, wmi.data_item(name, "555"))
    assert value == 4096 and outcome(script.ended(job))[:2] == (7, 0)


@pytest.mark.shows("return value 32768")
def test_what_the_guest_refuses_has_failed(script, running_vm):
    state, error, text = change(script, "AddKvpItems", wmi.data_item("han", "漢" * 1000))
    assert (state, error) == (10, 32768) and "'han'" in text


@pytest.mark.shows("return value 32769")
@pytest.mark.parametrize("method", METHODS)
def test_who_may_only_read_changes_nothing(face_in, vm, method):
    script = wmi.Script(face_in(vm.daemon, user=vm.daemon.add_user("rita", "pass word", "read")))
    assert call(script, method, wmi.data_item("EEE", "555")) == (32769, None)
    assert vm.items() == {}


@pytest.mark.shows("return value 32770")
@pytest.mark.parametrize("method", METHODS)
def test_the_host_itself_has_no_exchange(script, method):
    (host,) = script.face.query("SELECT * FROM Msvm_ComputerSystem WHERE Caption='Hosting Computer System'")
    assert script.call(method, host, wmi.data_item("EEE", "555")) == (32770, None)


@pytest.mark.shows("return value 32772")
def test_a_guest_that_does_not_answer_in_time(face_in, make_daemon, build, tmp_path):
    from conftest import Vm
    daemon = make_daemon(guest_answer_timeout=1)
    vm = Vm(daemon, build, tmp_path)
    vm.agent.start()
    try:
        vm.wait_for_contact()
        wait_until(lambda: vm.daemon.cli_json("guest", "list", "web1")["live"], "the guest was read")
        script = wmi.Script(face_in(daemon))
        os.kill(vm.agent.process.pid, signal.SIGSTOP)
        state, error, text = change(script, "AddKvpItems", wmi.data_item("EEE", "555"))
        assert (state, error) == (10, 32772) and "do not add again" in text
        os.kill(vm.agent.process.pid, signal.SIGCONT)
        vm.wait_for_delivery("EEE")
        assert vm.agent.get("EEE") == "555"
    finally:
        os.kill(vm.agent.process.pid, signal.SIGCONT)
        vm.agent.stop()


BAD = {
    "129 items": [wmi.data_item(f"k{i}", "1") for i in range(129)],
    "no items": [],
    "no instance": ["k=v"],
    "another class": ['<INSTANCE CLASSNAME="Msvm_ComputerSystem"></INSTANCE>'],
    "no name": [wmi.data_item("", "1")],
    "a long name": [wmi.data_item("k" * 256, "1")],
    "a long value": [wmi.data_item("k", "v" * 1024)],
    "a surrogate pair over the limit": [wmi.data_item("k", "v" * 1022 + "😀")],
    "a NUL": [wmi.data_item("k", "v").replace("<VALUE>v<", "<VALUE>&#0;<")],
    "a lone surrogate": [wmi.data_item("k", "v").replace("<VALUE>v<", "<VALUE>&#xD800;<")],
    "a control character": [wmi.data_item("k", "v").replace("<VALUE>v<", "<VALUE>&#1;<")],
    "another source": [wmi.data_item("k", "v", source=1)],
    "source 3": [wmi.data_item("k", "v", source=3)],
    "a name twice": [wmi.data_item("k", "1"), wmi.data_item("x", "1"), wmi.data_item("k", "2")],
    "names that differ in case": [wmi.data_item("key", "1"), wmi.data_item("KEY", "2")],
}


@pytest.mark.shows("return value 32773", "T10")
@pytest.mark.parametrize("items", BAD.values(), ids=BAD.keys())
def test_T10_a_batch_that_cannot_be_changes_nothing(script, vm, items):
    vm.daemon.cli_ok("item", "add", "web1", "there", "1")
    before = vm.daemon.cli_json("item", "list", "web1")
    value, job = call(script, "AddKvpItems", *items)
    if job:  # what the store finds is told by a job
        assert value == 4096 and outcome(script.ended(job))[:2] == (10, 32773)
    else:
        assert value == 32773 and "AddKvpItems refused: " in vm.daemon.log_text()
    assert vm.daemon.cli_json("item", "list", "web1") == before


GOOD = {
    "the longest name": ("k" * 255, "1"),
    "the longest value": ("k", "v" * 1023),
    "a pair at the limit": ("k", "v" * 1021 + "😀"),
    "the longest in Chinese": ("漢" * 255, "漢" * 1023),
    "an empty value": ("k", ""),
}


@pytest.mark.shows("T10")
@pytest.mark.parametrize("pair", GOOD.values(), ids=GOOD.keys())
def test_T10_what_is_just_within_the_limits_is_taken(script, vm, pair):
    assert change(script, "AddKvpItems", wmi.data_item(*pair))[:2] == (7, 0)
    assert vm.items()[pair[0]]["value"] == pair[1]


OVER_THE_LIMITS = [("k" * 256, "1"), ("k", "v" * 1024), ("漢" * 256, "1"), ("k", "v" * 1022 + "😀"), ("", "1"),
                   (b"\xff", "1"), ("k", b"\xc3"), ("k", b"\xed\xa0\x80")]


@pytest.mark.shows("T10")
@pytest.mark.parametrize("pair", OVER_THE_LIMITS)
def test_T10_the_command_line_and_the_guest_have_the_same_limits(vm, pair):
    """Bytes that are no UTF-8, a surrogate among them, are refused like what is too long."""
    words = [os.fsdecode(word) if isinstance(word, bytes) else word for word in pair]
    done = vm.daemon.cli("item", "add", "web1", "--", *words, errors="surrogateescape")
    assert done.returncode in (1, 2) and done.stderr and vm.items() == {}
    assert vm.agent.run("set", "--", *words).returncode != 0
    assert vm.agent.run("list", "-p", "1").stdout == ""


@pytest.mark.shows("T10")
def test_T10_what_linux_guests_can_hold_is_told_before_it_is_cut(running_vm):
    """1000 Chinese characters are within the limits, and more than the 2047 bytes that the pool file has for a value."""
    done = running_vm.daemon.cli("item", "add", "web1", "han", "漢" * 1000, "--wait", 20)
    assert done.returncode == 5 and "2047" in done.stderr
    assert running_vm.agent.get("han") is None and running_vm.items()["han"]["delivery"] == "refused"


@pytest.mark.shows("T5")
@pytest.mark.parametrize("method, bad", [("AddKvpItems", "there"), ("ModifyKvpItems", "missing")])
@pytest.mark.parametrize("place", [0, 64, 127])
def test_T5_a_batch_of_128_with_one_bad_item_changes_nothing(script, vm, method, bad, place):
    names = [f"k{i}" for i in range(128)]
    there = names[:127] if method == "ModifyKvpItems" else []
    vm.daemon.cli_ok("item", "put", "web1", "there", "1", *(word for name in there for word in (name, "1")))
    if method == "ModifyKvpItems":
        names[127] = "there"
    names[place] = bad
    before = vm.daemon.cli_json("item", "list", "web1")
    state, error, text = change(script, method, *(wmi.data_item(name, "2") for name in names))
    assert (state, error) == (10, 32773) and f"'{bad}'" in text
    assert vm.daemon.cli_json("item", "list", "web1") == before


@pytest.mark.shows("return value 32774")
def test_when_no_more_jobs_can_be_kept(face_in, make_daemon):
    daemon = make_daemon(jobs_max=1)
    daemon.cli_ok("vm", "define", "web1")
    script = wmi.Script(face_in(daemon))
    assert change(script, "ModifyKvpItems", wmi.data_item("missing", "1"))[:2] == (10, 32773)
    assert call(script, "AddKvpItems", wmi.data_item("EEE", "555")) == (32774, None)
    assert daemon.cli_json("item", "list", "web1")["items"] == []


@pytest.mark.shows("return value 32776")
@pytest.mark.parametrize("method", METHODS)
def test_a_source_that_is_no_number_is_of_the_wrong_type(script, method):
    assert call(script, method, wmi.data_item("k", "v", source="host")) == (32776, None)


@pytest.mark.shows("T6")
def test_T6_limits_are_told_with_the_usage(face_in, make_daemon):
    daemon = make_daemon(items=3)
    daemon.cli_ok("vm", "define", "web1")
    script = wmi.Script(face_in(daemon))
    assert change(script, "AddKvpItems", *(wmi.data_item(f"k{i}", "1") for i in range(3)))[:2] == (7, 0)
    state, error, text = change(script, "AddKvpItems", wmi.data_item("k3", "1"))
    assert (state, error) == (10, 32773) and "4 items; 3 is the most" in text
    assert change(script, "RemoveKvpItems", wmi.data_item("k0"))[:2] == (7, 0)
    assert change(script, "AddKvpItems", wmi.data_item("k3", "1"))[:2] == (7, 0)


@pytest.mark.shows("HostOnlyItems")
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_items_with_source_4_stay_on_the_host(face_in, running_vm, namespace):
    script = wmi.Script(face_in(running_vm.daemon, namespace))
    agent, value = running_vm.agent, "x" * 16384
    assert change(script, "AddKvpItems", wmi.data_item("note", value, source=4), wmi.data_item("EEE", "555"))[:2] == (7, 0)
    assert agent.get("EEE") == "555" and agent.get("note") is None
    settings = script.settings(script.component(script.vm("web1")))
    if namespace != "root/virtualization":  # where the property came later
        assert settings.items("HostOnlyItems") == {"note": value}
        assert "<VALUE>4</VALUE>" in settings["HostOnlyItems"]
    assert settings.items("HostExchangeItems") == {"EEE": "555"}
    # The two are separate name spaces: the same name in the other one is another item.
    assert change(script, "AddKvpItems", wmi.data_item("note", "1"))[:2] == (7, 0)
    assert change(script, "ModifyKvpItems", wmi.data_item("note", "2", source=4))[:2] == (7, 0)
    assert agent.get("note") == "1"
    assert change(script, "RemoveKvpItems", wmi.data_item("note", source=4))[:2] == (7, 0)
    assert agent.get("note") == "1"


@pytest.mark.shows("HostOnlyItems")
def test_host_only_items_have_their_own_limits(script):
    assert call(script, "AddKvpItems", wmi.data_item("note", "x" * 16385, source=4)) == (32773, None)
    for start in (0, 128):
        result = change(script, "AddKvpItems", *(wmi.data_item(f"n{i}", "1", source=4)
                                                 for i in range(start, start + 128)))
        assert result[:2] == ((7, 0) if start == 0 else (10, 32773))
    assert "128 is the most" in result[2]
