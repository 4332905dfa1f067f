# SPDX-License-Identifier: MIT
"""A guest's adapters and addresses: read from guests of every kind, and waited for."""
import json
import threading

import pytest
import soap
from conftest import Vm
from hyperv_guest import LinuxGuest, OldGuest, WindowsGuest
from ip_wire import adapter
from kvp_wire import FAIL
from own_guest import OwnGuest
from programs import wait_until
from test_main_job import ended

ETH0, DOCKER0 = "52:54:00:12:34:56", "02:42:AC:11:00:01"
ADAPTERS = {
    ETH0: adapter(["192.0.2.10/24", "fe80::5054:ff:fe12:3456/64", "2001:db8::10/64"], ["192.0.2.1"],
                  ["192.0.2.53", "2001:db8::53"], name="eth0"),
    DOCKER0: adapter(["172.17.0.1/16", "fe80::42:acff:fe11:1/64"], name="docker0", software=True),
}


def addresses(vm, *options):
    return vm.daemon.cli_ok("vm", "ip", vm.name, *options).split()


def first_addresses(vm, *options):
    """As addresses(), as soon as there are any."""
    wait_until(lambda: vm.daemon.cli("vm", "ip", vm.name, *options).returncode == 0, "there are addresses")
    return addresses(vm, *options)


def answer(vm, *options):
    return json.loads(vm.daemon.cli_ok("vm", "ip", vm.name, "--json", *options))


# --- T13 ---

@pytest.mark.shows("T13", "ip told")
def test_t13_addresses_by_adapter_and_family_without_those_of_no_use(vm):
    with OwnGuest(vm.channel, adapters=ADAPTERS):
        assert first_addresses(vm) == ["192.0.2.10", "2001:db8::10"]
        assert addresses(vm, "--mac", ETH0, "--family", "4") == ["192.0.2.10"]
        assert addresses(vm, "--family", "6") == ["2001:db8::10"]
        assert addresses(vm, "--mac", DOCKER0.lower().replace(":", "-")) == ["172.17.0.1"]
        assert addresses(vm, "--all") == ["192.0.2.10", "fe80::5054:ff:fe12:3456", "2001:db8::10", "172.17.0.1",
                                          "fe80::42:acff:fe11:1"]


@pytest.mark.shows("T13", "ip asked")
@pytest.mark.parametrize("kind", [LinuxGuest, WindowsGuest], ids=["text of 4.0", "binary of 5.0"])
def test_t13_a_stock_guest_is_asked_for_one_adapter(vm, kind):
    with kind(vm.channel, adapters=ADAPTERS) as guest:
        vm.wait_for_contact()
        assert addresses(vm, "--mac", ETH0.lower(), "--family", "4") == ["192.0.2.10"]
        assert addresses(vm, "--mac", ETH0) == ["192.0.2.10", "2001:db8::10"]
        (found,) = answer(vm, "--mac", ETH0)["adapters"]
        assert found["gateways"] == ["192.0.2.1"] and found["dns"] == ["192.0.2.53", "2001:db8::53"]
        assert [entry["prefix"] for entry in found["addresses"]] == [24, 64]
        assert {entry[1] for entry in guest.requests("get_ip")} == {ETH0}
        missing = vm.daemon.cli("vm", "ip", vm.name, "--mac", "52:54:00:00:00:99")
        assert missing.returncode == 4 and "52:54:00:00:00:99" in missing.stderr


@pytest.mark.shows("T13", "ip intrinsic")
def test_t13_without_a_mac_it_is_what_a_stock_guest_says_of_itself(vm):
    with LinuxGuest(vm.channel, ipv4="192.0.2.10;169.254.1.1;192.0.2.11", ipv6="fe80::1;2001:db8::10"):
        assert first_addresses(vm) == ["192.0.2.10", "192.0.2.11", "2001:db8::10"]
        assert addresses(vm, "--family", "6", "--all") == ["fe80::1", "2001:db8::10"]


@pytest.mark.shows("ip 3.0")
def test_a_guest_that_knows_no_ip_messages_is_not_asked(vm):
    with OldGuest(vm.channel) as guest:
        vm.wait_for_contact()
        refused = vm.daemon.cli("vm", "ip", vm.name, "--mac", ETH0)
        assert refused.returncode == 1 and "message version 3.0" in refused.stderr
        assert first_addresses(vm, "--family", "4") == ["192.0.2.10"]
        assert not guest.requests("get_ip")


