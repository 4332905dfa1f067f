# SPDX-License-Identifier: MIT
"""A large value is one thing: whoever puts it meanwhile, its pieces come, go and are secret together."""
import json
import random
import threading

import pytest

import wmi
from api import Api
from programs import wait_until

ROUNDS = 6


# --- Put by several at once ---


def at_once(vm, *calls):
    """Has each of the calls done with a connection of its own, all at the same moment; every one must succeed."""
    ready, failures = threading.Barrier(len(calls)), []

    def run(call):
        try:
            with Api(vm.daemon.socket) as api:
                ready.wait(30)
                call(api)
        except Exception as why:  # to be told by the test's own thread
            failures.append(why)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def putting(key, content, query=""):
    return lambda api: api.put_value("web1", key, content, query)


@pytest.mark.shows("T9")
def test_T9_of_values_that_are_put_at_once_one_is_there_with_its_pieces_alone(vm, tmp_path):
    for number in range(ROUNDS):
        # Bytes travel as Base64, 765 of them in a piece.
        contents = [random.Random(number * 4 + i).randbytes(20000 + 5000 * i) for i in range(4)]
        at_once(vm, *(putting("big", content) for content in contents))
        out = tmp_path / f"got{number}"
        vm.daemon.cli_ok("item", "get", "web1", "big", "--file", out)
        content = out.read_bytes()
        assert content in contents
        assert vm.show()["items"] == 1 + -(-len(content) // 765)
    vm.daemon.cli_ok("item", "remove", "web1", "big")
    assert vm.show()["items"] == 0


@pytest.mark.shows("T9")
def test_T9_of_numbered_values_that_are_put_at_once_one_is_there_and_no_piece_of_another(vm):
    for _ in range(ROUNDS):
        contents = [letter * size for letter, size in zip("abcd", (3000, 6000, 9000, 12000))]
        at_once(vm, *(putting("ign", content.encode(), "?split=numbered") for content in contents))
        items = vm.items()
        assert "".join(items[f"ign.{i}"]["value"] for i in range(len(items))) in contents


@pytest.mark.shows("T9")
def test_T9_a_value_that_is_put_while_others_replace_and_remove_it_leaves_no_piece_behind(vm):
    for number in range(ROUNDS):
        content = random.Random(number).randbytes(20000)
        at_once(vm, putting("big", content), putting("big", content[:10000]),
                lambda api: api.batch("web1", put=[{"key": "big", "value": "small"}]),
                lambda api: api.batch("web1", remove=["big"]))
        items = vm.items()
        assert items.keys() <= {"big"}
        assert vm.show()["items"] == sum(1 + item.get("pieces", 0) for item in items.values())


# --- Flags ---


SECRET = "hunter2 "
HEAD = "openkvp-large 1 2400 3 0123abcd text"
PIECES = {f"token#0123abcd.{i}": SECRET * 100 for i in range(3)}


def small(api, flag):
    api.batch("web1", put=[{"key": "token", "value": SECRET, "flags": [flag]}])


def by_value(vm, api, flag):
    small(api, flag)
    api.put_value("web1", "token", SECRET.encode() * 500)


def by_bytes(vm, api, flag):
    small(api, flag)
    api.put_value("web1", "token", SECRET.encode() * 500, f"?flags={flag}")
    api.put_value("web1", "token", SECRET.encode() * 600)


def by_numbered_pieces(vm, api, flag):
    api.put_value("web1", "token", SECRET.encode(), f"?split=numbered&flags={flag}")
    api.put_value("web1", "token", SECRET.encode() * 500, "?split=numbered")


def by_numbered_pieces_of_one_item(vm, api, flag):
    small(api, flag)
    api.put_value("web1", "token", SECRET.encode() * 500, "?split=numbered")


def by_put_ignition(vm, api, flag):
    for pad, flags in ((1, [f"--{flag}"]), (500, [])):
        config = json.dumps({"ignition": {"version": "3.4.0"}, "pad": SECRET * pad})
        vm.daemon.cli_ok("item", "put-ignition", "web1", "-", *flags, input=config)


def by_batch(vm, api, flag):
    small(api, flag)
    api.batch("web1", put=[{"key": key, "value": value} for key, value in {**PIECES, "token": HEAD}.items()])


def by_batch_whose_head_has_the_flag(vm, api, flag):
    api.batch("web1", put=[*({"key": key, "value": value} for key, value in PIECES.items()),
                           {"key": "token", "value": HEAD, "flags": [flag]}])


def by_cim(vm, api, flag):
    small(api, flag)
    script = wmi.Script(wmi.face("WS-Management", vm.daemon))
    pieces = [wmi.data_item(key, value) for key, value in PIECES.items()]
    assert script.change("AddKvpItems", script.vm("web1"), *pieces)["ErrorCode"] == "0"
    assert script.change("ModifyKvpItems", script.vm("web1"), wmi.data_item("token", HEAD))["ErrorCode"] == "0"


WAYS = [by_value, by_bytes, by_numbered_pieces, by_numbered_pieces_of_one_item, by_put_ignition,
        by_batch, by_batch_whose_head_has_the_flag, by_cim]
each_way = pytest.mark.parametrize("put", WAYS, ids=lambda way: way.__name__)


def items_by_cim(vm):
    """All items, the pieces of large values among them, as somebody with the role 'read' sees them."""
    script = wmi.Script(wmi.face("WS-Management", vm.daemon, user=vm.daemon.add_user("rita", "pass word", "read")))
    return script.settings(script.component(script.vm("web1"))).items("HostExchangeItems")


@pytest.mark.shows("T11")
@each_way
def test_T11_a_secret_stays_one_when_it_becomes_a_large_value(vm, put):
    with Api(vm.daemon.socket) as api:
        put(vm, api, "secret")
    items = items_by_cim(vm)
    assert len(items) >= 4 and set(items.values()) == {""}


@each_way
def test_what_is_transient_goes_with_the_contact_when_it_has_become_a_large_value(running_vm, put):
    with Api(running_vm.daemon.socket) as api:
        put(running_vm, api, "transient")
    wait_until(lambda: running_vm.show()["outstanding"] == 0, "the guest has it")
    running_vm.agent.stop()
    wait_until(lambda: running_vm.show()["items"] == 0, "all of it goes")


def test_flags_that_are_taken_off_are_off_all_pieces(vm):
    with Api(vm.daemon.socket) as api:
        by_value(vm, api, "secret")
        api.put_value("web1", "token", SECRET.encode() * 600, "?flags=")
    assert "" not in items_by_cim(vm).values()


def test_the_pieces_of_a_value_go_when_cim_changes_or_removes_its_head(vm):
    script = wmi.Script(wmi.face("CIM-XML", vm.daemon))
    for method, left in (("ModifyKvpItems", 1), ("RemoveKvpItems", 0)):
        with Api(vm.daemon.socket) as api:
            api.put_value("web1", "token", SECRET.encode() * 500)
        assert script.change(method, script.vm("web1"), wmi.data_item("token", "small"))["ErrorCode"] == "0"
        assert vm.show()["items"] == left
