/* SPDX-License-Identifier: MIT */
/* enumerate.c -- WS-Enumeration: Enumerate, Pull, Release (DSP0226 section 8).
 *
 * A listing that does not fit into one answer is kept under a context. It belongs to its user and
 * to nothing else: clients pull with another resource URI than they enumerated with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/call.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"
#include "openkvp/scoped.h"

#define DIALECT_WQL      "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define DIALECT_SELECTOR "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"

#define PAGE_END 256 /* bytes: what stands behind the items of a page, and its context */

enum mode { MODE_OBJECT, MODE_EPR, MODE_OBJECT_AND_EPR };

/* What stays with a listing between two pages. */
struct listing {
	struct cim_enumeration *enumeration;
	enum mode *mode;                /* malloc'ed */
	char context[CIM_CONTEXT_SIZE]; /* "": none so far */
};

/* A page: its element in the Body, and the namespace of the elements in it. */
struct page {
	const char *action, *element, *prefix; /* of Items and EndOfSequence */
	size_t elements_max, characters_max;
	bool has_items;
	bool always_context; /* an empty one at the end */
};

static void listing_done(struct listing *listing)
{
	cim_enumeration_close(&listing->enumeration);
	free(listing->mode);
}

static bool keep(struct wsman_call *call, struct listing *listing, struct cim_error *err)
{
	void *mode = listing->mode;
	bool kept =
		cim_enumerations_keep(call->wsman->settings.enumerations, &call->message->principal,
				      &listing->enumeration, &mode, listing->context, err);

	listing->mode = mode;
	return kept;
}

/* --- A page --- */

static void write_reference(struct text *out, enum wsman_family family,
			    const struct cim_instance *instance)
{
	text_literal(out, "<a:EndpointReference>");
	wsman_reference_write(out, family, cim_instance_path(instance));
	text_literal(out, "</a:EndpointReference>");
}

static void write_item(struct wsman_call *call, const struct listing *listing, struct text *out)
{
	const struct cim_instance *instance = cim_enumeration_peek(listing->enumeration);
	const struct cim_query *query = cim_enumeration_query(listing->enumeration);
	enum wsman_family family = call->resource.family;

	switch (*listing->mode) {
	case MODE_OBJECT:
		wsman_instance_write(out, family, instance, query);
		break;
	case MODE_EPR:
		write_reference(out, family, instance);
		break;
	case MODE_OBJECT_AND_EPR:
		text_literal(out, "<w:Item>");
		wsman_instance_write(out, family, instance, query);
		write_reference(out, family, instance);
		text_literal(out, "</w:Item>");
		break;
	}
}

/* Writes as many items as the page may have and the envelope takes. False: not even one fits; then
 * *ret_needed says what the envelope would have to take. */
static bool write_items(struct wsman_call *call, struct listing *listing, const struct page *page,
			struct text *out, size_t *ret_needed)
{
	size_t begin = out->length;

	for (size_t i = 0; i < page->elements_max && cim_enumeration_peek(listing->enumeration);
	     i++) {
		size_t before = out->length;

		write_item(call, listing, out);
		if (out->length + PAGE_END > call->envelope_max ||
		    out->length - begin > page->characters_max) {
			*ret_needed = out->length + PAGE_END;
			out->length = before;
			return i > 0;
		}
		cim_enumeration_advance(listing->enumeration);
	}
	return true;
}

/* Puts the context in front of the items: whether there is one is known behind them. */
static void insert_context(struct text *out, size_t at, const char *context)
{
	char element[CIM_CONTEXT_SIZE + 64];
	size_t length, moved = out->length - at;

	length = (size_t)snprintf(element, sizeof(element),
				  "<n:EnumerationContext>%s</n:EnumerationContext>", context);
	text_reserve(out, length);
	memmove(out->bytes + at + length, out->bytes + at, moved);
	memcpy(out->bytes + at, element, length);
	out->length += length;
	out->bytes[out->length] = '\0';
}

static void refuse_size(struct wsman_call *call, size_t needed)
{
	struct wsman_fault fault;

	wsman_fail(&fault, FAULT_ENVELOPE_SIZE,
		   "one item needs an envelope of %zu bytes, the most is %zu", needed,
		   call->envelope_max);
	wsman_refuse(call, &fault);
}

/* Keeps what is left of a listing; a page that has no items for want of room ends one that the
 * client cannot know. */
static bool keep_rest(struct wsman_call *call, struct listing *listing, bool fits,
		      struct cim_error *err)
{
	return (!fits && *listing->context == '\0') || keep(call, listing, err);
}