@pytest.mark.shows("ip told")
def test_a_changed_address_is_told_and_an_old_one_is_not_shown_as_live(vm):
    with OwnGuest(vm.channel, adapters=ADAPTERS) as guest:
        assert first_addresses(vm, "--family", "4") == ["192.0.2.10"]
        guest.set_adapters({ETH0: adapter(["192.0.2.77/24"])})
        wait_until(lambda: addresses(vm) == ["192.0.2.77"], "the change is told")
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    gone = vm.daemon.cli("vm", "ip", vm.name)
    assert gone.returncode == 4 and "not in contact any more" in gone.stderr
    last = answer(vm)
    assert (last["source"], last["live"]) == ("told", False)
    assert last["adapters"][0]["addresses"][0]["address"] == "192.0.2.77"


# --- T12 ---

def wait_for(vm, what, *options, timeout=1):
    return vm.daemon.cli("vm", "wait", vm.name, "--for", what, "--timeout", timeout, *options)


def reason(vm, what, *options):
    done = wait_for(vm, what, *options)
    assert done.returncode == 5 and not done.stdout
    return done.stderr


@pytest.mark.shows("T12")
def test_t12_a_wait_ends_with_the_reason(vm, daemon):
    assert "was never in contact" in reason(vm, "ip")
    with LinuxGuest(vm.channel, mute=True):
        wait_until(lambda: vm.show()["contact"] == "connected", "the guest is connected")
        assert "nothing answers in it" in reason(vm, "ip")
    with LinuxGuest(vm.channel, ipv4="", ipv6="fe80::1") as guest:
        vm.wait_for_contact()
        assert "has no address" in reason(vm, "ip")
        assert "has no IPv4 address" in reason(vm, "ip", "--family", "4")
        assert "has no item 'ready'" in reason(vm, "item=ready")
        assert wait_for(vm, "guest").returncode == 0
        guest.publish("ready", "yes")
        assert wait_for(vm, "item=ready", timeout=20).stdout == "yes\n"
        assert wait_for(vm, "item=OSName", timeout=20).stdout == "osname\n"
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    assert "not in contact any more" in reason(vm, "item=ready")
    daemon.cli_ok("vm", "set", vm.name, "--exchange", "off")
    assert "switched off" in wait_for(vm, "guest", timeout=1000).stderr


@pytest.mark.shows("T12")
def test_t12_a_lost_contact_and_a_missing_version_are_reasons(make_daemon, build, tmp_path):
    vm = Vm(make_daemon(guest_answer_timeout=1, negotiation_timeout=60), build, tmp_path)
    with LinuxGuest(vm.channel) as guest:
        vm.wait_for_contact()
        guest.mute = True
        vm.daemon.cli_ok("item", "put", vm.name, "color", "blue")
        wait_until(lambda: vm.show()["contact"] == "lost", "the contact is lost")
        assert "the contact with the guest is lost" in reason(vm, "ip")
    with LinuxGuest(vm.channel, messages=[(9, 0)]):
        wait_until(lambda: vm.show()["contact"] == "incompatible", "the versions were compared")
        assert "no protocol version" in reason(vm, "ip")


@pytest.mark.shows("T12")
def test_t12_a_wait_ends_when_it_has_what_it_waited_for(vm):
    done = []
    waiting = threading.Thread(target=lambda: done.append(wait_for(vm, "ip", "--mac", ETH0, timeout=60)))
    waiting.start()
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_contact()
        assert waiting.is_alive()
        guest.set_adapters(ADAPTERS)
        waiting.join(30)
        assert done[0].returncode == 0 and done[0].stdout == "192.0.2.10\n2001:db8::10\n"


def test_a_wait_for_something_else_is_refused(vm):
    for what in ("ipv4", "item=", "item"):
        assert vm.daemon.cli("vm", "wait", vm.name, "--for", what).returncode == 2
    assert vm.daemon.cli("vm", "wait", vm.name).returncode == 2
    assert vm.daemon.cli("vm", "wait", "nobody", "--for", "ip").returncode == 4


# --- T14: addresses are set ---

