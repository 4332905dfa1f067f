# SPDX-License-Identifier: MIT
"""Checks CIM-XML as the strictest clients of the field read it.

check() takes the text of an answer and returns the root element. It refuses an attribute, an element or an order
of elements that DSP0201 does not have, as pywbem does, and what wbemcli's hand-made parser stumbles over: empty-element
tags, comments, CDATA, numeric references, xml:lang, VALUE.NULL, EmbeddedObject of an array, parameters without a value.
"""
import re
import xml.etree.ElementTree as ElementTree

ANY_VALUE = "(VALUE|VALUE.ARRAY|VALUE.REFERENCE|VALUE.REFARRAY)"
PATHS = "(CLASSPATH|LOCALCLASSPATH|CLASSNAME|INSTANCEPATH|LOCALINSTANCEPATH|INSTANCENAME)"
PROPERTIES = "(PROPERTY|PROPERTY.ARRAY|PROPERTY.REFERENCE)*"
RETURNED = ("CLASSNAME", "INSTANCENAME", "VALUE", "VALUE.OBJECTWITHPATH", "VALUE.OBJECT", "OBJECTPATH",
            "QUALIFIER.DECLARATION", "CLASS", "INSTANCE", "INSTANCEPATH", "VALUE.NAMEDINSTANCE",
            "VALUE.INSTANCEWITHPATH")
FLAVOR = "OVERRIDABLE TOSUBCLASS TOINSTANCE TRANSLATABLE"
ORIGIN = "CLASSORIGIN PROPAGATED"
SCOPES = "CLASS ASSOCIATION REFERENCE PROPERTY METHOD PARAMETER INDICATION"
TEXT = "text"

