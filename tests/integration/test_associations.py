# SPDX-License-Identifier: MIT
"""Associations as published scripts ask for them, by WQL over WS-Management, in every namespace that has them."""
import re
from xml.sax.saxutils import escape

import pytest

import soap
from conftest import Vm
from programs import wait_until

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
HYPER_V = ["root/virtualization/", "root/virtualization/v2/", "root/HyperVCluster/v2/"]
PAGE = "<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>"
KVP = "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"


def query(client, namespace, text, more=""):
    """The answer to a query."""
    return client.enumerate(WMI + namespace + "*",
                            f'{PAGE}{more}<w:Filter Dialect="{soap.WQL}">{escape(text)}</w:Filter>')


def classes(answer):
    """The names of the classes of all results, in order."""
    items = answer.find(".//w:Items")
    assert items is not None, answer.text
    return [item.tag.split("}")[-1] for item in items]


def system_path(guid):
    return f'Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{guid}"'


def component_path(guid):
    return ('Msvm_KvpExchangeComponent.CreationClassName="Msvm_KvpExchangeComponent",'
            f'DeviceID="Microsoft:{guid}\\\\{KVP}",SystemCreationClassName="Msvm_ComputerSystem",SystemName="{guid}"')


@pytest.mark.parametrize("namespace", HYPER_V)
def test_the_exchange_of_a_vm_is_found_from_the_vm(client, vm, namespace):
    for words in ("AssocClass=Msvm_SystemDevice ResultClass=Msvm_KvpExchangeComponent",
                  "ResultClass=Msvm_KvpExchangeComponent", "ResultClass=CIM_LogicalDevice"):
        answer = query(client, namespace, f"Associators of {{{system_path(vm.guid)}}} Where {words}")
        assert classes(answer) == ["Msvm_KvpExchangeComponent"], answer.text
        assert answer.texts("SystemName") == [vm.guid]


@pytest.mark.parametrize("namespace", HYPER_V)
def test_host_items_are_found_through_the_settings(client, vm, namespace):
    vm.daemon.cli_ok("item", "add", vm.name, "color", "blue")
    system, component = system_path(vm.guid), component_path(vm.guid)
    settings = f'Msvm_VirtualSystemSettingData.InstanceID="Microsoft:{vm.guid}"'
    for text, expected in (
            (f"ASSOCIATORS OF {{{system}}} WHERE AssocClass=Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData"),
            (f"ASSOCIATORS OF {{{settings}}} WHERE AssocClass=Msvm_VirtualSystemSettingDataComponent",
             "Msvm_KvpExchangeComponentSettingData"),
            (f"ASSOCIATORS OF {{{component}}} WHERE ResultClass=Msvm_KvpExchangeComponentSettingData",
             "Msvm_KvpExchangeComponentSettingData"),
            (f"ASSOCIATORS OF {{{component}}} WHERE AssocClass=Msvm_ElementSettingData",
             "Msvm_KvpExchangeComponentSettingData")):
        answer = query(client, namespace, text)
        assert classes(answer) == [expected], answer.text
        if expected == "Msvm_KvpExchangeComponentSettingData":
            (item,) = answer.texts("HostExchangeItems")
            assert "color" in item and "blue" in item


@pytest.mark.parametrize("namespace", HYPER_V)
def test_a_job_leads_to_its_vm_and_back(world, namespace):
    of_job = query(world.client, namespace, f'ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID="{world.job}"}} '
                                            "WHERE ResultClass=Msvm_ComputerSystem")
    assert of_job.texts("Name") == [world.vm.guid]
    of_vm = query(world.client, namespace,
                  f"ASSOCIATORS OF {{{system_path(world.vm.guid)}}} WHERE ResultClass=CIM_ConcreteJob")
    assert of_vm.texts("InstanceID") == [world.job]


def test_what_a_guest_says_now_is_found_from_its_vm(client, running_vm):
    vm = running_vm
    text = f"ASSOCIATORS OF {{{system_path(vm.guid)}}} WHERE ResultClass=Msvm_KvpExchangeComponent"
    query(client, HYPER_V[1], text)
    vm.agent.run("set", "ready", "yes")
    wait_until(lambda: any("ready" in item for item in query(client, HYPER_V[1], text).texts("GuestExchangeItems")),
               "the item shows")


def test_references_are_the_associations(client, vm):
    answer = query(client, HYPER_V[1], f"REFERENCES OF {{{system_path(vm.guid)}}} WHERE ResultClass=Msvm_SystemDevice")
    assert classes(answer) == ["Msvm_SystemDevice"]
    assert f"Microsoft:{vm.guid}\\{KVP}" in answer.text


