# SPDX-License-Identifier: MIT
"""wbemcli, an independent CIM-XML client with a parser of its own, against the real daemon."""
import re
import shutil

import pytest

from cimxml import INTEROP, Wbemcli
from programs import wait_until

SERVICE = "Msvm_VirtualSystemManagementService"
SETTINGS = "Msvm_KvpExchangeComponentSettingData"

pytestmark = [pytest.mark.skipif(not shutil.which("wbemcli"), reason="wbemcli is not installed"),
              pytest.mark.shows("client wbemcli")]


@pytest.fixture(params=["http", "https"])
def scheme(request):
    return request.param


@pytest.fixture
def daemon(make_daemon, scheme, tls):
    if scheme == "http":
        return make_daemon()
    return make_daemon(listen_cimxml_https="127.0.0.1:0", certificate=tls.certificate, key=tls.key)


@pytest.fixture
def wbemcli(daemon, scheme, tls):
    """wbemcli, with a user who is an administrator."""
    made = Wbemcli(daemon.cimom if scheme == "http" else daemon.cimom_tls, *daemon.add_user("will", "secret"))
    made.options = [] if scheme == "http" else ["-cacert", str(tls.certificate)]
    return made


def vm_path(vm):
    return f'Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{vm.guid}"'


def service_path(wbemcli):
    (path,) = wbemcli.ok("ein", SERVICE)
    return path.split(":", 1)[1]


def item(name, data):
    """A data item as wbemcli wants it typed: escaped already."""
    return ("&lt;INSTANCE CLASSNAME=&quot;Msvm_KvpExchangeDataItem&quot;&gt;"
            f"&lt;PROPERTY NAME=&quot;Name&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE&gt;{name}&lt;/VALUE&gt;&lt;/PROPERTY&gt;"
            f"&lt;PROPERTY NAME=&quot;Data&quot; TYPE=&quot;string&quot;&gt;&lt;VALUE&gt;{data}&lt;/VALUE&gt;&lt;/PROPERTY&gt;"
            "&lt;/INSTANCE&gt;")


def call(wbemcli, vm, method, text):
    """A KVP method with one item (of several, wbemcli drops those with '='): its return value, and the job's path."""
    lines = wbemcli.ok("cm", service_path(wbemcli), f'{method}.DataItems="{text}",TargetSystem={vm_path(vm)}')
    code = int(lines[0].rsplit(": ", 1)[1])
    job = re.search(r'InstanceID="([0-9A-F-]+)"', lines[1]) if len(lines) > 1 else None
    return code, f'Msvm_ConcreteJob.InstanceID="{job.group(1)}"' if job else None


def properties(lines):
    return dict(line[1:].split("=", 1) for line in lines if line.startswith("-") and "=" in line)


def test_items_are_added_changed_and_removed(wbemcli, running_vm):
    agent = running_vm.agent
    code, job = call(wbemcli, running_vm, "AddKvpItems", item("color", "blue"))
    assert code == 4096
    wait_until(lambda: properties(wbemcli.ok("gi", job))["JobState"] == "7", "the job ends")
    assert agent.get("color") == "blue"
    assert call(wbemcli, running_vm, "ModifyKvpItems", item("color", "red"))[0] == 4096
    wait_until(lambda: agent.get("color") == "red", "the change arrives")
    assert call(wbemcli, running_vm, "RemoveKvpItems", item("color", ""))[0] == 4096
    wait_until(lambda: agent.get("color") is None, "the removal arrives")


def test_an_item_typed_without_escaping_is_taken_too(wbemcli, vm):
    text = ("<INSTANCE CLASSNAME='Msvm_KvpExchangeDataItem'><PROPERTY NAME='Name' TYPE='string'><VALUE>k</VALUE>"
            "</PROPERTY><PROPERTY NAME='Data' TYPE='string'><VALUE>v</VALUE></PROPERTY></INSTANCE>")
    assert call(wbemcli, vm, "AddKvpItems", text)[0] == 4096
    wait_until(lambda: vm.items().get("k", {}).get("value") == "v", "the item is there")


def test_an_argument_error_is_a_return_value_without_a_job(wbemcli, vm):
    assert call(wbemcli, vm, "AddKvpItems", "no item") == (32773, None)


def test_instances_are_listed_and_got(wbemcli, vm):
    names = wbemcli.ok("ein", "CIM_ComputerSystem")
    assert len(names) == 2 and any(vm.guid in name for name in names)
    assert len([line for line in wbemcli.ok("ei", "Msvm_ComputerSystem") if line.startswith("-ElementName")]) == 2
    whole = properties(wbemcli.ok("gi", vm_path(vm)))
    assert whole["ElementName"] == '"web1"' and whole["EnabledState"] == "3" and whole["OtherEnabledState"] == ""
    some = properties(wbemcli.ok("gi", vm_path(vm), "ElementName,EnabledState"))
    assert some == {"ElementName": '"web1"', "EnabledState": "3"}
    assert wbemcli.ok("gp", vm_path(vm), "ElementName") == ["web1"]


def test_a_path_that_was_printed_is_found_when_pasted(wbemcli, vm):
    (path,) = wbemcli.ok("ein", "Msvm_KvpExchangeComponent")
    assert "\\\\" in path
    assert properties(wbemcli.ok("gi", path.split(":", 1)[1]))["SystemName"] == f'"{vm.guid}"'


def test_items_with_every_special_character_are_shown(wbemcli, daemon, vm):
    daemon.cli_ok("item", "add", "web1", "k<&>\"'", "a <b> & \"c\" 'd' ä \U0001f600")
    (line,) = [line for line in wbemcli.ok("ei", SETTINGS) if line.startswith("-HostExchangeItems")]
    assert "<VALUE>k&lt;&amp;&gt;&quot;&apos;</VALUE>" in line and "ä \U0001f600" in line


