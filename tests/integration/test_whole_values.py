# SPDX-License-Identifier: MIT
"""A large value is one thing: whoever puts it meanwhile, its pieces come and go together."""
import random
import threading

import pytest

import wmi
from api import Api

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


def test_the_pieces_of_a_value_go_when_cim_changes_or_removes_its_head(vm):
    script = wmi.Script(wmi.face("CIM-XML", vm.daemon))
    for method, left in (("ModifyKvpItems", 1), ("RemoveKvpItems", 0)):
        with Api(vm.daemon.socket) as api:
            api.put_value("web1", "token", b"text" * 1000)
        assert script.change(method, script.vm("web1"), wmi.data_item("token", "small"))["ErrorCode"] == "0"
        assert vm.show()["items"] == left
