# SPDX-License-Identifier: MIT
"""Listings by WS-Management: in every mode, in pages of every bound, by every filter."""
import re
import subprocess
import types

import pytest

import soap
from conftest import Vm
from programs import ROOT, wait_until
from soap import ALL, DMTF, WMI, wql

SYSTEM, COMPONENT = "Msvm_ComputerSystem", "Msvm_KvpExchangeComponent"
VMS = 40
SELECTOR = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATION = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
OPTIMIZED = "<w:OptimizeEnumeration/>"


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    """A daemon with forty VMs, one of them named web1."""
    daemon = make_shared_daemon()
    vm = Vm(daemon, build, tmp_path_factory.mktemp("listing"))
    for number in range(VMS - 1):
        daemon.cli_ok("vm", "define", f"vm{number:02}")
    return types.SimpleNamespace(daemon=daemon, vm=vm, client=soap.Client(daemon.http, *daemon.add_user()))


def first(number):
    return f"{OPTIMIZED}<w:MaxElements>{number}</w:MaxElements>"


def items_of(answer):
    items = answer.find(".//w:Items")
    return list(answer.find(".//n:Items") if items is None else items)


def pages(client, uri, body, pull="", **options):
    """All answers of a listing; no context comes back at its end and only there."""
    answers = [client.enumerate(uri, body, **options)]
    while answers[-1].text_of("EnumerationContext"):
        assert "EndOfSequence" not in answers[-1].text
        answers.append(client.pull(uri, answers[-1].text_of("EnumerationContext"), pull, **options))
        assert answers[-1].status == 200, answers[-1].text
    assert "EndOfSequence" in answers[-1].text
    return answers


def names(answers):
    return sorted(name for answer in answers for name in answer.texts("ElementName"))


def is_page(answers):
    """How many items each answer has."""
    return [len(items_of(answer)) for answer in answers if answer.find(".//n:Items") is not None
            or answer.find(".//w:Items") is not None]


EVERYTHING = VMS + 1  # the host is a computer system, too


# --- Pages ---

@pytest.mark.shows("wsman Enumerate", "wsman Pull")
def test_a_page_has_so_many_items_as_its_request_wants(world):
    uri = WMI + SYSTEM
    assert is_page(pages(world.client, uri, "")) == [1] * EVERYTHING
    assert is_page(pages(world.client, uri, first(100))) == [EVERYTHING]
    assert is_page(pages(world.client, uri, first(16), "<n:MaxElements>20</n:MaxElements>")) == [16, 20, 5]
    listed = pages(world.client, uri, first(10), "<n:MaxElements>10</n:MaxElements>")
    assert names(listed) == sorted(["web1", "VM"] + [f"vm{number:02}" for number in range(VMS - 1)])


@pytest.mark.shows("wsman MaxEnvelopeSize")
@pytest.mark.parametrize("size", [8192, 20000, 51200])
def test_a_page_fits_into_the_envelope(world, size):
    header = f'<w:MaxEnvelopeSize s:mustUnderstand="true">{size}</w:MaxEnvelopeSize>'
    answers = pages(world.client, WMI + SYSTEM, first(1000), "<n:MaxElements>1000</n:MaxElements>", header=header)
    assert all(len(answer.text.encode()) <= size for answer in answers)
    assert sum(is_page(answers)) == EVERYTHING
    assert len(answers) > 1 and min(is_page(answers)[:-1]) > 1


def test_a_page_has_so_many_characters_as_its_request_wants(world):
    answers = pages(world.client, WMI + SYSTEM, first(1),
                    "<n:MaxElements>1000</n:MaxElements><n:MaxCharacters>10000</n:MaxCharacters>")
    assert sum(is_page(answers)) == EVERYTHING and len(answers) > 3


@pytest.mark.shows("wsman MaxEnvelopeSize")
def test_an_item_that_does_not_fit_can_be_pulled_with_more_room(world):
    for number in range(10):
        world.daemon.cli_ok("item", "put", "web1", f"large{number}", "x" * 1000)
    query = wql("select * from Msvm_KvpExchangeComponentSettingData where HostExchangeItems is not null")
    context = world.client.enumerate(ALL, query).text_of("EnumerationContext")
    everything = "<n:MaxElements>1000</n:MaxElements>"
    small = '<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>'
    for _ in range(VMS):
        answer = world.client.pull(ALL, context, everything, header=small)
        if answer.status == 500:
            break
    assert answer.fault() == ("EncodingLimit", "MaxEnvelopeSizeExceeded")
    answer = world.client.pull(ALL, context, everything)
    assert answer.status == 200 and len(answer.texts("HostExchangeItems")) == 10