def test_associations_are_followed(wbemcli, vm):
    (component,) = wbemcli.ok("ain", vm_path(vm), "-ac", "Msvm_SystemDevice", "-arc", "Msvm_KvpExchangeComponent")
    assert f'SystemName="{vm.guid}"' in component
    assert properties(wbemcli.ok("ai", vm_path(vm), "-ac", "Msvm_SystemDevice", "-ar", "GroupComponent", "-arr",
                                 "PartComponent"))["Name"] == '"Key-Value Pair Exchange"'
    assert wbemcli.ok("ain", vm_path(vm), "-ac", "Msvm_SystemDevice", "-ar", "PartComponent") == []
    (association,) = wbemcli.ok("rin", vm_path(vm), "-arc", "Msvm_SystemDevice")
    assert "GroupComponent=" in association and "PartComponent=" in association
    lines = wbemcli.ok("ri", vm_path(vm), "-arc", "Msvm_SystemDevice")
    assert any(line.startswith("-PartComponent=") and "Msvm_KvpExchangeComponent" in line for line in lines)
    assert len(wbemcli.ok("rin", vm_path(vm))) > 1


def test_classes_are_listed_and_got(wbemcli):
    names = wbemcli.ok("ecn", "CIM_LogicalElement")
    assert "root/virtualization/v2:Msvm_KvpExchangeComponent" in names
    assert len(wbemcli.ok("ec", "CIM_LogicalElement")) > len(names)
    lines = wbemcli.ok("gc", "Msvm_KvpExchangeComponent")
    assert "-GuestExchangeItems=" in lines and "-DeviceID=" in lines
    (definition,) = wbemcli.ok("gcd", "Msvm_KvpExchangeComponent")
    assert definition.startswith('<CLASS NAME="Msvm_KvpExchangeComponent" SUPERCLASS="CIM_LogicalDevice">')


def test_an_instance_is_made_changed_and_removed(wbemcli):
    keys = 'SystemCreationClassName="CIM_ComputerSystem",SystemName="x",CreationClassName="CIM_ListenerDestinationCIMXML",Name="w"'
    path = "CIM_ListenerDestinationCIMXML." + keys
    assert INTEROP + ":" in wbemcli.ok("ci", path, keys + ',Destination="http://127.0.0.1:1"', ns=INTEROP)[0]
    assert wbemcli.error("ci", path, keys + ',Destination="http://127.0.0.1:1"', ns=INTEROP) == 11
    assert wbemcli.error("mi", path, 'Destination="http://127.0.0.1:2"', ns=INTEROP) == 7
    assert wbemcli.ok("di", path, ns=INTEROP) == []
    assert wbemcli.error("di", path, ns=INTEROP) == 6


def test_a_setting_is_changed(wbemcli, vm):
    (path,) = wbemcli.ok("ein", SETTINGS)
    path = path.split(":", 1)[1]
    assert properties(wbemcli.ok("gi", path))["DisableHostKVPItems"] == "FALSE"
    wbemcli.ok("sp", path, "DisableHostKVPItems=true")
    assert properties(wbemcli.ok("gi", path))["DisableHostKVPItems"] == "TRUE"
    wbemcli.ok("mi", path, "DisableHostKVPItems=false")
    assert wbemcli.ok("gp", path, "DisableHostKVPItems") == ["FALSE"]


def test_errors_have_their_numbers(wbemcli, vm):
    assert wbemcli.error("ein", "Nope") == 5
    assert wbemcli.error("gc", "Nope") == 6
    assert wbemcli.error("ein", "Msvm_ComputerSystem", ns="root/nope") == 3
    assert wbemcli.error("gi", vm_path(vm).replace(vm.guid, "x")) == 6
    assert wbemcli.error("gp", vm_path(vm), "Nope") == 12
    assert wbemcli.error("ain", vm_path(vm), "-ac", "Nope") == 5
    assert wbemcli.error("di", vm_path(vm)) == 7
    assert wbemcli.error("dc", "Msvm_ComputerSystem") == 7
    assert wbemcli.error("cm", service_path(wbemcli), "StartService") == 16


def test_the_answer_to_a_method_is_shown_as_xml(wbemcli, vm):
    lines = wbemcli.ok("cmx", service_path(wbemcli), f'AddKvpItems.DataItems="{item("a", "1")}",TargetSystem={vm_path(vm)}')
    assert '<RETURNVALUE PARAMTYPE="uint32"><VALUE>4096</VALUE></RETURNVALUE>' in "".join(lines)


def test_its_ways_of_sending_are_taken(wbemcli, vm):
    for option in ("-cte", "-e100", "-t"):
        wbemcli.options.append(option)
        assert any(vm.guid in line for line in wbemcli.ok("ein", "Msvm_ComputerSystem"))


def test_a_wrong_password_is_told(daemon, wbemcli):
    wbemcli.root = wbemcli.root.replace("secret", "wrong")
    assert "Invalid username/password" in wbemcli.run("ein", "Msvm_ComputerSystem").stderr


@pytest.mark.parametrize("scheme", ["https"], indirect=True)
def test_a_server_that_is_not_known_is_told(wbemcli):
    wbemcli.options = []
    assert "certificate" in wbemcli.run("ein", "Msvm_ComputerSystem").stderr
    wbemcli.options = ["-noverify"]
    assert len(wbemcli.ok("ein", "Msvm_ComputerSystem")) == 1