/* Answers with a page, and keeps what is left of the listing. */
static void answer_page(struct wsman_call *call, struct listing *listing, const struct page *page)
{
	struct cim_error error;
	size_t needed = 0, at;
	bool fits = true, ended;
	struct text out;

	wsman_begin(call, page->action, &out);
	text_printf(&out, "<n:%s>", page->element);
	at = out.length;
	if (page->has_items) {
		text_printf(&out, "<%s:Items>", page->prefix);
		fits = write_items(call, listing, page, &out, &needed);
		text_printf(&out, "</%s:Items>", page->prefix);
	}
	ended = page->has_items && !cim_enumeration_peek(listing->enumeration);
	if (!ended && !keep_rest(call, listing, fits, &error)) {
		text_done(&out);
		return wsman_refuse_cim(call, &error);
	}
	if (!fits) {
		text_done(&out);
		return refuse_size(call, needed);
	}
	if (ended)
		text_printf(&out, "<%s:EndOfSequence/>", page->prefix);
	if (!ended || page->always_context)
		insert_context(&out, at, ended ? "" : listing->context);
	text_printf(&out, "</n:%s>", page->element);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}

static bool read_count(const struct wsman_call *call, const struct xml_element *parent,
		       const char *ns, const char *name, size_t otherwise, size_t *ret_count,
		       struct wsman_fault *fault)
{
	const struct xml_element *element = xml_child(parent, ns, name);
	const char *text = element ? xml_trimmed(call->arena, element) : "";
	char *end;

	*ret_count = otherwise;
	if (!element)
		return true;
	*ret_count = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || *ret_count == 0)
		return wsman_fail(fault, FAULT_SCHEMA, "%s is no positive number", name);
	return true;
}

/* --- Enumerate --- */

struct enumerate {
	struct cim_enumeration_request request;
	struct page page;
	enum mode mode;
};

static bool read_mode(struct wsman_call *call, enum mode *ret_mode, struct wsman_fault *fault)
{
	static const char *const names[] = {
		[MODE_OBJECT] = "EnumerateObject",
		[MODE_EPR] = "EnumerateEPR",
		[MODE_OBJECT_AND_EPR] = "EnumerateObjectAndEPR",
	};
	const struct xml_element *element = xml_child(call->body, NS_WSMAN, "EnumerationMode");
	const char *name = element ? xml_trimmed(call->arena, element) : names[MODE_OBJECT];

	for (size_t i = 0; i < count_of(names); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*ret_mode = (enum mode)i;
		return true;
	}
	return wsman_fail(fault, FAULT_ENUMERATION_MODE, "no such enumeration mode: %s", name);
}

