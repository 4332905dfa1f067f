# SPDX-License-Identifier: MIT
"""Msvm_KvpExchangeComponent in root/virtualization, property by property as Microsoft documents it there."""
import pytest

import soap
from conftest import Vm

URI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/Msvm_KvpExchangeComponent"
NO_CONTACT = "12"

# The values while the VM is off; no value: NULL. <VM> stands for its identifier.
DOCUMENTED = {
    "Caption": ["Key-Value Pair Exchange"],
    "Description": ["Microsoft Key-Value Pair Exchange Component"],
    "ElementName": ["Key-Value pair Exchange"],
    "Name": ["Key-Value Pair Exchange"],
    "OperationalStatus": [NO_CONTACT],
    "StatusDescriptions": ["No Contact"],
    "Status": [],
    "HealthState": ["5"],
    "EnabledState": ["2"],
    "RequestedState": ["12"],
    "EnabledDefault": ["7"],
    "TimeOfLastStateChange": [],
    "SystemCreationClassName": ["Msvm_ComputerSystem"],
    "SystemName": ["<VM>"],
    "CreationClassName": ["Msvm_KvpExchangeComponent"],
    "PowerManagementSupported": [],
    "PowerManagementCapabilities": [],
    "Availability": [],
    "StatusInfo": [],
    "LastErrorCode": [],
    "ErrorDescription": [],
    "ErrorCleared": [],
    "TotalPowerOnHours": [],
    "IdentifyingDescriptions": [],
    "AdditionalAvailability": ["6"],
    "MaxQuiesceTime": [],
    "LocationIndicator": ["4"],
    "InstallDate": [],
    "OtherEnabledState": [],
    "DeviceID": ["Microsoft:<VM>\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"],
    "OtherIdentifyingInfo": [],
    "PowerOnHours": [],
    "GuestExchangeItems": [],
    "GuestIntrinsicExchangeItems": [],
}


@pytest.fixture(scope="module")
def component(make_shared_daemon, build, tmp_path_factory):
    """The instance as a Get gives it, and the identifier of its VM."""
    daemon = make_shared_daemon()
    vm = Vm(daemon, build, tmp_path_factory.mktemp("seed"))
    client = soap.Client(daemon.http, *daemon.add_user())
    keys = {"SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": vm.guid,
            "CreationClassName": "Msvm_KvpExchangeComponent",
            "DeviceID": f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"}
    answer = client.get("Msvm_KvpExchangeComponent", keys, URI.rsplit("/", 1)[0] + "/")
    assert answer.status == 200, answer.text
    return answer, vm.guid


@pytest.mark.parametrize("name, expected", [pytest.param(name, values, marks=pytest.mark.shows(f"seed {name}"))
                                            for name, values in DOCUMENTED.items()])
def test_a_property_has_the_documented_value(component, name, expected):
    answer, guid = component
    assert answer.texts(name) == [value.replace("<VM>", guid) for value in expected]


def test_there_is_no_property_more_and_none_less(component):
    instance = component[0].find(f".//{{{URI}}}Msvm_KvpExchangeComponent")
    assert sorted({element.tag.split("}")[-1] for element in instance}) == sorted(DOCUMENTED)
