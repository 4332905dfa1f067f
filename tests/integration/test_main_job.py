# SPDX-License-Identifier: MIT
"""The main job over WS-Management: pairs travel into the guest and back, whatever happens on the way."""
import threading

import soap
from programs import wait_until


def ended(client, job):
    """JobState, ErrorCode and JobStatus at the end of a job."""
    def look():
        answer = client.job(job)
        state = int(answer.text_of("JobState"))
        return (state, int(answer.text_of("ErrorCode")), answer.text_of("JobStatus")) if state >= 7 else None
    return wait_until(look, f"job {job} ends")


def change(client, method, vm, *items):
    value, job, answer = client.kvp(method, vm.guid, items)
    assert value == 4096, answer.text
    return ended(client, job)


def component(client, vm):
    return client.get("Msvm_KvpExchangeComponent", {
        "CreationClassName": "Msvm_KvpExchangeComponent",
        "DeviceID": f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
        "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": vm.guid})


def pairs(answer, property_name):
    """Name -> Data of embedded instances, in both of the ways in which clients look them up."""
    found = {}
    for text in answer.texts(property_name):
        instance = soap.ElementTree.fromstring(text)
        name = instance.find("./PROPERTY[@NAME='Name']/VALUE").text
        found[name] = instance.findtext("./PROPERTY[@NAME='Data']/VALUE") or ""
    return found


def test_an_added_item_arrives_is_modified_and_removed(client, running_vm):
    assert change(client, "AddKvpItems", running_vm, soap.data_item("EEE", "555")) == (7, 0, "delivered")
    assert running_vm.agent.get("EEE") == "555"
    assert change(client, "ModifyKvpItems", running_vm, soap.data_item("EEE", "999"))[:2] == (7, 0)
    assert running_vm.agent.get("EEE") == "999"
    assert change(client, "RemoveKvpItems", running_vm, soap.data_item("EEE"))[:2] == (7, 0)
    assert running_vm.agent.get("EEE") is None


def test_add_of_an_existing_key_fails_and_changes_nothing(client, running_vm):
    change(client, "AddKvpItems", running_vm, soap.data_item("a", "1"))
    before = running_vm.daemon.cli_json("item", "list", "web1")
    state, error, text = change(client, "AddKvpItems", running_vm, soap.data_item("b", "2"), soap.data_item("a", "2"))
    assert (state, error) == (10, 32773) and "'a'" in text
    after = running_vm.daemon.cli_json("item", "list", "web1")
    assert after["items"] == before["items"] and after["generation"] == before["generation"]
    assert running_vm.agent.get("b") is None


def test_modify_of_a_missing_key_fails_and_remove_of_one_succeeds(client, running_vm):
    assert change(client, "ModifyKvpItems", running_vm, soap.data_item("no", "1"))[:2] == (10, 32773)
    assert change(client, "RemoveKvpItems", running_vm, soap.data_item("no"))[:2] == (7, 0)


def test_an_item_added_while_off_is_delivered_at_the_next_contact(client, vm):
    state, error, text = change(client, "AddKvpItems", vm, soap.data_item("a", "1"))
    assert (state, error) == (7, 0) and "pending" in text
    assert vm.items()["a"]["delivery"] == "stored"
    vm.agent.start()
    vm.wait_for_delivery("a")
    assert vm.agent.get("a") == "1"


def test_a_key_removed_while_off_disappears_from_the_guest(client, running_vm):
    change(client, "AddKvpItems", running_vm, soap.data_item("a", "1"))
    running_vm.agent.stop()
    wait_until(lambda: running_vm.show()["power"] == "off", "the VM is off")
    change(client, "RemoveKvpItems", running_vm, soap.data_item("a"))
    assert running_vm.agent.get("a") == "1"
    running_vm.agent.start()
    wait_until(lambda: running_vm.agent.get("a") is None, "the key is gone from the guest")


def test_what_the_guest_publishes_appears_in_the_component(client, running_vm):
    assert running_vm.agent.run("set", "BBB", "111 & <x>").returncode == 0
    wait_until(lambda: pairs(component(client, running_vm), "GuestExchangeItems").get("BBB") == "111 & <x>",
               "the item shows")
    intrinsic = pairs(component(client, running_vm), "GuestIntrinsicExchangeItems")
    assert {"OSVersion", "OSName", "ProcessorArchitecture", "IntegrationServicesVersion",
            "FullyQualifiedDomainName", "NetworkAddressIPv4", "NetworkAddressIPv6"} <= intrinsic.keys()


