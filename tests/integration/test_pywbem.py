# SPDX-License-Identifier: MIT
"""pywbem, where it is installed (Debian has no package of it), against the real daemon."""
import queue
import socket

import pytest
import pywbem

from programs import wait_until

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
V2 = "root/virtualization/v2"


@pytest.fixture(params=[False, True], ids=["whole", "pulled"])
def connection(daemon, request):
    return pywbem.WBEMConnection(daemon.cimom.removesuffix("/cimom"), daemon.add_user(), default_namespace=V2,
                                 use_pull_operations=request.param)


def vm_name(vm):
    return pywbem.CIMInstanceName("Msvm_ComputerSystem", namespace=V2,
                                  keybindings={"CreationClassName": "Msvm_ComputerSystem", "Name": vm.guid})


def item(name, data):
    return pywbem.CIMInstance("Msvm_KvpExchangeDataItem", {"Name": name, "Data": data, "Source": pywbem.Uint16(0)})


def test_items_are_added_as_objects_and_as_text(connection, running_vm):
    (service,) = connection.EnumerateInstanceNames("Msvm_VirtualSystemManagementService")
    for given in (item("color", "a < b & c"), item("size", "\u00e4").tocimxmlstr()):
        code, outputs = connection.InvokeMethod("AddKvpItems", service, TargetSystem=vm_name(running_vm),
                                                DataItems=[given])
        assert code == 4096
        wait_until(lambda: connection.GetInstance(outputs["Job"])["JobState"] == 7, "the job ends")
    assert running_vm.agent.get("color") == "a < b & c" and running_vm.agent.get("size") == "\u00e4"


def test_instances_are_iterated(connection, vm):
    instances = list(connection.IterEnumerateInstances("CIM_ComputerSystem", MaxObjectCount=1))
    assert [one["ElementName"] for one in instances][1:] == ["web1"] and all(one.path.namespace == V2 for one in instances)
    assert vm_name(vm) in [pywbem.CIMInstanceName(path.classname, path.keybindings, namespace=path.namespace) for path in
                           connection.IterEnumerateInstancePaths("Msvm_ComputerSystem", MaxObjectCount=1)]
    result = connection.IterQueryInstances("WQL", "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'web1'")
    assert [one["Name"] for one in result.generator] == [vm.guid]


def test_classes_and_qualifiers_are_read(connection):
    component = connection.GetClass("Msvm_KvpExchangeComponent", LocalOnly=False)
    assert component.properties["DeviceID"].qualifiers["Key"].value is True
    assert component.properties["GuestExchangeItems"].is_array
    assert len(connection.EnumerateClasses(DeepInheritance=True)) == len(
        connection.EnumerateClassNames(DeepInheritance=True))
    assert connection.GetQualifier("Association").scopes["ASSOCIATION"]
    for ns in ("root/virtualization", "root/HyperVCluster/v2", "root/interop"):
        assert connection.EnumerateClasses(namespace=ns, DeepInheritance=True, LocalOnly=False)
    assert connection.EnumerateQualifiers()


def test_errors_are_told(connection, daemon):
    with pytest.raises(pywbem.CIMError) as caught:
        connection.EnumerateInstances("Nope")
    assert caught.value.status_code == pywbem.CIM_ERR_INVALID_CLASS
    stranger = pywbem.WBEMConnection(daemon.cimom.removesuffix("/cimom"), ("ann", "wrong"))
    with pytest.raises(pywbem.AuthError):
        stranger.EnumerateClassNames()


def test_the_server_and_its_subscriptions_are_managed(connection):
    server = pywbem.WBEMServer(connection)
    assert server.interop_ns == "root/interop" and V2 in server.namespaces and server.brand == "openkvp"
    assert server.version and server.profiles == []
    with pywbem.WBEMSubscriptionManager(subscription_manager_id="test") as manager:
        identifier = manager.add_server(server)
        destination = manager.add_destination(identifier, "http://127.0.0.1:1", destination_id="d")
        query = "SELECT * FROM CIM_InstModification WHERE SourceInstance ISA 'Msvm_ComputerSystem'"
        condition = manager.add_filter(identifier, V2, query, query_language="WQL", filter_id="f")
        (subscription,) = manager.add_subscriptions(identifier, condition.path, destination.path)
        assert connection.GetInstance(subscription.path)["SubscriptionState"] == 2
    assert connection.EnumerateInstances("CIM_IndicationSubscription", namespace="root/interop") == []


@pytest.fixture
def listener():
    """pywbem's own listener; told is the queue of what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = pywbem.WBEMListener("127.0.0.1", http_port=port)
    made.told = queue.Queue()
    made.add_callback(lambda indication, host: made.told.put(indication))
    made.start()
    yield made
    made.stop()


def test_its_listener_is_told(connection, listener, daemon):
    server = pywbem.WBEMServer(connection)
    with pywbem.WBEMSubscriptionManager(subscription_manager_id="test") as manager:
        identifier = manager.add_server(server)
        destination = manager.add_destination(identifier, f"http://127.0.0.1:{listener.http_port}", destination_id="d")
        query = "SELECT * FROM CIM_InstIndication WHERE SourceInstance ISA 'Msvm_ComputerSystem'"
        condition = manager.add_filter(identifier, V2, query, query_language="DMTF:CQL", filter_id="f")
        manager.add_subscriptions(identifier, condition.path, destination.path)
        daemon.cli_ok("vm", "define", "web1")
        daemon.cli_ok("vm", "rename", "web1", "web2")
        first, second = listener.told.get(timeout=20), listener.told.get(timeout=20)
    assert first.classname == "CIM_InstCreation" and first["SourceInstance"]["ElementName"] == "web1"
    assert second["PreviousInstance"]["ElementName"] == "web1" and second["SequenceNumber"] == 1


def test_a_server_behind_tls_must_be_known(make_daemon, tls, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # which would count for more than ca_certs
        monkeypatch.delenv(name, raising=False)
    daemon = make_daemon(listen_cimxml_https="127.0.0.1:0", certificate=tls.certificate, key=tls.key)
    url, user = daemon.cimom_tls.removesuffix("/cimom"), daemon.add_user()
    known = pywbem.WBEMConnection(url, user, default_namespace=V2, ca_certs=str(tls.certificate))
    assert len(known.EnumerateInstanceNames("Msvm_ComputerSystem")) == 1
    with pytest.raises(pywbem.ConnectionError):
        pywbem.WBEMConnection(url, user, default_namespace=V2).EnumerateInstanceNames("Msvm_ComputerSystem")