def setup_of(vm, mac, addresses=(), subnets=(), gateways=(), dns=(), dhcp=False):
    """An embedded instance, as WMI's GetText(1) gives it."""
    lists = {"IPAddresses": addresses, "Subnets": subnets, "DefaultGateways": gateways, "DNSServers": dns}
    arrays = "".join(
        f'<PROPERTY.ARRAY NAME="{name}" TYPE="string"><VALUE.ARRAY>'
        + "".join(f"<VALUE>{value}</VALUE>" for value in values) + "</VALUE.ARRAY></PROPERTY.ARRAY>"
        for name, values in lists.items() if values)
    return (f'<INSTANCE CLASSNAME="Msvm_GuestNetworkAdapterConfiguration">'
            f'<PROPERTY NAME="DHCPEnabled" TYPE="boolean"><VALUE>{str(dhcp).upper()}</VALUE></PROPERTY>'
            f'<PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Microsoft:GuestNetwork\\{vm.guid}\\{mac}</VALUE></PROPERTY>'
            f'<PROPERTY NAME="ProtocolIFType" TYPE="uint16"><VALUE>4096</VALUE></PROPERTY>{arrays}</INSTANCE>')


STATIC = {"addresses": ["192.0.2.20"], "subnets": ["255.255.255.0"], "gateways": ["192.0.2.1"], "dns": ["192.0.2.53"]}


def set_addresses(client, vm, *setups):
    """Return value and job."""
    return client.configure_network(vm.guid, [setup if isinstance(setup, str) else setup_of(vm, **setup) for setup in setups])


def fresh(adapters):
    return {mac: dict(found) for mac, found in adapters.items()}


@pytest.mark.shows("T14")
@pytest.mark.parametrize("kind", [LinuxGuest, WindowsGuest, OwnGuest], ids=["text of 4.0", "binary of 5.0", "own"])
def test_t14_addresses_are_set_and_read_back(vm, client, kind):
    with kind(vm.channel, adapters=fresh(ADAPTERS)) as guest:
        vm.wait_for_contact()
        value, job = set_addresses(client, vm, {"mac": ETH0, **STATIC})
        assert value == 4096
        assert ended(client, job)[:2] == (7, 0)
        wait_until(lambda: addresses(vm, "--mac", ETH0) == ["192.0.2.20"], "the address is read back")
        (found,) = answer(vm, "--mac", ETH0)["adapters"]
        assert found["gateways"] == ["192.0.2.1"] and found["dns"] == ["192.0.2.53"]
        assert len(guest.requests("set_ip")) == 1


@pytest.mark.shows("T14")
@pytest.mark.parametrize("kind", [LinuxGuest, WindowsGuest, OwnGuest], ids=["text of 4.0", "binary of 5.0", "own"])
def test_t14_what_the_guest_says_against_it_is_the_jobs_error(vm, client, kind):
    with kind(vm.channel, adapters=fresh(ADAPTERS), set_ip_status=FAIL) as guest:
        if kind is OwnGuest:
            guest.set_ip_text = "the cable is cut"
        vm.wait_for_contact()
        _, job = set_addresses(client, vm, {"mac": ETH0, **STATIC})
        state, error, text = ended(client, job)
        assert (state, error) == (10, 32768)
        assert ETH0 in text and "the guest answered" in text
        assert kind is not OwnGuest or "the cable is cut" in text
        guest.set_ip_status = 0
        _, job = set_addresses(client, vm, {"mac": "02-00-00-00-00-99", **STATIC})
        assert ended(client, job)[:2] == (10, 32768)


@pytest.mark.shows("T14", "set IP off")
def test_t14_a_vm_that_is_off_is_set_up_once_at_the_next_contact(vm, client, daemon):
    for address in ("192.0.2.21", "192.0.2.22"):
        value, job = set_addresses(client, vm, {"mac": ETH0, **STATIC, "addresses": [address]})
        assert value == 4096
        state, error, text = ended(client, job)
        assert (state, error) == (7, 0) and "delivery pending" in text
    daemon.stop()
    daemon.start()
    client = soap.Client(daemon.http, *daemon.add_user("max", "secret"))
    with LinuxGuest(vm.channel, adapters=fresh(ADAPTERS)) as guest:
        wait_until(lambda: guest.requests("set_ip"), "the guest is set up")
        (_, wanted), = guest.requests("set_ip")
        assert wanted["addresses"] == ["192.0.2.22/24"]
        daemon.cli_ok("item", "put", vm.name, "color", "blue")
        vm.wait_for_delivery("color")
        guest.restart()
        guest.wait_for_contact(2)
        daemon.cli_ok("item", "put", vm.name, "color", "red")
        vm.wait_for_delivery("color")
        assert len(guest.requests("set_ip")) == 1