def test_without_contact_the_component_shows_no_guest_items_and_the_cli_their_age(client, running_vm):
    running_vm.agent.run("set", "BBB", "111")
    wait_until(lambda: "BBB" in pairs(component(client, running_vm), "GuestExchangeItems"), "the item shows")
    running_vm.agent.stop()
    wait_until(lambda: running_vm.show()["power"] == "off", "the VM is off")
    answer = component(client, running_vm)
    assert pairs(answer, "GuestExchangeItems") == {}
    assert answer.texts("OperationalStatus") == ["12"]
    guest = running_vm.daemon.cli_json("guest", "list", "web1")
    assert not guest["live"] and {"key": "BBB", "value": "111"} in guest["guest"] and guest["age_s"] >= 0


def test_every_length_up_to_the_limit_arrives_byte_by_byte(client, running_vm):
    values = {"k" * 255: "v" * 1023, "schlüssel": "Grüße", "空": "漢" * 600, "😀" * 127: "😀" * 511, "empty": ""}
    change(client, "AddKvpItems", running_vm, *(soap.data_item(k, v) for k, v in values.items()))
    for key, value in values.items():
        assert running_vm.agent.get(key) == value


def test_what_the_guest_cannot_hold_is_refused_with_a_reason_and_not_cut(client, running_vm):
    state, error, text = change(client, "AddKvpItems", running_vm, soap.data_item("han", "漢" * 1000),
                                soap.data_item("fits", "x"))
    assert (state, error) == (10, 32768) and "'han'" in text and "2047" in text
    assert running_vm.agent.get("han") is None and running_vm.agent.get("fits") == "x"
    assert running_vm.items()["han"]["delivery"] == "refused"


def test_kill_9_of_the_daemon_loses_nothing(client, running_vm, daemon):
    change(client, "AddKvpItems", running_vm, soap.data_item("a", "1"))
    daemon.kill9()
    daemon.start()
    assert running_vm.items()["a"]["value"] == "1"
    running_vm.wait_for_contact()
    daemon.cli_ok("item", "put", "web1", "b", "2")
    wait_until(lambda: running_vm.agent.get("b") == "2", "items arrive after the restart")


def test_no_acknowledged_call_is_lost_and_no_half_batch_stays_whenever_the_daemon_is_killed(daemon, vm, client):
    for round_number in range(5):
        acknowledged, stop = [], threading.Event()

        def write(writer):
            number = 0
            while not stop.is_set():
                keys = [f"r{round_number}.{writer}.{number}.{i}" for i in range(3)]
                done = daemon.cli("item", "add", "web1", *(word for key in keys for word in (key, "v")))
                if done.returncode == 0:
                    acknowledged.append(keys)
                number += 1

        writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
        for thread in writers:
            thread.start()
        wait_until(lambda: len(acknowledged) >= 3 + round_number, "some calls are acknowledged")
        daemon.kill9()
        stop.set()
        for thread in writers:
            thread.join()
        daemon.start()
        keys = vm.items().keys()
        assert all(key in keys for batch in acknowledged for key in batch)
        batches = {}
        for key in keys:
            batches.setdefault(key.rsplit(".", 1)[0], []).append(key)
        assert all(len(batch) == 3 for batch in batches.values())


def test_a_value_appears_in_no_log(client, running_vm, daemon):
    secret = "s3cr3t-value-of-an-item"
    change(client, "AddKvpItems", running_vm, soap.data_item("a", secret))
    change(client, "AddKvpItems", running_vm, soap.data_item("a", secret))
    client.kvp("AddKvpItems", running_vm.guid, [soap.data_item("x" * 256, secret)])
    client.kvp("AddKvpItems", running_vm.guid, ["<INSTANCE>" + secret])
    running_vm.agent.run("set", "g", secret)
    component(client, running_vm)
    running_vm.agent.stop()
    daemon.cli_json("guest", "list", "web1")
    assert secret not in daemon.log_text() and secret not in running_vm.agent.log_text()
