# SPDX-License-Identifier: MIT
"""Roads to a guest: given, taken away and exchanged while everything runs; sockets that come and go."""
import pathlib
import socket
import time

import pytest
from hybrid import HybridVsock
from programs import Agent, Build, wait_until

PORT = 5870


@pytest.fixture
def agent_at(build, tmp_path):
    """Starts an agent on a road; all agents share the guest's pools and end with the test."""
    agents = []

    def start(connect):
        agents.append(Agent(Build(build), tmp_path / "guest", connect))
        return agents[-1].start()

    yield start
    for agent in agents:
        agent.stop()


@pytest.fixture
def web1(daemon):
    """The VM web1, without a channel: a function that shows it."""
    daemon.cli_ok("vm", "define", "web1")
    daemon.cli_ok("item", "put", "web1", "color", "blue")
    return lambda: daemon.cli_json("vm", "show", "web1")


def wait_for_contact(web1, agent):
    wait_until(lambda: web1()["contact"] == "open", "the guest is in contact")
    wait_until(lambda: agent.get("color") == "blue", "the item has arrived")


# --- attach and detach ---

@pytest.mark.shows("road attach", "road unix-listen")
def test_a_vm_is_attached_and_detached_while_it_runs(daemon, web1, agent_at, tmp_path):
    agent = agent_at(f"unix:{tmp_path}/road")
    daemon.cli_ok("vm", "attach", "web1", f"unix-listen:{tmp_path}/road")
    wait_for_contact(web1, agent)

    daemon.cli_ok("vm", "detach", "web1")
    vm = web1()
    assert (vm["channel"], vm["power"], vm["contact"]) == ("", "off", "none")
    assert not (tmp_path / "road").exists()
    daemon.cli_ok("item", "put", "web1", "shape", "round")
    assert agent.get("shape") is None

    daemon.cli_ok("vm", "attach", "web1", f"unix-listen:{tmp_path}/road")
    wait_until(lambda: agent.get("shape") == "round", "what was put meanwhile has arrived")


@pytest.mark.shows("road attach", "road unix")
def test_a_road_is_exchanged_for_another(daemon, web1, agent_at, tmp_path):
    daemon.cli_ok("vm", "attach", "web1", f"unix-listen:{tmp_path}/first")
    agent = agent_at(f"unix:{tmp_path}/first")
    wait_for_contact(web1, agent)
    agent.stop()
    daemon.cli_ok("vm", "attach", "web1", f"unix:{tmp_path}/second")
    assert not (tmp_path / "first").exists()
    agent = agent_at(f"unix-listen:{tmp_path}/second")
    wait_for_contact(web1, agent)


@pytest.mark.shows("road busy")
def test_an_address_of_another_vm_is_refused(daemon, web1, tmp_path):
    daemon.cli_ok("vm", "attach", "web1", f"unix:{tmp_path}/road")
    daemon.cli_ok("vm", "define", "web2")
    refused = daemon.cli("vm", "attach", "web2", f"unix:{tmp_path}/road")
    assert refused.returncode == 1 and "that of VM 'web1'" in refused.stderr
    assert daemon.cli("vm", "define", "web3", "--channel", f"unix:{tmp_path}/road").returncode == 1
    daemon.cli_ok("vm", "detach", "web1")
    daemon.cli_ok("vm", "attach", "web2", f"unix:{tmp_path}/road")


@pytest.mark.shows("road busy")
def test_an_address_that_another_program_uses_is_told_and_taken_when_it_is_free(daemon, web1, agent_at, tmp_path):
    other = socket.socket(socket.AF_UNIX)
    other.bind(str(tmp_path / "road"))
    other.listen()
    attached = daemon.cli("vm", "attach", "web1", f"unix-listen:{tmp_path}/road")
    assert attached.returncode == 0 and "another program" in attached.stderr
    assert web1()["fault"] and "another program" in web1()["reason"]

    other.close()
    (tmp_path / "road").unlink()
    agent = agent_at(f"unix:{tmp_path}/road")
    wait_for_contact(web1, agent)
    assert not web1()["fault"]


@pytest.mark.parametrize("address", ["tcp:1.2.3.4:5", "vsock:2", "vsock:x", "hybrid:relative", "unix:relative", ""])
def test_what_is_no_address_is_refused(daemon, web1, address):
    assert daemon.cli("vm", "attach", "web1", address).returncode in (1, 2)
    assert web1()["channel"] == ""


