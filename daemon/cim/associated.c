/* SPDX-License-Identifier: MIT */
/* associated.c -- listings of what is associated with an instance: walks over the associations in
 * which it stands, and from each to the instance at the other end.
 *
 * Two associations may lead to the same instance, which is listed once. Nothing is remembered for
 * that: whether an earlier walk came there is asked of its provider. */
#include "cim/listing.h"

#include <string.h>

#include "cim/service.h"
#include "openkvp/scoped.h"

/* --- Beginning --- */

static void begin_walk(struct cim_enumeration *listing, const struct cim_class *class)
{
	const struct cim_provider *provider = cim_service_provider(listing->service, class->id);
	struct association_step steps[2];
	size_t count = association_steps(&listing->search, class, steps);
	struct walk *walk;

	if (!provider || !provider->references_begin || count == 0)
		return;
	walk = listing_add_walk(listing, class);
	memcpy(walk->step, steps, sizeof(steps));
	walk->step_count = count;
	walk->state = provider->references_begin(cim_service_context(listing->service), class,
						 listing->source);
}

/* The instance at which the listing begins must exist. What is in it is not needed any more. */
static bool locate_source(struct cim_enumeration *listing, const struct cim_object_path *given,
			  const struct cim_class **ret_class, struct cim_error *err)
{
	struct cim_operation operation = {
		.service = listing->service,
		.arena = listing->instance_arena,
	};

	if (!cim_locate(&operation, given)) {
		*err = operation.error;
		return false;
	}
	*ret_class = operation.class;
	listing->source = cim_path_copy(listing->arena, operation.path);
	arena_reset(listing->instance_arena);
	return true;
}

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_text(arena, text, strlen(text)) : NULL;
}

static void copy_filter(struct arena *arena, const struct cim_enumeration_request *request,
			struct cim_association_filter *filter)
{
	filter->association_class = copy(arena, request->association_class);
	filter->result_class = copy(arena, request->result_class);
	filter->role = copy(arena, request->role);
	filter->result_role = copy(arena, request->result_role);
	filter->required_qualifier = copy(arena, request->required_qualifier);
	filter->required_association_qualifier =
		copy(arena, request->required_association_qualifier);
}

static struct cim_object_path path_in(const char *ns, const struct cim_object_path *path)
{
	struct cim_object_path named = *path;

	if (!named.ns || !*named.ns)
		named.ns = ns;
	return named;
}

bool listing_open_associated(struct cim_enumeration *listing,
			     const struct cim_enumeration_request *request, struct cim_error *err)
{
	const struct cim_object_path source = path_in(request->ns, request->source);
	const struct cim_class *class;

	copy_filter(listing->arena, request, &listing->filter);
	if (!locate_source(listing, &source, &class, err) ||
	    !association_search_begin(&listing->search, class, &listing->filter,
				      request->associations, err))
		return false;
	for (size_t i = 0; i < class->ns->association_count; i++)
		begin_walk(listing, class->ns->associations[i]);
	return true;
}

/* --- Following --- */

static struct cim_instance *find(struct cim_enumeration *listing, const struct cim_class *class,
				 const struct cim_object_path *path)
{
	return cim_service_find(listing->service, listing->instance_arena, class, path);
}

/* Whether an association of a walk links the source with an instance. */
static bool links(struct cim_enumeration *listing, const struct walk *walk,
		  const struct association_step *step, const struct cim_instance *instance)
{
	const struct cim_key ends[] = {
		{ step->near->name, cim_reference(listing->source) },
		{ step->far->name, cim_reference(cim_instance_path(instance)) },
	};
	const struct cim_object_path path = { walk->class->ns->name, walk->class->name, ends, 2 };
	const struct cim_class *end_class =
		cim_class_find(walk->class->ns, step->far->reference_class);

	return cim_class_is_a(instance->class, end_class) && find(listing, walk->class, &path);
}

static bool was_listed(struct cim_enumeration *listing, const struct walk *walk,
		       const struct cim_instance *instance)
{
	for (const struct walk *earlier = listing->walks; earlier < walk; earlier++)
		for (size_t i = 0; i < earlier->step_count; i++)
			if (links(listing, earlier, &earlier->step[i], instance))
				return true;
	return false;
}

