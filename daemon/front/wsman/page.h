/* SPDX-License-Identifier: MIT */
/* page.h -- a page of a listing or of events: as many items as it may have and the envelope takes;
 * inside wsman/. */
#pragma once
#include "front/wsman/call.h"

/* Where items come from, one after another. */
struct wsman_items {
	bool (*more)(struct wsman_items *items); /* whether there is a next one now */
	void (*write)(struct wsman_items *items, struct text *out);
	void (*advance)(struct wsman_items *items);
};

struct wsman_page {
	const char *action, *element; /* of the answer and of what is in its Body */
	const char *prefix;           /* of Items and EndOfSequence */
	size_t elements_max, characters_max;
	unsigned int max_time_ms; /* of a Pull; 0: it did not say */
	unsigned int life_ms;     /* of what an Enumerate begins; 0: likewise */
	bool has_items;
	bool always_context; /* an empty one at the end */

	/* While it is written. */
	struct text out;
	size_t begin; /* of what stands in the element */
};

/* The pages of EnumerateResponse and PullResponse, with what the request in Body says of them. */
bool wsman_page_of_enumerate(struct wsman_call *call, struct wsman_page *ret_page,
			     struct wsman_fault *fault);
bool wsman_page_of_pull(struct wsman_call *call, struct wsman_page *ret_page,
			struct wsman_fault *fault);

/* Begins the answer and writes the items. False: not even one fits into the envelope; *ret_needed
 * says what it would have to take. */
bool wsman_page_write(struct wsman_call *call, struct wsman_page *page, struct wsman_items *items,
		      size_t *ret_needed);

/* Ends and sends the answer. context: of what is left; ended: nothing is. */
void wsman_page_end(struct wsman_call *call, struct wsman_page *page, const char *context,
		    bool ended);

/* Sends a fault instead: one item needs so many bytes. */
void wsman_page_refuse(struct wsman_call *call, struct wsman_page *page, size_t needed);
