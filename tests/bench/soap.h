/* SPDX-License-Identifier: MIT */
/* soap.h -- WS-Management requests, as the clients of the field write them. */
#pragma once
#include "base/text.h"

#define SOAP_TYPE "application/soap+xml;charset=UTF-8"
#define SOAP_PATH "/wsman"

#define NS_ADDRESSING  "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define NS_TRANSFER    "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_WSMAN       "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define WMI_URI        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/"

/* Up to the beginning of Body; from its end. */
void soap_begin(struct text *out, const char *class_name, const char *action);
void soap_end(struct text *out);

/* Get of a VM's settings, which have its items as SOAP_HOST_ITEM each. */
void soap_get_settings(struct text *out, unsigned int vm);
#define SOAP_HOST_ITEM "<p:HostExchangeItems>"

/* AddKvpItems: VM bench_vm(vm) gets the items bench_key(first) and so on. The answer is right when
 * it holds SOAP_JOB_STARTED. */
void soap_add_kvp_items(struct text *out, unsigned int vm, unsigned int first, unsigned int count);
#define SOAP_JOB_STARTED "ReturnValue>4096<"
#define SOAP_VALUE       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
