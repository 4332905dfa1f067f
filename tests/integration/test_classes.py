# SPDX-License-Identifier: MIT
"""Classes and associations as clients browse them: in which namespaces each is, what it is derived from, its keys."""
import pytest

import cimxml
import wmi
from cimxml import Class, CimError

V1, V2, CLUSTER = "root/virtualization", "root/virtualization/v2", "root/HyperVCluster/v2"
ALL, NEWER = (V1, V2, CLUSTER), (V2, CLUSTER)
SYSTEM_KEYS = ("CreationClassName", "Name")
DEVICE_KEYS = ("CreationClassName", "DeviceID", "SystemCreationClassName", "SystemName")
SERVICE_KEYS = ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")
ID, NONE = ("InstanceID",), ()
PARTS = ("GroupComponent", "PartComponent")
NEEDS = ("Antecedent", "Dependent")
SETTINGS = ("ManagedElement", "SettingData")
AFFECTS = ("AffectedElement", "AffectingElement")
OWNS = ("OwnedElement", "OwningElement")
CAPABLE = ("Capabilities", "ManagedElement")
CONFORMS = ("ConformantStandard", "ManagedElement")
COLLECTS = ("Collection", "Member")

# Name: superclass, keys, namespaces.
CLASSES = {
    "CIM_ManagedElement": (None, NONE, ALL),
    "CIM_ManagedSystemElement": ("CIM_ManagedElement", NONE, ALL),
    "CIM_LogicalElement": ("CIM_ManagedSystemElement", NONE, ALL),
    "CIM_EnabledLogicalElement": ("CIM_LogicalElement", NONE, ALL),
    "CIM_System": ("CIM_EnabledLogicalElement", SYSTEM_KEYS, ALL),
    "CIM_ComputerSystem": ("CIM_System", SYSTEM_KEYS, ALL),
    "Msvm_ComputerSystem": ("CIM_ComputerSystem", SYSTEM_KEYS, ALL),
    "Msvm_PlannedComputerSystem": ("CIM_ComputerSystem", SYSTEM_KEYS, (V2,)),
    "CIM_LogicalDevice": ("CIM_EnabledLogicalElement", DEVICE_KEYS, ALL),
    "Msvm_KvpExchangeComponent": ("CIM_LogicalDevice", DEVICE_KEYS, ALL),
    "CIM_Service": ("CIM_EnabledLogicalElement", SERVICE_KEYS, ALL),
    "CIM_VirtualSystemManagementService": ("CIM_Service", SERVICE_KEYS, ALL),
    "Msvm_VirtualSystemManagementService": ("CIM_VirtualSystemManagementService", SERVICE_KEYS, ALL),
    "CIM_Job": ("CIM_LogicalElement", NONE, ALL),
    "CIM_ConcreteJob": ("CIM_Job", ID, ALL),
    "Msvm_ConcreteJob": ("CIM_ConcreteJob", ID, ALL),
    "CIM_SettingData": ("CIM_ManagedElement", ID, ALL),
    "CIM_VirtualSystemSettingData": ("CIM_SettingData", ID, ALL),
    "Msvm_VirtualSystemSettingData": ("CIM_VirtualSystemSettingData", ID, ALL),
    "CIM_ResourceAllocationSettingData": ("CIM_SettingData", ID, ALL),
    "Msvm_KvpExchangeComponentSettingData": ("CIM_ResourceAllocationSettingData", ID, ALL),
    "Msvm_VirtualSystemManagementServiceSettingData": ("CIM_SettingData", ID, (V2,)),
    "CIM_Capabilities": ("CIM_ManagedElement", ID, ALL),
    "CIM_EnabledLogicalElementCapabilities": ("CIM_Capabilities", ID, ALL),
    "CIM_VirtualSystemManagementCapabilities": ("CIM_EnabledLogicalElementCapabilities", ID, ALL),
    "Msvm_VirtualSystemManagementCapabilities": ("CIM_VirtualSystemManagementCapabilities", ID, ALL),
    "Msvm_VirtualSystemCapabilities": ("CIM_EnabledLogicalElementCapabilities", ID, NEWER),
    "CIM_View": ("CIM_ManagedElement", NONE, NEWER),
    "Msvm_SummaryInformationBase": ("CIM_View", ID, NEWER),
    "CIM_Error": (None, NONE, ALL),
    "Msvm_Error": ("CIM_Error", NONE, ALL),
    "Msvm_GuestNetworkAdapterConfiguration": (None, ID, NEWER),
    "CIM_Collection": ("CIM_ManagedElement", NONE, NEWER),
    "CIM_CollectionOfMSEs": ("CIM_Collection", NONE, NEWER),
    "Msvm_VirtualSystemCollection": ("CIM_CollectionOfMSEs", ("CollectionID",), NEWER),
    "Msvm_ManagementCollection": ("CIM_CollectionOfMSEs", ("CollectionID",), NEWER),
}
ASSOCIATIONS = {
    "CIM_Component": (None, PARTS, ALL),
    "CIM_SystemComponent": ("CIM_Component", PARTS, ALL),
    "CIM_SystemDevice": ("CIM_SystemComponent", PARTS, ALL),
    "Msvm_SystemDevice": ("CIM_SystemDevice", PARTS, ALL),
    "Msvm_SystemComponent": ("CIM_SystemComponent", PARTS, ALL),
    "CIM_ComponentCS": ("CIM_SystemComponent", PARTS, (CLUSTER,)),
    "Msvm_ComponentCS": ("CIM_ComponentCS", PARTS, (CLUSTER,)),
    "CIM_VirtualSystemSettingDataComponent": ("CIM_Component", PARTS, ALL),
    "Msvm_VirtualSystemSettingDataComponent": ("CIM_VirtualSystemSettingDataComponent", PARTS, ALL),
    "CIM_Dependency": (None, NEEDS, ALL),
    "CIM_HostedDependency": ("CIM_Dependency", NEEDS, ALL),
    "Msvm_HostedDependency": ("CIM_HostedDependency", NEEDS, ALL),
    "CIM_HostedService": ("CIM_HostedDependency", NEEDS, ALL),
    "Msvm_HostedService": ("CIM_HostedService", NEEDS, ALL),
    "Msvm_ParentChildSettingData": ("CIM_Dependency", NEEDS, (V2,)),
    "CIM_SettingsDefineState": (None, SETTINGS, ALL),
    "Msvm_SettingsDefineState": ("CIM_SettingsDefineState", SETTINGS, ALL),
    "CIM_ElementSettingData": (None, SETTINGS, ALL),
    "Msvm_ElementSettingData": ("CIM_ElementSettingData", SETTINGS, ALL),
    "CIM_ServiceAffectsElement": (None, AFFECTS, ALL),
    "Msvm_ServiceAffectsElement": ("CIM_ServiceAffectsElement", AFFECTS, ALL),
    "CIM_AffectedJobElement": (None, AFFECTS, ALL),
    "Msvm_AffectedJobElement": ("CIM_AffectedJobElement", AFFECTS, ALL),
    "CIM_OwningJobElement": (None, OWNS, ALL),
    "Msvm_OwningJobElement": ("CIM_OwningJobElement", OWNS, ALL),
    "CIM_ElementCapabilities": (None, CAPABLE, ALL),
    "Msvm_ElementCapabilities": ("CIM_ElementCapabilities", CAPABLE, ALL),
    "CIM_ElementConformsToProfile": (None, CONFORMS, NEWER),
    "Msvm_ElementConformsToProfile": ("CIM_ElementConformsToProfile", CONFORMS, NEWER),
    "CIM_MemberOfCollection": (None, COLLECTS, NEWER),
    "Msvm_MemberOfCollection": ("CIM_MemberOfCollection", COLLECTS, NEWER),
    "CIM_CollectedMSEs": ("CIM_MemberOfCollection", COLLECTS, NEWER),
    "Msvm_CollectedVirtualSystems": ("CIM_CollectedMSEs", COLLECTS, NEWER),
    "Msvm_CollectedCollections": ("CIM_CollectedMSEs", COLLECTS, NEWER),
}
# Those that differ: the older namespace first.
DIFFERENT = {
    "Msvm_KvpExchangeDataItem": [("CIM_ManagedElement", NONE, (V1,)), ("CIM_ManagedElement", ID, NEWER)],
    "Msvm_SummaryInformation": [(None, NONE, (V1,)), ("Msvm_SummaryInformationBase", ID, NEWER)],
}
# Without instances (errors cannot even be asked for, as events): embedded ones, and what openkvp has nothing of.
EMPTY = ["Msvm_KvpExchangeDataItem", "Msvm_SummaryInformation", "Msvm_SummaryInformationBase",
         "CIM_View", "Msvm_GuestNetworkAdapterConfiguration", "Msvm_PlannedComputerSystem",
         "Msvm_VirtualSystemManagementServiceSettingData", "CIM_Collection", "CIM_CollectionOfMSEs",
         "Msvm_VirtualSystemCollection", "Msvm_ManagementCollection", "Msvm_ParentChildSettingData",
         "CIM_MemberOfCollection", "Msvm_MemberOfCollection", "CIM_CollectedMSEs", "Msvm_CollectedVirtualSystems",
         "Msvm_CollectedCollections"]


