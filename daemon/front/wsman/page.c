/* SPDX-License-Identifier: MIT */
/* page.c -- a page of a listing or of events. */
#include "front/wsman/page.h"

#include <stdlib.h>
#include <string.h>

#include "front/wsman/duration.h"
#include "front/wsman/names.h"
#include "openkvp/scoped.h"

#define PAGE_END 320 /* bytes: what stands behind the items of a page, expiry and context */

/* --- What a request says --- */

static bool read_count(const struct wsman_call *call, const char *ns, const char *name,
		       size_t otherwise, size_t *ret_count, struct wsman_fault *fault)
{
	const struct xml_element *element = xml_child(call->body, ns, name);
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

bool wsman_page_of_enumerate(struct wsman_call *call, struct wsman_page *ret_page,
			     struct wsman_fault *fault)
{
	const struct xml_element *expires = xml_child(call->body, NS_ENUMERATION, "Expires");

	*ret_page = (struct wsman_page){
		.action = NS_ENUMERATION "/EnumerateResponse",
		.element = "EnumerateResponse",
		.prefix = "w",
		.characters_max = SIZE_MAX,
		.always_context = true, /* says the schema of WS-Enumeration */
		.has_items = xml_child(call->body, NS_WSMAN, "OptimizeEnumeration") != NULL,
	};
	return read_count(call, NS_WSMAN, "MaxElements", 1, &ret_page->elements_max, fault) &&
	       (!expires || wsman_duration_read(call, expires, FAULT_EXPIRATION_TIME,
						FAULT_EXPIRATION_TYPE, &ret_page->life_ms, fault));
}

bool wsman_page_of_pull(struct wsman_call *call, struct wsman_page *ret_page,
			struct wsman_fault *fault)
{
	const struct xml_element *max_time = xml_child(call->body, NS_ENUMERATION, "MaxTime");

	*ret_page = (struct wsman_page){
		.action = NS_ENUMERATION "/PullResponse",
		.element = "PullResponse",
		.prefix = "n",
		.has_items = true,
	};
	return read_count(call, NS_ENUMERATION, "MaxElements", 1, &ret_page->elements_max, fault) &&
	       read_count(call, NS_ENUMERATION, "MaxCharacters", SIZE_MAX,
			  &ret_page->characters_max, fault) &&
	       (!max_time || wsman_duration_read(call, max_time, FAULT_SCHEMA, FAULT_SCHEMA,
						 &ret_page->max_time_ms, fault));
}

/* --- Writing --- */

static bool write_items(const struct wsman_call *call, struct wsman_page *page,
			struct wsman_items *items, size_t *ret_needed)
{
	size_t begin = page->out.length;

	for (size_t i = 0; i < page->elements_max && items->more(items); i++) {
		size_t before = page->out.length;

		items->write(items, &page->out);
		if (page->out.length + PAGE_END > call->envelope_max ||
		    page->out.length - begin > page->characters_max) {
			*ret_needed = page->out.length + PAGE_END;
			page->out.length = before;
			return i > 0;
		}
		items->advance(items);
	}
	return true;
}

bool wsman_page_write(struct wsman_call *call, struct wsman_page *page, struct wsman_items *items,
		      size_t *ret_needed)
{
	bool fits = true;

	wsman_begin(call, page->action, &page->out);
	text_printf(&page->out, "<n:%s>", page->element);
	page->begin = page->out.length;
	if (page->has_items) {
		text_printf(&page->out, "<%s:Items>", page->prefix);
		fits = write_items(call, page, items, ret_needed);
		text_printf(&page->out, "</%s:Items>", page->prefix);
	}
	return fits;
}

static void insert(struct text *out, size_t at, const struct text *inserted)
{
	size_t moved = out->length - at;

	text_reserve(out, inserted->length);
	memmove(out->bytes + at + inserted->length, out->bytes + at, moved);
	memcpy(out->bytes + at, inserted->bytes, inserted->length);
	out->length += inserted->length;
	out->bytes[out->length] = '\0';
}

/* Puts the context in front of the items, and how long it lives: whether there is one is known
 * behind them. */
static void insert_context(struct wsman_page *page, const char *context)
{
	scoped(text_done) struct text elements = { 0 };

	if (*context && page->life_ms > 0) {
		text_literal(&elements, "<n:Expires>");
		wsman_duration_write(&elements, page->life_ms);
		text_literal(&elements, "</n:Expires>");
	}
	text_printf(&elements, "<n:EnumerationContext>%s</n:EnumerationContext>", context);
	insert(&page->out, page->begin, &elements);
}

void wsman_page_end(struct wsman_call *call, struct wsman_page *page, const char *context,
		    bool ended)
{
	if (ended)
		text_printf(&page->out, "<%s:EndOfSequence/>", page->prefix);
	if (!ended || page->always_context)
		insert_context(page, ended ? "" : context);
	text_printf(&page->out, "</n:%s>", page->element);
	wsman_end(call, &page->out, FAULT_ENVELOPE_SIZE);
}

void wsman_page_refuse(struct wsman_call *call, struct wsman_page *page, size_t needed)
{
	struct wsman_fault fault;

	text_done(&page->out);
	wsman_fail(&fault, FAULT_ENVELOPE_SIZE,
		   "one item needs an envelope of %zu bytes, the most is %zu", needed,
		   call->envelope_max);
	wsman_refuse(call, &fault);
}
