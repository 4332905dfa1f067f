# SPDX-License-Identifier: MIT
"""The cmdlets of PowerShell, message by message, as the protocol describes them: sessions, instances, classes, methods,
associations and events."""
import types
import uuid
from xml.sax.saxutils import escape

import pytest

import soap
from conftest import Vm
from soap import DMTF

SYSTEM, SERVICE, COMPONENT = "Msvm_ComputerSystem", "Msvm_VirtualSystemManagementService", "Msvm_KvpExchangeComponent"
ALL_CLASSES = "http://schemas.dmtf.org/wbem/wscim/1/*"
CLASSES = "http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*"
ASSOCIATION = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
NAMESPACE = "root/virtualization/v2"
PAGE = "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>"
SESSION = f"uuid:{uuid.uuid4()}"
ONLY_ASKED_FOR = ["IncludeInheritanceHierarchy", "wmi:IncludeInheritedElements", "IncludeQualifiers",
                  "wmi:IncludeClassOrigin", "msftwinrm:UsePreciseArrays"]


def header(options=()):
    """What is in the header besides the usual."""
    rows = "".join(f'<w:Option Name="{name}">TRUE</w:Option>' for name in options)
    winrm = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
    return ('<w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>'
            '<w:Locale xml:lang="de-DE" s:mustUnderstand="false"/>'
            f'<p:DataLocale xmlns:p="{winrm}" xml:lang="de-DE" s:mustUnderstand="false"/>'
            f'<p:SessionId xmlns:p="{winrm}" s:mustUnderstand="false">{SESSION}</p:SessionId>'
            f'<p:OperationID xmlns:p="{winrm}" s:mustUnderstand="false">uuid:{uuid.uuid4()}</p:OperationID>'
            f'<p:SequenceId xmlns:p="{winrm}" s:mustUnderstand="false">1</p:SequenceId>'
            f'<w:OptionSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" s:mustUnderstand="true">{rows}'
            '<w:Option Name="wmi:__MI_OPERATIONOPTIONS_WRITEERRORMODE" Type="xsd:unsignedInt">1</w:Option>'
            '<w:Option Name="wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE" Type="xsd:unsignedInt">0</w:Option>'
            '<w:Option Name="wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE" Type="xsd:unsignedInt">1</w:Option>'
            '<w:Option Name="__MI_CallbackRegistration" Type="xsd:unsignedInt">31</w:Option></w:OptionSet>')


class Cmdlets:
    def __init__(self, daemon):
        self.client = soap.Client(daemon.http, *daemon.add_user())

    def ask(self, action, uri, body="", keys=None, options=()):
        answer = self.client.post(
            soap.envelope(action, uri, body, {"__cimnamespace": NAMESPACE, **(keys or {})}, header(options)),
            "-A", "Microsoft WinRM Client")
        assert answer.status == 200, answer.text
        return answer

    def enumerate(self, uri, body="", **options):
        answer = self.ask(soap.ENUMERATE, uri, f"<n:Enumerate>{PAGE}{body}</n:Enumerate>", **options)
        assert answer.find(".//w:EndOfSequence") is not None
        return list(answer.find(".//w:Items"))

    def instances(self, class_name):
        """Get-CimInstance: each instance, and the reference by which it is addressed later."""
        items = self.enumerate(DMTF + class_name, "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>")
        return [(item[0], item[1]) for item in items]


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    daemon = make_shared_daemon()
    vm = Vm(daemon, build, tmp_path_factory.mktemp("powershell"))
    return types.SimpleNamespace(daemon=daemon, vm=vm, cmdlets=Cmdlets(daemon))


def property_of(element, name):
    class_name = element.tag.split("}")[-1]
    return element.findtext(f"{{{DMTF}{class_name}}}{name}")


def keys_in(reference):
    """The selectors of a reference, as the next request has them."""
    return {selector.get("Name"): selector.text for selector in reference.iter(f"{{{soap.NS['w']}}}Selector")}


def virtual_machine(world):
    (found,) = [(instance, reference) for instance, reference in world.cmdlets.instances(SYSTEM)
                if property_of(instance, "ElementName") == "web1"]
    return found


def test_a_session_begins_with_identify(world):
    answer = world.cmdlets.client.post(
        f'<s:Envelope xmlns:s="{soap.NS["s"]}" xmlns:wsmid="{soap.NS["wsmid"]}"><s:Header/><s:Body><wsmid:Identify>'
        "</wsmid:Identify></s:Body></s:Envelope>", "-A", "Microsoft WinRM Client")
    assert answer.text_of("ProtocolVersion") == soap.NS["w"]


def test_an_instance_is_addressed_by_the_reference_that_came_with_it(world):
    instance, reference = virtual_machine(world)
    keys = keys_in(reference)
    assert keys["__cimnamespace"] == NAMESPACE and keys["Name"] == world.vm.guid
    answer = world.cmdlets.ask(soap.GET, DMTF + SYSTEM, keys=keys, options=["msftwinrm:UsePreciseArrays"])
    assert answer.text_of("ElementName") == "web1"
    assert property_of(instance, "Name") == answer.text_of("Name")


