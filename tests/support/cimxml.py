# SPDX-License-Identifier: MIT
"""CIM-XML clients: requests as pywbem writes them, sent by curl, with every answer checked; and wbemcli."""
import re
import subprocess
from xml.sax.saxutils import escape, quoteattr

import pytest

import dsp0201

V2, INTEROP = "root/virtualization/v2", "root/interop"
CODES = {1: "FAILED", 2: "ACCESS_DENIED", 3: "INVALID_NAMESPACE", 4: "INVALID_PARAMETER", 5: "INVALID_CLASS",
         6: "NOT_FOUND", 7: "NOT_SUPPORTED", 11: "ALREADY_EXISTS", 12: "NO_SUCH_PROPERTY", 13: "TYPE_MISMATCH",
         14: "QUERY_LANGUAGE_NOT_SUPPORTED", 15: "INVALID_QUERY", 16: "METHOD_NOT_AVAILABLE", 17: "METHOD_NOT_FOUND",
         20: "NAMESPACE_NOT_EMPTY",
         21: "INVALID_ENUMERATION_CONTEXT", 22: "INVALID_OPERATION_TIMEOUT",
         25: "FILTERED_ENUMERATION_NOT_SUPPORTED", 26: "CONTINUATION_ON_ERROR_NOT_SUPPORTED",
         27: "SERVER_LIMITS_EXCEEDED"}


# --- What requests are made of ---

def local_namespace(ns):
    return "<LOCALNAMESPACEPATH>" + "".join(f"<NAMESPACE NAME={quoteattr(part)}/>" for part in ns.split("/")) \
        + "</LOCALNAMESPACEPATH>"


class Path:
    """A path to an instance: Path("Msvm_ComputerSystem", Name="..."). Keys may be paths."""

    def __init__(self, class_name, ns=V2, **keys):
        self.class_name, self.ns, self.keys = class_name, ns, keys

    @classmethod
    def read(cls, element, ns=None):
        """From INSTANCENAME, LOCALINSTANCEPATH, INSTANCEPATH or what holds one of them."""
        if element.tag != "INSTANCENAME":
            parts = [part.get("NAME") for part in element.iter("NAMESPACE")]
            if element.find("INSTANCENAME") is None:
                return cls.read(element[0], ns)
            names = element.find(".//LOCALNAMESPACEPATH")
            parts = [part.get("NAME") for part in names]
            return cls.read(element.find("INSTANCENAME"), "/".join(parts))
        keys = {}
        for binding in element:
            value = binding[0]
            keys[binding.get("NAME")] = cls.read(value, ns) if value.tag == "VALUE.REFERENCE" else value.text or ""
        return cls(element.get("CLASSNAME"), ns or V2, **keys)

    def name(self):
        def value(key):
            if isinstance(key, Path):
                return f"<VALUE.REFERENCE>{key.local()}</VALUE.REFERENCE>"
            return f'<KEYVALUE VALUETYPE="string" TYPE="string">{escape(key)}</KEYVALUE>'
        bindings = "".join(f"<KEYBINDING NAME={quoteattr(name)}>{value(key)}</KEYBINDING>"
                           for name, key in self.keys.items())
        return f"<INSTANCENAME CLASSNAME={quoteattr(self.class_name)}>{bindings}</INSTANCENAME>"

    def local(self):
        return f"<LOCALINSTANCEPATH>{local_namespace(self.ns)}{self.name()}</LOCALINSTANCEPATH>"

    def __eq__(self, other):
        return (self.class_name, self.ns, self.keys) == (other.class_name, other.ns, other.keys)

    def __repr__(self):
        return f"{self.ns}:{self.class_name}.{self.keys}"


class Class(str):
    """The name of a class where a parameter may be a text, too."""


class Xml(str):
    """An element that is written already."""


def value(given):
    """The child of a PARAMVALUE or IPARAMVALUE; None gives none."""
    if given is None:
        return ""
    if isinstance(given, Xml):
        return given
    if isinstance(given, Class):
        return f"<CLASSNAME NAME={quoteattr(given)}/>"
    if isinstance(given, bool):
        return f"<VALUE>{str(given).upper()}</VALUE>"
    if isinstance(given, list):
        return "<VALUE.ARRAY>" + "".join(map(value, given)) + "</VALUE.ARRAY>"
    return f"<VALUE>{escape(str(given))}</VALUE>"