@pytest.mark.shows("wsman Enumerate")
def test_an_empty_listing_is_a_success(world):
    answer = world.client.enumerate(ALL, first(9) + wql(f"select * from {SYSTEM} where ElementName = 'nobody'"))
    assert answer.status == 200 and items_of(answer) == [] and answer.find(".//w:EndOfSequence") is not None


@pytest.mark.shows("wsman Release")
def test_a_listing_can_be_released(world):
    context = world.client.enumerate(WMI + SYSTEM).text_of("EnumerationContext")
    release = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
    answer = world.client.ask(soap.RELEASE, WMI + SYSTEM, release)
    assert answer.status == 200 and len(answer.find("s:Body")) == 0
    assert world.client.ask(soap.RELEASE, WMI + SYSTEM, release).fault()[0] == "InvalidEnumerationContext"


@pytest.mark.shows("wsman Expires")
def test_a_listing_ends_when_its_client_said(world):
    answer = world.client.enumerate(WMI + SYSTEM, "<n:Expires>PT0.5S</n:Expires>")
    assert answer.find(".//n:Expires").text == "P0DT0H0M0.500000S"
    context = answer.text_of("EnumerationContext")
    wait_until(lambda: world.client.pull(WMI + SYSTEM, context).fault() == ("InvalidEnumerationContext", None),
               "the listing ends")


def test_a_listing_belongs_to_its_user(world):
    context = world.client.enumerate(WMI + SYSTEM).text_of("EnumerationContext")
    mallory = soap.Client(world.daemon.http, *world.daemon.add_user("mallory", "secret"))
    assert mallory.pull(WMI + SYSTEM, context).fault()[0] == "InvalidEnumerationContext"
    assert world.client.pull(WMI + SYSTEM, context).status == 200


# --- Modes ---

