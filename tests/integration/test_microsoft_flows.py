# SPDX-License-Identifier: MIT
"""Microsoft's own tests of the exchange, in their call order and with their poll loops; fixed waits are shorter.
Each runs over every binding, against the agent and against the stock daemon behind the bridge."""
import os

import pytest

import wmi
from programs import wait_until
from test_stock_daemon import RECORD, pool, stock_vm  # noqa: F401 (a fixture)


class Guest:
    """What the scripts do in the guest, by ssh: look at pool files, append a record as kvp_client does."""

    def __init__(self, vm, folder, agent):
        self.vm, self.folder, self.agent = vm, folder, agent

    def pool(self, number):
        return pool(self, number)

    def append(self, key, value):
        assert self.agent("set", key, value).returncode == 0


@pytest.fixture(params=["agent", "stock daemon"])
def guest(request, tmp_path):
    """A guest in contact, served by the agent or by the stock daemon. It listens, so that it is there at once whenever the
    host comes back."""
    if request.param == "agent":
        vm = request.getfixturevalue("vm")
        vm.daemon.cli_ok("vm", "set", "web1", "--channel", f"unix:{tmp_path}/agent.sock")
        vm.agent.connect = f"unix-listen:{tmp_path}/agent.sock"
        vm.agent.start()
        vm.wait_for_contact()
        return Guest(vm, vm.agent.folder, vm.agent.run)
    vm = request.getfixturevalue("stock_vm")
    return Guest(vm, vm.folder, request.getfixturevalue("agent"))


@pytest.fixture
def script(face_in, guest):
    return wmi.Script(face_in(guest.vm.daemon))


def has_contact(script, name="web1"):
    return script.component(script.vm(name))["OperationalStatus"] == "2"


# --- LISA, verify_kvp and KVP-BASIC-CHECKS ---


@pytest.mark.shows("KVP-BASIC-CHECKS")
def test_basic_checks(script, guest):
    wait_until(lambda: has_contact(script), "the component has contact")
    paths = [guest.folder / f".kvp_pool_{number}" for number in range(5)]
    assert all(path.exists() and path.stat().st_mode & 0o777 == 0o644 for path in paths)
    wait_until(lambda: len(guest.pool(3)) >= 11, "pool 3 is filled")
    assert paths[3].stat().st_size == len(guest.pool(3)) * RECORD
    processes = serving(guest)
    assert len(processes) == 1
    before = open_files(processes[0])
    for _ in range(20):
        script.component(script.vm("web1"))
    assert serving(guest) == processes and open_files(processes[0]) == before


def serving(guest):
    """The processes that have the guest's first pool file open, by whichever name."""
    pool = os.stat(guest.folder / ".kvp_pool_0")

    def has_it_open(process):
        try:
            return any(os.path.samestat(os.stat(f"/proc/{process}/fd/{fd}"), pool)
                       for fd in os.listdir(f"/proc/{process}/fd"))
        except OSError:  # it has ended, or closed a file
            return False

    return [process for process in filter(str.isdigit, os.listdir("/proc")) if has_it_open(process)]


def open_files(process):
    return len(os.listdir(f"/proc/{process}/fd"))


# --- LISAv2 and lis-test ---


@pytest.mark.shows("KVP-INTRINSIC")
def test_intrinsic_items(script):
    wait_until(lambda: has_contact(script), "the component has contact")
    component = script.component(script.vm("web1"))
    assert component["EnabledState"] == "2"
    wanted = {"OSVersion", "OSName", "ProcessorArchitecture", "IntegrationServicesVersion",
              "FullyQualifiedDomainName", "NetworkAddressIPv4", "NetworkAddressIPv6"}
    assert wanted <= component.items("GuestIntrinsicExchangeItems").keys()


@pytest.mark.shows("KVP-KEY-VALUES-OPERATIONS")
def test_key_values_operations(script, guest):
    vm = script.vm("web1")
    for method, data, there in (("AddKvpItems", "555", {"EEE": "555"}), ("ModifyKvpItems", "999", {"EEE": "999"}),
                                ("RemoveKvpItems", "999", {})):
        job = script.change(method, vm, wmi.data_item("EEE", data))
        assert (job["ErrorCode"], job["Status"]) == ("0", "OK"), job.properties
        assert guest.pool(0) == there
        assert script.settings(script.component(vm)).items("HostExchangeItems") == there


