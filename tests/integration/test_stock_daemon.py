# SPDX-License-Identifier: MIT
"""Debian's unmodified hv_kvp_daemon behind openkvpd, through the bridge; and what cloud-init writes."""
import subprocess
import sys

import pytest

from programs import wait_until
from test_main_job import change, component, pairs
import soap

RECORD, KEY_SIZE = 2560, 512


def start_bridge(build, start, connect, device):
    """The bridge, which listens at device when this returns: the stock daemon tries once only."""
    process = start(build / "tests/integration/kvp-bridge", "--connect", connect, "--device-socket", device,
                    stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "listening\n"
    return process


@pytest.fixture
def stock_vm(build, start, stock_daemon, vm, agent, tmp_path):
    """A VM whose guest is the stock daemon, vm.stock; its pool files are in agent.folder. Another one is started by
    vm.start_stock(). The bridge listens, so that it is there at once whenever the host comes back."""
    device, road = tmp_path / "device.sock", tmp_path / "bridge.sock"
    vm.daemon.cli_ok("vm", "set", "web1", "--channel", f"unix:{road}")
    start_bridge(build, start, f"unix-listen:{road}", device)
    vm.start_stock = lambda: stock_daemon(device)
    vm.stock = vm.start_stock()
    vm.wait_for_contact()
    vm.folder = agent.folder
    return vm


def pool(vm, number=0):
    """Key -> value of a pool file, as C strings: the stock daemon leaves garbage behind the NULs."""
    data = (vm.folder / f".kvp_pool_{number}").read_bytes()
    cut = lambda field: field.split(b"\0", 1)[0].decode()
    return {cut(data[at:at + KEY_SIZE]): cut(data[at + KEY_SIZE:at + RECORD]) for at in range(0, len(data), RECORD)}


@pytest.mark.shows("stock items")
def test_items_are_added_modified_and_removed_in_its_own_pool_files(client, stock_vm):
    assert change(client, "AddKvpItems", stock_vm, soap.data_item("EEE", "555"), soap.data_item("ü", "é")) \
        == (7, 0, "delivered")
    assert pool(stock_vm) == {"EEE": "555", "ü": "é"}
    assert change(client, "ModifyKvpItems", stock_vm, soap.data_item("EEE", "999"))[:2] == (7, 0)
    assert pool(stock_vm)["EEE"] == "999"
    assert change(client, "RemoveKvpItems", stock_vm, soap.data_item("EEE"))[:2] == (7, 0)
    assert pool(stock_vm) == {"ü": "é"}


@pytest.mark.shows("stock host items")
def test_it_gets_the_hosts_own_items_in_pool_3(stock_vm):
    wait_until(lambda: pool(stock_vm, 3).get("VirtualMachineName") == "web1", "pool 3 is filled")
    assert pool(stock_vm, 3)["VirtualMachineId"] == stock_vm.guid
    assert pool(stock_vm, 3)["HostingSystemProcessorThrottleMax"] == "100"
    assert len(pool(stock_vm, 3)) == 16


@pytest.mark.shows("stock intrinsic")
def test_its_intrinsic_and_guest_items_appear_in_the_component(client, stock_vm, agent):
    assert agent("set", "BBB", "111").returncode == 0  # the agent's verbs write the same files
    wait_until(lambda: pairs(component(client, stock_vm), "GuestExchangeItems").get("BBB") == "111", "the item shows")
    answer = component(client, stock_vm)
    intrinsic = pairs(answer, "GuestIntrinsicExchangeItems")
    assert len(intrinsic) == 10 and intrinsic["IntegrationServicesVersion"] == "3.1"
    assert answer.texts("OperationalStatus")[0] == "2"


@pytest.mark.shows("stock dies")
def test_another_daemon_is_given_everything(client, stock_vm):
    change(client, "AddKvpItems", stock_vm, soap.data_item("color", "blue"), soap.data_item("motto", "hello"))
    stock_vm.stock.kill()
    wait_until(lambda: stock_vm.show()["contact"] != "open", "contact ends with the daemon")
    for path in stock_vm.folder.glob(".kvp_pool_*"):
        path.write_bytes(b"")
    stock_vm.start_stock()
    wait_until(lambda: pool(stock_vm) == {"color": "blue", "motto": "hello"}, "pool 0 is filled again")
    wait_until(lambda: len(pool(stock_vm, 3)) == 16, "pool 3 is filled again")


def test_what_cloud_init_reports_appears_in_guest_exchange_items(client, running_vm, package):
    folder = package("cloud-init") / "usr/lib/python3/dist-packages"
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from cloudinit.reporting import events, handlers\n"
        "handler = handlers.HyperVKvpReportingHandler(kvp_file_path=sys.argv[2])\n"
        "handler.publish_event(events.ReportingEvent('start', 'init-local', 'searching ' + 'x' * 1500))\n"
        "handler.flush()\n")
    subprocess.run(["/usr/bin/python3", "-c", script, folder, running_vm.agent.pool(1)], check=True,
                   stdout=sys.stderr, timeout=60)

    def reported():
        found = pairs(component(client, running_vm), "GuestExchangeItems")
        return [value for key, value in found.items() if key.startswith("CLOUD_INIT|")]
    values = wait_until(lambda: len(reported()) >= 2 and reported(), "the report shows")
    assert any("init-local" in value for value in values)


@pytest.mark.shows("stock turns")
def test_agent_and_stock_daemon_serve_the_same_files_one_after_the_other(client, vm, build, start, stock_daemon, agent,
                                                                        tmp_path):
    vm.agent.folder = agent.folder
    vm.agent.start()
    vm.wait_for_contact()
    change(client, "AddKvpItems", vm, soap.data_item("by.agent", "1"))
    vm.agent.stop()
    wait_until(lambda: vm.show()["power"] == "off", "the agent is gone")
    device = tmp_path / "device.sock"
    bridge = start_bridge(build, start, f"unix:{vm.channel}", device)
    stock = stock_daemon(device)
    vm.wait_for_contact()
    vm.folder = agent.folder
    change(client, "AddKvpItems", vm, soap.data_item("by.stock", "2"))
    assert pool(vm) == {"by.agent": "1", "by.stock": "2"}
    for process in (stock, bridge):
        process.terminate()
        process.wait(10)
    wait_until(lambda: vm.show()["power"] == "off", "the stock daemon is gone")
    vm.agent.start()
    vm.wait_for_contact()
    assert vm.agent.get("by.stock") == "2"
    assert change(client, "ModifyKvpItems", vm, soap.data_item("by.stock", "3"))[:2] == (7, 0)
    assert pool(vm)["by.stock"] == "3"
