# SPDX-License-Identifier: MIT
"""Indications: subscriptions that clients make, and what the listener gets, by real HTTP."""
import socket
import ssl
import threading

import pytest

import cimxml
from cimxml import INTEROP, V2, Path, expect_error
from listener import REFUSAL, Listener
from programs import wait_until

SYSTEMS = "SELECT * FROM CIM_InstIndication WHERE SourceInstance ISA 'Msvm_ComputerSystem'"
SETTINGS = "SELECT * FROM CIM_InstModification WHERE SourceInstance ISA 'Msvm_KvpExchangeComponentSettingData'"


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.stop()


@pytest.fixture
def hasty(make_daemon):
    """A daemon that gives up soon."""
    return make_daemon("hasty", indication_tries=2, indication_timeout=1, event_queue=3)


def client_of(daemon):
    return cimxml.Client(daemon.cimom, *daemon.add_user())


def make(cim, class_name, **properties):
    """CreateInstance in the interop namespace: the path."""
    (name,) = cim.returned("CreateInstance", INTEROP, NewInstance=cimxml.instance(class_name, properties))
    return Path.read(name, INTEROP)


def subscribe(cim, url, query=SYSTEMS, name="s", seconds=None, **more):
    """A filter, a listener and the subscription, for ever or so many seconds: the paths, the subscription's first."""
    given = {"SourceNamespaces": [V2], **more}
    duration = {"SubscriptionDuration": str(seconds)} if seconds else {}
    filter_path = make(cim, "CIM_IndicationFilter", Name=name, Query=query, QueryLanguage="WQL", **given)
    handler = make(cim, "CIM_ListenerDestinationCIMXML", Name=name, Destination=url)
    subscription = make(cim, "CIM_IndicationSubscription", Filter=filter_path, Handler=handler, **duration)
    return subscription, filter_path, handler


def restart(daemon, how="stop"):
    daemon.settings["listen_cimxml_http"] = daemon.cimom.removeprefix("http://").removesuffix("/cimom")
    getattr(daemon, how)()
    daemon.start()


def logged(daemon, text):
    wait_until(lambda: text in daemon.log_text(), f"'{text}' is logged")


# --- Subscriptions ---

@pytest.mark.shows("operation CreateInstance", "operation DeleteInstance", "status 1", "status 11",
                   "class CIM_IndicationFilter", "class CIM_ListenerDestinationCIMXML",
                   "class CIM_IndicationSubscription")
def test_subscriptions_are_made_kept_and_removed(cim, daemon):
    subscription, filter_path, handler = subscribe(cim, "http://127.0.0.1:1")
    found = cim.get(subscription)
    assert (found["Filter"], found["Handler"], found["SubscriptionState"]) == (filter_path, handler, "2")
    expect_error(11, make, cim, "CIM_IndicationSubscription", Filter=filter_path, Handler=handler)
    restart(daemon, "kill9")
    assert cim.names("CIM_IndicationSubscription", INTEROP) == [subscription]
    assert cim.get(filter_path)["SourceNamespaces"] == [V2]
    expect_error(1, cim.operate, "DeleteInstance", INTEROP, InstanceName=filter_path)
    for path in (subscription, filter_path, handler):
        assert len(cim.operate("DeleteInstance", INTEROP, InstanceName=path)) == 0
        expect_error(6, cim.get, path)


def test_what_cannot_be_subscribed_to(cim, daemon):
    expect_error(15, make, cim, "CIM_IndicationFilter", Query="SELECT * FROM Msvm_ComputerSystem", QueryLanguage="WQL")
    expect_error(14, make, cim, "CIM_IndicationFilter", Query=SYSTEMS, QueryLanguage="SQL")
    for url in ("file:///etc/passwd", "http://", "http://ann:secret@127.0.0.1/"):
        expect_error(4, make, cim, "CIM_ListenerDestinationCIMXML", Destination=url)
    writer = cimxml.Client(daemon.cimom, *daemon.add_user("wilma", "secret", "write"))
    expect_error(2, make, writer, "CIM_ListenerDestinationCIMXML", Destination="http://a")


