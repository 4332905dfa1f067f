/* SPDX-License-Identifier: MIT */
/* enumeration.c -- a listing: the walks of all providers that have something to say, one after the
 * other. All begin when the listing does, so that it shows one moment; one instance is in memory at
 * a time. */
#include "cim/enumeration.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cim/listing.h"
#include "cim/resolve.h"
#include "cim/service.h"
#include "openkvp/scoped.h"

/* --- Opening --- */

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

struct walk *listing_add_walk(struct cim_enumeration *listing, const struct cim_class *class)
{
	grow(listing->walks, listing->walk_count, listing->walk_room);
	listing->walks[listing->walk_count] = (struct walk){
		.class = class,
		.provider = cim_service_provider(listing->service, class->id),
	};
	return &listing->walks[listing->walk_count++];
}

static void begin_walks(struct cim_enumeration *enumeration, const struct cim_class *ancestor)
{
	const struct cim_class *class;

	for (size_t at = 0; (class = cim_service_next(enumeration->service, ancestor, &at));) {
		struct walk *walk = listing_add_walk(enumeration, class);

		walk->state = walk->provider->walk_begin(cim_service_context(enumeration->service),
							 class);
	}
}

static bool open_class(struct cim_enumeration *enumeration,
		       const struct cim_enumeration_request *request, const char *class_name,
		       struct cim_error *err)
{
	const struct cim_class *class;

	if (!cim_resolve_class(request->ns, class_name, &class, err) ||
	    !bind_query(enumeration, class, err) ||
	    !bind_selectors(enumeration, class, request, err))
		return false;
	begin_walks(enumeration, class);
	return true;
}

static bool open_query(struct cim_enumeration *enumeration,
		       const struct cim_enumeration_request *request, struct cim_error *err)
{
	const struct cim_query_associations *of;
	struct cim_enumeration_request associated;

	if (!parse_query(enumeration, request, err))
		return false;
	of = cim_query_associations(enumeration->query);
	if (!of)
		return open_class(enumeration, request, cim_query_class(enumeration->query), err);
	if (of->classes || of->schema)
		return cim_fail(err, CIM_STATUS_INVALID_QUERY, CIM_DETAIL_NONE,
				"%s asks for classes; instances are listed here",
				of->schema ? "SchemaOnly" : "ClassDefsOnly");
	associated = listing_associated_request(request->ns, of);
	return listing_open_associated(enumeration, &associated, err);
}

static bool open(struct cim_enumeration *enumeration, const struct cim_enumeration_request *request,
		 struct cim_error *err)
{
	if (request->query)
		return open_query(enumeration, request, err);
	if (request->source)
		return listing_open_associated(enumeration, request, err);
	return open_class(enumeration, request, request->class_name, err);
}

bool cim_enumeration_open(struct cim_service *service,
			  const struct cim_enumeration_request *request,
			  struct cim_enumeration **ret_enumeration, struct cim_error *err)
{
	scoped(cim_enumeration_close) struct cim_enumeration *enumeration =
		xcalloc(1, sizeof(*enumeration));

	enumeration->service = service;
	enumeration->arena = arena_create();
	enumeration->instance_arena = arena_create();
	if (!open(enumeration, request, err))
		return false;
	*ret_enumeration = take(enumeration);
	return true;
}

static void open_listing(struct cim_operation *operation)
{
	cim_enumeration_open(operation->service, operation->listing, &operation->enumeration,
			     &operation->error);
	cim_operation_finish(operation);
}

/* The listing that was opened has shown what is stale; it is opened again when that is not. */
static void list_fresh(struct cim_operation *operation, struct cim_enumeration *probe)
{
	const struct cim_provider *provider;
	const struct cim_object_path *stale =
		listing_find_stale(probe, operation->arena, &provider);

	cim_enumeration_close(&probe);
	if (!stale || !provider->refresh(operation, stale, open_listing))
		open_listing(operation);
}

void cim_list(struct cim_operation *operation, const struct cim_enumeration_request *request)
{
	struct cim_enumeration *listing = NULL;

	operation->listing = request;
	if (cim_enumeration_open(operation->service, request, &listing, &operation->error) &&
	    listing->source && !listing->search.references) {
		list_fresh(operation, listing);
		return;
	}
	operation->enumeration = listing;
	cim_operation_finish(operation);
}

/* --- Reading --- */

/* Whether an instance of the class that is listed passes selectors and query. */
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

/* What the instance at hand of a walk gives; NULL: nothing that is wanted. */
static const struct cim_instance *result_of(struct cim_enumeration *enumeration,
					    const struct walk *walk,
					    const struct cim_instance *instance)
{
	if (enumeration->source)
		return listing_follow(enumeration, walk, instance);
	return is_wanted(enumeration, instance) ? instance : NULL;
}

/* The next result of those that a walk has. */
static const struct cim_instance *find_next(struct cim_enumeration *enumeration, struct walk *walk)
{
	for (;;) {
		struct cim_instance *instance =
			cim_instance_create(enumeration->instance_arena, walk->class);
		const struct cim_instance *result;

		if (!walk->provider->walk_next(walk->state, instance))
			return NULL;
		result = result_of(enumeration, walk, instance);
		if (result)
			return result;
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