def instance(class_name, properties):
    """INSTANCE with strings, arrays of strings and references."""
    rows = ""
    for name, given in properties.items():
        if isinstance(given, Path):
            rows += (f'<PROPERTY.REFERENCE NAME="{name}"><VALUE.REFERENCE>{given.local()}</VALUE.REFERENCE>'
                     "</PROPERTY.REFERENCE>")
        else:
            element = "PROPERTY.ARRAY" if isinstance(given, list) else "PROPERTY"
            rows += f'<{element} NAME="{name}" TYPE="string">{value(given)}</{element}>'
    return Xml(f"<INSTANCE CLASSNAME={quoteattr(class_name)}>{rows}</INSTANCE>")


def named_instance(path, properties):
    return Xml(f"<VALUE.NAMEDINSTANCE>{path.name()}{instance(path.class_name, properties)}</VALUE.NAMEDINSTANCE>")


def operation_call(operation, ns, **parameters):
    """A call of an intrinsic operation. A Path is an INSTANCENAME."""
    rows = "".join(f'<IPARAMVALUE NAME="{name}">{given.name() if isinstance(given, Path) else value(given)}'
                   "</IPARAMVALUE>" for name, given in parameters.items())
    return f'<IMETHODCALL NAME="{operation}">{local_namespace(ns)}{rows}</IMETHODCALL>'


def message(call):
    return ('<?xml version="1.0" encoding="utf-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0">'
            f'<MESSAGE ID="1001" PROTOCOLVERSION="1.0"><SIMPLEREQ>{call}</SIMPLEREQ></MESSAGE></CIM>')


# --- Answers ---

def properties_of(element):
    """The properties of an INSTANCE: name -> text, list of texts, Path or None."""
    found = {}
    for child in element:
        if len(child) == 0:
            found[child.get("NAME")] = None
        elif child.tag == "PROPERTY.ARRAY":
            found[child.get("NAME")] = [item.text or "" for item in child[0]]
        elif child.tag == "PROPERTY.REFERENCE":
            found[child.get("NAME")] = Path.read(child[0])
        else:
            found[child.get("NAME")] = child[0].text or ""
    return found


class CimError(Exception):
    def __init__(self, code, description):
        super().__init__(f"{code} (CIM_ERR_{CODES.get(code)}): {description}")
        self.code, self.description = code, description


def expect_error(code, function, *words, **parameters):
    """Calls what must fail with this code; the description."""
    with pytest.raises(CimError) as caught:
        function(*words, **parameters)
    assert caught.value.code == code, caught.value
    return caught.value.description


class HttpError(Exception):
    def __init__(self, status, cim_error):
        super().__init__(f"{status} {cim_error}")
        self.status, self.cim_error = status, cim_error