@pytest.mark.shows("indications bounded", "status 27")
def test_subscriptions_are_bounded_for_each_user_and_in_all(make_daemon):
    daemon = make_daemon("small", indications_per_user=2, indications=3)
    ann, bob = (cimxml.Client(daemon.cimom, *daemon.add_user(name)) for name in ("ann", "bob"))
    for number in range(2):
        subscribe(ann, "http://127.0.0.1:1", name=f"s{number}")
    refused = expect_error(27, subscribe, ann, "http://127.0.0.1:1", name="more")
    assert "user 'ann' would hold 3" in refused and "2 is the most" in refused
    subscribe(bob, "http://127.0.0.1:1", name="more")
    refused = expect_error(27, subscribe, bob, "http://127.0.0.1:1", name="even more")
    assert "this host would hold 4" in refused and "3 is the most" in refused
    restart(daemon)
    assert "user 'ann'" in expect_error(27, subscribe, ann, "http://127.0.0.1:1", name="after a restart")


# --- Delivery ---

@pytest.mark.shows("indication CIM_InstCreation", "indication CIM_InstModification", "indication CIM_InstDeletion",
                   "indications delivered")
def test_the_life_of_a_vm_is_told(cim, daemon, listener):
    subscribe(cim, listener.url)
    daemon.cli_ok("vm", "define", "web1")
    daemon.cli_ok("vm", "rename", "web1", "web2")
    daemon.cli_ok("vm", "undefine", "web2")
    told = listener.wait_for(3)
    assert [one.class_name for one in told] == ["CIM_InstCreation", "CIM_InstModification", "CIM_InstDeletion"]
    assert [one.embedded()["ElementName"] for one in told] == ["web1", "web2", "web2"]
    assert told[1].embedded("PreviousInstance")["ElementName"] == "web1"
    first = told[0]
    assert first.headers["cimexport"] == "MethodRequest" and first.headers["cimexportmethod"] == "ExportIndication"
    assert first.headers["content-type"] == 'application/xml; charset="utf-8"' and "expect" not in first.headers
    assert first.properties["IndicationFilterName"] == "s"
    assert first.properties["SourceInstanceModelPath"].startswith(f"{V2}:Msvm_ComputerSystem.")
    assert [one.properties["SequenceNumber"] for one in told] == ["0", "1", "2"]
    assert len({one.properties["SequenceContext"] for one in told}) == 1


@pytest.mark.shows("indication __InstanceCreationEvent", "indication __InstanceModificationEvent",
                   "indication __InstanceDeletionEvent", "indication __InstanceOperationEvent")
def test_events_of_wmi_are_told_by_their_names(cim, daemon, listener):
    for name in ("Creation", "Modification", "Deletion", "Operation"):
        subscribe(cim, listener.url, name=name, query=f"SELECT * FROM __Instance{name}Event WITHIN 2 WHERE "
                                                      "TargetInstance ISA 'Msvm_ComputerSystem'")
    daemon.cli_ok("vm", "define", "web1")
    daemon.cli_ok("vm", "rename", "web1", "web2")
    daemon.cli_ok("vm", "undefine", "web2")
    told = {(one.properties["TIME_CREATED"] > "0", one.class_name, one.embedded("TargetInstance")["ElementName"])
            for one in listener.wait_for(6)}
    assert told == {(True, "__InstanceCreationEvent", "web1"), (True, "__InstanceModificationEvent", "web2"),
                    (True, "__InstanceDeletionEvent", "web2")}


def test_only_what_the_query_asks_for_is_told(cim, daemon, listener, vm):
    subscribe(cim, listener.url, query="SELECT SourceInstanceModelPath, SourceInstance.ElementName "
                                       "FROM CIM_InstModification WHERE SourceInstance ISA 'Msvm_ComputerSystem' "
                                       "AND SourceInstance.ElementName LIKE 'web%'")
    daemon.cli_ok("vm", "rename", "web1", "db1")
    daemon.cli_ok("vm", "rename", "db1", "web2")
    (told,) = listener.wait_for(1)
    assert vm.guid in told.properties["SourceInstanceModelPath"] and "IndicationTime" not in told.properties