@pytest.mark.shows("wsman EnumerateEPR")
@pytest.mark.parametrize("family", [WMI, DMTF])
def test_references_lead_to_their_instances(world, family):
    (answer,) = pages(world.client, family + SYSTEM, first(100) + "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
    references = items_of(answer)
    assert len(references) == EVERYTHING
    assert {reference.tag for reference in references} == {f"{{{soap.NS['a']}}}EndpointReference"}
    for reference in references[:3]:
        keys = {selector.get("Name"): selector.text for selector in reference.iter(f"{{{soap.NS['w']}}}Selector")}
        assert world.client.get(SYSTEM, keys, family).text_of("Name") == keys["Name"]


@pytest.mark.shows("wsman EnumerateObjectAndEPR")
def test_instances_come_with_their_references(world):
    mode = "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>"
    (answer,) = pages(world.client, WMI + SYSTEM, first(100) + mode)
    for item in items_of(answer):
        instance, reference = item
        name = instance.findtext(f"{{{WMI}{SYSTEM}}}Name")
        assert [selector.text for selector in reference.iter(f"{{{soap.NS['w']}}}Selector")
                if selector.get("Name") == "Name"] == [name]


@pytest.mark.shows("wsman Enumerate")
@pytest.mark.parametrize("mode", ["IncludeSubClassProperties", "ExcludeSubClassProperties", "None"])
def test_a_superclass_lists_the_instances_of_its_subclasses(world, mode):
    for superclass in ("CIM_ComputerSystem", "CIM_System", "CIM_EnabledLogicalElement"):
        (answer,) = pages(world.client, WMI + superclass,
                          first(1000) + f"<b:PolymorphismMode>{mode}</b:PolymorphismMode>")
        found = [item for item in items_of(answer) if item.tag == f"{{{WMI}{SYSTEM}}}{SYSTEM}"]
        assert len(found) == EVERYTHING
        assert all(item.findtext(f"{{{WMI}{SYSTEM}}}EnabledState") for item in found)


# --- Filters ---

@pytest.mark.shows("wsman WQL")
@pytest.mark.parametrize("uri", [ALL, "http://schemas.dmtf.org/wbem/wscim/1/*", DMTF + "*", WMI + SYSTEM])
def test_a_query_is_answered_whatever_the_resource(world, uri):
    query = f"SELECT Name, ElementName FROM {SYSTEM} WHERE ElementName >= 'vm03' AND ElementName < \"vm06\""
    (answer,) = pages(world.client, uri, first(100) + wql(query))
    assert names([answer]) == ["vm03", "vm04", "vm05"]
    assert {child.tag.split("}")[-1] for item in items_of(answer) for child in item} == {"Name", "ElementName"}


@pytest.mark.shows("wsman SelectorFilter")
def test_selectors_of_a_filter_must_all_match(world):
    def matching(keys):
        body = f'{first(100)}<w:Filter Dialect="{SELECTOR.upper()}">{soap.selectors(keys)}</w:Filter>'
        return names(pages(world.client, WMI + SYSTEM, body))

    assert matching({"ElementName": "vm07"}) == ["vm07"]
    assert matching({"ElementName": "VM07", "CreationClassName": SYSTEM}) == ["vm07"]
    assert matching({"ElementName": "vm07", "Name": world.vm.guid}) == []
    assert len(matching({"CreationClassName": SYSTEM})) == EVERYTHING


def association(element, world, more=""):
    keys = soap.selectors({"CreationClassName": SYSTEM, "Name": world.vm.guid})
    return (f'{first(100)}<w:Filter Dialect="{ASSOCIATION}"><b:{element}><b:Object><a:Address>{soap.ANONYMOUS}</a:Address>'
            f"<a:ReferenceParameters><w:ResourceURI>{WMI}{SYSTEM}</w:ResourceURI>{keys}</a:ReferenceParameters></b:Object>"
            f"{more}</b:{element}></w:Filter>")


@pytest.mark.shows("wsman association filter")
def test_what_is_associated_is_found(world):
    def found(element, more=""):
        (answer,) = pages(world.client, ALL, association(element, world, more))
        return {item.tag.split("}")[-1] for item in items_of(answer)}

    assert COMPONENT in found("AssociatedInstances") and "Msvm_SystemDevice" in found("AssociationInstances")
    words = "<b:AssociationClassName>Msvm_SystemDevice</b:AssociationClassName>"
    assert found("AssociatedInstances", words) == {COMPONENT}
    assert found("AssociatedInstances", words + f"<b:ResultClassName>{COMPONENT}</b:ResultClassName>"
                 "<b:Role>GroupComponent</b:Role><b:ResultRole>PartComponent</b:ResultRole>") == {COMPONENT}
    assert found("AssociatedInstances", words + "<b:Role>PartComponent</b:Role>") == set()
    assert found("AssociationInstances", "<b:ResultClassName>Msvm_SystemDevice</b:ResultClassName>") == {
        "Msvm_SystemDevice"}


@pytest.mark.shows("wsman association filter")
def test_only_the_properties_that_are_named_are_given(world):
    more = (f"<b:ResultClassName>{COMPONENT}</b:ResultClassName><b:IncludeResultProperty>SystemName"
            "</b:IncludeResultProperty><b:IncludeResultProperty>DeviceID</b:IncludeResultProperty>")
    (answer,) = pages(world.client, ALL, association("AssociatedInstances", world, more))
    (item,) = items_of(answer)
    assert {child.tag.split("}")[-1] for child in item} == {"SystemName", "DeviceID"}


@pytest.mark.shows("wsman precise arrays")
def test_an_array_that_is_null_can_be_told_from_an_empty_one(world):
    option = '<w:OptionSet><w:Option Name="msftwinrm:UsePreciseArrays">TRUE</w:Option></w:OptionSet>'
    null = '{http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd}IsNullArray'

    def null_arrays(**options):
        (answer,) = pages(world.client, WMI + COMPONENT, first(100), **options)
        return {element.tag.split("}")[-1] for element in answer.root.iter() if element.get(null) == "true"}

    assert "GuestExchangeItems" in null_arrays(header=option)
    assert null_arrays() == set()


def test_the_request_in_the_readme_lists_the_components(world):
    request = re.search(r"<<'END'\n(.*?)^ *END$", (ROOT / "README.md").read_text(), re.S | re.M)[1]
    done = subprocess.run(["curl", "-sS", "-u", ":".join(world.daemon.add_user()), f"{world.daemon.http}/wsman",
                           "-H", "Content-Type: application/soap+xml", "--data-binary", "@-"],
                          input=request, capture_output=True, text=True, timeout=60)
    assert done.stdout.count("</p:Msvm_KvpExchangeComponent>") == 10, done.stdout
