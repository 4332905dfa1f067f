# SPDX-License-Identifier: MIT
"""What has to work between a host and a guest on every road, step by step: each step goes on from the one before."""
from machine import MAC
from programs import wait_until

VM = "web1"
LIMIT = 20.0  # until something has travelled

KINDS = ["OSName", "OSVersion", "OSMajorVersion", "OSMinorVersion", "OSBuildNumber", "ProcessorArchitecture",
         "FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4", "NetworkAddressIPv6"]


class Exchange:
    """The steps. A road says how its parts are reached:

    host                        cli_ok(), cli_json(), kill9(), start(): as programs.Daemon
    attach()                    gives the VM its channel
    get(key), publish(key, value), take_back(key)    as a program of the guest does it
    turn_on(), turn_off(), restart_guest()"""

    def __init__(self, road):
        self.road = road
        self.host = road.host

    # --- What is seen ---

    def vm(self):
        return self.host.cli_json("vm", "show", VM)

    def put(self, *words):
        self.host.cli_ok("item", "put", VM, *words)

    def delivery(self, key):
        items = self.host.cli_json("item", "list", VM)["items"]
        return {item["key"]: item["delivery"] for item in items}.get(key)

    def published(self, pool="guest"):
        return {item["key"]: item["value"] for item in self.host.cli_json("guest", "list", VM)[pool]}

    def wait_for(self, condition, what):
        wait_until(condition, f"{what} (now: {self.vm()})", LIMIT)

    def wait_for_contact(self):
        self.wait_for(lambda: self.vm()["contact"] == "open", "the guest is in contact")

    def wait_for_value(self, key, value):
        """Until the guest has a value, and the host knows; None: until it has none."""
        self.wait_for(lambda: self.road.get(key) == value, f"{key} is {value} in the guest")
        if value is not None:
            self.wait_for(lambda: self.delivery(key) == "acknowledged", f"{key} is acknowledged")

    # --- Steps ---

    def items_wait_for_a_vm_that_is_off(self):
        self.host.cli_ok("vm", "define", VM)
        self.put("color", "blue", "motto", "hello guest")
        self.road.attach()
        assert self.vm()["power"] == "off" and self.delivery("color") == "stored"

    def they_arrive_when_it_is_turned_on(self):
        self.road.turn_on()
        self.wait_for_contact()
        self.wait_for_value("motto", "hello guest")
        self.wait_for_value("color", "blue")

    def an_item_is_added(self):
        self.host.cli_ok("item", "add", VM, "größe", "日本語 🦊", "--wait", "20")
        assert self.road.get("größe") == "日本語 🦊"

    def an_item_is_modified(self):
        self.host.cli_ok("item", "modify", VM, "color", "red", "--wait", "20")
        assert self.road.get("color") == "red"

    def an_item_is_removed(self):
        self.host.cli_ok("item", "remove", VM, "motto", "--wait", "20")
        assert self.road.get("motto") is None and self.road.get("color") == "red"

    def the_guest_publishes(self):
        self.road.publish("state", "starting")
        self.wait_for(lambda: self.published().get("state") == "starting", "an item of the guest is seen")
        self.road.publish("state", "ready")
        self.wait_for(lambda: self.published().get("state") == "ready", "it is seen to change")
        self.road.publish("other", "1")
        self.road.take_back("state")
        self.wait_for(lambda: self.published() == {"other": "1"}, "it is seen to go")

    def the_guest_tells_of_itself(self):
        facts = self.published("intrinsic")
        assert sorted(facts) == sorted(KINDS), facts
        assert facts["OSName"] == self.road.OS_NAME and facts["NetworkAddressIPv4"] == "10.0.2.15", facts

    def its_addresses_are_known(self):
        self.wait_for(lambda: self.host.cli_ok("vm", "ip", VM, "--family", "4") == "10.0.2.15\n", "the address is known")
        (adapter,) = self.host.cli_json("vm", "ip", VM, "--mac", MAC, "--family", "4")["adapters"]
        assert [(found["address"], found["prefix"]) for found in adapter["addresses"]] == [("10.0.2.15", 24)], adapter

    def the_host_is_killed_and_comes_back(self):
        self.host.kill9()
        self.host.start()
        self.wait_for_contact()
        self.put("color", "green")
        self.wait_for_value("color", "green")
        self.wait_for(lambda: self.published() == {"other": "1"}, "the guest's items are seen again")

    def the_guest_restarts(self):
        self.road.restart_guest()
        self.wait_for_contact()
        self.wait_for_value("color", "green")
        assert self.road.get("größe") == "日本語 🦊" and self.road.get("motto") is None
        self.put("color", "yellow")
        self.wait_for_value("color", "yellow")

    def the_vm_is_turned_off(self):
        self.road.turn_off()
        self.wait_for(lambda: self.vm()["power"] == "off", "the VM is seen to be off")
        self.host.cli_ok("item", "remove", VM, "größe")
        self.put("color", "black", "late", "1")
        assert self.delivery("late") == "stored"

    def and_on_again(self):
        self.road.turn_on()
        self.wait_for_contact()
        self.wait_for_value("late", "1")
        self.wait_for_value("color", "black")
        self.wait_for_value("größe", None)

    STEPS = [items_wait_for_a_vm_that_is_off, they_arrive_when_it_is_turned_on, an_item_is_added, an_item_is_modified,
             an_item_is_removed, the_guest_publishes, the_guest_tells_of_itself, its_addresses_are_known,
             the_host_is_killed_and_comes_back, the_guest_restarts, the_vm_is_turned_off, and_on_again]