def test_items_with_every_special_character_arrive(cim, daemon, listener, vm):
    subscribe(cim, listener.url, query=SETTINGS)
    daemon.cli_ok("item", "add", "web1", "k<&>\"'", "a <b> & ]]> ä \U0001f600")
    (told,) = listener.wait_for(1)
    (item,) = told.embedded()["HostExchangeItems"]
    assert "<VALUE>k&lt;&amp;&gt;&quot;&apos;</VALUE>" in item and "ä \U0001f600" in item
    assert told.embedded("PreviousInstance")["HostExchangeItems"] == []


def test_several_namespaces_of_one_filter(cim, daemon, listener, vm):
    subscribe(cim, listener.url, query=SETTINGS, SourceNamespaces=[V2, "root/virtualization", V2])
    daemon.cli_ok("item", "add", "web1", "a", "1")
    daemon.cli_ok("item", "add", "web1", "b", "2")
    paths = sorted(one.properties["SourceInstanceModelPath"].split(":")[0] for one in listener.wait_for(4))
    assert paths == ["root/virtualization"] * 2 + [V2] * 2


@pytest.mark.shows("indications restored")
def test_a_restarted_daemon_keeps_the_subscription(cim, daemon, listener):
    subscribe(cim, listener.url)
    restart(daemon)
    daemon.cli_ok("vm", "define", "web1")
    assert listener.wait_for(1)[0].embedded()["ElementName"] == "web1"


@pytest.mark.shows("indications ended")
def test_who_is_not_subscribed_any_more_is_told_nothing(cim, daemon, listener):
    other = Listener()
    subscription, _, _ = subscribe(cim, listener.url, name="ends")
    subscribe(cim, other.url, name="stays")
    daemon.cli_ok("vm", "define", "vm1")
    listener.wait_for(1)
    cim.operate("DeleteInstance", INTEROP, InstanceName=subscription)
    daemon.cli_ok("vm", "define", "vm2")
    other.wait_for(2)
    other.stop()
    assert len(listener.taken) == 1


def test_a_subscription_is_switched_off_and_on(cim, daemon, listener):
    subscription, _, _ = subscribe(cim, listener.url)

    def switch(state):
        cim.operate("SetProperty", INTEROP, InstanceName=subscription, PropertyName="SubscriptionState", NewValue=state)
    switch("4")
    daemon.cli_ok("vm", "define", "unseen")
    switch("2")
    daemon.cli_ok("vm", "define", "seen")
    assert [one.embedded()["ElementName"] for one in listener.wait_for(1)] == ["seen"]


@pytest.mark.shows("indications for a time")
def test_a_subscription_ends_by_itself_when_its_time_is_over(cim, daemon, listener):
    other = Listener()
    ends, filter_path, _ = subscribe(cim, listener.url, name="ends", seconds=1)
    stays, _, _ = subscribe(cim, other.url, name="stays")
    wait_until(lambda: cim.names("CIM_IndicationSubscription", INTEROP) == [stays], "the subscription has ended")
    expect_error(6, cim.get, ends)
    assert len(cim.operate("DeleteInstance", INTEROP, InstanceName=filter_path)) == 0
    daemon.cli_ok("vm", "define", "web1")
    other.wait_for(1)
    other.stop()
    assert listener.taken == [] and "has ended" in daemon.log_text()


@pytest.mark.shows("indications for a time")
def test_the_time_of_a_subscription_goes_on_over_a_restart_and_can_be_changed(cim, daemon):
    def left():
        return int(cim.get(subscription)["SubscriptionTimeRemaining"])
    subscription, _, _ = subscribe(cim, "http://127.0.0.1:1", seconds=1000)
    before = cim.get(subscription)
    assert 900 < left() <= 1000
    restart(daemon, "kill9")
    now = cim.get(subscription)
    assert now["SubscriptionStartTime"] == before["SubscriptionStartTime"] and left() <= 1000
    for old_left in ("999999", "0"):  # a client sends back all that it has read, a while later
        everything = {**now, "SubscriptionTimeRemaining": old_left, "SubscriptionDuration": "2000"}
        cim.operate("ModifyInstance", INTEROP, ModifiedInstance=cimxml.named_instance(
            subscription, {name: given for name, given in everything.items() if given is not None}))
        assert 1900 < left() <= 2000
    cim.operate("SetProperty", INTEROP, InstanceName=subscription, PropertyName="SubscriptionDuration", NewValue="1")
    wait_until(lambda: cim.names("CIM_IndicationSubscription", INTEROP) == [], "the subscription has ended")