@pytest.mark.shows("road snippets")
def test_snippets_are_those_of_the_channel(daemon, web1, tmp_path):
    daemon.cli_ok("vm", "attach", "web1", f"unix-listen:{tmp_path}/road")
    shown = daemon.cli_ok("vm", "show", "web1")
    assert all(title in shown for title in ("QEMU", "libvirt", "Cloud Hypervisor", "Firecracker"))
    qemu = daemon.cli_ok("vm", "show", "web1", "--snippet", "qemu")
    assert f"path={tmp_path}/road,reconnect=1" in qemu
    daemon.cli_ok("vm", "attach", "web1", f"hybrid:{tmp_path}/vsock")
    assert f"socket={tmp_path}/vsock" in daemon.cli_ok("vm", "show", "web1", "--snippet", "cloud-hypervisor")
    assert daemon.cli("vm", "show", "web1", "--snippet", "qemu").returncode == 1


# --- Sockets that are not there yet ---

@pytest.mark.shows("road missing")
def test_a_socket_and_its_folders_may_come_later(daemon, web1, agent_at, tmp_path):
    folder = tmp_path / "run" / "vm"
    daemon.cli_ok("vm", "attach", "web1", f"unix:{folder}/road")
    assert not web1()["fault"]
    folder.mkdir(parents=True)
    wait_for_contact(web1, agent_at(f"unix-listen:{folder}/road"))


def wake_ups(daemon):
    """How often the event loop has gone to sleep so far."""
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(status.split("voluntary_ctxt_switches:")[1].split()[0])


@pytest.mark.shows("road missing")
def test_sockets_that_do_not_exist_cost_nothing(daemon, tmp_path):
    for number in range(300):
        daemon.cli_ok("vm", "define", f"vm{number}", "--channel", f"unix:{tmp_path}/run/vm{number}.sock")
    before = wake_ups(daemon)
    time.sleep(1)  # in which nothing shall happen
    assert wake_ups(daemon) - before < 30


# --- Firecracker and Cloud Hypervisor ---

@pytest.fixture
def hypervisor(tmp_path):
    """Starts and ends machines with a hybrid vsock: hypervisor() -> HybridVsock."""
    machines = []

    def start():
        for path in ("vsock", f"guest-ports/call-{PORT}"):
            (tmp_path / path).unlink(missing_ok=True)
        machines.append(HybridVsock(tmp_path / "vsock", tmp_path / "guest-ports", PORT))
        return machines[-1]

    yield start
    for machine in machines:
        machine.close()


@pytest.mark.shows("road hybrid guest calls")
def test_hybrid_vsock_when_the_guest_calls(daemon, web1, agent_at, hypervisor, tmp_path):
    daemon.cli_ok("vm", "attach", "web1", f"hybrid:{tmp_path}/vsock")
    for _ in range(2):
        machine = hypervisor()
        agent = agent_at(f"unix:{tmp_path}/guest-ports/call-{PORT}")
        wait_for_contact(web1, agent)
        assert agent.run("set", "ready", "yes").returncode == 0
        machine.close()
        wait_until(lambda: web1()["power"] == "off", "the VM is off")
        agent.stop()


@pytest.mark.shows("road hybrid host calls")
def test_hybrid_vsock_when_the_guest_listens(daemon, web1, agent_at, hypervisor, tmp_path):
    daemon.cli_ok("vm", "attach", "web1", f"hybrid:{tmp_path}/vsock")
    for _ in range(2):
        machine = hypervisor()
        wait_until(lambda: machine.requests, "the host calls before the guest listens")
        agent = agent_at(f"unix-listen:{tmp_path}/guest-ports/listen-{PORT}")
        wait_for_contact(web1, agent)
        assert set(machine.requests) == {f"CONNECT {PORT}\n"}
        machine.close()
        wait_until(lambda: web1()["power"] == "off", "the VM is off")
        agent.stop()


def test_the_hosts_restart_is_survived_on_a_hybrid_vsock(daemon, web1, agent_at, hypervisor, tmp_path):
    hypervisor()
    daemon.cli_ok("vm", "attach", "web1", f"hybrid:{tmp_path}/vsock")
    agent = agent_at(f"unix:{tmp_path}/guest-ports/call-{PORT}")
    wait_for_contact(web1, agent)
    daemon.kill9()
    daemon.start()
    wait_until(lambda: web1()["contact"] == "open", "the guest is in contact again")
    daemon.cli_ok("item", "put", "web1", "color", "red")
    wait_until(lambda: agent.get("color") == "red", "the change has arrived")
