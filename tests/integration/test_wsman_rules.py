# SPDX-License-Identifier: MIT
"""The rules of WS-Management that break clients when they are missed. Header and body in one write, the eighth
of them, is test_one_write.py."""
import re
import types
import uuid
from xml.sax.saxutils import escape

import pytest

import soap
from conftest import Vm

SERVICE, SYSTEM = "Msvm_VirtualSystemManagementService", "Msvm_ComputerSystem"
FAMILIES = [soap.WMI, soap.DMTF]
ONE = "<w:OptimizeEnumeration/><w:MaxElements>1</w:MaxElements>"
ALL = "<w:OptimizeEnumeration/><w:MaxElements>100</w:MaxElements>"
# What the strictest client knows of the Actions of faults.
FAULT_ACTIONS = {"http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
                 "http://schemas.xmlsoap.org/ws/2004/08/eventing/fault",
                 "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"}


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    """A daemon with three VMs, and a client of it."""
    daemon = make_shared_daemon()
    vm = Vm(daemon, build, tmp_path_factory.mktemp("rules"))
    for name in ("web2", "web3"):
        daemon.cli_ok("vm", "define", name)
    return types.SimpleNamespace(daemon=daemon, vm=vm, client=soap.Client(daemon.http, *daemon.add_user()))


def keys_of(vm):
    return {"CreationClassName": SYSTEM, "Name": vm.guid}


def header_text(answer, name):
    return answer.find(f"s:Header/{name}").text


# --- 1: the family of the request ---