def test_an_association_is_got_by_its_ends(client, vm):
    mode = "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>"
    for row in ("Msvm_SystemDevice", "Msvm_HostedService", "Msvm_SettingsDefineState"):
        uri = WMI + HYPER_V[1] + row
        found = client.enumerate(uri, PAGE + mode)
        selectors = re.search("<w:SelectorSet>.*?</w:SelectorSet></a:ReferenceParameters></a:EndpointReference>"
                              "</w:Selector></w:SelectorSet>", found.text)[0]
        answer = client.post(soap.envelope(soap.GET, uri, header=selectors))
        assert answer.status == 200, answer.text
        assert answer.find(f".//{{{uri}}}{row}") is not None


def test_only_keys_may_be_asked_for(client, vm):
    answer = query(client, HYPER_V[1], f"ASSOCIATORS OF {{{system_path(vm.guid)}}} "
                                       "WHERE ResultClass=Msvm_KvpExchangeComponent KeysOnly")
    assert answer.texts("SystemName") == [vm.guid]
    assert "EnabledState" not in answer.text


def test_what_is_asked_for_wrongly_is_refused(client, vm):
    for text, fault in ((f"ASSOCIATORS OF {{{system_path(vm.guid)}}} WHERE Colour=red", "CannotProcessFilter"),
                        ("ASSOCIATORS OF {Msvm_ComputerSystem} WHERE SchemaOnly", "CannotProcessFilter"),
                        ("SELECT * FROM __InstanceModificationEvent WITHIN 2 WHERE TargetInstance ISA 'CIM_Job'",
                         "CannotProcessFilter")):
        assert query(client, HYPER_V[1], text).fault()[0] == fault


# --- Each class, and each association from both its ends ---

SERVICE = "Msvm_VirtualSystemManagementService"
COMPONENT, COMPONENT_SETTINGS = "Msvm_KvpExchangeComponent", "Msvm_KvpExchangeComponentSettingData"
SYSTEM, SETTINGS, JOB = "Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData", "Msvm_ConcreteJob"
CAPABILITIES = ["Msvm_VirtualSystemCapabilities", "Msvm_VirtualSystemManagementCapabilities"]
V2 = HYPER_V[1]

INSTANCES = {
    SYSTEM: [SYSTEM, SYSTEM], COMPONENT: [COMPONENT], COMPONENT_SETTINGS: [COMPONENT_SETTINGS], SERVICE: [SERVICE],
    SETTINGS: [SETTINGS], JOB: [JOB], **{name: [name] for name in CAPABILITIES},
    "CIM_ManagedElement": [JOB, SERVICE, COMPONENT, COMPONENT_SETTINGS, SETTINGS, SYSTEM, SYSTEM, *CAPABILITIES],
    "CIM_ManagedSystemElement": [JOB, SERVICE, COMPONENT, SYSTEM, SYSTEM],
    "CIM_LogicalElement": [JOB, SERVICE, COMPONENT, SYSTEM, SYSTEM],
    "CIM_EnabledLogicalElement": [SERVICE, COMPONENT, SYSTEM, SYSTEM],
    "CIM_System": [SYSTEM, SYSTEM], "CIM_ComputerSystem": [SYSTEM, SYSTEM],
    "CIM_LogicalDevice": [COMPONENT], "CIM_Service": [SERVICE], "CIM_VirtualSystemManagementService": [SERVICE],
    "CIM_Job": [JOB], "CIM_ConcreteJob": [JOB],
    "CIM_SettingData": [COMPONENT_SETTINGS, SETTINGS], "CIM_VirtualSystemSettingData": [SETTINGS],
    "CIM_ResourceAllocationSettingData": [COMPONENT_SETTINGS], "CIM_Capabilities": CAPABILITIES,
    "CIM_EnabledLogicalElementCapabilities": CAPABILITIES, "CIM_VirtualSystemManagementCapabilities": CAPABILITIES[1:],
}


def shown(kind, rows):
    """A parameter for each row, which shows the class or association of its name."""
    return [pytest.param(*row, id=str(row[0]), marks=pytest.mark.shows(f"{kind} {row[0]}")) for row in rows]


