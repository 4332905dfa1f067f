/* SPDX-License-Identifier: MIT */
/* headers.c -- what the HTTP headers say of a call (DSP0200 section 7.2): a firewall may look at
 * them, so they must not differ from the body. Clients that leave them out are served all the same.
 */
#include <string.h>
#include <strings.h>

#include "front/cimxml/call.h"

static const char *parameter_of(const char *type, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strchr(type, ';'); at; at = strchr(at, ';')) {
		at += strspn(at, "; \t");
		if (strncasecmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1 + (at[length + 1] == '"');
	}
	return NULL;
}

static bool is_token(const char *text, const char *token)
{
	size_t length = strcspn(text, "; \t\"");

	return length == strlen(token) && strncasecmp(text, token, length) == 0;
}

/* The encoding that the transport says; that of the document if it says none. */
enum xml_encoding cimxml_encoding(const struct cimxml_message *message)
{
	const char *type = message->content_type;

	return type && parameter_of(type, "charset") ? XML_UTF8 : XML_AUTO;
}

static bool check_media_type(const char *type, struct cimxml_fault *fault)
{
	const char *charset = type ? parameter_of(type, "charset") : NULL;

	if (type && !is_token(type, "application/xml") && !is_token(type, "text/xml"))
		return cimxml_fail(fault, FAULT_MEDIA_TYPE, "application/xml is expected");
	return !charset || is_token(charset, "utf-8") || is_token(charset, "us-ascii") ||
	       cimxml_fail(fault, FAULT_NOT_WELL_FORMED, "the charset utf-8 is expected");
}

bool cimxml_check_protocol(const struct cimxml_message *message, struct cimxml_fault *fault)
{
	const char *version = message->cim_protocol_version;

	if (!check_media_type(message->content_type, fault))
		return false;
	if (message->cim_batch)
		return cimxml_fail(fault, FAULT_MULTIPLE_REQUESTS,
				   "several requests in a message are not offered");
	if (message->cim_operation && !is_token(message->cim_operation, "MethodCall"))
		return cimxml_fail(fault, FAULT_OPERATION, "CIMOperation: MethodCall is expected");
	return !version || strncmp(version, "1.", 2) == 0 ||
	       cimxml_fail(fault, FAULT_PROTOCOL_VERSION, "CIMProtocolVersion: 1.x is expected");
}

/* --- The call --- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Some clients encode every character that a URL would not have, others none. */
static char *decode(struct arena *arena, const char *header)
{
	char *text = arena_text(arena, header, strlen(header)), *out = text;

	for (const char *in = text; *in; in++, out++) {
		int high = *in == '%' ? hex_value(in[1]) : -1;
		int low = high >= 0 ? hex_value(in[2]) : -1;

		*out = *in;
		if (low >= 0 && high + low > 0) {
			*out = (char)(high << 4 | low);
			in += 2;
		}
	}
	*out = '\0';
	return text;
}

/* Cuts "//host/root/cimv2:Class.Key=..." into namespace and class; "": it has none. */
static void split_object(char *object, const char **ret_ns, const char **ret_class)
{
	char *colon, *host_end = NULL;

	if (strncmp(object, "//", 2) == 0 || strncmp(object, "\\\\", 2) == 0)
		host_end = strpbrk(object + 2, "/\\");
	*ret_ns = host_end ? host_end + 1 : object;
	*ret_class = "";
	colon = strchr(host_end ? host_end : object, ':');
	if (!colon)
		return;
	*colon = '\0';
	*ret_class = colon + 1;
	colon[1 + strcspn(colon + 1, ".=")] = '\0';
}

bool cimxml_check_headers(const struct cimxml_call *call, struct cimxml_fault *fault)
{
	const struct cimxml_message *message = call->message;
	const char *ns, *class_name;

	if (message->cim_method &&
	    strcasecmp(decode(call->arena, message->cim_method), call->name) != 0)
		return cimxml_fail(fault, FAULT_HEADER_MISMATCH,
				   "CIMMethod does not name %s, as the body does", call->name);
	if (!message->cim_object)
		return true;
	split_object(decode(call->arena, message->cim_object), &ns, &class_name);
	if (!cim_namespace_same(ns, call->ns) ||
	    (call->is_method && strcasecmp(class_name, call->target.class_name) != 0))
		return cimxml_fail(fault, FAULT_HEADER_MISMATCH,
				   "CIMObject does not name %s%s%s, as the body does", call->ns,
				   call->is_method ? ":" : "",
				   call->is_method ? call->target.class_name : "");
	return true;
}