static const struct cim_object_path *end_of(const struct cim_instance *association,
					    const struct cim_property *end)
{
	return cim_get_value(association, end->id)->reference;
}

static const struct cim_instance *follow(struct cim_enumeration *listing, const struct walk *walk,
					 const struct association_step *step,
					 const struct cim_instance *association)
{
	const struct cim_object_path *path = end_of(association, step->far);
	struct cim_instance *instance;
	const struct cim_class *class;
	struct cim_error gone;

	if (!cim_resolve_class(path->ns, path->class_name, &class, &gone) ||
	    !association_search_wants(&listing->search, class))
		return NULL;
	instance = find(listing, class, path);
	return instance && !was_listed(listing, walk, instance) ? instance : NULL;
}

const struct cim_instance *listing_follow(struct cim_enumeration *listing, const struct walk *walk,
					  const struct cim_instance *association)
{
	for (size_t i = 0; i < walk->step_count; i++) {
		const struct association_step *step = &walk->step[i];

		if (!cim_path_equal(end_of(association, step->near), listing->source))
			continue;
		return listing->search.references ? association
						  : follow(listing, walk, step, association);
	}
	return NULL;
}

/* --- Bringing up to date --- */

/* The first result of a walk; NULL: the first association leads to none. */
static const struct cim_instance *first_result(struct cim_enumeration *listing, struct walk *walk)
{
	struct cim_instance *association =
		cim_instance_create(listing->instance_arena, walk->class);

	return walk->provider->walk_next(walk->state, association)
		       ? listing_follow(listing, walk, association)
		       : NULL;
}

/* One look at each walk is enough: what leads to an instance that is refreshed, like the exchange
 * of a VM, leads to one. */
const struct cim_object_path *listing_find_stale(struct cim_enumeration *listing,
						 struct arena *arena,
						 const struct cim_provider **ret_provider)
{
	for (size_t i = 0; i < listing->walk_count; i++) {
		const struct cim_instance *result = first_result(listing, &listing->walks[i]);

		if (!result)
			continue;
		*ret_provider = cim_service_provider(listing->service, result->class->id);
		if ((*ret_provider)->refresh)
			return cim_path_copy(arena, cim_instance_path(result));
		arena_reset(listing->instance_arena);
	}
	return NULL;
}

/* --- Queries --- */

struct cim_enumeration_request listing_associated_request(const char *ns,
							  const struct cim_query_associations *of)
{
	return (struct cim_enumeration_request){
		.ns = ns,
		.source = &of->source,
		.associations = of->references,
		.association_class = of->filter.association_class,
		.result_class = of->filter.result_class,
		.role = of->filter.role,
		.result_role = of->filter.result_role,
		.required_qualifier = of->filter.required_qualifier,
		.required_association_qualifier = of->filter.required_association_qualifier,
	};
}

static bool classes_of_results(struct cim_service *service, struct arena *arena,
			       const struct cim_enumeration_request *request,
			       const struct cim_class *const **ret_classes, size_t *ret_count,
			       struct cim_error *err)
{
	scoped(cim_enumeration_close) struct cim_enumeration *listing = NULL;
	const struct cim_class **classes =
		arena_array(arena, const struct cim_class *, CIM_CLASS_COUNT *cim_namespace_count);
	const struct cim_instance *instance;
	size_t count = 0;

	if (!cim_enumeration_open(service, request, &listing, err))
		return false;
	for (; (instance = cim_enumeration_peek(listing)); cim_enumeration_advance(listing))
		association_add_class(classes, &count, instance->class);
	*ret_classes = classes;
	*ret_count = count;
	return true;
}

bool cim_associated_classes(struct cim_service *service, struct arena *arena, const char *ns,
			    const struct cim_query_associations *of,
			    const struct cim_class *const **ret_classes, size_t *ret_count,
			    struct cim_error *err)
{
	const struct cim_enumeration_request request = listing_associated_request(ns, of);
	const struct cim_object_path source = path_in(ns, &of->source);
	const struct cim_class *class;

	if (!of->schema)
		return classes_of_results(service, arena, &request, ret_classes, ret_count, err);
	return cim_resolve_class(source.ns, source.class_name, &class, err) &&
	       cim_class_associators(arena, class, &of->filter, of->references, ret_classes,
				     ret_count, err);
}
