# SPDX-License-Identifier: MIT
"""What Microsoft documents of Msvm_KvpExchangeComponent in root/virtualization, and of the KVP methods: the class, property
by property, and its instance, as clients see them over both bindings. The newer namespaces: with what they change."""
import pytest

import cimxml
import wmi
from cimxml import Class
from conftest import Vm

V1, V2, CLUSTER = "root/virtualization", "root/virtualization/v2", "root/HyperVCluster/v2"
NEWER = [V2, CLUSTER]
COMPONENT, SERVICE = "Msvm_KvpExchangeComponent", "Msvm_VirtualSystemManagementService"
GUID = "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"

# Type, initial value, qualifiers. Lists of values are not shown, nor Read, which is where Write is not.
SEED = {
    "Caption": ("string", "Key-Value Pair Exchange", "MaxLen(64)"),
    "Description": ("string", "Microsoft Key-Value Pair Exchange Component"),
    "ElementName": ("string", "Key-Value pair Exchange"),
    "Name": ("string", "Key-Value Pair Exchange", "MaxLen(1024)"),
    "OperationalStatus": ("uint16[]", None,
        "ArrayType(Indexed)",
        "ModelCorrespondence(CIM_ManagedSystemElement.StatusDescriptions)"),
    "StatusDescriptions": ("string[]", None,
        "ArrayType(Indexed)",
        "ModelCorrespondence(CIM_ManagedSystemElement.OperationalStatus)"),
    "Status": ("string", None, "Deprecated(CIM_ManagedSystemElement.OperationalStatus)", "MaxLen(10)"),
    "HealthState": ("uint16", "5"),
    "EnabledState": ("uint16", None, "ModelCorrespondence(CIM_EnabledLogicalElement.OtherEnabledState)"),
    "RequestedState": ("uint16", "12", "ModelCorrespondence(CIM_EnabledLogicalElement.EnabledState)"),
    "EnabledDefault": ("uint16", "7", "Write"),
    "TimeOfLastStateChange": ("datetime", None),
    "SystemCreationClassName": ("string", "Msvm_ComputerSystem",
        "Key",
        "Propagated(CIM_System.CreationClassName)",
        "MaxLen(256)"),
    "SystemName": ("string", None, "Key", "Propagated(CIM_System.Name)", "MaxLen(256)"),
    "CreationClassName": ("string", "Msvm_KvpExchangeComponent", "Key", "MaxLen(256)"),
    "PowerManagementSupported": ("boolean", None, "Deprecated(CIM_PowerManagementCapabilities)"),
    "PowerManagementCapabilities": ("uint16[]", None, "Deprecated(CIM_PowerManagementCapabilities.PowerCapabilities)"),
    "Availability": ("uint16", None,
        "Deprecated("
            "CIM_AssociatedPowerManagementService.PowerState, "
            "CIM_ManagedSystemElement.OperationalStatus, "
            "CIM_EnabledLogicalElement.EnabledState)",
        "MappingStrings("
            "MIF.DMTF|Operational State|006.5, "
            "MIB.IETF|HOST-RESOURCES-MIB.hrDeviceStatus, "
            "MIF.DMTF|Host Device|001.5)",
        "ModelCorrespondence(CIM_LogicalDevice.AdditionalAvailability)"),
    "StatusInfo": ("uint16", None,
        "Deprecated(CIM_EnabledLogicalElement.EnabledState)",
        "MappingStrings(MIF.DMTF|Operational State|006.4)"),
    "LastErrorCode": ("uint32", None, "Deprecated(CIM_DeviceErrorData.LastErrorCode)"),
    "ErrorDescription": ("string", None, "Deprecated(CIM_DeviceErrorData.ErrorDescription)"),
    "ErrorCleared": ("boolean", None, "Deprecated(CIM_ManagedSystemElement.OperationalStatus)"),
    "TotalPowerOnHours": ("uint64", None,
        "Deprecated(CIM_PoweredStatisticalData.TotalPowerOnHours)",
        "Units(Hours)",
        "Counter"),
    "IdentifyingDescriptions": ("string[]", None,
        "ArrayType(Indexed)",
        "ModelCorrespondence(CIM_LogicalDevice.OtherIdentifyingInfo)"),
    "AdditionalAvailability": ("uint16[]", "6", "ModelCorrespondence(CIM_LogicalDevice.Availability)"),
    "MaxQuiesceTime": ("uint64", None, "Deprecated(No value)", "Units(MilliSeconds)"),
    "LocationIndicator": ("uint16", "4",
        "Experimental",
        "ModelCorrespondence("
            "CIM_AlarmDevice.AlarmState, "
            "CIM_AlarmDevice.AudioIndicatorIsDisabled, "
            "CIM_AlarmDevice.VisualIndicatorIsDisabled, "
            "CIM_AlarmDevice.MotionIndicatorIsDisabled)",
        "Write"),
    "InstallDate": ("datetime", None, "MappingStrings(MIF.DMTF|ComponentID|001.5)"),
    "OtherEnabledState": ("string", None, "ModelCorrespondence(CIM_EnabledLogicalElement.EnabledState)"),
    "DeviceID": ("string", None, "Key", "MaxLen(64)"),
    "OtherIdentifyingInfo": ("string[]", None,
        "MaxLen(256)",
        "ArrayType(Indexed)",
        "ModelCorrespondence(CIM_LogicalDevice.IdentifyingDescriptions)"),
    "PowerOnHours": ("uint64", None, "Deprecated(CIM_PoweredStatisticalData.PowerOnHours)", "Units(Hours)", "Counter"),
    "GuestExchangeItems": ("string[]", None, "ArrayType(Indexed)", "HyperVEmbeddedInstance(Msvm_KvpExchangeDataItem)"),
    "GuestIntrinsicExchangeItems": ("string[]", None,
        "ArrayType(Indexed)",
        "HyperVEmbeddedInstance(Msvm_KvpExchangeDataItem)"),
}