@pytest.mark.shows("KVP-PUSH-KEY-VALUES")
def test_push_key_values(script, guest):
    guest.append("BBB", "111")
    wait_until(lambda: script.component(script.vm("web1")).items("GuestExchangeItems").get("BBB") == "111",
               "the pair shows")


@pytest.mark.shows("KVP-DELETE-NON-EXIST")
@pytest.mark.parametrize("setting, code", [("ignore", "0"), ("refuse", "32773")])
def test_delete_of_what_is_not_there(face_in, make_daemon, setting, code):
    daemon = make_daemon(remove_missing=setting)
    daemon.cli_ok("vm", "define", "web1")
    script = wmi.Script(face_in(daemon))
    job = script.change("RemoveKvpItems", script.vm("web1"), wmi.data_item("AAA", "111"))
    assert job["ErrorCode"] == code and (job["Status"] == "OK") == (code == "0")


@pytest.mark.shows("KVP-MODIFY-NON-EXIST")
@pytest.mark.parametrize("code", ["32773", "32779"])
def test_modify_of_what_is_not_there(face_in, make_daemon, code):
    daemon = make_daemon(not_found_code=code)
    daemon.cli_ok("vm", "define", "web1")
    script = wmi.Script(face_in(daemon))
    job = script.change("ModifyKvpItems", script.vm("web1"), wmi.data_item("AAA", "111"))
    assert job["ErrorCode"] == code and job["Status"] != "OK"


@pytest.mark.shows("KVP-TEST-RESCIND", "T25")
def test_T25_rescind(script, guest):
    face, service = script.face, script.service()
    script.change("AddKvpItems", script.vm("web1"), wmi.data_item("EEE", "555"))

    def switch(state):
        settings = script.settings(script.component(script.vm("web1")))
        text = ('<INSTANCE CLASSNAME="Msvm_KvpExchangeComponentSettingData">'
                f'<PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{settings["InstanceID"]}</VALUE></PROPERTY>'
                f'<PROPERTY NAME="EnabledState" TYPE="uint16"><VALUE>{state}</VALUE></PROPERTY></INSTANCE>')
        result = face.call(service, "ModifyGuestServiceSettings", GuestServiceSettings=[text])
        assert result["ReturnValue"] == ["0"]
        assert result["ResultingGuestServiceSettings"][0]["InstanceID"] == settings["InstanceID"]

    for round_number in range(20):
        switch(3)
        component = script.component(script.vm("web1"))
        assert component["EnabledState"] == "3" and component["OperationalStatus"] == "12"
        job = script.change("AddKvpItems", script.vm("web1"), wmi.data_item(f"off{round_number}", "1"))
        assert job["ErrorCode"] == "0" and "switched off" in job["JobStatus"]
        assert f"off{round_number}" not in guest.pool(0)
        switch(2)
        wait_until(lambda: has_contact(script), "the status is OK again")
    wait_until(lambda: guest.pool(0) == {"EEE": "555", **{f"off{number}": "1" for number in range(20)}},
               "all items are in the guest")
    assert len(serving(guest)) == 1


@pytest.mark.shows("KVP-MAX-READ")
def test_max_read(script, guest):
    records = b"".join(f"key{i}".encode().ljust(512, b"\0") + f"value{i}".encode().ljust(RECORD - 512, b"\0")
                       for i in range(251))
    with open(guest.folder / ".kvp_pool_1", "ab") as file:
        file.write(records)
    expected = {f"key{i}": f"value{i}" for i in range(251)}
    wait_until(lambda: script.component(script.vm("web1")).items("GuestExchangeItems") == expected, "all are read")
    assert len(serving(guest)) == 1


# --- The suite for 2008 R2: the older namespace ---


