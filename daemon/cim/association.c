/* SPDX-License-Identifier: MIT */
/* association.c -- looking for associations in the class model. */
#include "cim/association.h"

#include <strings.h>

static bool look_up(const struct cim_class *source, const char *name,
		    const struct cim_class **ret_class, struct cim_error *err)
{
	*ret_class = name ? cim_class_find(source->ns, name) : NULL;
	return *ret_class || !name ||
	       cim_fail(err, CIM_STATUS_INVALID_CLASS, CIM_DETAIL_NONE, "no class '%s' in %s", name,
			source->ns->name);
}

bool association_search_begin(struct association_search *search, const struct cim_class *source,
			      const struct cim_association_filter *filter, bool references,
			      struct cim_error *err)
{
	search->source = source;
	search->filter = filter;
	search->references = references;
	return look_up(source, filter->association_class, &search->association_class, err) &&
	       look_up(source, filter->result_class, &search->result_class, err);
}

static bool is_a(const struct cim_class *class, const struct cim_class *ancestor)
{
	return !ancestor || cim_class_is_a(class, ancestor);
}

static bool has_qualifier(const struct cim_class *class, const char *name)
{
	return !name || cim_qualifier_find(class->qualifiers, class->qualifier_count, name);
}

static bool has_role(const struct cim_property *end, const char *role)
{
	return !role || strcasecmp(end->name, role) == 0;
}

static const struct cim_class *end_class(const struct cim_class *association,
					 const struct cim_property *end)
{
	return cim_class_find(association->ns, end->reference_class);
}

bool association_search_wants(const struct association_search *search,
			      const struct cim_class *result)
{
	return is_a(result, search->result_class) &&
	       has_qualifier(result, search->filter->required_qualifier);
}

/* Whether the end at which results stand can hold one that is wanted: of a class above the wanted
 * one, or below it. */
static bool may_hold_result(const struct association_search *search,
			    const struct cim_class *association, const struct cim_property *far)
{
	const struct cim_class *class = end_class(association, far);

	return search->references || !search->result_class ||
	       cim_class_is_a(class, search->result_class) ||
	       cim_class_is_a(search->result_class, class);
}

static bool is_way(const struct association_search *search, const struct cim_class *association,
		   const struct association_step *step)
{
	return has_role(step->near, search->filter->role) &&
	       has_role(step->far, search->filter->result_role) &&
	       cim_class_is_a(search->source, end_class(association, step->near)) &&
	       may_hold_result(search, association, step->far);
}

/* The two references of an association. */
static bool find_ends(const struct cim_class *class, const struct cim_property *ends[static 2])
{
	size_t count = 0;

	for (size_t i = 0; i < class->property_count && count < 2; i++)
		if (class->properties[i].type == CIM_REFERENCE)
			ends[count++] = &class->properties[i];
	return count == 2;
}

size_t association_steps(const struct association_search *search, const struct cim_class *class,
			 struct association_step ret_steps[static 2])
{
	const struct cim_property *ends[2];
	size_t count = 0;

	if (!is_a(class, search->association_class) ||
	    !has_qualifier(class, search->filter->required_association_qualifier) ||
	    (search->references && !association_search_wants(search, class)) ||
	    !find_ends(class, ends))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct association_step step = { .near = ends[i], .far = ends[1 - i] };

		if (is_way(search, class, &step))
			ret_steps[count++] = step;
	}
	return count;
}

void association_add_class(const struct cim_class **classes, size_t *count,
			   const struct cim_class *class)
{
	for (size_t i = 0; i < *count; i++)
		if (classes[i] == class)
			return;
	classes[(*count)++] = class;
}

bool cim_class_associators(struct arena *arena, const struct cim_class *source,
			   const struct cim_association_filter *filter, bool references,
			   const struct cim_class *const **ret_classes, size_t *ret_count,
			   struct cim_error *err)
{
	const struct cim_namespace *ns = source->ns;
	const struct cim_class **classes =
		arena_array(arena, const struct cim_class *, 2 * ns->association_count);
	struct association_search search;
	size_t count = 0;

	if (!association_search_begin(&search, source, filter, references, err))
		return false;
	for (size_t i = 0; i < ns->association_count; i++) {
		const struct cim_class *association = ns->associations[i];
		struct association_step steps[2];
		size_t ways = association_steps(&search, association, steps);

		for (size_t way = 0; way < ways; way++) {
			const struct cim_class *result =
				references ? association : end_class(association, steps[way].far);

			if (association_search_wants(&search, result))
				association_add_class(classes, &count, result);
		}
	}
	*ret_classes = classes;
	*ret_count = count;
	return true;
}