# What the newer namespaces change, add and leave out.
CHANGED = {
    "Description": (SEED["Description"][0], "Microsoft Key-Value Pair Exchange Service", *SEED["Description"][2:]),
    "Availability": (SEED["Availability"][0], "6", *SEED["Availability"][2:]),
}
ADDED = {
    "InstanceID": ("string", None),
    "CommunicationStatus": ("uint16", None),
    "DetailedStatus": ("uint16", None,
        "ModelCorrespondence(CIM_EnabledLogicalElement.PrimaryStatus, CIM_ManagedSystemElement.HealthState)"),
    "OperatingStatus": ("uint16", None, "ModelCorrespondence(CIM_EnabledLogicalElement.EnabledState)"),
    "PrimaryStatus": ("uint16", None,
        "ModelCorrespondence(CIM_ManagedSystemElement.DetailedStatus, CIM_ManagedSystemElement.HealthState)"),
    "AvailableRequestedStates": ("uint16[]", None,
        "ModelCorrespondence("
            "CIM_EnabledLogicalElement.RequestStateChange, "
            "CIM_EnabledLogicalElementCapabilities.RequestedStatesSupported)"),
    "TransitioningToState": ("uint16", None,
        "ModelCorrespondence("
            "CIM_EnabledLogicalElement.RequestStateChange, "
            "CIM_EnabledLogicalElement.RequestedState, "
            "CIM_EnabledLogicalElement.EnabledState)"),
}
DROPPED = ["LocationIndicator"]
NEWER_SEED = {name: row for name, row in {**SEED, **CHANGED, **ADDED}.items() if name not in DROPPED}

# Values of an instance whose VM is off that are not those of the class. <VM> stands for the VM's identifier.
OF_INSTANCE = {
    "OperationalStatus": ["12"],
    "StatusDescriptions": ["No Contact"],
    "EnabledState": ["2"],
    "SystemName": ["<VM>"],
    "DeviceID": [f"Microsoft:<VM>\\{GUID}"],
}

DEVICE_METHODS = ["EnableDevice", "OnlineDevice", "QuiesceDevice", "RequestStateChange", "Reset", "RestoreProperties",
                  "SaveProperties", "SetPowerState"]
KVP_METHODS = ["AddKvpItems", "ModifyKvpItems", "RemoveKvpItems"]
RETURN_VALUES = {
    "0": "Completed with No Error", "4096": "Method Parameters Checked - Job Started", "32768": "Failed",
    "32769": "Access Denied", "32770": "Not Supported", "32771": "Status is unknown", "32772": "Timeout",
    "32773": "Invalid parameter", "32774": "System is in use", "32775": "Invalid state for this operation",
    "32776": "Incorrect data type", "32777": "System is not available", "32778": "Out of memory",
}


class World:
    """A host with one VM, which is off, and clients that only look."""

    def __init__(self, daemon, build, folder):
        self.user = daemon.add_user()
        self.daemon, self.vm = daemon, Vm(daemon, build, folder)
        self.cim = cimxml.Client(daemon.cimom, *self.user)
        self.classes, self.instances = {}, {}

    def class_of(self, name, ns):
        """The CLASS element as CIM-XML has it."""
        if (name, ns) not in self.classes:
            (self.classes[name, ns],) = self.cim.returned("GetClass", ns, ClassName=Class(name), LocalOnly=False,
                                                          IncludeQualifiers=True)
        return self.classes[name, ns]

    def face(self, binding, ns):
        return wmi.face(binding, self.daemon, ns, self.user)

    def component(self, binding, ns):
        """The component of the VM as a binding has it in a namespace."""
        if (binding, ns) not in self.instances:
            self.instances[binding, ns] = self.face(binding, ns).get(COMPONENT, {
                "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": self.vm.guid,
                "CreationClassName": COMPONENT, "DeviceID": f"Microsoft:{self.vm.guid}\\{GUID}"})
        return self.instances[binding, ns]


@pytest.fixture(scope="module")
def world(make_shared_daemon, build, tmp_path_factory):
    return World(make_shared_daemon(), build, tmp_path_factory.mktemp("seed"))