@pytest.mark.shows("set IP bounded")
def test_setups_that_wait_are_bounded_for_each_user_and_in_all(make_daemon, build, tmp_path):
    daemon = make_daemon("small", adapter_setups_per_user=2, adapter_setups=3)
    vm = Vm(daemon, build, tmp_path)
    ann, bob = (soap.Client(daemon.http, *daemon.add_user(name, role="write")) for name in ("ann", "bob"))

    def set_up(client, number):
        return set_addresses(client, vm, {"mac": f"52:54:00:00:00:0{number}", **STATIC})[0]
    assert [set_up(ann, number) for number in (1, 2, 1, 3)] == [4096, 4096, 4096, 32773]
    assert "user 'ann' would hold 3" in daemon.log_text()
    assert [set_up(bob, number) for number in (4, 5)] == [4096, 32773]
    assert "this host would hold 4" in daemon.log_text()


@pytest.mark.shows("set IP lost")
def test_a_setup_whose_answer_is_lost_is_tried_again(vm, client):
    with LinuxGuest(vm.channel, adapters=fresh(ADAPTERS)) as guest:
        vm.wait_for_contact()
        guest.mute = True
        _, job = set_addresses(client, vm, {"mac": ETH0, **STATIC})
        guest.hang_up()
        state, error, text = ended(client, job)
        assert (state, error) == (7, 0) and "delivery pending" in text
        guest.mute = False
        guest.restart()
        wait_until(lambda: guest.adapters[ETH0]["addresses"] == ["192.0.2.20/24"], "the guest is set up")


@pytest.mark.shows("set IP 3.0")
def test_a_guest_that_cannot_be_set_up_refuses(vm, client):
    with OldGuest(vm.channel):
        vm.wait_for_contact()
        _, job = set_addresses(client, vm, {"mac": ETH0, **STATIC})
        state, error, text = ended(client, job)
        assert (state, error) == (10, 32768) and "sets up no adapters" in text


@pytest.mark.shows("set IP several")
def test_several_adapters_are_set_up_by_one_call(vm, client):
    with OwnGuest(vm.channel, adapters=fresh(ADAPTERS)) as guest:
        vm.wait_for_contact()
        _, job = set_addresses(client, vm, {"mac": ETH0, "dhcp": True},
                               {"mac": DOCKER0, "addresses": ["2001:db8::7", "192.0.2.9"], "subnets": ["/64", "255.0.0.0"]})
        assert ended(client, job)[:2] == (7, 0)
        assert guest.adapters[ETH0]["dhcp"] is True
        assert guest.adapters[DOCKER0]["addresses"] == ["2001:db8::7/64", "192.0.2.9/8"]


@pytest.mark.shows("set IP wrong")
@pytest.mark.parametrize("wrong", [
    {"addresses": ["192.0.2.300"], "subnets": ["255.255.255.0"]},
    {"addresses": ["192.0.2.3"], "subnets": ["255.0.255.0"]},
    {"addresses": ["192.0.2.3"]},
    {"addresses": ["192.0.2.3"], "subnets": ["/64"]},
    {"subnets": ["255.255.255.0"]},
    {},
    {**STATIC, "gateways": [f"192.0.2.{n}" for n in range(1, 7)]},
    {**STATIC, "dns": ["somewhere"]},
    {**STATIC, "mac": "eth0"},
])
def test_what_is_no_setup_is_refused_before_any_job(vm, client, wrong):
    assert set_addresses(client, vm, {"mac": ETH0, **wrong}) == (32773, None)


@pytest.mark.shows("set IP wrong")
def test_a_call_without_a_setup_or_with_two_of_one_adapter_is_refused(vm, client):
    one = {"mac": ETH0, **STATIC}
    assert set_addresses(client, vm) == (32773, None)
    assert set_addresses(client, vm, one, one) == (32773, None)
    assert set_addresses(client, vm, "<INSTANCE CLASSNAME='Msvm_KvpExchangeDataItem'/>") == (32773, None)
