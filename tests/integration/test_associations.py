# SPDX-License-Identifier: MIT
"""Associations as published scripts ask for them, by WQL over WS-Management, in every namespace that has them."""
import re
from xml.sax.saxutils import escape

import pytest

import soap
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
def test_a_job_leads_to_its_vm_and_back(client, vm, namespace):
    value, job, answer = client.kvp("AddKvpItems", vm.guid, [soap.data_item("EEE", "555")], WMI + namespace)
    assert value == 4096, answer.text
    of_job = query(client, namespace, f'ASSOCIATORS OF {{Msvm_ConcreteJob.InstanceID="{job}"}} '
                                      "WHERE ResultClass=Msvm_ComputerSystem")
    assert of_job.texts("Name") == [vm.guid]
    of_vm = query(client, namespace, f"ASSOCIATORS OF {{{system_path(vm.guid)}}} WHERE ResultClass=CIM_ConcreteJob")
    assert of_vm.texts("InstanceID") == [job]


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


@pytest.mark.parametrize("namespace, expected", [
    ("root/", ["HyperVCluster", "interop", "virtualization"]), ("root/virtualization/", ["v2"]),
    ("root/HyperVCluster/", ["v2"]), ("root/virtualization/v2/", []), ("root/interop/", [])])
def test_namespaces_are_listed_as_wmi_has_them(client, namespace, expected):
    answer = client.enumerate(WMI + namespace + "__NAMESPACE", PAGE)
    assert sorted(answer.texts("Name")) == expected


@pytest.mark.parametrize("class_name, expected", [
    ("CIM_ComputerSystem", ["Msvm_ComputerSystem", "Msvm_ComputerSystem"]),
    ("CIM_LogicalDevice", ["Msvm_KvpExchangeComponent"]),
    ("CIM_SettingData", ["Msvm_KvpExchangeComponentSettingData", "Msvm_VirtualSystemSettingData"]),
    ("CIM_Capabilities", ["Msvm_VirtualSystemCapabilities", "Msvm_VirtualSystemManagementCapabilities"]),
    ("CIM_SystemComponent", ["Msvm_SystemDevice"]),
    ("CIM_Dependency", ["Msvm_HostedDependency", "Msvm_HostedService"])])
def test_a_superclass_lists_the_instances_of_its_subclasses(client, vm, class_name, expected):
    assert sorted(classes(client.enumerate(WMI + "root/virtualization/v2/" + class_name, PAGE))) == expected