class World:
    """A host with one VM and one job, for tests that only look."""

    def __init__(self, daemon, build, folder):
        self.client = soap.Client(daemon.http, *daemon.add_user())
        self.vm = Vm(daemon, build, folder)
        value, self.job, answer = self.client.kvp("AddKvpItems", self.vm.guid, [soap.data_item("EEE", "555")])
        assert value == 4096, answer.text

    def list(self, class_name, more=""):
        return self.client.enumerate(WMI + V2 + class_name, PAGE + more)


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    return World(make_shared_daemon(), build, tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize("class_name, expected", shown("class", INSTANCES.items()))
def test_a_class_lists_its_instances_and_those_of_its_subclasses(world, class_name, expected):
    assert sorted(classes(world.list(class_name))) == sorted(expected)
    paths = world.list(class_name, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
    for uri, selectors in re.findall("<w:ResourceURI>([^<]*)</w:ResourceURI>(<w:SelectorSet>.*?</w:SelectorSet>)",
                                     paths.text)[1:]:
        got = world.client.post(soap.envelope(soap.GET, uri, header=selectors))
        assert got.status == 200, got.text


@pytest.mark.shows("class __NAMESPACE")
@pytest.mark.parametrize("namespace, expected", [
    ("root/", ["HyperVCluster", "interop", "virtualization"]), ("root/virtualization/", ["v2"]),
    ("root/HyperVCluster/", ["v2"]), ("root/virtualization/v2/", []), ("root/interop/", [])])
def test_namespaces_are_listed_as_wmi_has_them(world, namespace, expected):
    answer = world.client.enumerate(WMI + namespace + "__NAMESPACE", PAGE)
    assert sorted(answer.texts("Name")) == expected


def paths_of(vm, host, job):
    """A path for each kind of instance that stands at an end."""
    return {
        "vm": system_path(vm.guid), "host": system_path(host), "component": component_path(vm.guid), "service": SERVICE,
        "component settings": f'{COMPONENT_SETTINGS}.InstanceID="Microsoft:{vm.guid}\\\\{KVP}"',
        "vm settings": f'{SETTINGS}.InstanceID="Microsoft:{vm.guid}"', "job": f'{JOB}.InstanceID="{job}"',
        "vm capabilities": CAPABILITIES[0], "service capabilities": CAPABILITIES[1],
    }


ENDS = {
    "Msvm_SystemDevice": [("vm", "component")],
    "Msvm_SystemComponent": [],
    "Msvm_SettingsDefineState": [("vm", "vm settings"), ("component", "component settings")],
    "Msvm_ElementSettingData": [("component", "component settings")],
    "Msvm_VirtualSystemSettingDataComponent": [("vm settings", "component settings")],
    "Msvm_HostedService": [("host", "service")],
    "Msvm_HostedDependency": [("host", "vm")],
    "Msvm_ServiceAffectsElement": [("vm", "service")],
    "Msvm_AffectedJobElement": [("vm", "job")],
    "Msvm_OwningJobElement": [("service", "job")],
    "Msvm_ElementCapabilities": [("service", "service capabilities"), ("vm", "vm capabilities")],
    "Msvm_ElementConformsToProfile": [],
}
SUPERCLASSES = {
    "CIM_Component": ["Msvm_SystemDevice", "Msvm_VirtualSystemSettingDataComponent"],
    "CIM_SystemComponent": ["Msvm_SystemDevice"],
    "CIM_SystemDevice": ["Msvm_SystemDevice"],
    "CIM_VirtualSystemSettingDataComponent": ["Msvm_VirtualSystemSettingDataComponent"],
    "CIM_Dependency": ["Msvm_HostedDependency", "Msvm_HostedService"],
    "CIM_HostedDependency": ["Msvm_HostedDependency", "Msvm_HostedService"],
    "CIM_HostedService": ["Msvm_HostedService"],
    "CIM_SettingsDefineState": 2 * ["Msvm_SettingsDefineState"],
    "CIM_ElementSettingData": ["Msvm_ElementSettingData"],
    "CIM_ServiceAffectsElement": ["Msvm_ServiceAffectsElement"],
    "CIM_AffectedJobElement": ["Msvm_AffectedJobElement"],
    "CIM_OwningJobElement": ["Msvm_OwningJobElement"],
    "CIM_ElementCapabilities": 2 * ["Msvm_ElementCapabilities"],
    "CIM_ElementConformsToProfile": [],
}


@pytest.mark.parametrize("association, ends", shown("association", ENDS.items()))
def test_an_association_leads_from_each_end_to_the_other(world, association, ends):
    host = next(name for name in world.list(SYSTEM).texts("Name") if name != world.vm.guid)
    paths = paths_of(world.vm, host, world.job)
    assert classes(world.list(association)) == len(ends) * [association]
    for here, there in [*ends, *(pair[::-1] for pair in ends)]:
        answer = query(world.client, V2, f"ASSOCIATORS OF {{{paths[here]}}} WHERE AssocClass={association}")
        assert paths[there].split(".")[0] in classes(answer), answer.text
        references = query(world.client, V2, f"REFERENCES OF {{{paths[here]}}} WHERE ResultClass={association}")
        assert set(classes(references)) == {association}


@pytest.mark.parametrize("association, expected", shown("association", SUPERCLASSES.items()))
def test_a_superclass_of_associations_lists_them(world, association, expected):
    assert sorted(classes(world.list(association))) == expected