@pytest.fixture(scope="module")
def user_and_daemon(make_shared_daemon):
    daemon = make_shared_daemon()
    daemon.cli_ok("vm", "define", "web1")
    return daemon.add_user(), daemon


@pytest.fixture(scope="module")
def shared_cim(user_and_daemon):
    user, daemon = user_and_daemon
    return cimxml.Client(daemon.cimom, *user)


def shown(name):
    return "association" if name in ASSOCIATIONS else "class"


def rows():
    table = {**CLASSES, **ASSOCIATIONS}
    for name, row in [*table.items(), *((name, row) for name, rows in DIFFERENT.items() for row in rows)]:
        yield pytest.param(name, *row, id=f"{name} in {row[2][0]}", marks=pytest.mark.shows(f"{shown(name)} {name}"))


def keys_of(element):
    return sorted(child.get("NAME") for child in element
                  if child.tag.startswith("PROPERTY") and child.find("QUALIFIER[@NAME='Key']/VALUE") is not None)


@pytest.mark.parametrize("name, superclass, keys, namespaces", rows())
def test_a_class_is_where_the_documentation_has_it(shared_cim, name, superclass, keys, namespaces):
    for ns in namespaces:
        (found,) = shared_cim.returned("GetClass", ns, ClassName=Class(name), LocalOnly=False, IncludeQualifiers=True)
        assert found.get("SUPERCLASS") == superclass, ns
        assert keys_of(found) == sorted(keys), ns
        is_association = found.find("QUALIFIER[@NAME='Association']/VALUE") is not None
        assert is_association == (name in ASSOCIATIONS), ns
    if name in DIFFERENT:
        return
    for ns in set(ALL) - set(namespaces):
        with pytest.raises(CimError) as caught:
            shared_cim.returned("GetClass", ns, ClassName=Class(name))
        assert caught.value.code == 6


@pytest.mark.parametrize("binding", wmi.BINDINGS)
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.shows(f"{shown(name)} {name}"))
                                  for name in EMPTY])
def test_a_class_without_instances_is_listed_as_empty(user_and_daemon, name, binding):
    user, daemon = user_and_daemon
    assert wmi.face(binding, daemon, V2, user).query(f"SELECT * FROM {name}") == []
