/* SPDX-License-Identifier: MIT */
/* listing.c -- listings of instances and of classes. */
#include "front/wsman/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "front/wsman/reference_xml.h"
#include "openkvp/scoped.h"

static struct wsman_listing *listing_of(struct wsman_items *items)
{
	return (struct wsman_listing *)items; /* its first member */
}

/* --- Instances --- */

static bool more_instances(struct wsman_items *items)
{
	return cim_enumeration_peek(listing_of(items)->enumeration) != NULL;
}

static void write_reference(struct text *out, enum wsman_family family,
			    const struct cim_instance *instance)
{
	text_literal(out, "<a:EndpointReference>");
	wsman_reference_write(out, family, cim_instance_path(instance));
	text_literal(out, "</a:EndpointReference>");
}

static void write_instance(struct wsman_items *items, struct text *out)
{
	struct wsman_listing *listing = listing_of(items);
	const struct cim_instance *instance = cim_enumeration_peek(listing->enumeration);
	const struct wsman_form form = wsman_form(listing->call);
	const struct wsman_projection projection = {
		.query = cim_enumeration_query(listing->enumeration),
		.names = listing->kept->names,
		.name_count = listing->kept->name_count,
	};

	switch (listing->kept->mode) {
	case MODE_OBJECT:
		wsman_instance_write(out, &form, instance, &projection);
		break;
	case MODE_EPR:
		write_reference(out, form.family, instance);
		break;
	case MODE_OBJECT_AND_EPR:
		text_literal(out, "<w:Item>");
		wsman_instance_write(out, &form, instance, &projection);
		write_reference(out, form.family, instance);
		text_literal(out, "</w:Item>");
		break;
	}
}

static void advance_instance(struct wsman_items *items)
{
	cim_enumeration_advance(listing_of(items)->enumeration);
}

/* --- Classes --- */

static bool more_classes(struct wsman_items *items)
{
	const struct wsman_kept *kept = listing_of(items)->kept;

	return kept->class_at < kept->class_count;
}

static void write_class(struct wsman_items *items, struct text *out)
{
	const struct wsman_kept *kept = listing_of(items)->kept;

	cim_class_xml(out, kept->classes[kept->class_at], &kept->options);
}

static void advance_class(struct wsman_items *items)
{
	listing_of(items)->kept->class_at++;
}

/* --- Both --- */

static const struct wsman_items instances = { more_instances, write_instance, advance_instance };
static const struct wsman_items classes = { more_classes, write_class, advance_class };

struct wsman_listing wsman_listing_of(struct wsman_call *call, struct cim_enumeration *enumeration,
				      const char *const *names, size_t name_count)
{
	size_t size = sizeof(struct wsman_kept) + name_count * sizeof(char *), length = 0;
	struct wsman_listing listing = {
		.items = enumeration ? instances : classes,
		.call = call,
		.enumerations = call->wsman->settings.enumerations,
		.enumeration = enumeration,
	};
	char *at;

	for (size_t i = 0; i < name_count; i++)
		length += strlen(names[i]) + 1;
	listing.kept = xcalloc(1, size + length);
	listing.kept->name_count = name_count;
	at = (char *)listing.kept + size;
	for (size_t i = 0; i < name_count; i++) {
		listing.kept->names[i] = at;
		at = stpcpy(at, names[i]) + 1;
	}
	return listing;
}

void wsman_listing_done(struct wsman_listing *listing)
{
	if (listing->kept && *listing->context)
		cim_enumerations_drop(listing->enumerations, listing->context);
	cim_enumeration_close(&listing->enumeration);
	free(take(listing->kept));
}

static bool is_over(const struct wsman_listing *listing)
{
	uint64_t expires_ms = listing->kept->expires_ms;

	return expires_ms > 0 && expires_ms <= clock_monotonic_ms();
}

bool wsman_listing_take(struct wsman_call *call, const char *context,
			struct wsman_listing *ret_listing, struct cim_error *err)
{
	struct wsman_listing listing = {
		.call = call,
		.enumerations = call->wsman->settings.enumerations,
	};
	void *kept = NULL;

	if (!cim_enumerations_take(listing.enumerations, call->wsman, &call->message->principal,
				   context, &listing.enumeration, &kept, err))
		return false;
	listing.items = listing.enumeration ? instances : classes;
	listing.kept = kept;
	snprintf(listing.context, sizeof(listing.context), "%s", context);
	if (is_over(&listing)) {
		wsman_listing_done(&listing);
		return cim_fail(err, CIM_STATUS_INVALID_ENUMERATION_CONTEXT, CIM_DETAIL_NONE,
				"the time of the enumeration is over");
	}
	*ret_listing = listing;
	return true;
}

static bool keep(struct wsman_listing *listing, struct cim_error *err)
{
	const struct wsman_call *call = listing->call;
	void *kept = listing->kept;
	bool done =
		cim_enumerations_keep(listing->enumerations, call->wsman, &call->message->principal,
				      &listing->enumeration, &kept, listing->context, err);

	listing->kept = kept;
	return done;
}

/* Keeps what is left of a listing; a page that has no items for want of room ends one that the
 * client cannot know. */
static bool keep_rest(struct wsman_listing *listing, bool fits, struct cim_error *err)
{
	return (!fits && *listing->context == '\0') || keep(listing, err);
}

void wsman_listing_answer(struct wsman_listing *listing, struct wsman_page *page)
{
	struct wsman_call *call = listing->call;
	struct cim_error error;
	size_t needed = 0;
	bool fits, ended;

	if (page->life_ms > 0)
		listing->kept->expires_ms = clock_monotonic_ms() + page->life_ms;
	fits = wsman_page_write(call, page, &listing->items, &needed);
	ended = page->has_items && !listing->items.more(&listing->items);

	if (!ended && !keep_rest(listing, fits, &error)) {
		text_done(&page->out);
		return wsman_refuse_cim(call, &error);
	}
	wsman_listing_done(listing);
	if (fits)
		wsman_page_end(call, page, listing->context, ended);
	else
		wsman_page_refuse(call, page, needed);
}
