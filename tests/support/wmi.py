# SPDX-License-Identifier: MIT
"""WMI as scripts see it, over one of the bindings: objects with properties and a path, queries, methods, and
jobs that are polled."""
import time
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

import cimxml
import soap

KEYS = {
    "Msvm_ComputerSystem": ("CreationClassName", "Name"),
    "Msvm_KvpExchangeComponent": ("CreationClassName", "DeviceID", "SystemCreationClassName", "SystemName"),
    "Msvm_KvpExchangeComponentSettingData": ("InstanceID",),
    "Msvm_VirtualSystemSettingData": ("InstanceID",),
    "Msvm_VirtualSystemManagementService":
        ("CreationClassName", "Name", "SystemCreationClassName", "SystemName"),
    "Msvm_ConcreteJob": ("InstanceID",),
}


class Object:
    """An instance: its class, and a list of texts for each property (none: NULL)."""

    def __init__(self, class_name, properties):
        self.class_name = class_name
        self.properties = {name.lower(): texts for name, texts in properties.items()}

    def all(self, name):
        return self.properties.get(name.lower(), [])  # WS-Management writes nothing for an empty array

    def __getitem__(self, name):
        texts = self.all(name)
        return texts[0] if texts else None

    @property
    def keys(self):
        return {key: self[key] for key in KEYS[self.class_name]}

    @property
    def path(self):
        """__RELPATH, as a script has it when it writes {$Vm}."""
        return path_text(self.class_name, self.keys)

    def items(self, name):
        """Name -> Data of the embedded items of a property, looked up as scripts do: by XPath."""
        found = {}
        for text in self.all(name):
            instance = ElementTree.fromstring(text)
            key = instance.find("./PROPERTY[@NAME='Name']/VALUE").text
            found[key] = instance.findtext("./PROPERTY[@NAME='Data']/VALUE") or ""
        return found


def path_text(class_name, keys):
    def quoted(value):
        return value.replace("\\", "\\\\").replace('"', '\\"')
    return class_name + "." + ",".join(f'{name}="{quoted(value)}"' for name, value in sorted(keys.items()))


def data_item(name, data=None, source=0):
    """GetText(1) of a new Msvm_KvpExchangeDataItem with these properties."""
    return soap.data_item(name, data, source)


def embedded(value):
    """An embedded instance: an Object already, or its text."""
    if isinstance(value, Object):
        return value
    instance = ElementTree.fromstring(value)
    return Object(instance.get("CLASSNAME"), {name: texts(given) for name, given in cimxml.properties_of(instance).items()})


class Wsman:
    """WMI over WS-Management."""

    def __init__(self, client, namespace="root/virtualization/v2"):
        self.client = client
        self.uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{namespace}/"

    def _object(self, element, class_name=None):
        properties = {}
        for child in element:
            texts = properties.setdefault(child.tag.split("}")[-1], [])
            if child.get(soap.NIL) == "true":
                continue
            texts.append("".join(child.itertext()))
        return Object(class_name or element.tag.split("}")[-1], properties)

    def _enumerate(self, text):
        return self.client.enumerate(
            self.uri + "*", "<w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements>"
            f'<w:Filter Dialect="{soap.WQL}">{escape(text)}</w:Filter>')

    def refusal(self, text):
        """The fault that a query must get."""
        return self._enumerate(text).fault()[0]

    def query(self, text):
        answer = self._enumerate(text)
        items = answer.find(".//w:Items")
        assert items is not None, answer.text
        return [self._object(item) for item in items]

    def get(self, class_name, keys):
        answer = self.client.get(class_name, keys, self.uri)
        assert answer.status == 200, answer.text
        return self._object(answer.find(".//s:Body")[0])

    def call(self, target, method, **arguments):
        """Calls a method; its outputs, by name: texts, an Object for a reference."""
        rows = "".join(self._argument(name, value) for name, value in arguments.items())
        body = f'<p:{method}_INPUT xmlns:p="{self.uri}{target.class_name}">{rows}</p:{method}_INPUT>'
        answer = self.client.invoke(target.class_name, method, body, self.uri, target.keys)
        assert answer.status == 200, answer.text
        outputs = {}
        for child in answer.find(".//s:Body")[0]:
            texts = outputs.setdefault(child.tag.split("}")[-1], [])
            if child.get(soap.NIL) != "true":
                texts.append(self._output(child))
        return outputs

    def _argument(self, name, value):
        if isinstance(value, list):
            return "".join(self._argument(name, item) for item in value)
        if isinstance(value, Object):
            value = (f"<a:Address>{soap.ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>{self.uri}"
                     f"{value.class_name}</w:ResourceURI>{soap.selectors(value.keys)}</a:ReferenceParameters>")
        else:
            value = escape(str(value))
        return f"<p:{name}>{value}</p:{name}>"

    def _output(self, element):
        if element.get(soap.TYPE):  # an embedded instance
            return self._object(element, element.get(soap.TYPE).split(":")[-1].removesuffix("_Type"))
        uri = element.find(".//w:ResourceURI", soap.NS)
        if uri is None:
            return "".join(element.itertext())
        return Object(uri.text.rsplit("/", 1)[-1], {selector.get("Name"): [selector.text]
                                                   for selector in element.iter(f"{{{soap.NS['w']}}}Selector")})


