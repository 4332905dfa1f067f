# SPDX-License-Identifier: MIT
"""Events by WS-Management: subscribed to, pulled, renewed and ended, of everything that changes in the exchange."""
import os
import subprocess
import types

import pytest

import soap
from conftest import Vm
from programs import wait_until
from soap import ALL, PULLED, RENEW, UNSUBSCRIBE, WMI

WORDS = {"creation": "__InstanceCreationEvent", "modification": "__InstanceModificationEvent",
         "deletion": "__InstanceDeletionEvent", "operation": "__InstanceOperationEvent"}
SYSTEM, COMPONENT = "Msvm_ComputerSystem", "Msvm_KvpExchangeComponent"
SETTINGS, JOB = "Msvm_KvpExchangeComponentSettingData", "Msvm_ConcreteJob"


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    """A daemon with a VM whose guest is in contact, and a client of it."""
    daemon = make_shared_daemon(guest_poll_interval=1)
    vm = Vm(daemon, build, tmp_path_factory.mktemp("events"))
    vm.agent.start()
    vm.wait_for_contact()
    yield types.SimpleNamespace(daemon=daemon, vm=vm, client=soap.Client(daemon.http, *daemon.add_user()))
    vm.agent.stop()


def query(kind, class_name, more=""):
    return f"select * from {WORDS[kind]} within 2 where TargetInstance isa '{class_name}'{more}"


class Subscription:
    def __init__(self, client, text, more=PULLED):
        self.client = client
        self.answer = client.subscribe(text, more)
        assert self.answer.status == 200, self.answer.text
        self.context = self.answer.text_of("EnumerationContext")
        self.identifier = self.answer.text_of("Identifier")

    def pull(self, body="<n:MaxElements>50</n:MaxElements>", **options):
        return self.client.pull(ALL, self.context, body, **options)

    def wait_for(self, condition):
        """Pulls one after another until an event fits; that event."""
        while True:
            answer = self.pull("")
            assert answer.status == 200, answer.text
            (event,) = answer.find(".//n:Items")
            if condition(Event(event)):
                return Event(event)

    def manage(self, action):
        name = action.rsplit("/", 1)[-1]
        return self.client.ask(action, ALL, f"<e:{name}/>", header=f"<e:Identifier>{self.identifier}</e:Identifier>")

    def end(self):
        assert self.manage(UNSUBSCRIBE).status == 200


@pytest.fixture
def subscribe(world):
    """Subscribes; ends with the test."""
    made = []

    def make(*arguments):
        made.append(Subscription(world.client, *arguments))
        return made[-1]

    yield make
    for subscription in made:
        subscription.manage(UNSUBSCRIBE)


class Event:
    """The class of an event, and the properties of the instance after it and before it: name -> texts."""

    def __init__(self, element):
        self.kind = element.tag.split("}")[-1]
        self.target, self.previous = (self.properties(element, name) for name in ("TargetInstance", "PreviousInstance"))

    @staticmethod
    def properties(element, name):
        found = {}
        for child in element:
            if child.tag.split("}")[-1] == name:
                for part in child:
                    if part.get(soap.NIL) != "true":
                        found.setdefault(part.tag.split("}")[-1], []).append(part.text or "")
        return found


# --- What happens ---

@pytest.mark.shows("wsman Subscribe")
def test_a_vm_comes_changes_and_goes(world, subscribe):
    events = subscribe(query("operation", SYSTEM))
    world.daemon.cli_ok("vm", "define", "fleeting")
    world.daemon.cli_ok("vm", "rename", "fleeting", "gone")
    world.daemon.cli_ok("vm", "undefine", "gone")
    came = events.wait_for(lambda event: event.kind == WORDS["creation"])
    assert came.target["ElementName"] == ["fleeting"] and not came.previous
    changed = events.wait_for(lambda event: event.kind == WORDS["modification"])
    assert (changed.previous["ElementName"], changed.target["ElementName"]) == (["fleeting"], ["gone"])
    assert changed.previous["Name"] == changed.target["Name"] == came.target["Name"]
    went = events.wait_for(lambda event: event.kind == WORDS["deletion"])
    assert went.target["ElementName"] == ["gone"]


@pytest.mark.shows("wsman Subscribe")
def test_host_items_show_in_the_settings(world, subscribe):
    events = subscribe(query("modification", SETTINGS))
    world.daemon.cli_ok("item", "add", "web1", "event", "of settings")
    event = events.wait_for(lambda event: "of settings" in "".join(event.target.get("HostExchangeItems", [])))
    assert "of settings" not in "".join(event.previous.get("HostExchangeItems", []))
    assert world.vm.guid in event.target["InstanceID"][0]


