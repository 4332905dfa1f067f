# SPDX-License-Identifier: MIT
"""The exchange in every namespace that has it: the same VMs, items and calls, each in its namespace's form."""
import pytest

import soap
from programs import wait_until

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
V1, V2, CLUSTER = "root/virtualization/", "root/virtualization/v2/", "root/HyperVCluster/v2/"
HYPER_V = [V1, V2, CLUSTER]


def listed(client, namespace, class_name):
    """The instances of a class, in the answer to an Enumerate."""
    return client.enumerate(WMI + namespace + class_name, "<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>")


def elements(answer, local_name):
    """All elements with this local name, NULL or not."""
    return [element for element in answer.root.iter() if element.tag.split("}")[-1] == local_name]


@pytest.mark.parametrize("namespace", HYPER_V)
def test_items_given_in_one_namespace_show_in_all(client, vm, namespace):
    value, job, answer = client.kvp("AddKvpItems", vm.guid, [soap.data_item("EEE", "555")], WMI + namespace)
    assert value == 4096, answer.text
    wait_until(lambda: client.job(job).text_of("JobState") == "7", "the job ends")
    for other in HYPER_V:
        (item,) = listed(client, other, "Msvm_KvpExchangeComponentSettingData").texts("HostExchangeItems")
        assert "EEE" in item and "555" in item
        assert listed(client, other, "Msvm_ConcreteJob").texts("InstanceID") == [job]


@pytest.mark.parametrize("namespace", HYPER_V)
def test_instances_are_the_same_in_every_namespace(client, vm, namespace):
    assert vm.guid in listed(client, namespace, "Msvm_ComputerSystem").texts("Name")
    assert listed(client, namespace, "Msvm_VirtualSystemManagementService").texts("Name") == ["vmms"]
    answer = listed(client, namespace, "Msvm_KvpExchangeComponent")
    assert answer.texts("SystemName") == [vm.guid]
    assert answer.texts("DeviceID") == [f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"]


def test_the_older_namespace_has_the_older_properties(client, vm):
    component = listed(client, V1, "Msvm_KvpExchangeComponent")
    assert component.texts("LocationIndicator") == ["4"]
    assert component.texts("Description") == ["Microsoft Key-Value Pair Exchange Component"]
    assert elements(component, "Availability") and component.texts("Availability") == []
    assert elements(component, "InstanceID") == []
    settings = listed(client, V1, "Msvm_KvpExchangeComponentSettingData")
    assert settings.texts("OtherResourceType") == ["Microsoft Key-Value Pair Exchange Component"]
    assert elements(settings, "DisableHostKVPItems") == []


@pytest.mark.parametrize("namespace", [V2, CLUSTER])
def test_the_newer_namespaces_have_the_newer_properties(client, vm, namespace):
    component = listed(client, namespace, "Msvm_KvpExchangeComponent")
    assert elements(component, "LocationIndicator") == []
    assert component.texts("Availability") == ["6"]
    assert elements(component, "InstanceID") and component.texts("InstanceID") == []
    settings = listed(client, namespace, "Msvm_KvpExchangeComponentSettingData")
    assert settings.texts("OtherResourceType") == ["Microsoft:Hyper-V:Key-Value Pair Exchange Component"]
    assert settings.texts("DisableHostKVPItems") == ["false"]


@pytest.mark.parametrize("namespace", ["root/", "root/interop/", "root/HyperVCluster/"])
def test_a_namespace_without_the_exchange_does_not_know_its_classes(client, vm, namespace):
    assert listed(client, namespace, "Msvm_ComputerSystem").fault()[0] == "DestinationUnreachable"