class Cimxml:
    """WMI over CIM-XML."""

    def __init__(self, client, namespace="root/virtualization/v2"):
        self.client, self.namespace = client, namespace

    def _object(self, element):
        properties = cimxml.properties_of(element)
        return Object(element.get("CLASSNAME"), {name: texts(value) for name, value in properties.items()})

    def query(self, text):
        found = self.client.returned("ExecQuery", self.namespace, QueryLanguage="WQL", Query=text)
        return [self._object(row.find("INSTANCE")) for row in found]

    def get(self, class_name, keys):
        path = cimxml.Path(class_name, self.namespace, **keys)
        (instance,) = self.client.returned("GetInstance", self.namespace, InstanceName=path)
        return self._object(instance)

    def call(self, target, method, **arguments):
        """Calls a method; its outputs, by name: texts, an Object for a reference."""
        arguments = {name: self._argument(value) for name, value in arguments.items()}
        code, outputs = self.client.invoke(self._argument(target), method, **arguments)
        return {"ReturnValue": [str(code)], **{name: texts(value) for name, value in outputs.items()}}

    def _argument(self, value):
        if isinstance(value, list):
            return [self._argument(item) for item in value]
        if isinstance(value, Object):
            return cimxml.Path(value.class_name, self.namespace, **value.keys)
        return str(value)


def texts(value):
    """What cimxml reads of a property or a parameter, as an Object has it."""
    if value is None:
        return []
    if isinstance(value, cimxml.Path):
        return [Object(value.class_name, {name: [key] for name, key in value.keys.items()})]
    return [text for item in value for text in texts(item)] if isinstance(value, list) else [value]


BINDINGS = ("WS-Management", "CIM-XML")


def face(binding, daemon, namespace="root/virtualization/v2", user=None):
    """The service as a user of a daemon sees it over a binding."""
    user = user or daemon.add_user()
    if binding == "CIM-XML":
        return Cimxml(cimxml.Client(daemon.cimom, *user), namespace)
    return Wsman(soap.Client(daemon.http, *user), namespace)


class Script:
    """What Microsoft's test scripts do, in their order."""

    def __init__(self, face):
        self.face = face

    def service(self):
        (service,) = self.face.query("SELECT * FROM Msvm_VirtualSystemManagementService")
        return service

    def vm(self, name):
        (vm,) = self.face.query(f"SELECT * FROM Msvm_ComputerSystem WHERE ElementName='{name}'")
        return vm

    def component(self, vm):
        (component,) = self.face.query(f"Associators of {{{vm.path}}} Where AssocClass=Msvm_SystemDevice "
                                       "ResultClass=Msvm_KvpExchangeComponent")
        return component

    def settings(self, component):
        """component.GetRelated("Msvm_KvpExchangeComponentSettingData")"""
        (settings,) = self.face.query(f"Associators of {{{component.path}}} "
                                      "Where ResultClass=Msvm_KvpExchangeComponentSettingData")
        return settings

    def call(self, method, vm, *items):
        """AddKvpItems or one of its sisters: the return value, and the job or None."""
        result = self.face.call(self.service(), method, TargetSystem=vm, DataItems=list(items))
        (value,) = result["ReturnValue"]
        return int(value), (result.get("Job") or [None])[0]

    def change(self, method, vm, *items):
        """The same as the scripts call them: the job is there, whatever the return value, and is got again until it
        has ended. Returns it."""
        value, job = self.call(method, vm, *items)
        assert value == 4096
        return self.ended(job)

    def ended(self, job):
        """A job once it has ended."""
        job = self.face.get("Msvm_ConcreteJob", job.keys)
        deadline = time.monotonic() + 30
        while int(job["JobState"]) < 7:
            assert time.monotonic() < deadline, job.properties
            job = self.face.get("Msvm_ConcreteJob", job.keys)
        return job
