# SPDX-License-Identifier: MIT
"""A client that is not ours: pywinrm (package python3-winrm), with the header that it writes and the faults that
it understands. Its own subject are shells, so the bodies are of those who use it for more."""
import uuid

import pytest

import soap
from soap import WMI

protocol = pytest.importorskip("winrm.protocol")
exceptions = pytest.importorskip("winrm.exceptions")
xmltodict = pytest.importorskip("xmltodict")

SERVICE, SYSTEM = "Msvm_VirtualSystemManagementService", "Msvm_ComputerSystem"


class Session(protocol.Protocol):
    """What programs make of pywinrm that ask for more than shells."""

    def ask(self, action, uri, body="", keys=None):
        header = self._get_soap_header(action=action, resource_uri=uri, message_id=uuid.uuid4())
        header["env:Header"]["w:SelectorSet"] = {
            "w:Selector": [{"@Name": name, "#text": text} for name, text in (keys or {}).items()]}
        if not keys:
            del header["env:Header"]["w:SelectorSet"]
        text = xmltodict.unparse({"env:Envelope": {**header, "env:Body": "BODY"}}).replace("BODY", body)
        return soap.Answer(200, self.send_message(text))

    def query(self, text):
        """The items of a WQL query, page by page as pywinrm's relatives pull them."""
        answer = self.ask(soap.ENUMERATE, WMI + "*", f"<n:Enumerate>{soap.wql(text)}</n:Enumerate>")
        items = []
        while answer.text_of("EnumerationContext"):
            body = f'<n:Pull><n:EnumerationContext>{answer.text_of("EnumerationContext")}</n:EnumerationContext></n:Pull>'
            answer = self.ask(soap.PULL, WMI + "*", body)
            items += list(answer.find(".//n:Items"))
        return items


@pytest.fixture
def session(daemon):
    name, password = daemon.add_user()
    return Session(f"{daemon.http}/wsman", username=name, password=password)


def with_prefixes(body):
    """pywinrm's header does not declare all prefixes that a body uses."""
    return body.replace("_INPUT ", f'_INPUT xmlns:a="{soap.NS["a"]}" xmlns:w="{soap.NS["w"]}" ', 1)


def keys_of(vm):
    return {"CreationClassName": SYSTEM, "Name": vm.guid}


def test_an_instance_is_got(session, vm):
    answer = session.ask(soap.GET, WMI + SYSTEM, keys=keys_of(vm))
    assert answer.find(f"s:Body/{{{WMI}{SYSTEM}}}{SYSTEM}/{{{WMI}{SYSTEM}}}ElementName").text == vm.name


def test_a_query_is_pulled_to_its_end(session, vm):
    for number in range(5):
        vm.daemon.cli_ok("vm", "define", f"other{number}")
    items = session.query(f"select Name, ElementName from {SYSTEM} where ElementName like 'other%' or ElementName = 'web1'")
    names = [item.findtext(f"{{{WMI}{SYSTEM}}}ElementName") for item in items]
    assert sorted(names) == [f"other{number}" for number in range(5)] + ["web1"]


def test_items_are_added_and_read_back(session, vm):
    body = with_prefixes(soap.kvp_input("AddKvpItems", vm.guid, [soap.data_item("a&b", "<1>")]))
    answer = session.ask(f"{WMI}{SERVICE}/AddKvpItems", WMI + SERVICE, body)
    assert answer.text_of("ReturnValue") == "4096"
    (settings,) = session.query("select * from Msvm_KvpExchangeComponentSettingData")
    uri = f"{{{WMI}Msvm_KvpExchangeComponentSettingData}}"
    (item,) = [soap.ElementTree.fromstring(element.text) for element in settings.findall(uri + "HostExchangeItems")]
    assert item.findtext("./PROPERTY[@NAME='Name']/VALUE") == "a&b"
    assert item.findtext("./PROPERTY[@NAME='Data']/VALUE") == "<1>"


def test_a_fault_is_told_in_words(session, vm):
    with pytest.raises(exceptions.WinRMError) as caught:
        session.ask(soap.GET, WMI + "Msvm_Nothing")
    for part in ("Msvm_Nothing", "'http_status_code': 500", "'fault_code': 's:Sender'",
                 "'fault_subcode': 'a:DestinationUnreachable'", "'wsmanfault_code': '"):
        assert part in str(caught.value)


def test_an_operation_that_times_out_is_one_to_try_again(session, vm):
    event = "select * from __InstanceDeletionEvent within 2 where TargetInstance isa 'Msvm_ComputerSystem'"
    answer = session.ask(soap.SUBSCRIBE, WMI + "*", f'<e:Subscribe xmlns:e="{soap.NS["e"]}">{soap.PULLED}'
                                                    f"{soap.wql(event)}</e:Subscribe>")
    session.operation_timeout_sec = 1
    with pytest.raises(exceptions.WinRMOperationTimeoutError):
        session.ask(soap.PULL, WMI + "*", "<n:Pull><n:EnumerationContext>"
                                          f"{answer.text_of('EnumerationContext')}</n:EnumerationContext></n:Pull>")


def test_a_wrong_password_is_told(daemon):
    name, password = daemon.add_user()
    session = Session(f"{daemon.http}/wsman", username=name, password=password + "x")
    with pytest.raises(exceptions.InvalidCredentialsError):
        session.ask(soap.GET, WMI + SERVICE)


def test_there_are_no_shells(session):
    with pytest.raises(exceptions.WinRMError, match="DestinationUnreachable"):
        session.open_shell()