@pytest.mark.shows("wsman Subscribe")
def test_guest_items_show_in_the_component(world, subscribe):
    events = subscribe(query("modification", COMPONENT))
    assert world.vm.agent.run("set", "event", "of guest").returncode == 0
    event = events.wait_for(lambda event: "of guest" in "".join(event.target.get("GuestExchangeItems", [])))
    assert "of guest" not in "".join(event.previous.get("GuestExchangeItems", []))
    assert event.target["SystemName"] == [world.vm.guid]


@pytest.mark.shows("wsman Subscribe")
def test_a_job_comes_and_ends(world, subscribe):
    created, changed = subscribe(query("creation", JOB)), subscribe(query("modification", JOB))
    value, job, answer = world.client.kvp("AddKvpItems", world.vm.guid, [soap.data_item("job", "x")])
    assert value == 4096, answer.text
    created.wait_for(lambda event: event.target["InstanceID"] == [job])
    ended = changed.wait_for(lambda event: event.target["InstanceID"] == [job] and event.target["JobState"] == ["7"])
    assert ended.target["PercentComplete"] == ["100"]


def test_a_guest_that_goes_and_comes_back_shows_in_its_vm(world, subscribe):
    systems, components = (subscribe(query("modification", name)) for name in (SYSTEM, COMPONENT))
    world.vm.agent.stop()
    systems.wait_for(lambda event: event.target["EnabledState"] == ["3"])
    components.wait_for(lambda event: event.target["OperationalStatus"][0] == "12")
    world.vm.agent.start()
    systems.wait_for(lambda event: event.target["EnabledState"] == ["2"])
    components.wait_for(lambda event: event.target["OperationalStatus"][0] == "2")
    world.vm.wait_for_contact()


# --- Which, and how they are told ---

@pytest.mark.shows("wsman Subscribe")
def test_a_query_says_which_events_and_which_of_their_properties(world, subscribe):
    named = subscribe(query("creation", SYSTEM, " and TargetInstance.ElementName = 'second'"))
    short = subscribe("select TargetInstance from __InstanceCreationEvent within 1 where TargetInstance isa "
                      f"'{SYSTEM}' and TargetInstance.ElementName like 'sec%'")
    standard = subscribe(f"select * from CIM_InstCreation where SourceInstance isa {SYSTEM}")
    for name in ("first", "second"):
        world.daemon.cli_ok("vm", "define", name)
    (event,) = named.pull().find(".//n:Items")
    assert Event(event).target["ElementName"] == ["second"]
    (event,) = short.pull().find(".//n:Items")
    assert [child.tag.split("}")[-1] for child in event] == ["TargetInstance"]
    assert standard.wait_for(lambda event: True).kind == "CIM_InstCreation"
    for name in ("first", "second"):
        world.daemon.cli_ok("vm", "undefine", name)


def test_an_event_is_in_the_namespace_of_its_subscription(world):
    for namespace in ("root/virtualization/", "root/virtualization/v2/", "root/HyperVCluster/v2/"):
        uri = WMI.replace("root/virtualization/v2/", namespace)
        answer = world.client.ask(soap.SUBSCRIBE, uri + "*",
                                  f"<e:Subscribe>{PULLED}{soap.wql(query('modification', SETTINGS))}</e:Subscribe>")
        world.daemon.cli_ok("item", "put", "web1", "where", namespace)
        context = answer.text_of("EnumerationContext")
        pulled = world.client.pull(uri + "*", context)
        assert pulled.find(f".//n:Items/{{{uri}__InstanceModificationEvent}}__InstanceModificationEvent") is not None
        assert f'="{uri}{SETTINGS}"' in pulled.text
        # Whoever knows nothing of subscriptions releases the context.
        assert world.client.ask(soap.RELEASE, uri + "*", f"<n:Release><n:EnumerationContext>{context}"
                                                         "</n:EnumerationContext></n:Release>").status == 200


@pytest.mark.shows("wsman Pull events")
def test_events_come_in_the_order_in_which_they_happened_and_none_is_lost(world, subscribe):
    events = subscribe(query("modification", SETTINGS))
    for number in range(30):
        world.daemon.cli_ok("item", "put", "web1", "count", str(number))
    seen = []
    while len(seen) < 30:
        answer = events.pull("<n:MaxElements>7</n:MaxElements>")
        pulled = [Event(event).target["HostExchangeItems"] for event in answer.find(".//n:Items")]
        assert 1 <= len(pulled) <= 7 and answer.text_of("EnumerationContext") == events.context
        seen += [[item for item in items if ">count<" in item] for items in pulled]
    assert all(f"<VALUE>{number}</VALUE>" in items[0] for number, items in enumerate(seen))


