# SPDX-License-Identifier: MIT
"""Every fault of WS-Management that can occur, each provoked in a real daemon, which it does not harm."""
import resource
import threading
import types
import uuid
from xml.sax.saxutils import escape

import pytest

import soap
from conftest import Vm
from hyperv_guest import LinuxGuest
from programs import wait_until
from soap import ALL, DMTF, ENUMERATE, GET, PULLED, PUT, RENEW, SUBSCRIBE, UNSUBSCRIBE, WMI, wql

SERVICE, SYSTEM = "Msvm_VirtualSystemManagementService", "Msvm_ComputerSystem"
SETTINGS, COMPONENT = "Msvm_KvpExchangeComponentSettingData", "Msvm_KvpExchangeComponent"
CLASSES = "http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*"
CHANGES = "select * from __InstanceModificationEvent within 2 where TargetInstance isa 'Msvm_ComputerSystem'"
NOBODY = "00000000-0000-4000-8000-000000000000"
PAGE = "<w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements>"


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    """A daemon with a VM of two items, one of them large, and clients of it."""
    daemon = make_shared_daemon(enumerations_per_user=3, subscriptions_per_user=2, body_max=64)
    vm = Vm(daemon, build, tmp_path_factory.mktemp("faults"))
    daemon.cli_ok("item", "add", vm.name, "color", "blue")
    for number in range(12):
        daemon.cli_ok("item", "add", vm.name, f"large{number}", "x" * 1000)
    clients = {role: soap.Client(daemon.http, *daemon.add_user(role, "secret", role)) for role in ("admin", "read")}
    return types.SimpleNamespace(daemon=daemon, vm=vm, client=clients["admin"], reader=clients["read"])


def fault_of(answer):
    """"w:InvalidSelectors DuplicateSelectors": prefix, subcode and detail of a fault."""
    assert answer.status == 500, answer.text
    subcode = answer.find(".//s:Fault/s:Code/s:Subcode/s:Value")
    detail = answer.find(".//s:Detail/w:FaultDetail")
    words = [(subcode if subcode is not None else answer.find(".//s:Fault/s:Code/s:Value")).text]
    return " ".join(words + ([detail.text.rsplit("/", 1)[-1]] if detail is not None else []))


def keys(w):
    return {"CreationClassName": SYSTEM, "Name": w.vm.guid}


def settings_keys(w):
    return {"InstanceID": f"Microsoft:{w.vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"}


def get(w, class_name=SYSTEM, more_keys=None, **options):
    return w.client.get(class_name, {**keys(w), **(more_keys or {})}, **options)


def get_set(w, selectors):
    """Get with a SelectorSet as it stands."""
    return w.client.ask(GET, WMI + SYSTEM, header=f"<w:SelectorSet>{selectors}</w:SelectorSet>")


def add(w, *parameters, method="AddKvpItems"):
    """Calls a method with elements as parameters; TargetSystem is there."""
    body = soap.kvp_input(method, w.vm.guid, [])
    end = f"</p:{method}_INPUT>"
    return w.client.invoke(SERVICE, method, body.replace(end, "".join(parameters) + end))


def put(w, content, element=SETTINGS, ns=WMI + SETTINGS, client=None, header=""):
    body = f'<p:{element} xmlns:p="{ns}">{content}</p:{element}>' if element else ""
    return (client or w.client).ask(PUT, WMI + SETTINGS, body, keys=settings_keys(w), header=header)


def listing(w, body, uri=WMI + SYSTEM, **options):
    return w.client.enumerate(uri, body, **options)


def option(name, value="", must="true"):
    return f'<w:OptionSet><w:Option Name="{name}" MustComply="{must}">{value}</w:Option></w:OptionSet>'


def subscribe(w, content):
    return w.client.ask(SUBSCRIBE, ALL, f"<e:Subscribe>{content}</e:Subscribe>")


def without(text, element):
    """An envelope without one element of its header."""
    begin, end = text.index(f"<{element}"), text.index(f"</{element}>") + len(f"</{element}>")
    return text[:begin] + text[end:]