def texts(element):
    """The values of a PROPERTY or QUALIFIER: none, one, or those of its array."""
    return [value.text or "" for value in element.iterfind("./VALUE")] + \
        [value.text or "" for value in element.iterfind("./VALUE.ARRAY/VALUE")]


def shown_qualifiers(element):
    """["Key", "MaxLen(256)"], sorted."""
    shown = []
    for qualifier in element.findall("QUALIFIER"):
        name, values = qualifier.get("NAME"), texts(qualifier)
        if name not in ("ValueMap", "Values"):
            shown.append(name if values == ["TRUE"] else f"{name}({', '.join(values)})")
    return sorted(shown)


def assert_documented(world, ns, name, row):
    kind, initial, *qualifiers = row
    (element,) = [child for child in world.class_of(COMPONENT, ns) if child.get("NAME") == name
                  and child.tag.startswith("PROPERTY")]
    assert element.get("TYPE") + ("[]" if element.tag == "PROPERTY.ARRAY" else "") == kind
    assert texts(element) == ([] if initial is None else [initial])
    assert shown_qualifiers(element) == sorted(qualifiers)
    values = OF_INSTANCE.get(name, [] if initial is None else [initial])
    for binding in wmi.BINDINGS:
        assert world.component(binding, ns).all(name) == [value.replace("<VM>", world.vm.guid) for value in values]


def rows(seed, prefix):
    return [pytest.param(name, row, id=name, marks=pytest.mark.shows(f"{prefix} {name}")) for name, row in seed.items()]


@pytest.mark.parametrize("name, row", rows(SEED, "seed"))
def test_a_property_is_as_documented(world, name, row):
    assert_documented(world, V1, name, row)


@pytest.mark.parametrize("ns", NEWER)
@pytest.mark.parametrize("name, row", rows(NEWER_SEED, "seed v2"))
def test_a_property_is_as_the_newer_namespaces_have_it(world, ns, name, row):
    assert_documented(world, ns, name, row)


@pytest.mark.parametrize("ns, seed", [(V1, SEED), (V2, NEWER_SEED), (CLUSTER, NEWER_SEED)])
def test_there_is_no_property_more_and_none_less(world, ns, seed):
    found = [child.get("NAME") for child in world.class_of(COMPONENT, ns) if child.tag.startswith("PROPERTY")]
    assert sorted(found) == sorted(seed)
    for binding in wmi.BINDINGS:
        assert sorted(world.component(binding, ns).properties) == sorted(map(str.lower, seed))


# --- Methods ---


@pytest.mark.parametrize("binding", wmi.BINDINGS)
@pytest.mark.parametrize("ns", [V1, *NEWER])
@pytest.mark.parametrize("method", [pytest.param(name, marks=pytest.mark.shows(f"seed method {name}"))
                                    for name in DEVICE_METHODS])
def test_a_method_of_the_component_answers_not_supported(world, method, ns, binding):
    """All eight are declared, and answer 1."""
    assert len([child for child in world.class_of(COMPONENT, ns) if child.get("NAME") == method]) == 1
    result = world.face(binding, ns).call(world.component(binding, ns), method)
    assert result["ReturnValue"] == ["1"]


def method_of(world, ns, name):
    (method,) = [child for child in world.class_of(SERVICE, ns) if child.get("NAME") == name]
    return method


def seed_method(word):
    return [pytest.param(name, marks=pytest.mark.shows(f"seed {name} {word}")) for name in KVP_METHODS]


@pytest.mark.parametrize("ns", [V1, *NEWER])
@pytest.mark.parametrize("name", seed_method("signature"))
def test_the_signature_of_a_kvp_method(world, name, ns):
    method = method_of(world, ns, name)
    parameters = [child for child in method if child.tag.startswith("PARAMETER")]
    assert method.get("TYPE") == "uint32"
    assert [(parameter.tag, parameter.get("NAME"), parameter.get("TYPE") or parameter.get("REFERENCECLASS"))
            for parameter in parameters] == [
        ("PARAMETER.REFERENCE", "TargetSystem", "CIM_ComputerSystem"), ("PARAMETER.ARRAY", "DataItems", "string"),
        ("PARAMETER.REFERENCE", "Job", "CIM_ConcreteJob")]
    assert [directions(parameter) for parameter in parameters] == [["In"], ["In"], ["Out"]]


def directions(parameter):
    """In and Out, where they hold."""
    return [qualifier.get("NAME") for qualifier in parameter.findall("QUALIFIER")
            if qualifier.get("NAME") in ("In", "Out") and texts(qualifier) == ["TRUE"]]


@pytest.mark.parametrize("ns", [V1, *NEWER])
@pytest.mark.parametrize("name", seed_method("return values"))
def test_the_return_values_of_a_kvp_method(world, name, ns):
    found = {qualifier.get("NAME"): texts(qualifier) for qualifier in method_of(world, ns, name).findall("QUALIFIER")}
    assert dict(zip(found["ValueMap"], found["Values"])) == RETURN_VALUES
