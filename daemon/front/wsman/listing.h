/* SPDX-License-Identifier: MIT */
/* listing.h -- listings of instances and of classes, which may go on over several answers; inside
 * wsman/.
 *
 * A listing that does not fit into one answer is kept under a context. It belongs to its user and
 * to nothing else: clients pull with another resource URI than they enumerated with. */
#pragma once
#include "cim/class_xml.h"
#include "cim/enumeration.h"
#include "front/wsman/page.h"

enum wsman_mode { MODE_OBJECT, MODE_EPR, MODE_OBJECT_AND_EPR };

/* What stays with a listing between two answers; one piece of memory. */
struct wsman_kept {
	enum wsman_mode mode;
	/* A listing of classes, which has no enumeration. */
	const struct cim_class *const *classes;
	size_t class_count, class_at;
	uint64_t expires_ms; /* whether or not it is pulled from; 0: the client did not say */
	struct cim_class_xml_options options;
	/* Names of the properties that are wanted; none: all. */
	size_t name_count;
	const char *names[];
};

struct wsman_listing {
	struct wsman_items items;
	struct wsman_call *call;
	struct cim_enumerations *enumerations;
	struct cim_enumeration *enumeration; /* of instances; NULL: classes */
	struct wsman_kept *kept;
	char context[CIM_CONTEXT_SIZE]; /* "": none so far */
};

/* Makes a listing, with what is kept (zeros and names). Takes the enumeration. Done is a listing
 * that is not kept any more; before its last answer, since the client may begin the next one. */
struct wsman_listing wsman_listing_of(struct wsman_call *call, struct cim_enumeration *enumeration,
				      const char *const *names, size_t name_count);
void wsman_listing_done(struct wsman_listing *listing);

/* Takes the listing out that a context names. */
bool wsman_listing_take(struct wsman_call *call, const char *context,
			struct wsman_listing *ret_listing, struct cim_error *err);

/* Answers with a page, and keeps what is left of the listing. */
void wsman_listing_answer(struct wsman_listing *listing, struct wsman_page *page);