def selector(name, value="x"):
    return f'<w:Selector Name="{name}">{value}</w:Selector>'


EPR = (f"<a:EndpointReference><a:Address>{soap.ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>{WMI}{SYSTEM}"
       "</w:ResourceURI></a:ReferenceParameters></a:EndpointReference>")
ITEM = f"<p:DataItems>{escape(soap.data_item('new', 'x'))}</p:DataItems>"

# row of the conformance table (without "fault"), the fault, what provokes it
FAULTS = [
    ("SchemaValidationError", "w:SchemaValidationError", lambda w: w.client.post("<s:Envelope")),
    ("SchemaValidationError", "w:SchemaValidationError", lambda w: w.client.post("<a/>")),
    ("SchemaValidationError", "w:SchemaValidationError",
     lambda w: w.client.post(f'<s:Envelope xmlns:s="{soap.NS["s"]}"><s:Header/></s:Envelope>')),
    ("SchemaValidationError", "w:SchemaValidationError", lambda w: w.client.ask(ENUMERATE, WMI + SYSTEM, "<n:Pull/>")),
    ("SchemaValidationError", "w:SchemaValidationError",
     lambda w: listing(w, "<w:OptimizeEnumeration/><w:MaxElements>many</w:MaxElements>")),
    ("SchemaValidationError", "w:SchemaValidationError",
     lambda w: w.client.invoke(SERVICE, "AddKvpItems", "<p:Other_INPUT xmlns:p='urn:x'/>")),
    ("VersionMismatch", "s:VersionMismatch",
     lambda w: w.client.post('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>')),
    ("MustUnderstand", "s:MustUnderstand",
     lambda w: get(w, header='<z:New xmlns:z="urn:z" s:mustUnderstand="1"/>')),

    ("DestinationUnreachable resource", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: w.client.get("", {}, "http://schemas.microsoft.com/wbem/wsman/1/config")),
    ("DestinationUnreachable resource", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: w.client.post(without(soap.envelope(GET, WMI + SYSTEM, keys=keys(w)), "w:ResourceURI"))),
    ("DestinationUnreachable class", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: w.client.get("Msvm_Nothing", {})),
    ("DestinationUnreachable class", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: listing(w, wql("select * from Msvm_Nothing"), ALL)),
    ("DestinationUnreachable class", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: w.client.get("", {"ClassName": "Msvm_Nothing"}, CLASSES)),
    ("DestinationUnreachable namespace", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: w.client.get(SYSTEM, {}, WMI.replace("/v2", "/v3"))),
    ("DestinationUnreachable namespace", "a:DestinationUnreachable InvalidResourceURI",
     lambda w: get(w, more_keys={"__cimnamespace": "root/cimv2"}, uri=DMTF)),
    ("DestinationUnreachable instance", "a:DestinationUnreachable", lambda w: get(w, more_keys={"Name": NOBODY})),
    ("DestinationUnreachable instance", "a:DestinationUnreachable",
     lambda w: w.client.kvp("AddKvpItems", NOBODY, [soap.data_item("a", "b")])[2]),

    ("ActionNotSupported", "a:ActionNotSupported", lambda w: w.client.ask("urn:nothing", WMI + SYSTEM)),
    ("ActionNotSupported", "a:ActionNotSupported", lambda w: w.client.ask(soap.NS["x"] + "/Create", WMI + SETTINGS)),
    ("ActionNotSupported", "a:ActionNotSupported",
     lambda w: w.client.ask(soap.NS["x"] + "/Delete", WMI + SYSTEM, keys=keys(w))),
    ("ActionNotSupported", "a:ActionNotSupported",
     lambda w: w.client.ask(soap.NS["e"] + "/GetStatus", ALL, "<e:GetStatus/>")),
    ("ActionNotSupported", "a:ActionNotSupported",
     lambda w: w.client.ask(PUT, WMI + SYSTEM, f'<p:{SYSTEM} xmlns:p="{WMI}{SYSTEM}"/>', keys=keys(w))),
    ("ActionMismatch", "a:ActionNotSupported ActionMismatch",
     lambda w: w.client.ask(f"{WMI}{SERVICE}/AddKvpItems", WMI + SYSTEM)),
    ("ActionMismatch", "a:ActionNotSupported ActionMismatch", lambda w: w.client.ask(PUT, CLASSES)),
    ("ActionMismatch", "a:ActionNotSupported ActionMismatch",
     lambda w: w.client.ask(SUBSCRIBE, WMI + SYSTEM, f"<e:Subscribe>{PULLED}</e:Subscribe>")),

    ("MessageInformationHeaderRequired", "a:MessageInformationHeaderRequired",
     lambda w: w.client.post(without(soap.envelope(GET, WMI + SYSTEM, keys=keys(w)), "a:Action"))),
    ("MessageInformationHeaderRequired", "a:MessageInformationHeaderRequired",
     lambda w: w.client.post(without(soap.envelope(GET, WMI + SYSTEM, keys=keys(w)), "a:MessageID"))),
    ("InvalidMessageInformationHeader", "a:InvalidMessageInformationHeader", lambda w: get(w, header="<a:Action/>")),
    ("InvalidMessageInformationHeader", "a:InvalidMessageInformationHeader",
     lambda w: get(w, header="<a:MessageID>uuid:2</a:MessageID>")),
    ("InvalidMessageInformationHeader", "a:InvalidMessageInformationHeader",
     lambda w: get(w, timeout="2030-01-01T00:00:00Z")),
    ("InvalidMessageInformationHeader", "a:InvalidMessageInformationHeader",
     lambda w: get(w, header="<w:MaxEnvelopeSize>large</w:MaxEnvelopeSize>")),

    ("InsufficientSelectors", "w:InvalidSelectors InsufficientSelectors", lambda w: w.client.get(SYSTEM, {})),
    ("InsufficientSelectors", "w:InvalidSelectors InsufficientSelectors", lambda w: w.client.get("", {}, CLASSES)),
    ("UnexpectedSelectors", "w:InvalidSelectors UnexpectedSelectors", lambda w: get(w, more_keys={"Color": "blue"})),
    ("UnexpectedSelectors", "w:InvalidSelectors UnexpectedSelectors", lambda w: listing(w, "", keys=keys(w))),
    ("DuplicateSelectors", "w:InvalidSelectors DuplicateSelectors",
     lambda w: get_set(w, selector("Name") + selector("NAME"))),
    ("TypeMismatch selector", "w:InvalidSelectors TypeMismatch", lambda w: get_set(w, selector("Name", EPR))),
    ("InvalidValue selector", "w:InvalidSelectors InvalidValue",
     lambda w: w.client.get("Msvm_SystemDevice", {"GroupComponent": "nonsense", "PartComponent": "nonsense"})),
    ("SelectorLimit", "w:EncodingLimit SelectorLimit",
     lambda w: get_set(w, "".join(selector(f"key{number}") for number in range(100)))),

    ("method unknown", "a:ActionNotSupported", lambda w: w.client.invoke(SERVICE, "AddNothing", "")),
    ("method not available", "a:ActionNotSupported",
     lambda w: w.client.invoke("Msvm_ConcreteJob", "KillJob", "", keys={"InstanceID": job_of(w)})),
    ("InvalidParameter type", "w:InvalidParameter TypeMismatch",
     lambda w: add(w, f"<p:DataItems>{EPR}</p:DataItems>")),
    ("InvalidParameter name", "w:InvalidParameter InvalidName", lambda w: add(w, ITEM, "<p:Color>blue</p:Color>")),
    ("InvalidParameter type", "w:InvalidParameter TypeMismatch",
     lambda w: w.client.invoke(SERVICE, "AddKvpItems", soap.kvp_input("AddKvpItems", w.vm.guid, ["x"]).replace(
         f"{WMI}{SYSTEM}<", f"{WMI}{COMPONENT}<"))),
    ("InvalidParameter value", "w:InvalidParameter InvalidValue",
     lambda w: w.client.invoke(SERVICE, "AddKvpItems", f'<p:AddKvpItems_INPUT xmlns:p="{WMI}{SERVICE}">'
                                                       "<p:TargetSystem>web1</p:TargetSystem></p:AddKvpItems_INPUT>")),
    ("InvalidParameter value", "w:InvalidParameter",
     lambda w: w.client.invoke(SERVICE, "AddKvpItems", f'<p:AddKvpItems_INPUT xmlns:p="{WMI}{SERVICE}">{ITEM}'
                                                       "</p:AddKvpItems_INPUT>")),

    ("InvalidRepresentation MissingValues", "x:InvalidRepresentation MissingValues", lambda w: put(w, "", None)),
    ("InvalidRepresentation InvalidValues", "x:InvalidRepresentation InvalidValues",
     lambda w: put(w, "<p:DisableHostKVPItems>perhaps</p:DisableHostKVPItems>")),
    ("InvalidRepresentation InvalidValues", "x:InvalidRepresentation InvalidValues",
     lambda w: put(w, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems><p:ElementName>x</p:ElementName>")),
    ("InvalidRepresentation InvalidNamespace", "x:InvalidRepresentation InvalidNamespace",
     lambda w: put(w, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>", ns=WMI + SYSTEM)),

    ("AccessDenied", "w:AccessDenied",
     lambda w: put(w, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>", client=w.reader)),
    ("MinimumEnvelopeLimit", "w:EncodingLimit MinimumEnvelopeLimit",
     lambda w: get(w, header="<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>")),
    ("MaxEnvelopeSizeExceeded", "w:EncodingLimit MaxEnvelopeSizeExceeded",
     lambda w: w.client.get(SETTINGS, settings_keys(w), header="<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>")),
    ("MaxEnvelopeSizeExceeded", "w:EncodingLimit MaxEnvelopeSizeExceeded",
     lambda w: listing(w, PAGE, WMI + SETTINGS, header="<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>")),
    ("URILimitExceeded", "w:EncodingLimit URILimitExceeded", lambda w: w.client.get("x" * 3000, {})),
    ("CharacterSet", "w:EncodingLimit CharacterSet",
     lambda w: w.client.post(soap.envelope(GET, WMI + SYSTEM), content_type="application/soap+xml;charset=EBCDIC")),

    ("InvalidEnumerationContext", "n:InvalidEnumerationContext", lambda w: w.client.pull(ALL, f"uuid:{uuid.uuid4()}")),
    ("InvalidEnumerationContext", "n:InvalidEnumerationContext",
     lambda w: w.client.ask(soap.RELEASE, ALL, "<n:Release><n:EnumerationContext/></n:Release>")),
    ("FilterDialectRequestedUnavailable", "n:FilterDialectRequestedUnavailable",
     lambda w: listing(w, '<w:Filter Dialect="http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf">x</w:Filter>')),
    ("FilterDialectRequestedUnavailable", "n:FilterDialectRequestedUnavailable",
     lambda w: listing(w, "<w:Filter>/*</w:Filter>")),
    ("FilteringRequestedUnavailable", "e:FilteringRequestedUnavailable",
     lambda w: subscribe(w, f'{PULLED}<w:Filter Dialect="urn:sql">x</w:Filter>')),
    ("CannotProcessFilter", "n:CannotProcessFilter", lambda w: listing(w, wql("select from where"), ALL)),
    ("CannotProcessFilter", "n:CannotProcessFilter", lambda w: listing(w, wql(""), ALL)),
    ("CannotProcessFilter", "n:CannotProcessFilter", lambda w: listing(w, wql(CHANGES), ALL)),
    ("CannotProcessFilter", "n:CannotProcessFilter",
     lambda w: listing(w, wql(f"select * from {SYSTEM}").replace("w:", "n:") + wql(f"select * from {SYSTEM}"), ALL)),
    ("CannotProcessFilter", "n:CannotProcessFilter",
     lambda w: subscribe(w, PULLED + wql(f"select * from {SYSTEM}"))),
    ("FilteringNotSupported", "n:FilteringNotSupported",
     lambda w: listing(w, wql("select * from meta_class"), CLASSES)),
    ("FilteringRequired", "w:UnsupportedFeature FilteringRequired", lambda w: listing(w, PAGE, ALL)),
    ("FilteringRequired", "w:UnsupportedFeature FilteringRequired", lambda w: subscribe(w, PULLED)),

    ("InvalidOptions", "w:InvalidOptions InvalidName", lambda w: get(w, header=option("Strange"))),
    ("InvalidOptions InvalidValue", "w:InvalidOptions InvalidValue",
     lambda w: get(w, header=option("IncludeQualifiers", "perhaps"))),
    ("InvalidOptions NotSupported", "w:InvalidOptions NotSupported",
     lambda w: get(w, header=option("ShowExtensions"))),
    ("OptionLimit", "w:EncodingLimit OptionLimit",
     lambda w: get(w, header="<w:OptionSet>" + '<w:Option Name="x"/>' * 100 + "</w:OptionSet>")),

    ("UnsupportedFeature AddressingMode", "w:UnsupportedFeature AddressingMode",
     lambda w: w.client.post(soap.envelope(GET, WMI + SYSTEM, keys=keys(w)).replace(soap.ANONYMOUS, "http://x/"))),
    ("UnsupportedFeature AddressingMode", "w:UnsupportedFeature AddressingMode",
     lambda w: subscribe(w, f"<e:EndTo><a:Address>http://x/</a:Address></e:EndTo>{PULLED}{wql(CHANGES)}")),
    ("UnsupportedFeature EnumerationMode", "w:UnsupportedFeature EnumerationMode",
     lambda w: listing(w, "<w:EnumerationMode>Everything</w:EnumerationMode>")),
    ("UnsupportedFeature FragmentLevelAccess", "w:UnsupportedFeature FragmentLevelAccess",
     lambda w: get(w, header='<w:FragmentTransfer s:mustUnderstand="true">Name</w:FragmentTransfer>')),
    ("UnsupportedFeature Locale", "w:UnsupportedFeature Locale",
     lambda w: get(w, header='<w:Locale xml:lang="tlh" s:mustUnderstand="true"/>')),
    ("UnsupportedFeature Heartbeats", "w:UnsupportedFeature Heartbeats",
     lambda w: subscribe(w, PULLED.replace("/>", "><w:Heartbeats>2030-01-01T00:00:00Z</w:Heartbeats></e:Delivery>")
                         + wql(CHANGES))),
    ("UnsupportedFeature Bookmarks", "w:UnsupportedFeature Bookmarks",
     lambda w: subscribe(w, PULLED + wql(CHANGES) + "<w:Bookmark>yesterday</w:Bookmark>")),
    ("UnsupportedFeature", "w:UnsupportedFeature",
     lambda w: w.client.get("", {"ClassName": SYSTEM}, CLASSES.replace("cim-xml", "ws-cim").replace("/2/cim-schema",
                                                                                                "/1/cim-schema"))),
    ("PolymorphismModeNotSupported", "b:PolymorphismModeNotSupported",
     lambda w: listing(w, "<b:PolymorphismMode>Some</b:PolymorphismMode>")),

    ("DeliveryModeRequestedUnavailable", "e:DeliveryModeRequestedUnavailable",
     lambda w: subscribe(w, '<e:Delivery Mode="http://schemas.xmlsoap.org/ws/2004/08/eventing/DeliveryModes/Push"/>')),
    ("InvalidMessage", "e:InvalidMessage", lambda w: w.client.ask(SUBSCRIBE, ALL)),
    ("InvalidMessage", "e:InvalidMessage", lambda w: w.client.ask(RENEW, ALL, "<e:Renew/>")),
    ("InvalidMessage", "e:InvalidMessage",
     lambda w: w.client.ask(UNSUBSCRIBE, ALL, "<e:Unsubscribe/>", header=f"<e:Identifier>{NOBODY}</e:Identifier>")),
    ("InvalidExpirationTime", "e:InvalidExpirationTime",
     lambda w: subscribe(w, f"{PULLED}<e:Expires>soon</e:Expires>{wql(CHANGES)}")),
    ("InvalidExpirationTime", "n:InvalidExpirationTime", lambda w: listing(w, "<n:Expires>PT0S</n:Expires>")),
    ("UnsupportedExpirationType", "e:UnsupportedExpirationType",
     lambda w: subscribe(w, f"{PULLED}<e:Expires>2030-01-01T00:00:00Z</e:Expires>{wql(CHANGES)}")),
    ("UnsupportedExpirationType", "n:UnsupportedExpirationType",
     lambda w: listing(w, "<n:Expires>2030-01-01T00:00:00Z</n:Expires>")),
    ("UnableToRenew", "e:UnableToRenew",
     lambda w: w.client.ask(RENEW, ALL, "<e:Renew/>", header=f"<e:Identifier>{NOBODY}</e:Identifier>")),
]


def job_of(w):
    return listing(w, PAGE, WMI + "Msvm_ConcreteJob").text_of("InstanceID")


@pytest.mark.parametrize("row, expected, provoke", [
    pytest.param(*case, marks=pytest.mark.shows("fault " + case[0]), id=f"{case[0]}-{number}")
    for number, case in enumerate(FAULTS)])
def test_what_cannot_be_done_is_refused_and_changes_nothing(world, row, expected, provoke):
    before = world.daemon.cli_json("vm", "show", "web1"), world.vm.items().keys()
    answer = provoke(world)
    assert fault_of(answer) == expected, answer.text
    assert answer.find(".//s:Reason/s:Text").text
    assert (world.daemon.cli_json("vm", "show", "web1"), world.vm.items().keys()) == before


# --- Limits ---

@pytest.mark.shows("fault ServiceEnvelopeLimit")
def test_a_request_that_is_too_large_is_refused_by_http(world):
    assert world.client.post(soap.envelope(GET, WMI + SYSTEM, "x" * 70000)).status == 413


@pytest.mark.shows("fault UnreportableSuccess", "wsman Put")
def test_a_success_that_does_not_fit_is_told(world):
    answer = put(world, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>",
                 header="<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>")
    assert fault_of(answer) == "w:EncodingLimit UnreportableSuccess"
    assert world.client.get(SETTINGS, settings_keys(world)).text_of("DisableHostKVPItems") == "true"
    assert put(world, "<p:DisableHostKVPItems>false</p:DisableHostKVPItems>").status == 200


@pytest.mark.shows("fault QuotaLimit")
def test_a_user_has_so_many_listings_and_no_more(world):
    contexts = [listing(world, "").text_of("EnumerationContext") for _ in range(3)]
    answer = listing(world, "")
    assert fault_of(answer) == "w:QuotaLimit"
    assert "3 of 3 enumerations of user 'admin' are open" in answer.text_of("Text")
    assert world.reader.enumerate(WMI + SYSTEM, PAGE).status == 200  # of another user
    for context in contexts:
        released = world.client.ask(soap.RELEASE, ALL, f"<n:Release><n:EnumerationContext>{context}"
                                                       "</n:EnumerationContext></n:Release>")
        assert released.status == 200
        assert fault_of(world.client.pull(ALL, context)) == "n:InvalidEnumerationContext"
    assert listing(world, PAGE).status == 200


def unsubscribe(w, identifier):
    return w.client.ask(UNSUBSCRIBE, ALL, "<e:Unsubscribe/>", header=f"<e:Identifier>{identifier}</e:Identifier>")


@pytest.fixture
def subscription(world):
    """The identifier of a subscription to changes of VMs."""
    answer = world.client.subscribe(CHANGES)
    assert answer.status == 200, answer.text
    yield answer.text_of("EnumerationContext")
    assert unsubscribe(world, answer.text_of("Identifier")).status == 200


@pytest.mark.shows("fault QuotaLimit subscriptions")
def test_a_user_has_so_many_subscriptions_and_no_more(world, subscription):
    second = world.client.subscribe(CHANGES)
    answer = world.client.subscribe(CHANGES)
    assert fault_of(answer) == "w:QuotaLimit"
    assert "2 of 2" in answer.text_of("Text")
    assert unsubscribe(world, second.text_of("Identifier")).status == 200
    third = world.client.subscribe(CHANGES)
    assert unsubscribe(world, third.text_of("Identifier")).status == 200


# --- Time ---

@pytest.mark.shows("fault TimedOut pull", "wsman OperationTimeout")
def test_a_pull_without_events_ends_with_the_time_of_its_client(world, subscription):
    assert fault_of(world.client.pull(ALL, subscription, timeout="PT0.2S")) == "w:TimedOut"
    assert fault_of(world.client.pull(ALL, subscription, timeout="PT0S")) == "w:TimedOut"


@pytest.mark.shows("fault TimedOut MaxTime")
def test_a_pull_says_itself_how_long_it_waits(world, subscription):
    assert fault_of(world.client.pull(ALL, subscription, "<n:MaxTime>PT0.2S</n:MaxTime>")) == "n:TimedOut"


class WaitingPull(threading.Thread):
    """A Pull that waits for events: its answer is there when it was joined."""

    def __init__(self, client, context):
        super().__init__()
        self.client, self.context, self.answer = client, context, None
        self.start()
        # Pulls that are over at once show that it waits: then they are one too many.
        wait_until(lambda: fault_of(self.pull(timeout="PT0.01S")) == "w:Concurrency", "the pull waits")

    def pull(self, **options):
        return self.client.pull(ALL, self.context, **options)

    def run(self):
        while self.answer is None or (self.answer.status == 500 and fault_of(self.answer) == "w:Concurrency"):
            self.answer = self.pull()

    def join(self, timeout=20):
        super().join(timeout)
        return self.answer


@pytest.mark.shows("fault Concurrency")
def test_two_pulls_at_once_are_one_too_many(world, subscription):
    pull = WaitingPull(world.client, subscription)
    world.daemon.cli_ok("vm", "rename", "web1", "web2")
    assert set(pull.join().texts("ElementName")) == {"web1", "web2"}
    world.daemon.cli_ok("vm", "rename", "web2", "web1")


@pytest.mark.shows("fault TimedOut", "wsman OperationTimeout")
def test_an_operation_that_waits_for_a_guest_ends_with_the_time_of_its_client(make_daemon, build, tmp_path):
    daemon = make_daemon(guest_data_max_age=0, guest_read_wait=60000)
    vm = Vm(daemon, build, tmp_path)
    client = soap.Client(daemon.http, *daemon.add_user())
    where = {"CreationClassName": COMPONENT, "SystemCreationClassName": SYSTEM, "SystemName": vm.guid,
             "DeviceID": f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"}
    with LinuxGuest(vm.channel) as guest:
        vm.wait_for_contact()
        assert client.get(COMPONENT, where).status == 200
        guest.deaf = True
        answer = client.get(COMPONENT, where, timeout="PT0.3S")
        guest.deaf = False
        assert fault_of(answer) == "w:TimedOut"
        assert client.get(COMPONENT, where).status == 200


# --- What goes wrong inside ---

@pytest.mark.shows("fault EndpointUnavailable")
def test_the_end_of_the_service_is_told_to_those_who_wait(daemon, client):
    pull = WaitingPull(client, client.subscribe(CHANGES).text_of("EnumerationContext"))
    assert daemon.stop() == 0
    assert fault_of(pull.join()) == "a:EndpointUnavailable"


@pytest.mark.shows("fault InternalError")
def test_a_store_that_fails_is_told(make_daemon, build, tmp_path):
    daemon = make_daemon()
    vm = Vm(daemon, build, tmp_path)
    world = types.SimpleNamespace(client=soap.Client(daemon.http, *daemon.add_user()), vm=vm)
    limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    answer = put(world, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>")
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, limits)
    assert fault_of(answer) == "w:InternalError"
    assert world.client.get(SETTINGS, settings_keys(world)).text_of("DisableHostKVPItems") == "false"
    assert put(world, "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>").status == 200
