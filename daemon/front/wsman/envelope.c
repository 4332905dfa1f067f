/* SPDX-License-Identifier: MIT */
/* envelope.c -- reading header blocks (DSP0226 section 5, WS-Addressing 2004/08). */
#include "front/wsman/envelope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"

#define URI_MAX     2048 /* bytes, also of names that an answer repeats */
#define OPTIONS_MAX 64
#define TIMEOUT_MS  60000    /* WinRM's, when a client does not say */
#define TIMEOUT_MAX 86400000 /* a day, in milliseconds */

struct reading {
	struct wsman_call *call;
	struct wsman_fault *fault;
	const char *cim_namespace; /* of the selectors; NULL: not there */
};

static bool is_true(const char *text)
{
	text += strspn(text, " \t\r\n");
	return strncasecmp(text, "true", 4) == 0 || *text == '1';
}

/* The URI in a header block that may be there once and must not be empty. */
static bool read_uri(struct reading *r, const struct xml_element *block, const char **ret_text)
{
	const char *text = xml_trimmed(r->call->arena, block);

	if (*ret_text)
		return wsman_fail(r->fault, FAULT_HEADER_INVALID, "the header %s is there twice",
				  block->name);
	if (*text == '\0')
		return wsman_fail(r->fault, FAULT_HEADER_INVALID, "the header %s is empty",
				  block->name);
	if (strlen(text) > URI_MAX)
		return wsman_fail(r->fault, FAULT_URI_LIMIT, "the header %s has more than %d bytes",
				  block->name, URI_MAX);
	*ret_text = text;
	return true;
}

static bool read_action(struct reading *r, const struct xml_element *block)
{
	return read_uri(r, block, &r->call->action);
}

static bool read_message_id(struct reading *r, const struct xml_element *block)
{
	return read_uri(r, block, &r->call->message_id);
}

static bool read_to(struct reading *r, const struct xml_element *block)
{
	const char *to = xml_trimmed(r->call->arena, block);

	if (strlen(to) > URI_MAX)
		return wsman_fail(r->fault, FAULT_URI_LIMIT, "the header To has more than %d bytes",
				  URI_MAX);
	r->call->to = to;
	return true;
}

static bool read_identifier(struct reading *r, const struct xml_element *block)
{
	return read_uri(r, block, &r->call->identifier);
}

static bool read_resource_uri(struct reading *r, const struct xml_element *block)
{
	const char *uri = r->call->resource.uri;

	if (!read_uri(r, block, &uri))
		return false;
	if (wsman_resource_read(r->call->arena, uri, &r->call->resource))
		return true;
	return wsman_fail(r->fault, FAULT_RESOURCE_URI, "no such resource: %s", uri);
}

/* An answer goes back the way the request came. */
static bool read_reply_address(struct reading *r, const struct xml_element *block)
{
	const struct xml_element *address = xml_child(block, NS_ADDRESSING, "Address");

	if (address && strcmp(xml_trimmed(r->call->arena, address), ANONYMOUS_ROLE) == 0)
		return true;
	return wsman_fail(r->fault, FAULT_ADDRESSING_MODE, "%s must be %s", block->name,
			  ANONYMOUS_ROLE);
}

static bool read_envelope_size(struct reading *r, const struct xml_element *block)
{
	const char *text = xml_trimmed(r->call->arena, block);
	char *end;
	unsigned long long size = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end)
		return wsman_fail(r->fault, FAULT_HEADER_INVALID, "MaxEnvelopeSize is no number");
	if (size < ENVELOPE_MIN)
		return wsman_fail(r->fault, FAULT_ENVELOPE_MINIMUM,
				  "MaxEnvelopeSize is %llu, the least is %d", size, ENVELOPE_MIN);
	if (size < r->call->envelope_max)
		r->call->envelope_max = (size_t)size;
	return true;
}

/* Operations end in time by themselves, but for those that wait for something. */
static bool read_timeout(struct reading *r, const struct xml_element *block)
{
	struct cim_value value;

	if (!cim_value_from_text(r->call->arena, CIM_DATETIME, block->text, block->text_length,
				 &value, NULL) ||
	    !value.datetime.is_interval)
		return wsman_fail(r->fault, FAULT_HEADER_INVALID,
				  "OperationTimeout is no duration");
	if (value.datetime.microseconds <= 0)
		return wsman_fail(r->fault, FAULT_TIMED_OUT, "OperationTimeout is over at once");
	r->call->timeout_ms = TIMEOUT_MAX;
	if (value.datetime.microseconds < (int64_t)TIMEOUT_MAX * 1000)
		r->call->timeout_ms = (unsigned int)(value.datetime.microseconds / 1000) + 1;
	return true;
}