@pytest.mark.shows("wsman Pull events")
def test_who_does_not_keep_up_is_told_how_many_events_are_missing(make_daemon):
    daemon = make_daemon(event_queue=5)
    events = Subscription(soap.Client(daemon.http, *daemon.add_user()), query("creation", SYSTEM))
    for number in range(9):
        daemon.cli_ok("vm", "define", f"vm{number}")
    seen = missing = 0
    while seen + missing < 9:
        answer = events.pull()
        missing += sum(int(text) for text in answer.texts("DroppedEvents"))
        seen += answer.text.count("<p:__InstanceCreationEvent ")
    assert (seen, missing) == (5, 4)


# --- The subscription ---

def test_a_heartbeat_is_an_empty_answer(world, subscribe):
    mode = PULLED.replace("/>", "><w:Heartbeats>PT0.2S</w:Heartbeats></e:Delivery>")
    answer = subscribe(query("deletion", SYSTEM), mode).pull()
    assert answer.status == 200 and len(answer.find(".//n:Items")) == 0
    assert answer.text_of("EnumerationContext") and answer.find(".//n:EndOfSequence") is None


def test_who_wants_bookmarks_gets_the_one_there_is(world, subscribe):
    earliest = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest"
    events = subscribe(query("creation", SYSTEM),
                       f"{PULLED}<w:Bookmark>{earliest}</w:Bookmark><w:SendBookmarks/>")
    world.daemon.cli_ok("vm", "define", "marked")
    assert events.pull().find("s:Header/w:Bookmark").text == earliest
    world.daemon.cli_ok("vm", "undefine", "marked")


@pytest.mark.shows("wsman Renew", "wsman Unsubscribe")
def test_a_subscription_lasts_as_long_as_it_is_renewed(world, subscribe):
    events = subscribe(query("creation", SYSTEM), f"{PULLED}<e:Expires>PT10M</e:Expires>")
    assert events.answer.text_of("Expires") == "P0DT0H10M0S"
    assert events.answer.find(".//e:SubscriptionManager/a:ReferenceParameters/w:ResourceURI").text == ALL
    answer = events.manage(RENEW)
    assert answer.status == 200 and answer.text_of("Expires") == "P0DT0H10M0S"
    events.end()
    assert events.manage(RENEW).fault()[0] == "UnableToRenew"
    assert events.pull().fault()[0] == "InvalidEnumerationContext"


def test_a_subscription_that_is_not_renewed_ends_and_leaves_its_place(make_daemon):
    daemon = make_daemon(subscriptions_per_user=1)
    client = soap.Client(daemon.http, *daemon.add_user())
    Subscription(client, query("creation", SYSTEM), f"{PULLED}<e:Expires>PT0.1S</e:Expires>")
    wait_until(lambda: client.subscribe(query("creation", SYSTEM)).status == 200, "the place is free again")


def test_a_pull_ends_with_its_client_and_leaves_no_descriptor(world, subscribe):
    events = subscribe(query("creation", SYSTEM))
    text = soap.envelope(soap.PULL, ALL, f"<n:Pull><n:EnumerationContext>{events.context}</n:EnumerationContext></n:Pull>",
                         timeout="P1DT0S")
    command = ["curl", "-sS", "-u", ":".join(world.daemon.add_user()), "-H", "Content-Type: application/soap+xml",
               "--data-binary", text, events.client.url]

    def descriptors():
        return len(os.listdir(f"/proc/{world.daemon.process.pid}/fd"))

    def short_pull():
        return events.pull("", timeout="PT0.1S").fault()[0]

    def pulling():
        """A client that pulls for a day; None: the short pull was there first, and this client was refused."""
        client = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        if short_pull() == "Concurrency":
            return client
        client.wait(30)
        return None
    before = descriptors()
    client = wait_until(pulling, "a pull waits")
    client.kill()
    client.wait()
    wait_until(lambda: short_pull() == "TimedOut", "the next pull is alone")
    wait_until(lambda: descriptors() <= before, "the connection is closed")


def test_others_cannot_read_or_end_a_subscription(world, subscribe):
    events = subscribe(query("creation", SYSTEM))
    mallory = soap.Client(world.daemon.http, *world.daemon.add_user("mallory", "secret"))
    assert mallory.pull(ALL, events.context).fault()[0] == "InvalidEnumerationContext"
    events.client, owner = mallory, events.client
    assert events.manage(UNSUBSCRIBE).fault()[0] == "InvalidMessage"
    events.client = owner
    events.end()