def test_a_subscription_for_no_time_is_refused(cim):
    assert "a second at least" in expect_error(4, subscribe, cim, "http://127.0.0.1:1", seconds="0")


# --- Listeners with troubles ---

@pytest.mark.shows("indications retried")
def test_a_listener_that_comes_later_gets_what_he_missed(cim, daemon, listener):
    listener.stop()
    subscribe(cim, listener.url)
    for number in range(3):
        daemon.cli_ok("vm", "define", f"vm{number}")
    logged(daemon, "an indication is not taken")
    listener.start()
    told = listener.wait_for(3)
    assert [one.embedded()["ElementName"] for one in told] == ["vm0", "vm1", "vm2"]
    logged(daemon, "indications are taken again")


def test_a_listener_that_refuses_is_asked_again(cim, daemon, listener):
    listener.answers = [(503, ""), (200, REFUSAL)]
    subscribe(cim, listener.url)
    daemon.cli_ok("vm", "define", "web1")
    listener.wait_for(1)
    assert listener.tries == 3
    assert "HTTP status 503" in daemon.log_text()


@pytest.mark.shows("indications given up")
def test_a_listener_that_never_comes_is_given_up(hasty, listener):
    listener.stop()
    subscribe(client_of(hasty), listener.url)
    for number in range(6):
        hasty.cli_ok("vm", "define", f"vm{number}")
    logged(hasty, "given up after 2 tries")
    wait_until(lambda: hasty.log_text().count("given up") == 3, "all are given up")
    logged(hasty, "3 indications are lost: too many wait")
    listener.start()
    hasty.cli_ok("vm", "define", "last")
    (told,) = listener.wait_for(1)
    assert told.embedded()["ElementName"] == "last" and told.properties["SequenceNumber"] == "6"


def test_a_listener_that_does_not_answer_holds_up_nobody_else(hasty, listener):
    silent = Listener()
    silent.hold = threading.Event()
    cim = client_of(hasty)
    subscribe(cim, silent.url, name="silent")
    subscribe(cim, listener.url, name="quick")
    hasty.cli_ok("vm", "define", "web1")
    listener.wait_for(1)
    logged(hasty, "an indication is not taken")
    silent.hold.set()
    silent.stop()


def test_an_answer_without_end_is_given_up(hasty):
    def flood():
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=flood, daemon=True).start()
        subscribe(client_of(hasty), f"http://127.0.0.1:{server.getsockname()[1]}/")
        hasty.cli_ok("vm", "define", "web1")
        logged(hasty, "given up after 2 tries")


def test_the_daemon_ends_while_a_listener_holds_it_up(daemon, cim, listener):
    listener.hold = threading.Event()
    subscribe(cim, listener.url)
    daemon.cli_ok("vm", "define", "web1")
    wait_until(lambda: listener.tries == 1, "the indication is on its way")
    assert daemon.stop() == 0
    listener.hold.set()


# --- TLS ---

@pytest.mark.shows("indications https")
def test_a_listener_behind_tls_must_be_known(make_daemon, tls):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    listener = Listener(context)
    trusting = make_daemon("trusting", indication_ca=tls.certificate)
    subscribe(client_of(trusting), listener.url)
    trusting.cli_ok("vm", "define", "web1")
    listener.wait_for(1)
    doubting = make_daemon("doubting")
    subscribe(client_of(doubting), listener.url)
    doubting.cli_ok("vm", "define", "web1")
    logged(doubting, "an indication is not taken")
    assert len(listener.taken) == 1
    listener.stop()