class Client:
    """A CIM-XML client made of curl."""

    def __init__(self, url, user, password, ns=V2):
        self.url, self.user, self.password, self.ns = url, user, password, ns

    def post(self, text, *options, headers=()):
        """Sends a document; status, headers in lower case, body."""
        command = ["curl", "-sS", "-i", "-u", f"{self.user}:{self.password}", "--data-binary", "@-", *options]
        if not any(header.lower().startswith("content-type:") for header in headers):
            headers = ('Content-type: application/xml; charset="utf-8"', *headers)
        for header in headers:
            command += ["-H", header]
        done = subprocess.run([*command, self.url], input=text if isinstance(text, bytes) else text.encode(),
                              capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        head, _, body = done.stdout.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), fields, body

    def ask(self, call, *headers):
        """Sends a call and returns its checked response element."""
        status, fields, body = self.post(message(call), headers=("CIMOperation: MethodCall", *headers))
        if status != 200:
            raise HttpError(status, fields.get("cimerror"))
        assert fields["content-type"] == 'application/xml; charset="utf-8"', fields
        assert fields["cimoperation"] == "methodresponse", fields
        response = dsp0201.check(body)[0][0][0]
        error = response.find("ERROR")
        if error is not None:
            raise CimError(int(error.get("CODE")), error.get("DESCRIPTION"))
        return response

    def operate(self, operation, ns=None, **parameters):
        """An intrinsic operation; its IMETHODRESPONSE."""
        ns = ns or self.ns
        response = self.ask(operation_call(operation, ns, **parameters), f"CIMMethod: {operation}", f"CIMObject: {ns}")
        assert response.tag == "IMETHODRESPONSE" and response.get("NAME") == operation
        return response

    def returned(self, operation, ns=None, **parameters):
        """What an intrinsic operation returns: the children of IRETURNVALUE."""
        return list(self.operate(operation, ns, **parameters).find("IRETURNVALUE"))

    def get(self, path, **parameters):
        (found,) = self.returned("GetInstance", path.ns, InstanceName=path, **parameters)
        return properties_of(found)

    def names(self, class_name, ns=None):
        return [Path.read(name, ns or self.ns)
                for name in self.returned("EnumerateInstanceNames", ns, ClassName=Class(class_name))]

    def instances(self, class_name, ns=None, **parameters):
        return [properties_of(named.find("INSTANCE"))
                for named in self.returned("EnumerateInstances", ns, ClassName=Class(class_name), **parameters)]

    def query(self, text, ns=None, language="WQL"):
        return [properties_of(found.find("INSTANCE"))
                for found in self.returned("ExecQuery", ns, QueryLanguage=language, Query=text)]

    def invoke(self, path, method, **parameters):
        """A method of an instance: its return value and outputs. A Path is a reference."""
        def reference(path):
            return f"<VALUE.REFERENCE>{path.local()}</VALUE.REFERENCE>"
        rows = ""
        for name, given in parameters.items():
            if isinstance(given, Path):
                rows += f'<PARAMVALUE NAME="{name}" PARAMTYPE="reference">{reference(given)}</PARAMVALUE>'
            elif isinstance(given, list) and given and isinstance(given[0], Path):
                rows += (f'<PARAMVALUE NAME="{name}" PARAMTYPE="reference"><VALUE.REFARRAY>'
                         f'{"".join(map(reference, given))}</VALUE.REFARRAY></PARAMVALUE>')
            else:
                rows += f'<PARAMVALUE NAME="{name}" PARAMTYPE="string">{value(given)}</PARAMVALUE>'
        keys = ",".join(f'{name}="{key}"' for name, key in sorted(path.keys.items()))
        response = self.ask(f'<METHODCALL NAME="{method}">{path.local()}{rows}</METHODCALL>',
                            f"CIMMethod: {method}", f"CIMObject: {path.ns}:{path.class_name}.{keys}")
        assert response.tag == "METHODRESPONSE" and response.get("NAME") == method
        outputs = {}
        for output in response.iter("PARAMVALUE"):
            (given,) = output
            outputs[output.get("NAME")] = Path.read(given) if given.tag == "VALUE.REFERENCE" \
                else [Path.read(item) for item in given] if given.tag == "VALUE.REFARRAY" \
                else [item.text or "" for item in given] if given.tag == "VALUE.ARRAY" else given.text or ""
        return int(response.find("RETURNVALUE/VALUE").text), outputs


class Wbemcli:
    """wbemcli against one daemon."""

    def __init__(self, url, user, password, ns=V2):
        self.root = re.sub("/cimom$", "", url).replace("://", f"://{user}:{password}@") + "/"
        self.ns, self.options = ns, []

    def run(self, command, path, *words, ns=None):
        return subprocess.run(["wbemcli", "-nl", *self.options, command, f"{self.root}{ns or self.ns}:{path}", *words],
                              text=True, capture_output=True, timeout=60)

    def ok(self, command, path, *words, ns=None):
        """Runs a command that must succeed; its lines without the host in front of paths."""
        done = self.run(command, path, *words, ns=ns)
        assert done.returncode == 0 and not done.stderr, f"wbemcli {command} {path}: {done.stderr}"
        host = self.root.split("@")[1]
        return [line.replace(host, "") for line in done.stdout.splitlines()]

    def error(self, command, path, *words, ns=None):
        """Runs a command that must fail; the number of the CIM error."""
        done = self.run(command, path, *words, ns=ns)
        match = re.search(r"Cim: \((\d+)\)", done.stderr)
        assert match, f"wbemcli {command} {path}: {done.returncode} {done.stdout} {done.stderr}"
        return int(match.group(1))
