# SPDX-License-Identifier: MIT
"""The agent sets up adapters: with iproute2 for real, in a network of its own; with what only plays
NetworkManager and systemd-networkd."""
import os
import shutil
import subprocess

import pytest
from programs import wait_until
from test_guest_addresses import ETH0, STATIC, addresses, answer, set_addresses
from test_main_job import ended

ETC = ("ld.so.cache", "nsswitch.conf", "os-release", "passwd", "group", "hosts")


def isolation():
    """The words that run a command with networks and mounts of its own, or None."""
    for options in (["-n", "-m"], ["-Urn", "-m"]):
        probe = ["unshare", *options, "sh", "-c", "ip link add a0 type veth peer name a1 && mount -t tmpfs none /mnt"]
        if shutil.which("ip") and subprocess.run(probe, capture_output=True).returncode == 0:
            return ["unshare", *options]
    return None


@pytest.fixture
def network_guest(vm, tmp_path, start):
    """Starts the agent behind an adapter of its own, with /etc in a folder: network_guest() -> that folder.

    programs: name -> script, found before those of the system; run: what is there below /run."""
    words = isolation()
    if not words:
        pytest.skip("no networks of our own here")
    etc = tmp_path / "etc"
    etc.mkdir()
    for name in ETC:
        if os.path.exists(f"/etc/{name}"):
            shutil.copy(f"/etc/{name}", etc / name)
    (etc / "resolv.conf").write_text("# kept\nsearch example.org\nnameserver 192.0.2.99\n")

    def run(programs=(), folders=()):
        made = tmp_path / "programs"
        made.mkdir()
        for name, script in dict(programs).items():
            (made / name).write_text("#!/bin/sh\n" + script)
            (made / name).chmod(0o755)
        script = [f"mount --bind {etc} /etc", "mount -t tmpfs none /run",
                  *(f"mkdir -p /run/{folder}" for folder in folders),
                  "ip link set lo up", "ip link add eth0 type veth peer name peer0",
                  f"ip link set eth0 address {ETH0}", "ip link set peer0 up", "ip link set eth0 up",
                  "ip address add 198.51.100.7/24 dev eth0"]
        if programs:
            script.append(f"mount -t overlay overlay -o lowerdir={made}:/usr/bin /usr/bin || exit 77")
        script.append(f"exec {vm.agent.build.agent} --folder {tmp_path}/guest --connect unix:{vm.channel} serve")
        # PATH: /usr/bin may be another one by then
        process = start(*words, "sh", "-c", "set -e\n" + "\n".join(script))
        wait_until(lambda: process.poll() is not None or vm.show()["contact"] == "open", "the guest is in contact")
        if process.poll() == 77:
            pytest.skip("no overlays here")
        assert process.poll() is None
        return etc
    return run


@pytest.mark.shows("T14", "agent iproute2")
def test_t14_addresses_are_set_with_iproute2_and_read_back(vm, client, network_guest):
    etc = network_guest()
    assert addresses(vm, "--mac", ETH0) == ["198.51.100.7"]
    _, job = set_addresses(client, vm, {"mac": ETH0, "addresses": ["192.0.2.20", "2001:db8::20"],
                                        "subnets": ["255.255.255.0", "/64"], "gateways": ["192.0.2.1"],
                                        "dns": ["192.0.2.53"]})
    assert ended(client, job) == (7, 0, "the guest is set up")
    wait_until(lambda: addresses(vm, "--mac", ETH0) == ["192.0.2.20", "2001:db8::20"], "they are read back")
    wait_until(lambda: answer(vm, "--mac", ETH0)["adapters"][0]["gateways"] == ["192.0.2.1"], "so is the gateway")
    assert (etc / "resolv.conf").read_text() == "nameserver 192.0.2.53\n# kept\nsearch example.org\n"


@pytest.mark.shows("T14", "agent refuses")
def test_t14_what_the_system_says_against_it_is_the_jobs_error(vm, client, network_guest):
    network_guest()

    def error(**setup):
        state, code, text = ended(client, set_addresses(client, vm, {"mac": ETH0, **setup})[1])
        assert (state, code) == (10, 32768)
        return text

    # a gateway that cannot be reached
    assert "Nexthop has invalid gateway" in error(**{**STATIC, "gateways": ["203.0.113.1"]})
    assert "no DHCP" in error(dhcp=True)
    assert "no adapter with the MAC" in error(**{**STATIC, "mac": "52:54:00:00:00:99"})


@pytest.mark.shows("agent refuses")
def test_a_resolv_conf_of_another_program_is_left_alone(vm, client, network_guest):
    etc = network_guest()
    (etc / "resolv.conf").rename(etc / "other")
    (etc / "resolv.conf").symlink_to("other")
    state, _, text = ended(client, set_addresses(client, vm, {"mac": ETH0, **STATIC})[1])
    assert state == 10 and "is a link" in text
    assert addresses(vm, "--mac", ETH0) == ["198.51.100.7"]


@pytest.mark.shows("agent NetworkManager")
def test_networkmanager_gets_a_connection(vm, client, network_guest, tmp_path):
    etc = network_guest({"nmcli": f'echo "$@" >> {tmp_path}/said\n'}, ["NetworkManager"])
    (etc / "NetworkManager/system-connections").mkdir(parents=True)
    _, job = set_addresses(client, vm, {"mac": ETH0, **STATIC})
    assert ended(client, job)[:2] == (7, 0)
    path = etc / "NetworkManager/system-connections/openkvp-525400123456.nmconnection"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "address1=192.0.2.20/24\ngateway=192.0.2.1\ndns=192.0.2.53;\n" in path.read_text()
    assert (tmp_path / "said").read_text().splitlines() == [
        "connection load /etc/NetworkManager/system-connections/openkvp-525400123456.nmconnection",
        "--wait 20 connection up id openkvp-525400123456 ifname eth0"]


@pytest.mark.shows("agent networkd")
def test_networkd_gets_a_file_and_its_error_is_told(vm, client, network_guest, tmp_path):
    etc = network_guest({"networkctl": f'echo "$@" >> {tmp_path}/said\n[ "$1" = reload ] || {{ echo no carrier; exit 1; }}\n'},
                        ["systemd/netif/links"])
    (etc / "systemd/network").mkdir(parents=True)
    _, job = set_addresses(client, vm, {"mac": ETH0, "dhcp": True})
    state, code, text = ended(client, job)
    assert (state, code) == (10, 32768) and "networkctl reconfigure: no carrier" in text
    path = etc / "systemd/network/05-openkvp-525400123456.network"
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.read_text() == f"[Match]\nMACAddress={ETH0}\n[Network]\nDHCP=ipv4\n"
    assert (tmp_path / "said").read_text().splitlines() == ["reload", "reconfigure eth0"]
