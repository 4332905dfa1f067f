/* SPDX-License-Identifier: MIT */
/* soap.c -- writes WS-Management requests. */
#include "soap.h"

#include "base/memory.h"
#include "bench.h"
#include "openkvp/scoped.h"

#define NS_SOAP   "http://www.w3.org/2003/05/soap-envelope"
#define ANONYMOUS NS_ADDRESSING "/role/anonymous"
#define SERVICE   "Msvm_VirtualSystemManagementService"

static void begin(struct text *out, const char *class_name, const char *action,
		  const char *selectors)
{
	struct guid id = guid_random();
	char id_text[GUID_TEXT_SIZE];

	text_printf(out,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		    "<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING
		    "\" xmlns:n=\"" NS_ENUMERATION "\" xmlns:w=\"" NS_WSMAN
		    "\"><s:Header><a:To>http://localhost/wsman</a:To>"
		    "<w:ResourceURI s:mustUnderstand=\"true\">" WMI_URI "%s</w:ResourceURI>"
		    "<a:ReplyTo><a:Address>" ANONYMOUS "</a:Address></a:ReplyTo>"
		    "<a:Action s:mustUnderstand=\"true\">%s</a:Action>"
		    "<w:MaxEnvelopeSize s:mustUnderstand=\"true\">1048576</w:MaxEnvelopeSize>"
		    "<a:MessageID>uuid:%s</a:MessageID>%s"
		    "<w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body>",
		    class_name, action, guid_to_text(&id, id_text), selectors);
}

void soap_begin(struct text *out, const char *class_name, const char *action)
{
	begin(out, class_name, action, "");
}

void soap_end(struct text *out)
{
	text_literal(out, "</s:Body></s:Envelope>");
}

void soap_get_settings(struct text *out, unsigned int vm)
{
	struct guid id = bench_vm(vm);
	char id_text[GUID_TEXT_SIZE];
	char *selectors scoped(xfree_text) =
		xprintf("<w:SelectorSet><w:Selector Name=\"InstanceID\">Microsoft:%s\\"
			"2A34B1C2-FD73-4043-8A5B-DD2159BC743F</w:Selector></w:SelectorSet>",
			guid_to_text(&id, id_text));

	begin(out, "Msvm_KvpExchangeComponentSettingData", NS_TRANSFER "/Get", selectors);
	soap_end(out);
}

static void add_item(struct text *out, unsigned int number)
{
	char key[BENCH_KEY_LENGTH + 1];

	text_literal(out, "<p:DataItems>&lt;INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\"&gt;"
			  "&lt;PROPERTY NAME=\"Data\" TYPE=\"string\"&gt;&lt;VALUE&gt;" SOAP_VALUE
			  "&lt;/VALUE&gt;&lt;/PROPERTY&gt;"
			  "&lt;PROPERTY NAME=\"Name\" TYPE=\"string\"&gt;&lt;VALUE&gt;");
	text_add(out, bench_key(number, key), BENCH_KEY_LENGTH);
	text_literal(out, "&lt;/VALUE&gt;&lt;/PROPERTY&gt;"
			  "&lt;PROPERTY NAME=\"Source\" TYPE=\"uint16\"&gt;&lt;VALUE&gt;0"
			  "&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;</p:DataItems>");
}

void soap_add_kvp_items(struct text *out, unsigned int vm, unsigned int first, unsigned int count)
{
	struct guid id = bench_vm(vm);
	char id_text[GUID_TEXT_SIZE];

	soap_begin(out, SERVICE, WMI_URI SERVICE "/AddKvpItems");
	text_literal(out, "<p:AddKvpItems_INPUT xmlns:p=\"" WMI_URI SERVICE "\"><p:TargetSystem>"
			  "<a:Address>" ANONYMOUS "</a:Address><a:ReferenceParameters>"
			  "<w:ResourceURI>" WMI_URI "Msvm_ComputerSystem</w:ResourceURI>"
			  "<w:SelectorSet><w:Selector Name=\"CreationClassName\">"
			  "Msvm_ComputerSystem</w:Selector><w:Selector Name=\"Name\">");
	text_add(out, guid_to_text(&id, id_text), GUID_TEXT_SIZE - 1);
	text_literal(out, "</w:Selector></w:SelectorSet></a:ReferenceParameters>"
			  "</p:TargetSystem>");
	for (unsigned int i = 0; i < count; i++)
		add_item(out, first + i);
	text_literal(out, "</p:AddKvpItems_INPUT>");
	soap_end(out);
}
