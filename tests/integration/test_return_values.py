# SPDX-License-Identifier: MIT
"""The documented return values of the KVP methods, which are the error codes of their jobs as well: each that can
occur.

0 does not: a call that was dispatched has a job (4096), also when all is done at once. 32770, 32771, 32775, 32777 and
32778 do not either: every VM can do these methods in every state, the service knows how each call ended, and a program
that is out of memory ends.
"""
import os
import signal

import pytest

import soap
from programs import wait_until
from test_main_job import change

METHODS = ["AddKvpItems", "ModifyKvpItems", "RemoveKvpItems"]
NAMESPACES = ["root/virtualization", "root/virtualization/v2", "root/HyperVCluster/v2"]


def call(client, vm, method, *items, namespace="root/virtualization/v2"):
    uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{namespace}/"
    value, job, answer = client.kvp(method, vm.guid, items, uri)
    assert value is not None, answer.text
    return value, job


@pytest.mark.shows("return value 4096")
@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("method", METHODS)
def test_a_call_that_was_dispatched_has_a_job(client, vm, method, namespace):
    value, job = call(client, vm, method, soap.data_item("EEE", "555"), namespace=namespace)
    assert value == 4096 and job
    state, error, _ = change(client, "AddKvpItems", vm, soap.data_item("other", "1"))
    assert (state, error) == (7, 0)


@pytest.mark.shows("return value 32768")
def test_what_the_guest_refuses_has_failed(client, running_vm):
    state, error, text = change(client, "AddKvpItems", running_vm, soap.data_item("han", "漢" * 1000))
    assert (state, error) == (10, 32768) and "'han'" in text


@pytest.mark.shows("return value 32769")
@pytest.mark.parametrize("method", METHODS)
def test_who_may_only_read_changes_nothing(daemon, vm, method):
    reader = soap.Client(daemon.http, *daemon.add_user("rita", "pass word", "read"))
    assert call(reader, vm, method, soap.data_item("EEE", "555")) == (32769, None)
    assert vm.items() == {}


@pytest.mark.shows("return value 32772")
def test_a_guest_that_does_not_answer_in_time(make_daemon, build, tmp_path):
    from conftest import Vm
    daemon = make_daemon(guest_answer_timeout=1)
    vm = Vm(daemon, build, tmp_path)
    vm.agent.start()
    try:
        vm.wait_for_contact()
        wait_until(lambda: vm.daemon.cli_json("guest", "list", "web1")["live"], "the guest was read")
        os.kill(vm.agent.process.pid, signal.SIGSTOP)
        client = soap.Client(daemon.http, *daemon.add_user())
        state, error, text = change(client, "AddKvpItems", vm, soap.data_item("EEE", "555"))
        assert (state, error) == (10, 32772) and "do not add again" in text
        os.kill(vm.agent.process.pid, signal.SIGCONT)
        vm.wait_for_delivery("EEE")
        assert vm.agent.get("EEE") == "555"
    finally:
        os.kill(vm.agent.process.pid, signal.SIGCONT)
        vm.agent.stop()


BAD = {
    "129 items": [soap.data_item(f"k{i}", "1") for i in range(129)],
    "no items": [],
    "no instance": ["k=v"],
    "another class": ['<INSTANCE CLASSNAME="Msvm_ComputerSystem"></INSTANCE>'],
    "no name": [soap.data_item("", "1")],
    "a long name": [soap.data_item("k" * 256, "1")],
    "a long value": [soap.data_item("k", "v" * 1024)],
    "a surrogate pair over the limit": [soap.data_item("k", "v" * 1022 + "😀")],
    "a NUL": [soap.data_item("k", "v").replace("<VALUE>v<", "<VALUE>&#0;<")],
    "another source": [soap.data_item("k", "v", source=1)],
    "source 3": [soap.data_item("k", "v", source=3)],
    "a name twice": [soap.data_item("k", "1"), soap.data_item("x", "1"), soap.data_item("k", "2")],
    "names that differ in case": [soap.data_item("key", "1"), soap.data_item("KEY", "2")],
}


@pytest.mark.shows("return value 32773", "T10")
@pytest.mark.parametrize("items", BAD.values(), ids=BAD.keys())
def test_a_batch_that_cannot_be_changes_nothing(client, vm, items):
    vm.daemon.cli_ok("item", "add", "web1", "there", "1")
    before = vm.daemon.cli_json("item", "list", "web1")
    value, job = call(client, vm, "AddKvpItems", *items)
    if job:  # what the store finds is told by a job
        state, error, _ = wait_until(lambda: ended(client, job), "the job ends")
        assert (value, state, error) == (4096, 10, 32773)
    else:
        assert value == 32773
    assert vm.daemon.cli_json("item", "list", "web1") == before


def ended(client, job):
    answer = client.job(job)
    state = int(answer.text_of("JobState"))
    return (state, int(answer.text_of("ErrorCode")), answer.text_of("JobStatus")) if state >= 7 else None


GOOD = {
    "the longest name": ("k" * 255, "1"),
    "the longest value": ("k", "v" * 1023),
    "a pair at the limit": ("k", "v" * 1021 + "😀"),
    "the longest in Chinese": ("漢" * 255, "漢" * 1023),
    "an empty value": ("k", ""),
}