static bool must_understand(const struct xml_element *block)
{
	const char *value = xml_attribute(block, NS_SOAP, "mustUnderstand");

	return value && is_true(value);
}

/* Texts for people are English. */
static bool read_locale(struct reading *r, const struct xml_element *block)
{
	const char *language = xml_attribute(block, NULL, "lang");

	if (!must_understand(block) || !language || strncasecmp(language, "en", 2) == 0)
		return true;
	return wsman_fail(r->fault, FAULT_LOCALE, "texts are in English only");
}

static bool refuse_fragment(struct reading *r, const struct xml_element *block)
{
	return wsman_fail(r->fault, FAULT_FRAGMENT, "fragments are not offered");
}

/* --- Selectors --- */

static bool read_selectors(struct reading *r, const struct xml_element *block)
{
	struct wsman_call *call = r->call;
	struct wsman_selectors selectors;

	if (!wsman_selectors_read(call->arena, block, call->resource.ns, &selectors, r->fault))
		return false;
	r->cim_namespace = selectors.ns;
	call->selectors = selectors.keys;
	call->selector_count = selectors.count;
	return true;
}

/* --- Options --- */

enum option_kind {
	OPTION_BOOLEAN,
	OPTION_HARMLESS, /* what it asks for is done anyway, or concerns what is not offered */
	OPTION_NOT_OFFERED,
};

static const struct known_option {
	const char *name;
	enum option_kind kind;
} known_options[] = {
	{ "IncludeInheritanceHierarchy", OPTION_BOOLEAN },
	{ "IncludeInheritedElements", OPTION_BOOLEAN },
	{ "IncludeQualifiers", OPTION_BOOLEAN },
	{ "IncludeClassOrigin", OPTION_BOOLEAN },
	{ "UsePreciseArrays", OPTION_BOOLEAN },
	{ "__MI_CallbackRegistration", OPTION_HARMLESS },
	{ "__MI_OPERATIONOPTIONS_CHANNELVALUE", OPTION_HARMLESS },
	{ "__MI_OPERATIONOPTIONS_WRITEERRORMODE", OPTION_HARMLESS },
	{ "ShowExtensions", OPTION_NOT_OFFERED },
};

static const struct known_option *find_option(const char *name)
{
	for (size_t i = 0; i < count_of(known_options); i++)
		if (strcasecmp(known_options[i].name, name) == 0)
			return &known_options[i];
	return NULL;
}

