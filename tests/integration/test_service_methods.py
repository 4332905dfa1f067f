# SPDX-License-Identifier: MIT
"""The other methods of the service and those of jobs, over every binding."""
import os
import signal

import pytest

import wmi
from programs import wait_until

NAMESPACES = ["root/virtualization", "root/virtualization/v2", "root/HyperVCluster/v2"]
NAME, ENABLED_STATE, HEARTBEAT, OPERATING_SYSTEM = 1, 100, 104, 106  # RequestedInformation


@pytest.fixture
def script(face):
    return wmi.Script(face)


# --- GetSummaryInformation ---


def settings_of_vm(script, vm):
    (settings,) = script.face.query(f"Associators of {{{vm.path}}} Where AssocClass=Msvm_SettingsDefineState")
    return settings


def summaries(script, settings, *wanted):
    result = script.face.call(script.service(), "GetSummaryInformation", SettingData=settings,
                              RequestedInformation=list(wanted))
    assert result["ReturnValue"] == ["0"], result
    return [wmi.embedded(entry) for entry in result["SummaryInformation"]]


@pytest.mark.shows("GetSummaryInformation")
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_vm_at_a_glance(face_in, running_vm, namespace):
    """What management tools ask for again and again: name, state, heartbeat, the guest's operating system."""
    script = wmi.Script(face_in(running_vm.daemon, namespace))
    settings = settings_of_vm(script, script.vm("web1"))

    def summary():
        (found,) = summaries(script, [settings], NAME, ENABLED_STATE, HEARTBEAT, OPERATING_SYSTEM)
        return found if found["GuestOperatingSystem"] else None
    found = wait_until(summary, "the guest's operating system is there")
    assert (found["Name"], found["ElementName"]) == (running_vm.guid, "web1")
    assert (found["EnabledState"], found["Heartbeat"]) == ("2", "2")
    assert found["GuestOperatingSystem"] == script.component(script.vm("web1")).items(
        "GuestIntrinsicExchangeItems")["OSName"]
    assert found["CreationTime"] is None
    running_vm.agent.stop()
    found = wait_until(lambda: not summary() and summaries(script, [settings])[0], "the VM is off")
    assert (found["EnabledState"], found["Heartbeat"]) == ("3", "12") and found["CreationTime"]


@pytest.mark.shows("GetSummaryInformation")
def test_all_vms_at_a_glance(script, daemon):
    for name in ("web1", "web2", "web3"):
        daemon.cli_ok("vm", "define", name)
    result = script.face.call(script.service(), "GetSummaryInformation", RequestedInformation=[NAME])
    assert [wmi.embedded(entry)["ElementName"] for entry in result["SummaryInformation"]] == ["web1", "web2", "web3"]
    gone = settings_of_vm(script, script.vm("web2"))
    daemon.cli_ok("vm", "undefine", "web2")
    first, second = summaries(script, [gone, settings_of_vm(script, script.vm("web3"))])
    assert (first["Name"], first["ElementName"]) == ("", None) and second["ElementName"] == "web3"


# --- ModifyGuestServiceSettings; EnabledState: see KVP-TEST-RESCIND ---


def modify(script, properties_text):
    settings = script.settings(script.component(script.vm("web1")))
    text = ('<INSTANCE CLASSNAME="Msvm_KvpExchangeComponentSettingData">'
            f'<PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{settings["InstanceID"]}</VALUE></PROPERTY>'
            f"{properties_text}</INSTANCE>")
    return script.face.call(script.service(), "ModifyGuestServiceSettings", GuestServiceSettings=[text])["ReturnValue"]


def own_items(switch):
    return f'<PROPERTY NAME="DisableHostKVPItems" TYPE="boolean"><VALUE>{switch}</VALUE></PROPERTY>'


@pytest.mark.shows("ModifyGuestServiceSettings")
def test_the_items_of_the_host_are_switched_off_and_on(script, running_vm):
    def count():
        return running_vm.agent.pool(3).stat().st_size // 2560
    wait_until(lambda: count() == 16, "pool 3 is filled")
    assert modify(script, own_items("TRUE")) == ["0"]
    assert script.settings(script.component(script.vm("web1")))["DisableHostKVPItems"].lower() == "true"
    wait_until(lambda: count() == 0, "pool 3 is empty")
    assert modify(script, own_items("FALSE")) == ["0"]
    wait_until(lambda: count() == 16, "pool 3 is filled again")