# element: attributes that it must have, that it may have, its children as a regular expression (or TEXT)
ELEMENTS = {
    "CIM": ("CIMVERSION DTDVERSION", "", "MESSAGE"),
    "MESSAGE": ("ID PROTOCOLVERSION", "", "SIMPLERSP|SIMPLEEXPREQ"),
    "SIMPLERSP": ("", "", "METHODRESPONSE|IMETHODRESPONSE"),
    "METHODRESPONSE": ("NAME", "", "ERROR|RETURNVALUE? PARAMVALUE*"),
    "IMETHODRESPONSE": ("NAME", "", "ERROR|IRETURNVALUE? PARAMVALUE*"),
    "SIMPLEEXPREQ": ("", "", "EXPMETHODCALL"),
    "EXPMETHODCALL": ("NAME", "", "EXPPARAMVALUE*"),
    "EXPPARAMVALUE": ("NAME", "", "INSTANCE?"),
    "ERROR": ("CODE", "DESCRIPTION", ""),
    "RETURNVALUE": ("PARAMTYPE", "", "VALUE|VALUE.REFERENCE"),
    "PARAMVALUE": ("NAME", "PARAMTYPE", ANY_VALUE + "|CLASS"),
    "IRETURNVALUE": ("", "", "|".join(f"({name})*" for name in RETURNED) + "|VALUE.ARRAY|VALUE.REFERENCE"),
    "VALUE": ("", "", TEXT),
    "VALUE.ARRAY": ("", "", "VALUE*"),
    "VALUE.REFERENCE": ("", "", PATHS),
    "VALUE.REFARRAY": ("", "", "VALUE.REFERENCE*"),
    "VALUE.NAMEDINSTANCE": ("", "", "INSTANCENAME INSTANCE"),
    "VALUE.INSTANCEWITHPATH": ("", "", "INSTANCEPATH INSTANCE"),
    "VALUE.OBJECTWITHPATH": ("", "", "(CLASSPATH CLASS|INSTANCEPATH INSTANCE)"),
    "OBJECTPATH": ("", "", "INSTANCEPATH|CLASSPATH"),
    "NAMESPACEPATH": ("", "", "HOST LOCALNAMESPACEPATH"),
    "LOCALNAMESPACEPATH": ("", "", "NAMESPACE NAMESPACE*"),
    "HOST": ("", "", TEXT),
    "NAMESPACE": ("NAME", "", ""),
    "CLASSPATH": ("", "", "NAMESPACEPATH CLASSNAME"),
    "LOCALCLASSPATH": ("", "", "LOCALNAMESPACEPATH CLASSNAME"),
    "CLASSNAME": ("NAME", "", ""),
    "INSTANCEPATH": ("", "", "NAMESPACEPATH INSTANCENAME"),
    "LOCALINSTANCEPATH": ("", "", "LOCALNAMESPACEPATH INSTANCENAME"),
    "INSTANCENAME": ("CLASSNAME", "", "KEYBINDING KEYBINDING*"),
    "KEYBINDING": ("NAME", "", "KEYVALUE|VALUE.REFERENCE"),
    "KEYVALUE": ("VALUETYPE TYPE", "", TEXT),
    "INSTANCE": ("CLASSNAME", "", PROPERTIES),
    "PROPERTY": ("NAME TYPE", ORIGIN + " EmbeddedObject", "QUALIFIER* VALUE?"),
    "PROPERTY.ARRAY": ("NAME TYPE", ORIGIN, "QUALIFIER* (VALUE.ARRAY)?"),
    "PROPERTY.REFERENCE": ("NAME REFERENCECLASS", ORIGIN, "QUALIFIER* (VALUE.REFERENCE)?"),
    "CLASS": ("NAME", "SUPERCLASS", "QUALIFIER* " + PROPERTIES + " METHOD*"),
    "METHOD": ("NAME TYPE", ORIGIN,
               "QUALIFIER* (PARAMETER|PARAMETER.ARRAY|PARAMETER.REFERENCE|PARAMETER.REFARRAY)*"),
    "PARAMETER": ("NAME TYPE", "", "QUALIFIER*"),
    "PARAMETER.ARRAY": ("NAME TYPE", "", "QUALIFIER*"),
    "PARAMETER.REFERENCE": ("NAME REFERENCECLASS", "", "QUALIFIER*"),
    "PARAMETER.REFARRAY": ("NAME REFERENCECLASS", "", "QUALIFIER*"),
    "QUALIFIER": ("NAME TYPE", "PROPAGATED " + FLAVOR, "(VALUE|VALUE.ARRAY)?"),
    "QUALIFIER.DECLARATION": ("NAME TYPE ISARRAY", FLAVOR, "SCOPE (VALUE|VALUE.ARRAY)?"),
    "SCOPE": ("", SCOPES, ""),
}
TYPES = {"boolean", "string", "char16", "datetime", "reference", "real32", "real64",
         *(f"{sign}int{bits}" for sign in "su" for bits in (8, 16, 32, 64))}


def expression(model):
    """A content model as a regular expression over names that end with a comma."""
    return re.compile(re.sub(r"[A-Z.]+", lambda name: f"(?:{re.escape(name.group())},)", model).replace(" ", ""))


MODELS = {name: expression(model) for name, (_, _, model) in ELEMENTS.items() if model != TEXT}


def check_element(element):
    name = element.tag
    assert name in ELEMENTS, f"no such element: {name}"
    required, optional, model = ELEMENTS[name]
    missing = set(required.split()) - set(element.attrib)
    unknown = set(element.attrib) - set(required.split()) - set(optional.split())
    assert not missing and not unknown, f"{name}: attributes {missing} are missing, {unknown} unknown"
    assert element.get("TYPE", element.get("PARAMTYPE", "string")) in TYPES, element.attrib
    children = "".join(child.tag + "," for child in element)
    if model == TEXT:
        assert not children, f"{name} holds {children}"
        return
    assert not (element.text or "").strip(), f"{name} holds text: {element.text!r}"
    assert MODELS[name].fullmatch(children), f"{name} must hold {model}, not {children}"
    for child in element:
        assert not (child.tail or "").strip(), f"{name} holds text: {child.tail!r}"
        check_element(child)


def check(text):
    assert text.startswith("<?xml "), text[:60]
    for trap in ("/>", "<!", "xml:lang", "&#"):
        assert trap not in text, f"{trap} in {text[:2000]}"
    root = ElementTree.fromstring(text)
    check_element(root)
    return root
