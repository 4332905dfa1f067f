/* SPDX-License-Identifier: MIT */
/* enumerate.c -- WS-Enumeration: Enumerate, Pull, Release (DSP0226 section 8). */
#include <string.h>

#include "base/memory.h"
#include "front/wsman/classes.h"
#include "front/wsman/filter.h"
#include "front/wsman/listing.h"
#include "front/wsman/names.h"
#include "front/wsman/subscriptions.h"
#include "openkvp/scoped.h"

/* --- What every Enumerate has --- */

static bool read_mode(struct wsman_call *call, enum wsman_mode *ret_mode, struct wsman_fault *fault)
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
		*ret_mode = (enum wsman_mode)i;
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

static bool read_common(struct wsman_call *call, struct wsman_page *ret_page,
			enum wsman_mode *ret_mode, struct wsman_fault *fault)
{
	if (!call->body || !xml_is(call->body, NS_ENUMERATION, "Enumerate"))
		return wsman_fail(fault, FAULT_SCHEMA, "Enumerate is expected in Body");
	if (xml_child(call->body, NS_ENUMERATION, "EndTo"))
		return wsman_fail(fault, FAULT_ADDRESSING_MODE, "EndTo is not offered");
	return wsman_page_of_enumerate(call, ret_page, fault) && read_mode(call, ret_mode, fault) &&
	       check_polymorphism(call, fault);
}

/* --- Instances --- */

struct enumerate {
	struct cim_enumeration_request request;
	const char *const *names; /* of properties */
	size_t name_count;
	struct wsman_page page;
	enum wsman_mode mode;
};

static bool read_enumerate(struct wsman_call *call, struct enumerate *e, struct wsman_fault *fault)
{
	e->request = (struct cim_enumeration_request){
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
	};
	if (!read_common(call, &e->page, &e->mode, fault))
		return false;
	if (call->selector_count > 0)
		return wsman_fail(fault, FAULT_SELECTORS_UNEXPECTED,
				  "a listing has no selectors; a filter may have some");
	if (!wsman_filter_read(call, &e->request, &e->names, &e->name_count, fault))
		return false;
	if (strcmp(call->resource.class_name, "*") == 0 && !e->request.query && !e->request.source)
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

static void listed(struct wsman_call *call)
{
	scoped(wsman_listing_done) struct wsman_listing listing = { 0 };
	struct enumerate *e = call->enumerate;

	if (call->operation.error.status != CIM_STATUS_OK)
		return refuse_listing(call, e, &call->operation.error);
	listing = wsman_listing_of(call, call->operation.enumeration, e->names, e->name_count);
	listing.kept->mode = e->mode;
	wsman_listing_answer(&listing, &e->page);
}

void wsman_enumerate(struct wsman_call *call)
{
	struct enumerate *e = arena_new(call->arena, struct enumerate);
	struct wsman_fault fault;

	if (!read_enumerate(call, e, &fault))
		return wsman_refuse(call, &fault);
	call->enumerate = e;
	wsman_expect(call, listed);
	cim_list(&call->operation, &e->request);
	wsman_await(call);
}

/* --- Classes --- */

static bool read_classes(struct wsman_call *call, struct wsman_page *ret_page,
			 struct wsman_fault *fault)
{
	const struct xml_element *filter;
	enum wsman_mode mode;

	if (!read_common(call, ret_page, &mode, fault) ||
	    !wsman_filter_find(call, NS_ENUMERATION, &filter, fault))
		return false;
	if (mode != MODE_OBJECT)
		return wsman_fail(fault, FAULT_ENUMERATION_MODE, "classes have no references");
	return !filter || wsman_fail(fault, FAULT_FILTERING, "classes are not filtered");
}

void wsman_enumerate_classes(struct wsman_call *call)
{
	scoped(wsman_listing_done) struct wsman_listing listing =
		wsman_listing_of(call, NULL, NULL, 0);
	struct wsman_kept *kept = listing.kept;
	struct wsman_fault fault;
	struct wsman_page page;

	if (!read_classes(call, &page, &fault) ||
	    !wsman_classes_find(call, &kept->classes, &kept->class_count, &fault))
		return wsman_refuse(call, &fault);
	kept->options = wsman_class_options(call);
	wsman_listing_answer(&listing, &page);
}

/* --- Pull and Release --- */

/* NULL: the body is another one. */
static const char *read_context(struct wsman_call *call, const char *action,
				struct wsman_fault *fault)
{
	const struct xml_element *element;

	if (!call->body || !xml_is(call->body, NS_ENUMERATION, action)) {
		wsman_fail(fault, FAULT_SCHEMA, "%s is expected in Body", action);
		return NULL;
	}
	element = xml_child(call->body, NS_ENUMERATION, "EnumerationContext");
	return element ? xml_trimmed(call->arena, element) : "";
}

void wsman_pull(struct wsman_call *call)
{
	scoped(wsman_listing_done) struct wsman_listing listing = { 0 };
	struct wsman_subscription *subscription;
	struct cim_error error = { 0 };
	struct wsman_fault fault;
	struct wsman_page page;
	const char *context = read_context(call, "Pull", &fault);

	if (!context || !wsman_page_of_pull(call, &page, &fault))
		return wsman_refuse(call, &fault);
	subscription = wsman_subscription_hold(call, context);
	if (subscription)
		return wsman_pull_events(call, subscription, &page);
	if (!wsman_listing_take(call, context, &listing, &error))
		return wsman_refuse_cim(call, &error);
	wsman_listing_answer(&listing, &page);
}

/* Clients that know nothing of subscriptions release them. */
void wsman_release(struct wsman_call *call)
{
	scoped(wsman_listing_done) struct wsman_listing listing = { 0 };
	struct cim_error error = { 0 };
	struct wsman_fault fault;
	const char *context = read_context(call, "Release", &fault);
	struct text out;

	if (!context)
		return wsman_refuse(call, &fault);
	if (!wsman_subscription_end(call, context) &&
	    !wsman_listing_take(call, context, &listing, &error))
		return wsman_refuse_cim(call, &error);
	wsman_listing_done(&listing);
	wsman_begin(call, NS_ENUMERATION "/ReleaseResponse", &out);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}