@pytest.mark.shows("ModifyGuestServiceSettings")
def test_settings_that_cannot_be_change_nothing(script, vm):
    assert modify(script, '<PROPERTY NAME="EnabledState" TYPE="uint16"><VALUE>4</VALUE></PROPERTY>') == ["4"]
    assert modify(script, own_items("perhaps")) == ["4"]
    assert vm.show()["exchange_enabled"] and vm.show()["host_items"]


@pytest.mark.shows("ModifyGuestServiceSettings")
def test_settings_are_for_administrators(face_in, vm):
    script = wmi.Script(face_in(vm.daemon, user=vm.daemon.add_user("will", "pass word", "write")))
    assert modify(script, own_items("TRUE")) == ["32769"]
    assert vm.show()["host_items"]


# --- Jobs ---


@pytest.fixture
def silent_vm(running_vm):
    """A VM whose guest has stopped to answer."""
    wait_until(lambda: running_vm.daemon.cli_json("guest", "list", "web1")["live"], "the guest was read")
    wait_until(lambda: running_vm.show()["outstanding"] == 0, "nothing is on its way")
    process = running_vm.agent.process.pid
    os.kill(process, signal.SIGSTOP)
    yield running_vm
    os.kill(process, signal.SIGCONT)


@pytest.mark.shows("job life")
def test_a_job_from_its_beginning_to_its_end(script, silent_vm):
    _, job = script.call("AddKvpItems", script.vm("web1"), wmi.data_item("EEE", "555"))
    job = script.face.get("Msvm_ConcreteJob", job.keys)
    assert (job["JobState"], job["ErrorCode"], job["PercentComplete"], job["Cancellable"].lower()) \
        == ("4", "0", "0", "true")
    assert job["StartTime"] and job["ElapsedTime"] and job["OperationalStatus"] == "2"
    os.kill(silent_vm.agent.process.pid, signal.SIGCONT)
    job = script.ended(job)
    assert (job["JobState"], job["PercentComplete"], job["Cancellable"].lower()) == ("7", "100", "false")
    assert (job["Status"], job["JobStatus"], job["HealthState"]) == ("OK", "delivered", "5")
    assert script.face.call(job, "GetError").get("Error", []) == []
    assert script.face.call(job, "GetErrorEx").get("Errors", []) == []
    (vm,) = script.face.query(f"Associators of {{{job.path}}} Where AssocClass=Msvm_AffectedJobElement")
    assert vm["ElementName"] == "web1"


@pytest.mark.shows("job life")
@pytest.mark.parametrize("request_number, state", [(4, "8"), (5, "9")])
def test_a_job_is_given_up_and_its_item_arrives_all_the_same(script, silent_vm, request_number, state):
    _, job = script.call("AddKvpItems", script.vm("web1"), wmi.data_item("EEE", "555"))
    assert script.face.call(job, "RequestStateChange", RequestedState=3)["ReturnValue"] == ["1"]
    assert script.face.call(job, "RequestStateChange", RequestedState=request_number)["ReturnValue"] == ["0"]
    job = script.ended(job)
    assert (job["JobState"], job["ErrorCode"]) == (state, "32768")
    (error,) = script.face.call(job, "GetError")["Error"]
    assert wmi.embedded(error)["Message"] == job["ErrorDescription"]
    assert script.face.call(job, "RequestStateChange", RequestedState=request_number)["ReturnValue"] == ["4097"]
    os.kill(silent_vm.agent.process.pid, signal.SIGCONT)
    wait_until(lambda: silent_vm.agent.get("EEE") == "555", "the item arrives")


@pytest.mark.shows("job life")
def test_a_job_is_there_after_a_restart_and_goes_on(script, silent_vm, face_in):
    _, job = script.call("AddKvpItems", script.vm("web1"), wmi.data_item("EEE", "555"))
    daemon = silent_vm.daemon
    daemon.kill9()
    daemon.start()
    script = wmi.Script(face_in(daemon, user=(daemon.USER, daemon.PASSWORD)))
    assert script.face.get("Msvm_ConcreteJob", job.keys)["JobState"] == "4"
    os.kill(silent_vm.agent.process.pid, signal.SIGCONT)
    assert script.ended(job)["JobState"] == "7"
