/* SPDX-License-Identifier: MIT */
/* association.h -- the associations of the class model: what stands at their ends.
 *
 * An association is a class with two references, its ends. Whoever asks for what is associated with
 * something names the end at which that stands, or leaves it to us. */
#pragma once
#include "base/arena.h"
#include "cim/schema.h"
#include "cim/status.h"

/* What is asked for: DSP0200's Associators and References, and the words of WQL. NULL: any. Names
 * are found without case, a class stands for its subclasses too. */
struct cim_association_filter {
	const char *association_class;
	const char *result_class;       /* of references: the association's class, as well */
	const char *role;               /* the end at which the source stands */
	const char *result_role;        /* the other end */
	const char *required_qualifier; /* of the class of a result */
	const char *required_association_qualifier; /* of the association's class */
};

/* Asks the class model: the classes that stand at the other ends of the associations in which
 * instances of a class may stand, or (references) the classes of these associations, abstract ones
 * too; each once, in the arena. CIM_STATUS_INVALID_CLASS for one in the filter. */
bool cim_class_associators(struct arena *arena, const struct cim_class *source,
			   const struct cim_association_filter *filter, bool references,
			   const struct cim_class *const **ret_classes, size_t *ret_count,
			   struct cim_error *err);

/* --- Inside cim/ --- */

/* Adds a class to a set that has room for it; one that is in it stays where it is. */
void association_add_class(const struct cim_class **classes, size_t *count,
			   const struct cim_class *class);

/* A filter, its classes looked up in the namespace of a source. */
struct association_search {
	const struct cim_class *source;
	const struct cim_association_filter *filter; /* borrowed */
	bool references;
	const struct cim_class *association_class, *result_class; /* NULL: any */
};

bool association_search_begin(struct association_search *search, const struct cim_class *source,
			      const struct cim_association_filter *filter, bool references,
			      struct cim_error *err);

/* A way over an association: from the end at which the source stands to the other one. */
struct association_step {
	const struct cim_property *near, *far;
};

/* The ways that a search may take over associations of a class: none, one, or both. */
size_t association_steps(const struct association_search *search, const struct cim_class *class,
			 struct association_step ret_steps[static 2]);

/* Whether a result may be of this class. */
bool association_search_wants(const struct association_search *search,
			      const struct cim_class *result);