@pytest.mark.shows("T10")
@pytest.mark.parametrize("pair", GOOD.values(), ids=GOOD.keys())
def test_what_is_just_within_the_limits_is_taken(client, vm, pair):
    assert change(client, "AddKvpItems", vm, soap.data_item(*pair))[:2] == (7, 0)
    assert vm.items()[pair[0]]["value"] == pair[1]


@pytest.mark.shows("T5")
@pytest.mark.parametrize("method, bad", [("AddKvpItems", "there"), ("ModifyKvpItems", "missing")])
@pytest.mark.parametrize("place", [0, 64, 127])
def test_a_batch_of_128_with_one_bad_item_changes_nothing(client, vm, method, bad, place):
    names = [f"k{i}" for i in range(128)]
    there = names[:127] if method == "ModifyKvpItems" else []
    vm.daemon.cli_ok("item", "put", "web1", "there", "1", *(word for name in there for word in (name, "1")))
    if method == "ModifyKvpItems":
        names[127] = "there"
    names[place] = bad
    before = vm.daemon.cli_json("item", "list", "web1")
    state, error, text = change(client, method, vm, *(soap.data_item(name, "2") for name in names))
    assert (state, error) == (10, 32773) and f"'{bad}'" in text
    assert vm.daemon.cli_json("item", "list", "web1") == before


@pytest.mark.shows("return value 32774")
def test_when_no_more_jobs_can_be_kept(make_daemon, client_of):
    daemon = make_daemon(jobs_max=1)
    daemon.cli_ok("vm", "define", "web1")
    client = client_of(daemon)
    vm = type("Vm", (), {"guid": daemon.cli_json("vm", "show", "web1")["id"]})
    assert change(client, "ModifyKvpItems", vm, soap.data_item("missing", "1"))[:2] == (10, 32773)
    assert call(client, vm, "AddKvpItems", soap.data_item("EEE", "555")) == (32774, None)
    assert daemon.cli_json("item", "list", "web1")["items"] == []


@pytest.fixture
def client_of():
    return lambda daemon: soap.Client(daemon.http, *daemon.add_user())


@pytest.mark.shows("return value 32776")
@pytest.mark.parametrize("method", METHODS)
def test_a_source_that_is_no_number_is_of_the_wrong_type(client, vm, method):
    assert call(client, vm, method, soap.data_item("k", "v", source="host")) == (32776, None)


@pytest.mark.shows("T6")
def test_limits_are_told_with_the_usage(make_daemon, client_of):
    daemon = make_daemon(items=3)
    daemon.cli_ok("vm", "define", "web1")
    vm = type("Vm", (), {"guid": daemon.cli_json("vm", "show", "web1")["id"]})
    client = client_of(daemon)
    assert change(client, "AddKvpItems", vm, *(soap.data_item(f"k{i}", "1") for i in range(3)))[:2] == (7, 0)
    state, error, text = change(client, "AddKvpItems", vm, soap.data_item("k3", "1"))
    assert (state, error) == (10, 32773) and "4 items; 3 is the most" in text
    assert change(client, "RemoveKvpItems", vm, soap.data_item("k0"))[:2] == (7, 0)
    assert change(client, "AddKvpItems", vm, soap.data_item("k3", "1"))[:2] == (7, 0)


@pytest.mark.shows("HostOnlyItems")
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_items_with_source_4_stay_on_the_host(client, running_vm, namespace):
    uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{namespace}/"
    value = "x" * 16384
    _, job, answer = client.kvp("AddKvpItems", running_vm.guid,
                                [soap.data_item("note", value, source=4), soap.data_item("EEE", "555")], uri)
    assert wait_until(lambda: ended(client, job), "the job ends")[:2] == (7, 0), answer.text
    assert running_vm.agent.get("EEE") == "555" and running_vm.agent.get("note") is None
    settings = client.get("Msvm_KvpExchangeComponentSettingData", {
        "InstanceID": f"Microsoft:{running_vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"}, uri)
    if namespace != "root/virtualization":  # where the property came later
        (item,) = settings.texts("HostOnlyItems")
        assert value in item and "<VALUE>4</VALUE>" in item
    assert "note" not in "".join(settings.texts("HostExchangeItems"))
    # The two are separate name spaces: the same name in the other one is another item.
    assert change(client, "AddKvpItems", running_vm, soap.data_item("note", "1"))[:2] == (7, 0)
    assert change(client, "ModifyKvpItems", running_vm, soap.data_item("note", "2", source=4))[:2] == (7, 0)
    assert running_vm.agent.get("note") == "1"
    assert change(client, "RemoveKvpItems", running_vm, soap.data_item("note", source=4))[:2] == (7, 0)
    assert running_vm.agent.get("note") == "1"


@pytest.mark.shows("HostOnlyItems")
def test_host_only_items_have_their_own_limits(client, vm):
    value, job = call(client, vm, "AddKvpItems", soap.data_item("note", "x" * 16385, source=4))
    assert (value, job) == (32773, None)
    for start in (0, 128):
        result = change(client, "AddKvpItems", vm, *(soap.data_item(f"n{i}", "1", source=4)
                                                     for i in range(start, start + 128)))
        assert result[:2] == ((7, 0) if start == 0 else (10, 32773))
    assert "128 is the most" in result[2]
