/* SPDX-License-Identifier: MIT */
/* enumeration.c -- a listing: the walks of all providers that have something to say, one after the
 * other. All begin when the listing does, so that it shows one moment; one instance is in memory at
 * a time. */
#include "cim/enumeration.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cim/resolve.h"
#include "cim/service.h"
#include "openkvp/scoped.h"

struct walk {
	const struct cim_class *class;
	const struct cim_provider *provider;
	void *state;
};

/* A property and the value that it must have. */
struct filter {
	enum cim_property_id id;
	struct cim_value value;
};

struct cim_enumeration {
	struct arena *arena; /* the listing itself */
	struct arena *instance_arena;
	struct cim_query *query;
	struct filter *filters;
	size_t filter_count;
	struct walk *walks;
	size_t walk_count, walk_room, at;
	const struct cim_instance *current;
};

static bool parse_query(struct cim_enumeration *enumeration,
			const struct cim_enumeration_request *request, struct cim_error *err)
{
	struct okvp_error cause;

	if (cim_query_parse(enumeration->arena, request->query, request->query_length,
			    &enumeration->query, &cause))
		return true;
	return cim_fail(err, CIM_STATUS_INVALID_QUERY, CIM_DETAIL_NONE, "%s", cause.message);
}

static bool bind_query(struct cim_enumeration *enumeration, const struct cim_class *class,
		       struct cim_error *err)
{
	struct okvp_error cause;

	if (!enumeration->query || cim_query_bind(enumeration->query, class, &cause))
		return true;
	return cim_fail(err, CIM_STATUS_INVALID_QUERY, CIM_DETAIL_NONE, "%s", cause.message);
}

static bool bind_selectors(struct cim_enumeration *enumeration, const struct cim_class *class,
			   const struct cim_enumeration_request *request, struct cim_error *err)
{
	struct filter *filter =
		arena_array(enumeration->arena, struct filter, request->selector_count);

	enumeration->filters = filter;
	for (size_t i = 0; i < request->selector_count; i++, filter++) {
		const struct cim_key *selector = &request->selectors[i];
		const struct cim_property *property = cim_property_find(class, selector->name);

		if (!property)
			return cim_fail(
				err, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEY_UNEXPECTED,
				"the class %s has no property '%s'", class->name, selector->name);
		filter->id = property->id;
		if (!cim_resolve_key(enumeration->arena, class, property, &selector->value,
				     &filter->value, err))
			return false;
	}
	enumeration->filter_count = request->selector_count;
	return true;
}

static void begin_walks(struct cim_enumeration *enumeration, const struct cim_service *service,
			const struct cim_class *ancestor)
{
	const struct cim_class *class;

	for (size_t at = 0; (class = cim_service_next(service, ancestor, &at));) {
		const struct cim_provider *provider = cim_service_provider(service, class->id);

		grow(enumeration->walks, enumeration->walk_count, enumeration->walk_room);
		enumeration->walks[enumeration->walk_count++] = (struct walk){
			.class = class,
			.provider = provider,
			.state = provider->walk_begin(cim_service_context(service), class),
		};
	}
}

bool cim_enumeration_open(struct cim_service *service,
			  const struct cim_enumeration_request *request,
			  struct cim_enumeration **ret_enumeration, struct cim_error *err)
{
	scoped(cim_enumeration_close) struct cim_enumeration *enumeration =
		xcalloc(1, sizeof(*enumeration));
	const char *class_name = request->class_name;
	const struct cim_class *class;

	enumeration->arena = arena_create();
	enumeration->instance_arena = arena_create();
	if (request->query) {
		if (!parse_query(enumeration, request, err))
			return false;
		class_name = cim_query_class(enumeration->query);
	}
	if (!cim_resolve_class(request->ns, class_name, &class, err) ||
	    !bind_query(enumeration, class, err) ||
	    !bind_selectors(enumeration, class, request, err))
		return false;
	begin_walks(enumeration, service, class);
	*ret_enumeration = take(enumeration);
	return true;
}

static bool is_wanted(const struct cim_enumeration *enumeration,
		      const struct cim_instance *instance)
{
	for (size_t i = 0; i < enumeration->filter_count; i++) {
		const struct cim_value *value = cim_get_value(instance, enumeration->filters[i].id);

		if (!value || !value->is_set ||
		    !cim_key_equal(value, &enumeration->filters[i].value))
			return false;
	}
	return !enumeration->query || cim_query_matches(enumeration->query, instance);
}

static void end_walk(struct walk *walk)
{
	if (walk->provider)
		walk->provider->walk_end(walk->state);
	walk->provider = NULL;
}

/* The next instance that is wanted, of those that a walk has. */
static const struct cim_instance *find_next(struct cim_enumeration *enumeration, struct walk *walk)
{
	for (;;) {
		struct cim_instance *instance =
			cim_instance_create(enumeration->instance_arena, walk->class);

		if (!walk->provider->walk_next(walk->state, instance))
			return NULL;
		if (is_wanted(enumeration, instance))
			return instance;
		arena_reset(enumeration->instance_arena);
	}
}

const struct cim_instance *cim_enumeration_peek(struct cim_enumeration *enumeration)
{
	while (!enumeration->current && enumeration->at < enumeration->walk_count) {
		struct walk *walk = &enumeration->walks[enumeration->at];

		enumeration->current = find_next(enumeration, walk);
		if (!enumeration->current) {
			end_walk(walk);
			enumeration->at++;
			arena_reset(enumeration->instance_arena);
		}
	}
	return enumeration->current;
}

void cim_enumeration_advance(struct cim_enumeration *enumeration)
{
	enumeration->current = NULL;
	arena_reset(enumeration->instance_arena);
}

const struct cim_query *cim_enumeration_query(const struct cim_enumeration *enumeration)
{
	return enumeration->query;
}

void cim_enumeration_close(struct cim_enumeration **enumeration)
{
	struct cim_enumeration *closing = *enumeration;

	if (!closing)
		return;
	for (size_t i = 0; i < closing->walk_count; i++)
		end_walk(&closing->walks[i]);
	free(closing->walks);
	arena_free(&closing->instance_arena);
	arena_free(&closing->arena);
	free(closing);
	*enumeration = NULL;
}
