# SPDX-License-Identifier: MIT
"""WS-Management requests as the clients of the field write them, sent by curl."""
import subprocess
import uuid
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "e": "http://schemas.xmlsoap.org/ws/2004/08/eventing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
    "b": "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
}
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
ALL = WMI + "*"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
GET, PUT = NS["x"] + "/Get", NS["x"] + "/Put"
ENUMERATE, PULL, RELEASE = (NS["n"] + "/" + verb for verb in ("Enumerate", "Pull", "Release"))
SUBSCRIBE, RENEW, UNSUBSCRIBE = (NS["e"] + "/" + verb for verb in ("Subscribe", "Renew", "Unsubscribe"))
PULLED = '<e:Delivery Mode="http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull"/>'


def selectors(keys):
    if not keys:
        return ""
    rows = "".join(f'<w:Selector Name="{name}">{escape(value)}</w:Selector>' for name, value in keys.items())
    return f"<w:SelectorSet>{rows}</w:SelectorSet>"


def wql(text):
    return f'<w:Filter Dialect="{WQL}">{escape(text)}</w:Filter>'


def envelope(action, uri, body="", keys=None, header="", timeout="PT60.000S"):
    prefixes = " ".join(f'xmlns:{prefix}="{ns}"' for prefix, ns in NS.items())
    return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {prefixes}><s:Header>'
            f"<a:To>http://localhost/wsman</a:To>"
            f'<w:ResourceURI s:mustUnderstand="true">{escape(uri)}</w:ResourceURI>'
            f"<a:ReplyTo><a:Address>{ANONYMOUS}</a:Address></a:ReplyTo>"
            f'<a:Action s:mustUnderstand="true">{escape(action)}</a:Action>'
            f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
            f"<w:OperationTimeout>{timeout}</w:OperationTimeout>"
            f"{header}{selectors(keys)}</s:Header><s:Body>{body}</s:Body></s:Envelope>")


def data_item(name, data=None, source=0):
    """The text of an embedded Msvm_KvpExchangeDataItem, as GetText(1) gives it."""
    value = "" if data is None else f"<VALUE>{escape(data)}</VALUE>"
    return ('<INSTANCE CLASSNAME="Msvm_KvpExchangeDataItem">'
            f'<PROPERTY NAME="Data" TYPE="string">{value}</PROPERTY>'
            f'<PROPERTY NAME="Name" TYPE="string"><VALUE>{escape(name)}</VALUE></PROPERTY>'
            f'<PROPERTY NAME="Source" TYPE="uint16"><VALUE>{source}</VALUE></PROPERTY></INSTANCE>')


def kvp_input(method, vm, items, uri=WMI, target="TargetSystem", name="DataItems"):
    """The body of AddKvpItems and its sisters."""
    reference = (f"<p:{target}><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
                 f"<w:ResourceURI>{uri}Msvm_ComputerSystem</w:ResourceURI>"
                 + selectors({"CreationClassName": "Msvm_ComputerSystem", "Name": vm})
                 + f"</a:ReferenceParameters></p:{target}>")
    rows = "".join(f"<p:{name}>{escape(item)}</p:{name}>" for item in items)
    return (f'<p:{method}_INPUT xmlns:p="{uri}Msvm_VirtualSystemManagementService">'
            f"{reference}{rows}</p:{method}_INPUT>")


class Answer:
    """An HTTP answer and the document in it; with curl's -i its head, too."""

    def __init__(self, status, body):
        head, _, rest = body.rpartition(b"\r\n\r\n")
        self.head = head.decode()
        self.status, self.text = status, rest.decode("utf-16" if rest[:2] == b"\xff\xfe" else "utf-8")
        self.root = ElementTree.fromstring(self.text) if self.text.startswith("<") else None

    def find(self, path):
        return self.root.find(path, NS)

    def texts(self, local_name):
        """The texts of all elements with this local name that are not NULL."""
        return [element.text or "" for element in self.root.iter()
                if element.tag.split("}")[-1] == local_name and element.get(NIL) != "true"]

    def text_of(self, local_name):
        texts = self.texts(local_name)
        return texts[0] if texts else None

    def fault(self):
        """Subcode and fault detail, without prefixes; None when it is no fault."""
        subcode = self.find(".//s:Fault/s:Code/s:Subcode/s:Value")
        if subcode is None:
            return None
        detail = self.find(".//s:Fault/s:Detail/w:FaultDetail")
        return subcode.text.split(":")[-1], detail.text.rsplit("/", 1)[-1] if detail is not None else None


class Client:
    """A WS-Management client made of curl."""

    def __init__(self, url, user=None, password=None):
        self.url, self.user, self.password = url + "/wsman", user, password

    def post(self, text, *options, content_type="application/soap+xml;charset=UTF-8"):
        command = ["curl", "-sS", "-o", "-", "-w", "\n%{http_code}", "-H",
                   f"Content-Type: {content_type}", "--data-binary", "@-", *options, self.url]
        if self.user is not None:
            command[1:1] = ["-u", f"{self.user}:{self.password}"]
        data = text if isinstance(text, bytes) else text.encode()
        done = subprocess.run(command, input=data, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        body, status = done.stdout.rsplit(b"\n", 1)
        return Answer(int(status), body)

    def ask(self, action, uri, body="", **options):
        return self.post(envelope(action, uri, body, **options))

    def get(self, class_name, keys, uri=WMI, **options):
        return self.post(envelope(GET, uri + class_name, keys=keys, **options))

    def enumerate(self, uri, body="", **options):
        return self.post(envelope(ENUMERATE, uri, f"<n:Enumerate>{body}</n:Enumerate>", **options))

    def pull(self, uri, context, body="", **options):
        return self.post(envelope(
            PULL, uri, f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>{body}</n:Pull>", **options))

    def invoke(self, class_name, method, body, uri=WMI, keys=None):
        return self.post(envelope(f"{uri}{class_name}/{method}", uri + class_name, body, keys))

    def subscribe(self, query, more=PULLED, **options):
        """Subscribes to what a query for events selects."""
        return self.ask(SUBSCRIBE, ALL, f"<e:Subscribe>{more}{wql(query)}</e:Subscribe>", **options)

    def kvp(self, method, vm, items, uri=WMI, **names):
        """AddKvpItems, ModifyKvpItems or RemoveKvpItems: return value and job identifier."""
        answer = self.invoke("Msvm_VirtualSystemManagementService", method, kvp_input(method, vm, items, uri, **names), uri)
        value = answer.text_of("ReturnValue")
        job = next((selector.text for selector in answer.root.iter(f"{{{NS['w']}}}Selector")
                    if selector.get("Name") == "InstanceID"), None)
        return (int(value) if value else None), job, answer

    def configure_network(self, vm, setups):
        """SetGuestNetworkAdapterConfiguration: return value and job identifier."""
        return self.kvp("SetGuestNetworkAdapterConfiguration", vm, setups, target="ComputerSystem",
                        name="NetworkConfiguration")[:2]

    def job(self, job):
        return self.get("Msvm_ConcreteJob", {"InstanceID": job})