@pytest.mark.shows("wsman 1", "wsman Get", "wsman invoke")
@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_is_in_the_family_of_its_request(world, family):
    answer = world.client.get(SYSTEM, keys_of(world.vm), family)
    assert answer.find(f"s:Body/{{{family}{SYSTEM}}}{SYSTEM}") is not None, answer.text

    answer = world.client.enumerate(family + SYSTEM, ALL + "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
    assert set(answer.texts("ResourceURI")) == {family + SYSTEM}
    has_namespace = "__cimnamespace" in answer.text
    assert has_namespace == (family == soap.DMTF)

    value, job, answer = world.client.kvp("AddKvpItems", world.vm.guid, [soap.data_item(family[-9:], "x")], family)
    assert value == 4096 and job
    assert header_text(answer, "a:Action") == f"{family}{SERVICE}/AddKvpItemsResponse"
    assert answer.find(f"s:Body/{{{family}{SERVICE}}}AddKvpItems_OUTPUT") is not None
    assert answer.text_of("ResourceURI") == family + "Msvm_ConcreteJob"


# --- 2: prefixes ---

def declared(tag):
    """Prefix -> namespace, as a start tag declares them."""
    return dict(re.findall(r'xmlns:(\w+)="([^"]*)"', tag))


@pytest.mark.shows("wsman 2")
@pytest.mark.parametrize("family", FAMILIES)
def test_clients_find_elements_by_their_literal_prefixes(world, family):
    _, _, answer = world.client.kvp("AddKvpItems", world.vm.guid, [soap.data_item("prefixes" + family[-9:], "x")], family)
    envelope, body_child = re.search(r"(<s:Envelope [^>]*>).*<s:Body>(<[^>]*>)", answer.text, re.S).groups()
    assert {"s", "a", "n", "w", "e", "x"} <= declared(envelope).keys()
    assert declared(body_child)["p"] == family + SERVICE
    # As libvirt and openwsman look: with the namespaces of these two elements and no others.
    in_scope = declared(envelope) | declared(body_child)
    reference = "s:Body/p:AddKvpItems_OUTPUT/p:Job/a:ReferenceParameters/w:SelectorSet/w:Selector[@Name='InstanceID']"
    assert answer.root.find(reference, in_scope).text
    assert answer.root.find("s:Body/p:AddKvpItems_OUTPUT/p:ReturnValue", in_scope).text == "4096"

    answer = world.client.get("Msvm_Nothing", {}, family)
    envelope = re.search(r"<s:Envelope [^>]*>", answer.text).group()
    assert answer.root.find("s:Body/s:Fault/s:Code/s:Value", declared(envelope)).text == "s:Sender"


# --- 3 and 4: faults ---

def provoke(client):
    """Faults of every kind of subcode."""
    yield client.get("Msvm_Nothing", {})
    yield client.get(SYSTEM, {"Color": "blue"})
    yield client.enumerate(soap.ALL, soap.wql("this is no query"))
    yield client.enumerate(soap.WMI + SYSTEM, "<b:PolymorphismMode>Some</b:PolymorphismMode>")
    yield client.pull(soap.ALL, "uuid:" + str(uuid.uuid4()))
    yield client.ask(soap.PUT, soap.WMI + SYSTEM, "<Nonsense/>")
    yield client.ask(soap.RENEW, soap.ALL, "<e:Renew/>")
    yield client.ask(soap.NS["x"] + "/Create", soap.WMI + SYSTEM)
    yield client.post("this is no XML")


@pytest.mark.shows("wsman 3", "wsman 4")
def test_a_fault_is_500_with_an_action_that_clients_know(world):
    subcodes = set()
    for answer in provoke(world.client):
        assert answer.status == 500
        assert header_text(answer, "a:Action") in FAULT_ACTIONS
        subcodes.add(answer.find(".//s:Subcode/s:Value").text.split(":")[0])
    assert subcodes == {"a", "w", "n", "x", "e", "b"}


@pytest.mark.shows("wsman 4")
def test_a_fault_has_the_one_message_that_the_strictest_client_can_read(world):
    for answer in provoke(world.client):
        fault = answer.find(".//s:Detail/f:WSManFault")
        assert [child.tag for child in fault] == [f"{{{soap.NS['f']}}}Message"]
        assert fault.get("Code").isdigit() and not list(fault[0])


# --- 5: references ---

def reference_shapes(vm):
    parts = (f"<a:Address>{soap.ANONYMOUS}</a:Address><a:ReferenceParameters>"
             f"<w:ResourceURI>{soap.WMI}{SYSTEM}</w:ResourceURI>{soap.selectors(keys_of(vm))}</a:ReferenceParameters>")
    path = f'\\\\HOST\\root\\virtualization\\v2:{SYSTEM}.CreationClassName="{SYSTEM}",Name="{vm.guid}"'
    # omicli binds xsi to the namespace of XML Schema itself.
    instance = (f'<p:TargetSystem xmlns:xsi="http://www.w3.org/2001/XMLSchema" xmlns:p1="{soap.DMTF}{SYSTEM}" '
                f'xsi:type="p1:{SYSTEM}_Type"><p1:CreationClassName>{SYSTEM}</p1:CreationClassName>'
                f"<p1:Name>{vm.guid}</p1:Name></p:TargetSystem>")
    return {
        "parts of an endpoint reference": f"<p:TargetSystem>{parts}</p:TargetSystem>",
        "a whole endpoint reference":
            f"<p:TargetSystem><a:EndpointReference>{parts}</a:EndpointReference></p:TargetSystem>",
        "an instance with its keys": instance,
        "a path of WMI": f"<p:TargetSystem>{escape(path)}</p:TargetSystem>",
    }


@pytest.mark.shows("wsman 5")
@pytest.mark.parametrize("shape", range(4))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_reference_may_have_any_shape(world, family, shape):
    name, reference = list(reference_shapes(world.vm).items())[shape]
    key = f"{name} {family[-9:]}"
    body = (f'<p:AddKvpItems_INPUT xmlns:p="{family}{SERVICE}">{reference}'
            f"<p:DataItems>{escape(soap.data_item(key, 'x'))}</p:DataItems></p:AddKvpItems_INPUT>")
    answer = world.client.invoke(SERVICE, "AddKvpItems", body, family)
    assert answer.text_of("ReturnValue") == "4096", answer.text
    assert key in world.vm.items()


# --- 6 and 7: contexts ---

@pytest.mark.shows("wsman 6")
@pytest.mark.parametrize("optimized", ["", ONE])
def test_whoever_pulls_while_a_context_comes_back_comes_to_an_end(world, optimized):
    uri = soap.WMI + SYSTEM
    answer = world.client.enumerate(uri, optimized)
    names, pages = answer.texts("Name"), 1
    while answer.text_of("EnumerationContext"):
        assert pages < 20
        answer = world.client.pull(uri, answer.text_of("EnumerationContext"))
        names, pages = names + answer.texts("Name"), pages + 1
    assert answer.find(".//n:EndOfSequence") is not None
    assert len(names) == 4 and world.vm.guid in names  # the host is one, too


@pytest.mark.shows("wsman 6")
def test_a_listing_that_is_complete_at_once_ends_in_the_other_namespace(world):
    answer = world.client.enumerate(soap.WMI + SYSTEM, ALL)
    assert answer.find(".//w:EndOfSequence") is not None and answer.find(".//n:EndOfSequence") is None
    assert answer.text_of("EnumerationContext") in (None, "")
    assert len(answer.find(".//w:Items")) == 4


@pytest.mark.shows("wsman 7")
@pytest.mark.parametrize("uri", [soap.WMI + SYSTEM, soap.DMTF + SYSTEM, soap.WMI + "Msvm_ConcreteJob", soap.ALL])
def test_a_context_is_good_with_another_resource_uri(world, uri):
    answer = world.client.enumerate(soap.ALL, soap.wql(f"select * from {SYSTEM}"))
    answer = world.client.pull(uri, answer.text_of("EnumerationContext"),
                               "<n:MaxElements>100</n:MaxElements>")
    assert answer.status == 200 and len(answer.find(".//n:Items")) == 4, answer.text


# --- 9: credentials ---

@pytest.mark.shows("wsman 9")
@pytest.mark.parametrize("options", [[], ["-u", "ann:wrong"], ["-H", "Authorization: Negotiate TlRMTVNTUAABAAAA"]])
def test_without_credentials_there_is_an_answer(world, options):
    answer = soap.Client(world.daemon.http).post(soap.envelope(soap.GET, soap.WMI + SYSTEM), "-i", *options)
    assert answer.status == 401
    assert re.search(r'^WWW-Authenticate: Basic realm="', answer.head, re.M | re.I)


@pytest.mark.shows("wsman 9", "wsman Identify")
def test_somebody_unknown_may_identify_if_he_says_so(world):
    unknown = soap.Client(world.daemon.http)
    identify = (f'<s:Envelope xmlns:s="{soap.NS["s"]}" xmlns:wsmid="{soap.NS["wsmid"]}"><s:Header/>'
                "<s:Body><wsmid:Identify/></s:Body></s:Envelope>")
    answer = unknown.post(identify, "-H", "WSMANIDENTIFY: unauthenticated")
    assert answer.status == 200
    assert answer.find("s:Body/wsmid:IdentifyResponse/wsmid:ProtocolVersion").text == soap.NS["w"]
    assert answer.find(".//wsmid:ProductVersion") is None and answer.find(".//wsmid:SecurityProfiles") is None
    assert unknown.post(identify).status == 401
    known = world.client.post(identify)
    assert known.text_of("ProductVersion") and known.text_of("SecurityProfileName").endswith("/http/basic")
    unknown.url = unknown.url + "-anon/identify"
    assert unknown.post(identify).status == 200


# --- 10 to 13: what is written in several ways ---

@pytest.mark.shows("wsman 10")
def test_white_space_around_headers_is_nothing(world):
    text = soap.envelope(soap.GET, soap.WMI + SYSTEM, keys=keys_of(world.vm))
    spread = re.sub(r"(<(a:Action|w:ResourceURI|a:MessageID|w:Selector|a:Address|w:OperationTimeout)[^>]*>)([^<]+)(</)",
                    "\\1\n\t \\3 \r\n\\4", text)
    assert spread.count("\n\t ") >= 7
    answer = world.client.post(spread)
    assert answer.status == 200 and answer.text_of("Name") == world.vm.guid
    assert header_text(answer, "a:RelatesTo") == re.search(r"<a:MessageID>([^<]*)", text).group(1)


@pytest.mark.shows("wsman 11")
@pytest.mark.parametrize("value, refused", [("true", True), ("1", True), ("false", False), ("0", False)])
def test_what_must_be_understood_is_said_in_two_ways(world, value, refused):
    answer = world.client.get(SYSTEM, keys_of(world.vm),
                              header=f'<z:New xmlns:z="urn:z" s:mustUnderstand="{value}">x</z:New>'
                                     f'<w:MaxEnvelopeSize s:mustUnderstand="{value}">51200</w:MaxEnvelopeSize>')
    if refused:
        assert answer.find(".//s:Code/s:Value").text == "s:MustUnderstand"
        assert answer.find("s:Header/s:NotUnderstood").get("qname").endswith(":New")
    else:
        assert answer.status == 200


@pytest.mark.shows("wsman 12")
def test_a_set_of_no_options_is_normal(world):
    for options in ('<w:OptionSet s:mustUnderstand="true"/>', '<w:OptionSet s:mustUnderstand="1"></w:OptionSet>'):
        assert world.client.get(SYSTEM, keys_of(world.vm), header=options).status == 200


@pytest.mark.shows("wsman 13")
def test_names_and_keys_are_found_without_case(world):
    root = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
    guid = world.vm.guid
    for uri in (soap.WMI, root.upper() + "ROOT/Virtualization/V2/", root + "root\\virtualization\\v2/"):
        answer = world.client.get("msvm_COMPUTERSYSTEM", {"CREATIONCLASSNAME": SYSTEM.lower(), "name": guid.lower()}, uri)
        assert answer.status == 200 and answer.text_of("Name") == guid, answer.text
    for namespace in ("root/virtualization/v2", "ROOT\\Virtualization\\V2"):
        answer = world.client.get(SYSTEM, {"__cimNamespace": namespace, "Name": guid, "CreationClassName": SYSTEM},
                                  soap.DMTF)
        assert answer.status == 200 and answer.text_of("Name") == guid, answer.text


# --- 14: HTTP ---

@pytest.mark.shows("wsman 14")
@pytest.mark.parametrize("options", [["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"],
                                     ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"], ["--http1.0"]])
def test_a_request_may_come_as_http_has_it(world, options):
    answer = world.client.post(soap.envelope(soap.GET, soap.WMI + SYSTEM, keys=keys_of(world.vm)), *options)
    assert answer.status == 200 and answer.text_of("Name") == world.vm.guid


@pytest.mark.shows("wsman 14")
@pytest.mark.parametrize("encoding, charset", [
    ("utf-16", "UTF-16"), ("utf-16", '"utf-16"'), ("utf-16-le", "utf-16"), ("utf-16-le", "UTF-16LE"),
    ("utf-16-be", "utf-16be"), ("utf-16", None)])
def test_an_answer_has_the_encoding_of_its_request(world, encoding, charset):
    world.daemon.cli_ok("vm", "define", "дом")
    text = soap.envelope(soap.ENUMERATE, soap.ALL, f"<n:Enumerate>{ALL}" + soap.wql(
        f"select ElementName from {SYSTEM} where ElementName = 'дом'") + "</n:Enumerate>")
    text = text.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    kind = "application/soap+xml" + (f";charset={charset}" if charset else "")
    answer = world.client.post(text.encode(encoding), "-i", content_type=kind)
    assert answer.texts("ElementName") == ["дом"], answer.text
    assert re.search(r"^Content-Type: application/soap\+xml;\s*charset=UTF-16", answer.head, re.M | re.I)


@pytest.mark.shows("wsman 14")
def test_the_path_may_have_more_to_it(world):
    base = world.client.url
    for more in ("/", "?PSVersion=5.1.19041.1", "/?PSVersion=7.4.0"):
        client = soap.Client(world.daemon.http, world.client.user, world.client.password)
        client.url = base + more
        assert client.get(SYSTEM, keys_of(world.vm)).status == 200


# --- 15: items ---

@pytest.mark.shows("wsman 15")
@pytest.mark.parametrize("family", FAMILIES)
def test_an_item_is_text_whatever_it_holds(world, family):
    key, value = f"<b>{family[-9:]}</b>&", "a&b <![CDATA[x]]> ]]> \"'\t\n<VALUE/>"
    value_of, job, answer = world.client.kvp("AddKvpItems", world.vm.guid, [soap.data_item(key, value)], family)
    assert value_of == 4096, answer.text
    answer = world.client.enumerate(family + "Msvm_KvpExchangeComponentSettingData", ALL)
    items = [element for element in answer.root.iter() if element.tag.endswith("}HostExchangeItems")]
    assert items and all(len(element) == 0 for element in items)  # text, no markup of the answer
    found = {}
    for element in items:
        instance = soap.ElementTree.fromstring(element.text)
        found[instance.find("./PROPERTY[@NAME='Name']/VALUE").text] = instance.findtext(
            "./PROPERTY[@NAME='Data']/VALUE")
    assert found[key] == value
    assert "a&amp;amp;b" in answer.text
