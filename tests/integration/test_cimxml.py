# SPDX-License-Identifier: MIT
"""CIM-XML against the real daemon: every operation, and the error that each wrong request gets."""
import subprocess

import pytest

import cimxml
import dsp0201
import soap
from cimxml import Class, CimError, HttpError, Path, expect_error
from programs import wait_until

V1, V2, CLUSTER, INTEROP = "root/virtualization", cimxml.V2, "root/HyperVCluster/v2", cimxml.INTEROP
SERVICE = "Msvm_VirtualSystemManagementService"
SETTINGS = "Msvm_KvpExchangeComponentSettingData"
SYSTEM = {"ClassName": Class("Msvm_ComputerSystem")}


def vm_path(vm, ns=V2):
    return Path("Msvm_ComputerSystem", ns, CreationClassName="Msvm_ComputerSystem", Name=vm.guid)


def component_path(vm, ns=V2):
    return Path("Msvm_KvpExchangeComponent", ns, SystemCreationClassName="Msvm_ComputerSystem", SystemName=vm.guid,
                CreationClassName="Msvm_KvpExchangeComponent",
                DeviceID=f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F")


def service_path(cim, ns=V2):
    (path,) = cim.names(SERVICE, ns)
    return path


def change(cim, vm, method, *items, ns=V2):
    """Calls a KVP method and waits for its job: its instance."""
    code, outputs = cim.invoke(service_path(cim, ns), method, TargetSystem=vm_path(vm, ns), DataItems=list(items))
    assert code == 4096, code
    return wait_until(lambda: ended(cim.get(outputs["Job"])), "the job ends")


def ended(job):
    return job if job["JobState"] not in ("3", "4") else None


# --- Instances ---

@pytest.mark.shows("operation METHODCALL", "operation GetInstance")
def test_items_reach_the_guest_and_come_back(cim, running_vm):
    job = change(cim, running_vm, "AddKvpItems", soap.data_item("color", "blue & <green>"))
    assert job["JobState"] == "7" and job["ErrorCode"] == "0"
    assert running_vm.agent.get("color") == "blue & <green>"
    running_vm.agent.run("set", "ready", "yes")
    items = wait_until(lambda: cim.get(component_path(running_vm))["GuestExchangeItems"], "the guest's item is there")
    assert len(items) == 1 and "<VALUE>ready</VALUE>" in items[0] and "<VALUE>yes</VALUE>" in items[0]


@pytest.mark.parametrize("ns", [V1, V2, CLUSTER])
def test_every_namespace_with_the_exchange_answers(cim, vm, ns):
    assert change(cim, vm, "AddKvpItems", soap.data_item("a", "1"), ns=ns)["JobState"] == "7"
    (settings,) = cim.instances(SETTINGS, ns)
    assert "<VALUE>a</VALUE>" in settings["HostExchangeItems"][0]
    assert cim.get(component_path(vm, ns))["SystemName"] == vm.guid


def test_the_letter_case_of_names_does_not_matter(cim, vm):
    path = Path("MSVM_computersystem", "ROOT/Virtualization/V2", CREATIONCLASSNAME="msvm_computersystem",
                name=vm.guid.lower())
    assert cim.get(path, PropertyList=["elementNAME"]) == {"ElementName": "web1"}


def test_a_pasted_path_with_doubled_backslashes_is_found(cim, vm):
    path = component_path(vm)
    path.keys["DeviceID"] = path.keys["DeviceID"].replace("\\", "\\\\")
    assert cim.get(path)["SystemName"] == vm.guid


@pytest.mark.shows("operation EnumerateInstances", "operation EnumerateInstanceNames")
def test_a_superclass_lists_the_instances_of_its_subclasses(cim, vm):
    assert vm_path(vm) in cim.names("CIM_ComputerSystem")
    assert component_path(vm) in cim.names("CIM_LogicalDevice")
    shallow = cim.instances("CIM_System", DeepInheritance=False)
    assert len(shallow) == 2 and all("OnTimeInMilliseconds" not in found for found in shallow)


@pytest.mark.shows("operation ExecQuery")
def test_queries_of_published_scripts_find_the_vm(cim, vm):
    for text in (f"SELECT * FROM Msvm_ComputerSystem WHERE Name='{vm.guid}'",
                 "select * from msvm_computersystem where elementname = 'WEB1'",
                 "SELECT * FROM Msvm_ComputerSystem WHERE Caption='Virtual Machine';",
                 f"SELECT Name FROM Msvm_ComputerSystem WHERE Name LIKE '{vm.guid[:8]}%'"):
        (found,) = cim.query(text)
        assert found["Name"] == vm.guid
    assert cim.query(f"SELECT * FROM Msvm_KvpExchangeComponent WHERE SystemName='{vm.guid}'", language="DMTF:CQL")


@pytest.mark.shows("operation GetProperty")
def test_a_property_is_got_alone(cim, vm):
    (found,) = cim.returned("GetProperty", InstanceName=vm_path(vm), PropertyName="ElementName")
    assert (found.tag, found.text) == ("VALUE", "web1")
    (found,) = cim.returned("GetProperty", InstanceName=vm_path(vm), PropertyName="OperationalStatus")
    assert found.tag == "VALUE.ARRAY"
    assert cim.returned("GetProperty", InstanceName=vm_path(vm), PropertyName="OtherEnabledState") == []


def test_a_long_listing_arrives_whole(cim, daemon):
    for number in range(120):
        daemon.cli_ok("vm", "define", f"vm{number}")
    found = cim.instances("Msvm_ComputerSystem")
    assert [one["ElementName"] for one in found][1:] == [f"vm{number}" for number in range(120)]
    _, fields, _ = cim.post(cimxml.message(
        f'<IMETHODCALL NAME="EnumerateInstances">{cimxml.local_namespace(V2)}<IPARAMVALUE NAME="ClassName">'
        '<CLASSNAME NAME="Msvm_ComputerSystem"/></IPARAMVALUE></IMETHODCALL>'))
    assert fields["transfer-encoding"] == "chunked"


# --- What breaks a client at once ---

@pytest.mark.shows("cimxml 1", "cimxml 2", "cimxml 3", "cimxml 4", "cimxml 5")
def test_answers_are_such_that_the_strictest_client_reads_them(cim, vm):
    """All answers are checked by dsp0201.check(); here are some that have every trap in them."""
    def text(call):
        status, _, body = cim.post(cimxml.message(call))
        assert status == 200
        dsp0201.check(body)
        return body
    change(cim, vm, "AddKvpItems", soap.data_item("<!-- &#65; -->", "<![CDATA[x]]> \r\n"))
    settings = text(f'<IMETHODCALL NAME="enumerateINSTANCES">{cimxml.local_namespace(V2)}<IPARAMVALUE NAME="ClassName">'
                    f'<CLASSNAME NAME="{SETTINGS}"/></IPARAMVALUE></IMETHODCALL>')
    assert '<IMETHODRESPONSE NAME="enumerateINSTANCES">' in settings
    assert '<PROPERTY.ARRAY NAME="HostExchangeItems" TYPE="string"' in settings
    method = text(f'<METHODCALL NAME="ADDkvpITEMS">{service_path(cim).local()}<PARAMVALUE NAME="TargetSystem">'
                  f"<VALUE.REFERENCE>{vm_path(vm).local()}</VALUE.REFERENCE></PARAMVALUE></METHODCALL>")
    assert ('<METHODRESPONSE NAME="ADDkvpITEMS"><RETURNVALUE PARAMTYPE="uint32"><VALUE>32773</VALUE></RETURNVALUE>'
            "</METHODRESPONSE>") in method


# --- Associations ---

@pytest.mark.shows("operation Associators", "operation AssociatorNames")
def test_the_walk_from_a_vm_to_its_items(cim, daemon, vm):
    daemon.cli_ok("item", "add", "web1", "a", "1")
    (settings,) = associated(cim, "AssociatorNames", vm_path(vm), AssocClass=Class("Msvm_SettingsDefineState"))
    (items,) = cim.returned("Associators", ObjectName=settings, ResultClass=Class(SETTINGS),
                            PropertyList=["HostExchangeItems"])
    found = cimxml.properties_of(items.find("INSTANCE"))
    assert list(found) == ["HostExchangeItems"] and "<VALUE>a</VALUE>" in found["HostExchangeItems"][0]
    (component,) = associated(cim, "AssociatorNames", vm_path(vm), AssocClass=Class("CIM_SystemDevice"),
                              Role="groupcomponent", ResultRole="PARTCOMPONENT")
    assert component == component_path(vm)
    (back,) = associated(cim, "AssociatorNames", component, AssocClass=Class("Msvm_SystemDevice"))
    assert back == vm_path(vm)


def associated(cim, operation, path, **parameters):
    """The paths that AssociatorNames or ReferenceNames return."""
    return [Path.read(found) for found in cim.returned(operation, path.ns, ObjectName=path, **parameters)]


@pytest.mark.shows("operation References", "operation ReferenceNames")
def test_associations_themselves_are_listed_and_got(cim, vm):
    (path,) = associated(cim, "ReferenceNames", vm_path(vm), ResultClass=Class("Msvm_SystemDevice"))
    assert path.keys == {"GroupComponent": vm_path(vm), "PartComponent": component_path(vm)}
    (found,) = cim.returned("References", ObjectName=vm_path(vm), ResultClass=Class("Msvm_SystemDevice"))
    assert cimxml.properties_of(found.find("INSTANCE")) == cim.get(path) == path.keys


@pytest.mark.shows("operation OpenAssociatorInstances", "operation OpenAssociatorInstancePaths",
                   "operation OpenReferenceInstances", "operation OpenReferenceInstancePaths", "operation PullInstancePaths")
def test_associations_are_pulled(cim, vm):
    for operation, element in (("OpenAssociatorInstances", "VALUE.INSTANCEWITHPATH"),
                               ("OpenAssociatorInstancePaths", "INSTANCEPATH"),
                               ("OpenReferenceInstances", "VALUE.INSTANCEWITHPATH"),
                               ("OpenReferenceInstancePaths", "INSTANCEPATH")):
        page, end, context = pulled(cim.operate(operation, InstanceName=vm_path(vm), MaxObjectCount=1))
        assert [found.tag for found in page] == [element] and not end
        pull = "PullInstancePaths" if operation.endswith("Paths") else "PullInstancesWithPath"
        page, end, _ = pulled(cim.operate(pull, EnumerationContext=context, MaxObjectCount=1000))
        assert end and len(page) > 0


@pytest.mark.shows("operation Associators", "operation ReferenceNames")
def test_the_class_model_is_walked(cim):
    (found,) = cim.returned("Associators", ObjectName=Class("Msvm_ComputerSystem"), IncludeQualifiers=True,
                            AssocClass=Class("Msvm_SystemDevice"), ResultClass=Class("CIM_LogicalDevice"))
    assert [child.tag for child in found] == ["CLASSPATH", "CLASS"] and found.find(".//QUALIFIER") is not None
    names = cim.returned("ReferenceNames", ObjectName=Class("Msvm_KvpExchangeComponent"))
    assert "Msvm_SystemDevice" in [name.find("CLASSPATH/CLASSNAME").get("NAME") for name in names]


def test_queries_for_associations(cim, vm):
    of = f'{{Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="{vm.guid}"}}'
    (found,) = cim.query(f"ASSOCIATORS OF {of} WHERE ResultClass=Msvm_KvpExchangeComponent AssocClass=Msvm_SystemDevice")
    assert found["SystemName"] == vm.guid
    (found,) = cim.query(f"REFERENCES OF {of} WHERE ResultClass=Msvm_SystemDevice")
    assert found["PartComponent"] == component_path(vm)
    classes = cim.returned("ExecQuery", QueryLanguage="WQL", Query=f"ASSOCIATORS OF {of} WHERE ClassDefsOnly")
    assert "Msvm_KvpExchangeComponent" in [one.find("CLASS").get("NAME") for one in classes]
    expect_error(15, cim.query, "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE TargetInstance ISA "
                                "'Msvm_ComputerSystem'")


# --- Changes ---

@pytest.mark.shows("operation ModifyInstance", "operation SetProperty")
def test_a_setting_is_changed(cim, vm):
    path = Path(SETTINGS, InstanceID=component_path(vm).keys["DeviceID"])
    assert cim.get(path)["DisableHostKVPItems"] == "FALSE"
    response = cim.operate("ModifyInstance", PropertyList=["DisableHostKVPItems"],
                           ModifiedInstance=cimxml.named_instance(path, {"DisableHostKVPItems": "TRUE"}))
    assert len(response) == 0
    assert cim.get(path)["DisableHostKVPItems"] == "TRUE"
    assert len(cim.operate("SetProperty", InstanceName=path, PropertyName="DisableHostKVPItems", NewValue="false")) == 0
    assert cim.get(path)["DisableHostKVPItems"] == "FALSE"
    expect_error(4, cim.operate, "SetProperty", InstanceName=path, PropertyName="Limit", NewValue="7")
    expect_error(12, cim.operate, "SetProperty", InstanceName=path, PropertyName="Nope", NewValue="7")
    expect_error(13, cim.operate, "SetProperty", InstanceName=path, PropertyName="DisableHostKVPItems", NewValue="7")
    expect_error(7, cim.operate, "SetProperty", InstanceName=vm_path(vm), PropertyName="ElementName", NewValue="x")


# --- Pulled listings ---

def pulled(response):
    outputs = {output.get("NAME"): output[0].text for output in response.findall("PARAMVALUE")}
    return response.find("IRETURNVALUE"), outputs["EndOfSequence"] == "TRUE", outputs.get("EnumerationContext")


@pytest.mark.shows("operation OpenEnumerateInstances", "operation PullInstancesWithPath")
def test_a_listing_is_pulled_page_by_page(cim, daemon):
    for number in range(4):
        daemon.cli_ok("vm", "define", f"vm{number}")
    page, end, context = pulled(cim.operate("OpenEnumerateInstances", ClassName=Class("Msvm_ComputerSystem"),
                                            MaxObjectCount=2, PropertyList=["ElementName"]))
    seen = list(page)
    while not end:
        page, end, context = pulled(cim.operate("PullInstancesWithPath", EnumerationContext=context, MaxObjectCount=2))
        assert len(page) <= 2
        seen += page
    assert [found.find("INSTANCE/PROPERTY/VALUE").text for found in seen][1:] == ["vm0", "vm1", "vm2", "vm3"]
    assert context is None


@pytest.mark.shows("status 21")
def test_a_context_is_good_for_its_user_namespace_and_operation_alone(cim, daemon):
    _, _, context = pulled(cim.operate("OpenEnumerateInstances", **SYSTEM))
    other = cimxml.Client(daemon.cimom, *daemon.add_user("otto", "secret"))
    for client, operation, ns in ((other, "PullInstancesWithPath", V2), (cim, "PullInstancesWithPath", V1),
                                  (cim, "PullInstancePaths", V2), (cim, "PullInstances", V2)):
        expect_error(21, client.operate, operation, ns, EnumerationContext=context, MaxObjectCount=1)
    expect_error(21, other.operate, "CloseEnumeration", EnumerationContext=context)
    page, end, _ = pulled(cim.operate("PullInstancesWithPath", EnumerationContext=context, MaxObjectCount=9))
    assert len(page) == 1 and end


@pytest.mark.shows("operation OpenEnumerateInstancePaths", "operation CloseEnumeration")
def test_a_listing_is_closed(cim, make_daemon):
    _, end, context = pulled(cim.operate("OpenEnumerateInstancePaths", ClassName=Class("Msvm_ComputerSystem")))
    assert not end
    assert cim.operate("CloseEnumeration", EnumerationContext=context).find("IRETURNVALUE") is None
    expect_error(21, cim.operate, "PullInstancePaths", EnumerationContext=context, MaxObjectCount=1)


def test_a_listing_that_nobody_pulls_ends(make_daemon):
    hasty = make_daemon("hasty", enumeration_idle=1, enumerations_per_user=1)
    cim = cimxml.Client(hasty.cimom, *hasty.add_user())
    request = {"ClassName": Class("Msvm_ComputerSystem")}
    _, _, context = pulled(cim.operate("OpenEnumerateInstances", **request))
    expect_error(22, cim.operate, "OpenEnumerateInstances", OperationTimeout=2, **request)

    def opens_another():
        try:
            return cim.operate("OpenEnumerateInstances", OperationTimeout=1, **request)
        except CimError as error:
            assert error.code == 27
    wait_until(opens_another, "the first listing is closed")
    expect_error(21, cim.operate, "PullInstancesWithPath", EnumerationContext=context, MaxObjectCount=1)


@pytest.mark.shows("operation OpenQueryInstances", "operation PullInstances")
def test_a_query_is_pulled_with_the_class_of_its_result(cim, vm):
    response = cim.operate("OpenQueryInstances", FilterQueryLanguage="WQL", MaxObjectCount=1,
                           FilterQuery="SELECT ElementName FROM Msvm_ComputerSystem", ReturnQueryResultClass=True)
    page, end, context = pulled(response)
    assert not end and [found.tag for found in page] == ["INSTANCE"]
    page, end, _ = pulled(cim.operate("PullInstances", EnumerationContext=context, MaxObjectCount=1))
    assert end and cimxml.properties_of(page[0]) == {"ElementName": "web1"}
    assert response.find("PARAMVALUE[@NAME='QueryResultClass']/CLASS").get("NAME") == "Msvm_ComputerSystem"


@pytest.mark.shows("status 27")
def test_the_open_listings_of_a_user_are_bounded(make_daemon):
    small = make_daemon("small", enumerations_per_user=2)
    cim = cimxml.Client(small.cimom, *small.add_user())
    for _ in range(2):
        cim.operate("OpenEnumerateInstances", ClassName=Class("Msvm_ComputerSystem"))
    assert "2 of 2" in expect_error(27, cim.operate, "OpenEnumerateInstances", ClassName=Class("Msvm_ComputerSystem"))


# --- Classes and qualifiers ---

@pytest.mark.parametrize("ns", [V1, V2, CLUSTER, INTEROP, "root"])
@pytest.mark.shows("operation EnumerateClasses", "operation EnumerateClassNames")
def test_all_classes_of_a_namespace_are_listed(cim, ns):
    names = [found.get("NAME") for found in cim.returned("EnumerateClassNames", ns, DeepInheritance=True)]
    classes = cim.returned("EnumerateClasses", ns, DeepInheritance=True, LocalOnly=False, IncludeClassOrigin=True)
    assert [found.get("NAME") for found in classes] == names and "__NAMESPACE" in names
    tops = [found.get("NAME") for found in cim.returned("EnumerateClassNames", ns)]
    assert sorted(tops) == sorted(found.get("NAME") for found in classes if not found.get("SUPERCLASS"))


@pytest.mark.shows("operation GetClass")
def test_a_class_is_got_with_what_was_asked_for(cim):
    (own,) = cim.returned("GetClass", ClassName=Class("msvm_kvpexchangecomponent"))
    assert (own.get("NAME"), own.get("SUPERCLASS")) == ("Msvm_KvpExchangeComponent", "CIM_LogicalDevice")
    names = [found.get("NAME") for found in own if found.tag.startswith("PROPERTY")]
    assert names == ["GuestExchangeItems", "GuestIntrinsicExchangeItems"]
    (whole,) = cim.returned("GetClass", ClassName=Class("Msvm_KvpExchangeComponent"), LocalOnly=False,
                            IncludeQualifiers=False, IncludeClassOrigin=True)
    assert whole.find("PROPERTY[@NAME='DeviceID']").get("CLASSORIGIN") == "CIM_LogicalDevice"
    assert whole.find(".//QUALIFIER") is None


@pytest.mark.shows("operation GetQualifier", "operation EnumerateQualifiers")
def test_qualifiers_are_listed_and_got(cim):
    listed = cim.returned("EnumerateQualifiers")
    (key,) = cim.returned("GetQualifier", QualifierName="KEY")
    assert key.get("NAME") == "Key" and key.find("SCOPE").get("PROPERTY") == "true"
    assert "Key" in [found.get("NAME") for found in listed] and len(listed) > 20


# --- The interop namespace ---

@pytest.mark.shows("class CIM_ObjectManager", "class CIM_Namespace", "class CIM_RegisteredProfile")
def test_the_interop_namespace_tells_what_there_is(cim):
    (manager,) = cim.instances("CIM_ObjectManager", INTEROP)
    assert manager["ElementName"] == "openkvp" and "version" in manager["Description"]
    names = [found["Name"] for found in cim.instances("CIM_Namespace", INTEROP)]
    assert {V1, V2, CLUSTER, INTEROP} <= set(names)
    assert cim.instances("CIM_RegisteredProfile", INTEROP) == []
    below = [found["Name"] for found in cim.instances("__NAMESPACE", "root")]
    assert "interop" in below and "virtualization" in below


# --- What is wrong with a request ---

NOBODY = Path("Msvm_ComputerSystem", CreationClassName="Msvm_ComputerSystem", Name="x")
def keys(*pairs):
    """InstanceName with any keys: names and values."""
    bindings = "".join(f'<KEYBINDING NAME="{name}"><KEYVALUE VALUETYPE="string">{value}</KEYVALUE></KEYBINDING>'
                       for name, value in pairs)
    return cimxml.Xml(f'<INSTANCENAME CLASSNAME="Msvm_ComputerSystem">{bindings}</INSTANCENAME>')


def on_class(cim, class_name, method):
    """Calls a method of a class."""
    return cim.ask(f'<METHODCALL NAME="{method}"><LOCALCLASSPATH>{cimxml.local_namespace(V2)}'
                   f'<CLASSNAME NAME="{class_name}"/></LOCALCLASSPATH></METHODCALL>')


def twice(cim, vm):
    """Gives a parameter of an operation twice."""
    name = f'<IPARAMVALUE NAME="InstanceName">{vm_path(vm).name()}</IPARAMVALUE>'
    return cim.ask(f'<IMETHODCALL NAME="GetInstance">{cimxml.local_namespace(V2)}{name}{name}</IMETHODCALL>')


def argument_twice(cim, vm):
    target = f'<PARAMVALUE NAME="TargetSystem"><VALUE.REFERENCE>{vm_path(vm).local()}</VALUE.REFERENCE></PARAMVALUE>'
    return cim.ask(f'<METHODCALL NAME="AddKvpItems">{service_path(cim).local()}{target}{target}</METHODCALL>')


STATUS_CODES = [
    (3, lambda cim, vm: cim.operate("EnumerateInstances", "interop", **SYSTEM)),
    (4, lambda cim, vm: cim.operate("EnumerateInstances")),
    (4, lambda cim, vm: cim.operate("EnumerateInstances", Nope="1", **SYSTEM)),
    (4, twice),
    (4, lambda cim, vm: cim.operate("EnumerateInstances", ClassName="Msvm_ComputerSystem")),
    (4, lambda cim, vm: cim.operate("EnumerateInstances", DeepInheritance="perhaps", **SYSTEM)),
    (4, lambda cim, vm: cim.operate("OpenEnumerateInstances", MaxObjectCount=-1, **SYSTEM)),
    (4, lambda cim, vm: cim.operate("OpenEnumerateInstances", MaxObjectCount=2**32, **SYSTEM)),
    (4, lambda cim, vm: cim.operate("GetInstance", InstanceName=keys())),
    (4, lambda cim, vm: cim.operate("GetInstance", InstanceName=keys(("Name", vm.guid)))),
    (4, lambda cim, vm: cim.operate("GetInstance", InstanceName=keys(("Name", vm.guid), ("NAME", vm.guid)))),
    (4, lambda cim, vm: cim.operate("GetInstance", InstanceName=keys(
        ("Name", vm.guid), ("CreationClassName", "Msvm_ComputerSystem"), ("Nope", "x")))),
    (4, argument_twice),
    (4, lambda cim, vm: cim.invoke(service_path(cim), "AddKvpItems", TargetSystem=vm_path(vm), DataItems=[], Nope="1")),
    (4, lambda cim, vm: cim.invoke(service_path(cim), "AddKvpItems", TargetSystem="x", DataItems=[])),
    (4, lambda cim, vm: on_class(cim, SERVICE, "AddKvpItems")),
    (5, lambda cim, vm: on_class(cim, "Nope", "AddKvpItems")),
    (5, lambda cim, vm: cim.operate("EnumerateInstances", ClassName=Class("Nope"))),
    (5, lambda cim, vm: cim.operate("EnumerateClassNames", ClassName=Class("Nope"))),
    (5, lambda cim, vm: cim.operate("AssociatorNames", ObjectName=vm_path(vm), AssocClass=Class("Nope"))),
    (6, lambda cim, vm: cim.operate("GetClass", ClassName=Class("Nope"))),
    (6, lambda cim, vm: cim.get(NOBODY)),
    (6, lambda cim, vm: cim.operate("GetQualifier", QualifierName="Nope")),
    (7, lambda cim, vm: cim.operate("EnumerationCount", EnumerationContext="x")),
    (7, lambda cim, vm: cim.operate("DeleteClass", **SYSTEM)),
    (7, lambda cim, vm: cim.operate("CreateInstance", NewInstance=cimxml.instance("Msvm_ComputerSystem", {}))),
    (7, lambda cim, vm: cim.operate("DeleteInstance", InstanceName=vm_path(vm))),
    (7, lambda cim, vm: cim.operate("ModifyClass", ModifiedClass=cimxml.Xml('<CLASS NAME="Msvm_ComputerSystem"/>'))),
    (7, lambda cim, vm: cim.operate("DeleteQualifier", QualifierName="Key")),
    (12, lambda cim, vm: cim.operate("GetProperty", InstanceName=vm_path(vm), PropertyName="Nope")),
    (13, lambda cim, vm: cim.invoke(service_path(cim), "AddKvpItems", TargetSystem=vm_path(vm),
                                    DataItems=cimxml.Xml(f"<VALUE.REFERENCE>{vm_path(vm).local()}</VALUE.REFERENCE>"))),
    (14, lambda cim, vm: cim.query("SELECT * FROM Msvm_ComputerSystem", language="SQL")),
    (14, lambda cim, vm: cim.query("REFERENCES OF {Msvm_ComputerSystem} WHERE SchemaOnly", language="SQL")),
    (14, lambda cim, vm: cim.operate("OpenQueryInstances", FilterQueryLanguage="SQL", FilterQuery="SELECT")),
    (15, lambda cim, vm: cim.query("SELECT")),
    (15, lambda cim, vm: cim.query("SELECT Nope FROM Msvm_ComputerSystem")),
    (15, lambda cim, vm: cim.query("SELECT * FROM Msvm_ComputerSystem WHERE Roles = 'a'")),
    (15, lambda cim, vm: cim.query("SELECT * FROM Msvm_ComputerSystem GROUP WITHIN 5")),
    (15, lambda cim, vm: cim.query("SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'CIM_Job'")),
    (16, lambda cim, vm: cim.invoke(service_path(cim), "StartService")),
    (17, lambda cim, vm: cim.invoke(service_path(cim), "Nope")),
    (20, lambda cim, vm: cim.operate("DeleteInstance", INTEROP, InstanceName=cim.names("CIM_Namespace", INTEROP)[0])),
    (21, lambda cim, vm: cim.operate("PullInstances", EnumerationContext="x", MaxObjectCount=1)),
    (22, lambda cim, vm: cim.operate("OpenEnumerateInstances", OperationTimeout=0, **SYSTEM)),
    (25, lambda cim, vm: cim.operate("OpenEnumerateInstances", FilterQueryLanguage="DMTF:FQL", FilterQuery="x", **SYSTEM)),
    (26, lambda cim, vm: cim.operate("OpenEnumerateInstances", ContinueOnError=True, **SYSTEM)),
]


@pytest.mark.parametrize("code, request_it", [pytest.param(code, function, marks=pytest.mark.shows(f"status {code}"))
                                              for code, function in STATUS_CODES])
def test_status_codes(cim, vm, code, request_it):
    expect_error(code, request_it, cim, vm)


def test_a_failure_inside_a_kvp_method_is_a_return_value(cim, vm):
    service = service_path(cim)
    good = soap.data_item("a", "1")
    for items in ([], None, ["no XML"], [good] * 129, [soap.data_item("a" * 256, "1")]):
        code, outputs = cim.invoke(service, "AddKvpItems", TargetSystem=vm_path(vm), DataItems=items)
        assert (code, outputs) == (32773, {})
    assert change(cim, vm, "ModifyKvpItems", good)["ErrorCode"] == "32773"
    assert vm.items() == {}


def test_a_call_that_cannot_be_dispatched_is_an_error(cim, vm):
    service = service_path(cim)
    expect_error(4, cim.invoke, service, "AddKvpItems", DataItems=[])
    expect_error(4, cim.invoke, service, "AddKvpItems", TargetSystem=service, DataItems=[])
    nobody = Path("Msvm_ComputerSystem", CreationClassName="Msvm_ComputerSystem", Name="no such VM")
    expect_error(6, cim.invoke, service, "AddKvpItems", TargetSystem=nobody, DataItems=[])
    other = Path(service.class_name, **{**service.keys, "Name": "other"})
    expect_error(6, cim.invoke, other, "AddKvpItems", TargetSystem=vm_path(vm), DataItems=[])


@pytest.mark.shows("status 2")
def test_who_may_only_read_is_told_so(daemon, vm):
    reader = cimxml.Client(daemon.cimom, *daemon.add_user("rita", "secret", "read"))
    assert reader.get(vm_path(vm))["ElementName"] == "web1"
    assert reader.invoke(service_path(reader), "AddKvpItems", TargetSystem=vm_path(vm),
                         DataItems=[soap.data_item("a", "1")]) == (32769, {})
    settings = Path(SETTINGS, InstanceID=component_path(vm).keys["DeviceID"])
    expect_error(2, reader.operate, "SetProperty", InstanceName=settings, PropertyName="DisableHostKVPItems",
                 NewValue="true")
    expect_error(2, reader.operate, "CreateInstance", INTEROP, NewInstance=cimxml.instance(
        "CIM_ListenerDestinationCIMXML", {"Destination": "http://a"}))
    expect_error(6, reader.operate, "DeleteInstance", InstanceName=NOBODY)
    expect_error(7, reader.operate, "DeleteInstance", InstanceName=vm_path(vm))
    assert reader.get(settings)["DisableHostKVPItems"] == "FALSE"


UTF16 = cimxml.message("").replace("utf-8", "utf-16").encode("utf-16")
PROTOCOL_ERRORS = [
    ("<CIM", [], 400, "request-not-well-formed"),
    ("", [], 400, "request-not-well-formed"),
    ("<!DOCTYPE CIM><CIM/>", [], 400, "request-not-well-formed"),
    ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', [], 400, "request-not-well-formed"),
    ("<a>&b;</a>", [], 400, "request-not-well-formed"),
    ("<a>" * 100 + "</a>" * 100, [], 400, "request-not-well-formed"),
    ("<a>" + "<b/>" * 200001 + "</a>", [], 400, "request-not-well-formed"),
    ("<a " + " ".join(f'a{number}=""' for number in range(65)) + "/>", [], 400, "request-not-well-formed"),
    (b"<a>\xff</a>", [], 400, "request-not-well-formed"),
    (b"<a>\xc0\xaf</a>", [], 400, "request-not-well-formed"),
    (b"<a>\xed\xa0\x80</a>", [], 400, "request-not-well-formed"),
    ("<a>\x01</a>", [], 400, "request-not-well-formed"),
    (UTF16, [], 400, "request-not-well-formed"),
    (UTF16, ["Content-Type: application/xml; charset=utf-16"], 400, "request-not-well-formed"),
    (UTF16, ["Content-Type: application/xml"], 400, "request-not-valid"),
    (UTF16[:-1], ["Content-Type: application/xml"], 400, "request-not-well-formed"),
    ("<a>\ud800</a>".encode("utf-16", "surrogatepass"), ["Content-Type: text/xml"], 400, "request-not-well-formed"),
    ('<?xml version="1.0" encoding="ebcdic"?><a/>', ["Content-Type: text/xml"], 400, "request-not-well-formed"),
    ("<a/>", [], 400, "request-not-valid"),
    (cimxml.message(""), [], 400, "request-not-valid"),
    (cimxml.message("<IMETHODCALL/>"), [], 400, "request-not-valid"),
    (cimxml.message('<IMETHODCALL NAME="GetClass"/><IMETHODCALL NAME="GetClass"/>'), [], 400, "request-not-valid"),
    (cimxml.message('<EXPMETHODCALL NAME="ExportIndication"/>'), [], 400, "request-not-valid"),
    (cimxml.message("").replace(' ID="1001"', ""), [], 400, "request-not-valid"),
    (cimxml.message("").replace("SIMPLEREQ", "MULTIREQ"), [], 501, "multiple-requests-unsupported"),
    (cimxml.message("").replace('CIMVERSION="2.0"', 'CIMVERSION="3.0"'), [], 501, "unsupported-cim-version"),
    (cimxml.message("").replace('DTDVERSION="2.0"', 'DTDVERSION="1.1"'), [], 501, "unsupported-dtd-version"),
    (cimxml.message("").replace('PROTOCOLVERSION="1.0"', 'PROTOCOLVERSION="2.0"'), [], 501,
     "unsupported-protocol-version"),
    ("<a/>", ["CIMOperation: ExportRequest"], 400, "unsupported-operation"),
    ("<a/>", ["CIMProtocolVersion: 3.0"], 501, "unsupported-protocol-version"),
    ("<a/>", ["CIMBatch: x"], 501, "multiple-requests-unsupported"),
]


@pytest.mark.parametrize("document, headers, status, error",
                         [pytest.param(*row, marks=pytest.mark.shows(f"cimerror {row[3]}"), id=f"{row[3]}-{number}")
                          for number, row in enumerate(PROTOCOL_ERRORS)])
def test_protocol_errors(cim, document, headers, status, error):
    got, fields, body = cim.post(document, headers=headers)
    assert (got, fields.get("cimerror")) == (status, error), body
    assert "cimoperation" not in fields


@pytest.mark.shows("cimerror header-mismatch")
def test_headers_that_contradict_the_body(cim):
    call = f'<IMETHODCALL NAME="EnumerateQualifiers">{cimxml.local_namespace(V2)}</IMETHODCALL>'
    for header in ("CIMMethod: GetClass", "CIMObject: root/virtualization"):
        with pytest.raises(HttpError) as caught:
            cim.ask(call, header)
        assert (caught.value.status, caught.value.cim_error) == (400, "header-mismatch")
    assert cim.ask(call, "CIMMethod: enumeratequalifiers", "CIMObject: root%2Fvirtualization%2FV2") is not None


@pytest.mark.shows("cimerror 401", "cimerror 404", "cimerror 405", "cimerror 415")
def test_the_ways_in(cim, daemon):
    def status(*words):
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %header{allow}%header{www-authenticate}",
                               *words], capture_output=True, text=True, timeout=30)
        return done.stdout
    assert status(daemon.cimom, "-d", "x").startswith("401 Basic realm=")
    assert status(daemon.cimom, "-u", "ann:wrong", "-d", "x").startswith("401 Basic realm=")
    login = ("-u", f"{cim.user}:{cim.password}")
    assert status(daemon.cimom, *login) == "405 POST"
    assert status(daemon.cimom, *login, "-X", "M-POST", "-d", "x") == "405 POST"
    assert status(daemon.cimom, *login, "-X", "PUT", "-d", "x") == "405 POST"
    assert status(daemon.cimom.replace("/cimom", "/wsman"), *login, "-d", "x") == "404 "
    assert status(daemon.http + "/cimom", *login, "-d", "x") == "404 "
    assert status(daemon.cimom, *login, "-d", "x", "-H", "Content-Type: application/json") == "415 "


