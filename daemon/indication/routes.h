/* SPDX-License-Identifier: MIT */
/* routes.h -- which events go where, as the subscriptions say; inside indication/. Subscriptions
 * are read, and removed when their time is over, as any client would do it. */
#pragma once
#include "cim/operation.h"

/* One namespace of one subscription. Texts live in the arena. */
struct route {
	const char *subscription; /* its path as text */
	const char *ns, *query;   /* of the events */
	const char *filter;       /* its name */
	const char *destination;  /* URL */
};

struct routes {
	struct route *route; /* of all subscriptions that are enabled and have not ended */
	size_t count;
	const struct cim_object_path *ended; /* one whose time is over; NULL: none */
	uint64_t next_end_s;                 /* until the next one ends; UINT64_MAX: none does */
};

/* Reads all subscriptions; never waits. */
void routes_read(struct cim_service *service, struct arena *arena, struct routes *ret_routes);

/* Removes a subscription that has ended, and waits for that. What goes wrong is logged. */
void routes_remove(struct cim_service *service, struct arena *arena,
		   const struct cim_object_path *subscription);