@pytest.mark.shows("2008 R2 suite")
def test_the_older_suite(face_in, guest):
    script = wmi.Script(face_in(guest.vm.daemon, "root/virtualization"))
    vm = script.vm("web1")
    wait_until(lambda: script.component(vm).items("GuestIntrinsicExchangeItems"), "the guest was read")
    intrinsic = script.component(vm).items("GuestIntrinsicExchangeItems")
    assert all(intrinsic[name] for name in ("ProcessorArchitecture", "OSName", "OSVersion"))
    assert script.change("AddKvpItems", vm, wmi.data_item("EEE", "555"))["ErrorCode"] == "0"
    assert guest.pool(0)["EEE"] == "555"
    assert script.change("RemoveKvpItems", vm, wmi.data_item("AAA"))["ErrorCode"] == "0"
    assert script.change("ModifyKvpItems", vm, wmi.data_item("AAA", "1"))["ErrorCode"] == "32773"


# --- The ways in which clients reach things (semantics of the object model) ---


@pytest.mark.shows("client idioms")
def test_the_ways_of_clients(script):
    face, vm = script.face, script.vm("web1")
    component = script.component(vm)
    assert component["DeviceID"] == f"Microsoft:{vm['Name']}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"
    job = script.change("AddKvpItems", vm, wmi.data_item("EEE", "555"))
    # LISA splits the job's path at '=' and puts what follows into a query of the superclass.
    quoted = job.path.split("=")[1]
    (again,) = face.query(f"SELECT * FROM CIM_ConcreteJob WHERE InstanceId={quoted}")
    assert (again.class_name, again["PercentComplete"]) == ("Msvm_ConcreteJob", "100")
    assert again["TimeBeforeRemoval"] in ("00000000000500.000000:000", "P0DT0H5M0S")
    (through,) = face.query(f"Associators of {{{vm.path}}} Where AssocClass=Msvm_SettingsDefineState")
    assert through.class_name == "Msvm_VirtualSystemSettingData"
    (settings,) = face.query(f"Associators of {{{through.path}}} Where "
                             "AssocClass=Msvm_VirtualSystemSettingDataComponent "
                             "ResultClass=Msvm_KvpExchangeComponentSettingData")
    assert settings.items("HostExchangeItems") == {"EEE": "555"}


@pytest.mark.shows("client upsert", "T3")
def test_the_upsert_of_podman(script, guest):
    """libhvee: Add; if the job says 32773, Modify. Remove, blindly, of keys that may not be there."""
    vm = script.vm("web1")
    for value in ("1", "2"):
        job = script.change("AddKvpItems", vm, wmi.data_item("ignition.config.0", value))
        if job["ErrorCode"] == "32773":
            assert "'ignition.config.0'" in job["ErrorDescription"]
            job = script.change("ModifyKvpItems", vm, wmi.data_item("ignition.config.0", value))
        assert (job["JobState"], job["ErrorCode"]) == ("7", "0")
        assert guest.pool(0) == {"ignition.config.0": value}
    for number in range(5):
        assert script.change("RemoveKvpItems", vm, wmi.data_item(f"ignition.config.{number}"))["ErrorCode"] == "0"
    assert guest.pool(0) == {}


@pytest.mark.shows("client job errors")
def test_a_failed_job_explains_itself(script):
    face, vm = script.face, script.vm("web1")
    script.change("AddKvpItems", vm, wmi.data_item("EEE", "555"))
    job = script.change("AddKvpItems", vm, wmi.data_item("EEE", "1"))
    assert (job["JobState"], job["ErrorCode"], job["OperationalStatus"]) == ("10", "32773", "6")
    (error,) = face.call(job, "GetError")["Error"]
    assert face.call(job, "GetErrorEx")["Errors"] == [error]
    result = face.call(script.service(), "FormatError", Errors=[error, error])
    assert result["ReturnValue"] == ["0"]
    assert result["ErrorMessage"] == [f"{job['ErrorDescription']}\n\n{job['ErrorDescription']}"]
    assert face.call(job, "RequestStateChange", RequestedState=4)["ReturnValue"] == ["4097"]