/* Instances are always given whole, with all that they are: what WinRM does whatever is asked. */
static bool check_polymorphism(struct wsman_call *call, struct wsman_fault *fault)
{
	static const char *const names[] = { "IncludeSubClassProperties",
					     "ExcludeSubClassProperties", "None" };
	const struct xml_element *element =
		xml_child(call->body, NS_CIM_BINDING, "PolymorphismMode");
	const char *name = element ? xml_trimmed(call->arena, element) : names[0];

	for (size_t i = 0; i < count_of(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return wsman_fail(fault, FAULT_POLYMORPHISM, "no such polymorphism mode: %s", name);
}

static bool read_selector_filter(struct wsman_call *call, const struct xml_element *filter,
				 struct cim_enumeration_request *request, struct wsman_fault *fault)
{
	const struct xml_element *set = xml_child(filter, NS_WSMAN, "SelectorSet");
	struct wsman_selectors selectors;

	if (!set)
		return wsman_fail(fault, FAULT_FILTER, "the filter holds no SelectorSet");
	if (!wsman_selectors_read(call->arena, set, call->resource.ns, &selectors, fault))
		return false;
	request->selectors = selectors.keys;
	request->selector_count = selectors.count;
	return true;
}

static bool read_filter(struct wsman_call *call, struct cim_enumeration_request *request,
			struct wsman_fault *fault)
{
	const struct xml_element *filter = xml_child(call->body, NS_WSMAN, "Filter");
	const struct xml_element *standard = xml_child(call->body, NS_ENUMERATION, "Filter");
	const char *dialect;

	if (filter && standard)
		return wsman_fail(fault, FAULT_FILTER, "there are two filters");
	filter = filter ? filter : standard;
	if (!filter)
		return true;
	dialect = xml_attribute(filter, NULL, "Dialect");
	if (dialect && strcasecmp(dialect, DIALECT_SELECTOR) == 0)
		return read_selector_filter(call, filter, request, fault);
	if (!dialect || strcasecmp(dialect, DIALECT_WQL) != 0)
		return wsman_fail(fault, FAULT_DIALECT, "no such filter dialect: %s",
				  dialect ? dialect : "XPath");
	request->query = xml_trimmed(call->arena, filter);
	request->query_length = strlen(request->query);
	return true;
}

static bool read_enumerate(struct wsman_call *call, struct enumerate *e, struct wsman_fault *fault)
{
	e->request = (struct cim_enumeration_request){
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
	};
	e->page = (struct page){
		.action = NS_ENUMERATION "/EnumerateResponse",
		.element = "EnumerateResponse",
		.prefix = "w",
		.characters_max = SIZE_MAX,
		.always_context = true, /* says the schema of WS-Enumeration */
	};
	if (!call->body || !xml_is(call->body, NS_ENUMERATION, "Enumerate"))
		return wsman_fail(fault, FAULT_SCHEMA, "Enumerate is expected in Body");
	if (xml_child(call->body, NS_ENUMERATION, "EndTo"))
		return wsman_fail(fault, FAULT_ADDRESSING_MODE, "EndTo is not offered");
	if (call->selector_count > 0)
		return wsman_fail(fault, FAULT_SELECTORS_UNEXPECTED,
				  "a listing has no selectors; a filter may have some");
	e->page.has_items = xml_child(call->body, NS_WSMAN, "OptimizeEnumeration") != NULL;
	if (!read_count(call, call->body, NS_WSMAN, "MaxElements", 1, &e->page.elements_max,
			fault) ||
	    !read_mode(call, &e->mode, fault) || !check_polymorphism(call, fault) ||
	    !read_filter(call, &e->request, fault))
		return false;
	if (strcmp(call->resource.class_name, "*") == 0 && !e->request.query)
		return wsman_fail(fault, FAULT_FILTER_REQUIRED, "all classes: a query is needed");
	return true;
}

/* A class that only a query names is not one of the resource URI. */
static void refuse_listing(struct wsman_call *call, const struct enumerate *e,
			   const struct cim_error *error)
{
	struct wsman_fault fault;

	wsman_fail_cim(&fault, error);
	if (fault.id == FAULT_RESOURCE_URI && e->request.query)
		fault.id = FAULT_QUERIED_CLASS;
	wsman_refuse(call, &fault);
}

static void listed(struct cim_operation *operation)
{
	scoped(listing_done) struct listing listing = { .enumeration = operation->enumeration };
	struct wsman_call *call = operation->binding;
	const struct enumerate *e = call->enumerate;

	if (operation->error.status != CIM_STATUS_OK)
		return refuse_listing(call, e, &operation->error);
	listing.mode = xmalloc(sizeof(*listing.mode));
	*listing.mode = e->mode;
	answer_page(call, &listing, &e->page);
}

void wsman_enumerate(struct wsman_call *call)
{
	struct enumerate *e = arena_new(call->arena, struct enumerate);
	struct wsman_fault fault;

	if (!read_enumerate(call, e, &fault))
		return wsman_refuse(call, &fault);
	call->enumerate = e;
	call->operation.finished = listed;
	cim_list(&call->operation, &e->request);
}

/* --- Pull and Release --- */

/* Takes the listing that a request in Body names. */
static bool take_listing(struct wsman_call *call, const char *action, struct listing *listing)
{
	const struct xml_element *element;
	struct cim_error error = { 0 };
	struct wsman_fault fault;
	const char *context;
	void *mode = NULL;

	if (!call->body || !xml_is(call->body, NS_ENUMERATION, action)) {
		wsman_fail(&fault, FAULT_SCHEMA, "%s is expected in Body", action);
		wsman_refuse(call, &fault);
		return false;
	}
	element = xml_child(call->body, NS_ENUMERATION, "EnumerationContext");
	context = element ? xml_trimmed(call->arena, element) : "";
	if (!cim_enumerations_take(call->wsman->settings.enumerations, &call->message->principal,
				   context, &listing->enumeration, &mode, &error)) {
		wsman_refuse_cim(call, &error);
		return false;
	}
	listing->mode = mode;
	snprintf(listing->context, sizeof(listing->context), "%s", context);
	return true;
}

void wsman_pull(struct wsman_call *call)
{
	scoped(listing_done) struct listing listing = { 0 };
	struct page page = {
		.action = NS_ENUMERATION "/PullResponse",
		.element = "PullResponse",
		.prefix = "n",
		.has_items = true,
	};
	struct wsman_fault fault;

	if (call->body && (!read_count(call, call->body, NS_ENUMERATION, "MaxElements", 1,
				       &page.elements_max, &fault) ||
			   !read_count(call, call->body, NS_ENUMERATION, "MaxCharacters", SIZE_MAX,
				       &page.characters_max, &fault)))
		return wsman_refuse(call, &fault);
	if (take_listing(call, "Pull", &listing))
		answer_page(call, &listing, &page);
}

void wsman_release(struct wsman_call *call)
{
	scoped(listing_done) struct listing listing = { 0 };
	struct text out;

	if (!take_listing(call, "Release", &listing))
		return;
	wsman_begin(call, NS_ENUMERATION "/ReleaseResponse", &out);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}
