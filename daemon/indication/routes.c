/* SPDX-License-Identifier: MIT */
/* routes.c -- subscriptions to indications, read as any client would read them. */
#include "indication/routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "cim/enumeration.h"
#include "openkvp/scoped.h"

#define INTEROP "root/interop"

enum { STATE_ENABLED = 2 };

struct reading {
	struct cim_service *service;
	struct arena *arena;
	struct route *routes; /* malloc'ed */
	size_t count, room;
};

static void nobody_waits(struct cim_operation *operation)
{
}

/* What clients make is found at once. NULL: it is gone. */
static const struct cim_instance *get(struct reading *reading, const struct cim_instance *from,
				      enum cim_property_id id)
{
	const struct cim_value *end = cim_get_value(from, id);
	struct cim_operation *operation = arena_new(reading->arena, struct cim_operation);

	operation->service = reading->service;
	operation->arena = reading->arena;
	operation->principal.role = ROLE_READ;
	operation->peer = "";
	operation->finished = nobody_waits;
	if (!end->is_set)
		return NULL;
	cim_get(operation, end->reference);
	return operation->error.status == CIM_STATUS_OK ? operation->instance : NULL;
}

/* A copy: what it is borrowed from may go on. */
static const char *text_of(struct reading *reading, const struct cim_instance *instance,
			   enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	return value && value->is_set
		       ? arena_text(reading->arena, value->string.bytes, value->string.length)
		       : NULL;
}

static void add(struct reading *reading, const struct route *route, const char *ns)
{
	grow(reading->routes, reading->count, reading->room);
	reading->routes[reading->count] = *route;
	reading->routes[reading->count++].ns = arena_text(reading->arena, ns, strlen(ns));
}

static void add_namespaces(struct reading *reading, const struct route *route,
			   const struct cim_instance *filter)
{
	const struct cim_value *list = cim_get_value(filter, PROPERTY_SOURCE_NAMESPACES);

	for (size_t i = 0; list->is_set && i < list->array.count; i++)
		add(reading, route, list->array.item[i].string.bytes);
}

static void read_one(struct reading *reading, const struct cim_instance *subscription)
{
	const struct cim_value *state = cim_get_value(subscription, PROPERTY_SUBSCRIPTION_STATE);
	const struct cim_instance *filter = get(reading, subscription, PROPERTY_FILTER);
	const struct cim_instance *listener = get(reading, subscription, PROPERTY_HANDLER);
	struct route route = {
		.subscription =
			cim_path_to_text(reading->arena, cim_instance_path(subscription), NULL),
	};

	if (state->is_set && state->uint != STATE_ENABLED)
		return;
	if (filter) {
		route.query = text_of(reading, filter, PROPERTY_QUERY);
		route.filter = text_of(reading, filter, PROPERTY_NAME);
	}
	if (listener)
		route.destination = text_of(reading, listener, PROPERTY_DESTINATION);
	if (route.query && route.filter && route.destination)
		add_namespaces(reading, &route, filter);
	else
		log_warning("", "%s lacks a filter or a listener", route.subscription);
}

void routes_read(struct cim_service *service, struct arena *arena, struct route **ret_routes,
		 size_t *ret_count)
{
	const struct cim_enumeration_request request = {
		.ns = INTEROP,
		.class_name = "CIM_IndicationSubscription",
	};
	scoped(cim_enumeration_close) struct cim_enumeration *listing = NULL;
	struct reading reading = { .service = service, .arena = arena };
	const struct cim_instance *subscription;
	struct cim_error error;

	if (!cim_enumeration_open(service, &request, &listing, &error))
		log_error("", "the subscriptions to indications: %s", error.message);
	while (listing && (subscription = cim_enumeration_peek(listing))) {
		read_one(&reading, subscription);
		cim_enumeration_advance(listing);
	}
	*ret_count = reading.count;
	*ret_routes = arena_array(arena, struct route, reading.count);
	if (reading.count > 0)
		memcpy(*ret_routes, reading.routes, reading.count * sizeof(**ret_routes));
	free(reading.routes);
}
