/* SPDX-License-Identifier: MIT */
/* routes.h -- which events go where, as the subscriptions say; inside indication/. */
#pragma once
#include "cim/operation.h"

/* One namespace of one subscription. Texts live in the arena. */
struct route {
	const char *subscription; /* its path as text */
	const char *ns, *query;   /* of the events */
	const char *filter;       /* its name */
	const char *destination;  /* URL */
};

/* Reads all subscriptions that are enabled. */
void routes_read(struct cim_service *service, struct arena *arena, struct route **ret_routes,
		 size_t *ret_count);