@pytest.mark.shows("wsman class Get")
def test_the_class_of_each_instance_is_there(world):
    for class_name in (SYSTEM, SERVICE, COMPONENT, "Msvm_KvpExchangeComponentSettingData", "Msvm_ConcreteJob"):
        answer = world.cmdlets.ask(soap.GET, CLASSES, keys={"ClassName": class_name}, options=ONLY_ASKED_FOR)
        found = answer.find("s:Body/CLASS")
        assert found.get("NAME") == class_name and "CIM_" in found.get("DERIVATION")
        assert found.find("PROPERTY/QUALIFIER[@NAME='Key']") is not None
        assert all(part.get("CLASSORIGIN") for part in found.findall("PROPERTY"))
        assert found.find("PROPERTY[@PROPAGATED='true']") is not None


@pytest.mark.shows("wsman class Enumerate")
def test_all_classes_of_a_namespace_are_listed(world):
    names = {element.get("NAME") for element in world.cmdlets.enumerate(CLASSES, keys={"ClassName": ""})}
    assert {SYSTEM, SERVICE, COMPONENT, "CIM_ManagedElement", "__InstanceModificationEvent"} <= names


def test_a_method_is_invoked_on_the_instance_of_a_query(world):
    (service,) = world.cmdlets.enumerate(ALL_CLASSES, soap.wql(f"select * from {SERVICE}"))
    keys = {name: property_of(service, name) for name in
            ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")}
    _, reference = virtual_machine(world)
    target = "".join(soap.ElementTree.tostring(part, "unicode") for part in reference)
    body = (f'<p:AddKvpItems_INPUT xmlns:p="{DMTF}{SERVICE}"><p:TargetSystem>{target}</p:TargetSystem>'
            f"<p:DataItems>{escape(soap.data_item('shell', 'power'))}</p:DataItems></p:AddKvpItems_INPUT>")
    answer = world.cmdlets.ask(f"{DMTF}{SERVICE}/AddKvpItems", DMTF + SERVICE, body, keys)
    assert answer.text_of("ReturnValue") == "4096"
    job = world.cmdlets.ask(soap.GET, DMTF + "Msvm_ConcreteJob",
                            keys=keys_in(answer.find(f".//{{{DMTF}{SERVICE}}}Job")))
    assert job.text_of("JobState") == "7"
    assert world.vm.items()["shell"]["value"] == "power"


def associated(class_name, reference, more=""):
    target = "".join(soap.ElementTree.tostring(part, "unicode") for part in reference)
    return (f'<w:Filter Dialect="{ASSOCIATION}"><b:{class_name}><b:Object>{target}</b:Object>{more}'
            f"</b:{class_name}></w:Filter>")


def test_associated_instances_are_found(world):
    _, reference = virtual_machine(world)
    (component,) = world.cmdlets.enumerate(ALL_CLASSES, associated(
        "AssociatedInstances", reference, f"<b:ResultClassName>{COMPONENT}</b:ResultClassName>"))
    assert property_of(component, "SystemName") == world.vm.guid
    links = world.cmdlets.enumerate(ALL_CLASSES, associated("AssociationInstances", reference))
    assert "Msvm_SystemDevice" in {link.tag.split("}")[-1] for link in links}


@pytest.mark.shows("wsman Subscribe", "wsman Pull events", "wsman Unsubscribe")
def test_an_event_is_registered_for_raised_and_unregistered(world):
    query = f"select * from __InstanceModificationEvent within 2 where TargetInstance isa '{SYSTEM}'"
    delivery = soap.PULLED.replace("/>", '><w:Heartbeats>PT5.000S</w:Heartbeats><w:Locale xml:lang="en-US"/>'
                                         "<w:ContentEncoding>UTF-16</w:ContentEncoding></e:Delivery>")
    answer = world.cmdlets.ask(soap.SUBSCRIBE, ALL_CLASSES,
                               f"<e:Subscribe>{delivery}{soap.wql(query)}<w:SendBookmarks/></e:Subscribe>")
    context, identifier = answer.text_of("EnumerationContext"), answer.text_of("Identifier")
    world.daemon.cli_ok("vm", "rename", "web1", "web2")
    world.daemon.cli_ok("vm", "rename", "web2", "web1")
    names = []
    while len(names) < 2:
        pulled = world.cmdlets.ask(soap.PULL, ALL_CLASSES,
                                   f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
                                   "<n:MaxElements>32000</n:MaxElements></n:Pull>")
        for event in pulled.find(".//n:Items"):
            target = event.find(f"{{{DMTF}__InstanceModificationEvent}}TargetInstance")
            names.append(target.findtext(f"{{{DMTF}{SYSTEM}}}ElementName"))
    assert names == ["web2", "web1"]
    unsubscribe = soap.envelope(soap.UNSUBSCRIBE, ALL_CLASSES, "<e:Unsubscribe/>",
                                header=header() + f"<e:Identifier>{identifier}</e:Identifier>")
    assert world.cmdlets.client.post(unsubscribe).status == 200
