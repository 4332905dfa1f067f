/* SPDX-License-Identifier: MIT */
/* names.h -- namespaces, and URIs made of them. */
#pragma once

#define NS_SOAP        "http://www.w3.org/2003/05/soap-envelope"
#define NS_ADDRESSING  "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define NS_TRANSFER    "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define NS_EVENTING    "http://schemas.xmlsoap.org/ws/2004/08/eventing"
#define NS_WSMAN       "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define NS_CIM_BINDING "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
#define NS_IDENTITY    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
#define NS_WINRM       "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
#define NS_FAULT       "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
#define NS_CIM         "http://schemas.dmtf.org/wbem/wscim/1/common"
#define NS_XSI         "http://www.w3.org/2001/XMLSchema-instance"

#define ANONYMOUS_ROLE NS_ADDRESSING "/role/anonymous"

/* What stands in front of a class in its resource URI. */
#define URI_WMI  "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
#define URI_DMTF "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define URI_ALL  "http://schemas.dmtf.org/wbem/wscim/1/*"

/* Classes themselves: as CIM-XML, by a name that is used and by one that is documented; and as
 * XML schemas, which nobody asks for. */
#define URI_CLASSES        "http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*"
#define URI_CLASSES_WINRM  "http://schemas.microsoft.com/wbem/wsman/1/cim-xml"
#define URI_CLASSES_WS_CIM "http://schemas.dmtf.org/wbem/ws-cim/1/cim-schema/2/*"

#define SELECTOR_NAMESPACE "__cimnamespace"
#define SELECTOR_CLASS     "ClassName"

#define DIALECT_WQL         "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define DIALECT_SELECTOR    "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
#define DIALECT_ASSOCIATION "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"

#define DELIVERY_PULL "http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull"