@pytest.mark.shows("cimerror 413")
def test_a_body_that_is_too_large_is_413(make_daemon):
    small = make_daemon("small", body_max=64)
    cim = cimxml.Client(small.cimom, *small.add_user())
    status, fields, _ = cim.post("<a>" + "x" * 70000 + "</a>")
    assert status == 413 and "cimerror" not in fields


def test_a_request_may_come_in_chunks_and_wait_for_100(cim):
    text = cimxml.message(f'<IMETHODCALL NAME="EnumerateClassNames">{cimxml.local_namespace(V2)}</IMETHODCALL>')
    status, _, body = cim.post(text, "-H", "Transfer-Encoding: chunked", "-H", "Expect:")
    assert status == 200 and "CIM_ManagedElement" in body
    done = cim.post(text, "-H", "Expect: 100-continue")
    assert done[0] in (100, 200) and "CIM_ManagedElement" in done[2]


def test_a_character_that_xml_cannot_carry_is_replaced(cim, running_vm):
    path = running_vm.agent.pool(1)
    record = b"a\x01".ljust(512, b"\0") + "b\r\n\x02\U0001f600".encode().ljust(2048, b"\0")
    path.write_bytes(record)
    items = wait_until(lambda: cim.get(component_path(running_vm))["GuestExchangeItems"], "the guest's item is there")
    assert "\ufffd" in items[0] and "\U0001f600" in items[0] and "&#13;" in items[0]