static bool read_boolean(const char *text, bool *ret_value)
{
	*ret_value = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 || *text == '\0';
	return *ret_value || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

bool wsman_option(const struct wsman_call *call, const char *name, bool otherwise)
{
	bool value;

	for (size_t i = 0; i < call->option_count; i++)
		if (strcasecmp(call->options[i].name, name) == 0)
			return read_boolean(call->options[i].value, &value) ? value : otherwise;
	return otherwise;
}

struct wsman_form wsman_form(const struct wsman_call *call)
{
	return (struct wsman_form){
		.family = call->resource.family,
		.precise_arrays = wsman_option(call, "UsePreciseArrays", false),
	};
}

/* Whether a client gets what it cannot do without. */
static bool comply(struct reading *r, const struct wsman_option *option)
{
	const struct known_option *known = find_option(option->name);
	bool value;

	if (!known)
		return wsman_fail(r->fault, FAULT_OPTION_NAME, "no such option: '%s'",
				  option->name);
	if (known->kind == OPTION_NOT_OFFERED)
		return wsman_fail(r->fault, FAULT_OPTION_UNSUPPORTED, "not offered: '%s'",
				  known->name);
	return known->kind != OPTION_BOOLEAN || read_boolean(option->value, &value) ||
	       wsman_fail(r->fault, FAULT_OPTION_VALUE, "the option '%s' is true or false",
			  known->name);
}

static bool read_option(struct reading *r, const struct xml_element *element,
			struct wsman_option *option)
{
	const char *name = xml_attribute(element, NULL, "Name");
	const char *must = xml_attribute(element, NULL, "MustComply");
	const char *colon = name ? strrchr(name, ':') : NULL;

	option->name = colon ? colon + 1 : name ? name : "";
	option->value = xml_trimmed(r->call->arena, element);
	return !must || !is_true(must) || comply(r, option);
}

static bool read_options(struct reading *r, const struct xml_element *block)
{
	const struct xml_element *first = xml_child(block, NS_WSMAN, "Option"), *element;
	struct wsman_option *option;
	size_t count = 0;

	for (element = first; element; element = xml_next_same(element))
		count++;
	if (count > OPTIONS_MAX)
		return wsman_fail(r->fault, FAULT_OPTION_LIMIT, "%zu options, the most is %d",
				  count, OPTIONS_MAX);
	option = arena_array(r->call->arena, struct wsman_option, count);
	r->call->options = option;
	r->call->option_count = count;
	for (element = first; element; element = xml_next_same(element))
		if (!read_option(r, element, option++))
			return false;
	return true;
}

/* --- All blocks --- */

static bool pass_over(struct reading *r, const struct xml_element *block)
{
	return true;
}

static const struct block {
	const char *ns, *name;
	bool (*read)(struct reading *r, const struct xml_element *block);
} blocks[] = {
	{ NS_ADDRESSING, "To", read_to },
	{ NS_ADDRESSING, "Action", read_action },
	{ NS_ADDRESSING, "MessageID", read_message_id },
	{ NS_ADDRESSING, "ReplyTo", read_reply_address },
	{ NS_ADDRESSING, "FaultTo", read_reply_address },
	{ NS_ADDRESSING, "From", pass_over },
	{ NS_ADDRESSING, "RelatesTo", pass_over },
	{ NS_WSMAN, "ResourceURI", read_resource_uri },
	{ NS_WSMAN, "SelectorSet", read_selectors },
	{ NS_WSMAN, "OptionSet", read_options },
	{ NS_WSMAN, "MaxEnvelopeSize", read_envelope_size },
	{ NS_WSMAN, "OperationTimeout", read_timeout },
	{ NS_WSMAN, "Locale", read_locale },
	{ NS_WSMAN, "FragmentTransfer", refuse_fragment },
	{ NS_WSMAN, "RequestTotalItemsCountEstimate", pass_over },
	{ NS_WINRM, "DataLocale", read_locale },
	{ NS_WINRM, "SessionId", pass_over },
	{ NS_WINRM, "OperationID", pass_over },
	{ NS_WINRM, "SequenceId", pass_over },
	{ NS_EVENTING, "Identifier", read_identifier },
};

static bool read_block(struct reading *r, const struct xml_element *block)
{
	for (size_t i = 0; i < count_of(blocks); i++)
		if (xml_is(block, blocks[i].ns, blocks[i].name))
			return blocks[i].read(r, block);
	if (!must_understand(block))
		return true;
	if (strlen(block->ns) > URI_MAX || strlen(block->name) > URI_MAX)
		return wsman_fail(r->fault, FAULT_URI_LIMIT,
				  "the name of a header has more than %d bytes", URI_MAX);
	wsman_fail(r->fault, FAULT_NOT_UNDERSTOOD, "the header %s is not understood", block->name);
	r->fault->header_ns = block->ns;
	r->fault->header_name = block->name;
	return false;
}

static bool read_header(struct reading *r, const struct xml_element *header)
{
	struct wsman_call *call = r->call;
	struct wsman_fault first = { 0 };

	/* The answer to a bad header names the message as well, if it can. */
	for (const struct xml_element *block = header->children; block; block = block->next)
		if (!read_block(r, block) && first.id == FAULT_NONE)
			first = *r->fault;
	if (r->cim_namespace)
		call->resource.ns = r->cim_namespace;
	*r->fault = first;
	return first.id == FAULT_NONE;
}

bool wsman_envelope_is_identify(const struct xml_element *root)
{
	const struct xml_element *body =
		xml_is(root, NS_SOAP, "Envelope") ? xml_child(root, NS_SOAP, "Body") : NULL;

	return body && body->children && xml_is(body->children, NS_IDENTITY, "Identify");
}

bool wsman_envelope_read(struct wsman_call *call, const struct xml_element *root,
			 struct wsman_fault *fault)
{
	struct reading reading = { .call = call, .fault = fault };
	const struct xml_element *header, *body;

	if (strcmp(root->name, "Envelope") != 0)
		return wsman_fail(fault, FAULT_SCHEMA, "%s is no Envelope", root->name);
	if (strcmp(root->ns, NS_SOAP) != 0)
		return wsman_fail(fault, FAULT_VERSION, "the envelope is not of SOAP 1.2");
	header = xml_child(root, NS_SOAP, "Header");
	body = xml_child(root, NS_SOAP, "Body");
	if (!body)
		return wsman_fail(fault, FAULT_SCHEMA, "the envelope has no Body");
	call->body = body->children;
	call->timeout_ms = TIMEOUT_MS;
	return !header || read_header(&reading, header);
}
