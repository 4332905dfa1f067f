/* SPDX-License-Identifier: MIT */
/* cimxml.c -- writes CIM-XML requests. */
#include "cimxml.h"

static void add_value(struct text *out, const char *name, const char *value)
{
	text_printf(out, "<IPARAMVALUE NAME=\"%s\"><VALUE>%s</VALUE></IPARAMVALUE>", name, value);
}

static void begin(struct text *out, const char *operation)
{
	text_printf(out,
		    "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n"
		    "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
		    "<MESSAGE ID=\"1001\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
		    "<IMETHODCALL NAME=\"%s\"><LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/>"
		    "<NAMESPACE NAME=\"virtualization\"/><NAMESPACE NAME=\"v2\"/>"
		    "</LOCALNAMESPACEPATH>",
		    operation);
}

static void end(struct text *out)
{
	text_literal(out, "</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>");
}

void cimxml_open(struct text *out, const char *class_name, const char *page)
{
	begin(out, "OpenEnumerateInstances");
	text_printf(out, "<IPARAMVALUE NAME=\"ClassName\"><CLASSNAME NAME=\"%s\"/></IPARAMVALUE>",
		    class_name);
	add_value(out, "MaxObjectCount", page);
	end(out);
}

void cimxml_pull(struct text *out, const char *context, const char *page)
{
	begin(out, "PullInstancesWithPath");
	add_value(out, "EnumerationContext", context);
	add_value(out, "MaxObjectCount", page);
	end(out);
}
