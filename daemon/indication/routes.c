/* SPDX-License-Identifier: MIT */
/* routes.c -- subscriptions to indications, read as any client would read them. */
#include "indication/routes.h"

#include <semaphore.h>
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
	struct routes *routes; /* their array is malloc'ed */
	size_t room;
};

static struct cim_operation *operation_of(struct cim_service *service, struct arena *arena,
					  enum role role)
{
	struct cim_operation *operation = arena_new(arena, struct cim_operation);

	operation->service = service;
	operation->arena = arena;
	operation->principal.role = role;
	operation->peer = "";
	return operation;
}

/* --- Reading --- */

static void nobody_waits(struct cim_operation *operation)
{
}

/* What clients make is found at once. NULL: it is gone. */
static const struct cim_instance *get(struct reading *reading, const struct cim_instance *from,
				      enum cim_property_id id)
{
	const struct cim_value *end = cim_get_value(from, id);
	struct cim_operation *operation = operation_of(reading->service, reading->arena, ROLE_READ);

	if (!end->is_set)
		return NULL;
	operation->finished = nobody_waits;
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
	struct routes *routes = reading->routes;

	grow(routes->route, routes->count, reading->room);
	routes->route[routes->count] = *route;
	routes->route[routes->count++].ns = arena_text(reading->arena, ns, strlen(ns));
}

static void add_namespaces(struct reading *reading, const struct route *route,
			   const struct cim_instance *filter)
{
	const struct cim_value *list = cim_get_value(filter, PROPERTY_SOURCE_NAMESPACES);

	for (size_t i = 0; list->is_set && i < list->array.count; i++)
		add(reading, route, list->array.item[i].string.bytes);
}

/* Whether a subscription has ended; notes it, or when it will. */
static bool has_ended(struct reading *reading, const struct cim_instance *subscription)
{
	const struct cim_value *left =
		cim_get_value(subscription, PROPERTY_SUBSCRIPTION_TIME_REMAINING);
	struct routes *routes = reading->routes;

	if (!left->is_set)
		return false;
	if (left->uint == 0)
		routes->ended = cim_path_copy(reading->arena, cim_instance_path(subscription));
	else if (left->uint < routes->next_end_s)
		routes->next_end_s = left->uint;
	return left->uint == 0;
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

	if (has_ended(reading, subscription) || (state->is_set && state->uint != STATE_ENABLED))
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

void routes_read(struct cim_service *service, struct arena *arena, struct routes *ret_routes)
{
	const struct cim_enumeration_request request = {
		.ns = INTEROP,
		.class_name = "CIM_IndicationSubscription",
	};
	scoped(cim_enumeration_close) struct cim_enumeration *listing = NULL;
	struct routes found = { .next_end_s = UINT64_MAX };
	struct reading reading = { .service = service, .arena = arena, .routes = &found };
	const struct cim_instance *subscription;
	struct cim_error error;

	if (!cim_enumeration_open(service, &request, &listing, &error))
		log_error("", "the subscriptions to indications: %s", error.message);
	while (listing && (subscription = cim_enumeration_peek(listing))) {
		read_one(&reading, subscription);
		cim_enumeration_advance(listing);
	}
	*ret_routes = found;
	ret_routes->route = arena_array(arena, struct route, found.count);
	if (found.count > 0)
		memcpy(ret_routes->route, found.route, found.count * sizeof(*found.route));
	free(found.route);
}

/* --- Removing --- */

static void removed(struct cim_operation *operation)
{
	sem_post(operation->binding);
}

void routes_remove(struct cim_service *service, struct arena *arena,
		   const struct cim_object_path *subscription)
{
	struct cim_operation *operation = operation_of(service, arena, ROLE_ADMIN);
	const char *name = cim_path_to_text(arena, subscription, NULL);
	sem_t done;

	sem_init(&done, 0, 0);
	operation->finished = removed;
	operation->binding = &done;
	cim_delete(operation, subscription);
	while (sem_wait(&done) != 0)
		; /* a signal */
	sem_destroy(&done);
	if (operation->error.status == CIM_STATUS_OK)
		log_info("", "%s has ended", name);
	else if (operation->error.status != CIM_STATUS_NOT_FOUND)
		log_warning("", "%s has ended and stays: %s", name, operation->error.message);
}
