/* SPDX-License-Identifier: MIT */
/* listing.h -- what a listing is made of; inside cim/. */
#pragma once
#include "cim/enumeration.h"

/* A walk of a provider. */
struct walk {
	const struct cim_class *class;
	const struct cim_provider *provider; /* NULL: it has ended */
	void *state;
	struct association_step step[2]; /* of associations: where to */
	size_t step_count;
};

/* A property and the value that it must have. */
struct filter {
	enum cim_property_id id;
	struct cim_value value;
};

struct cim_enumeration {
	struct cim_service *service;
	struct arena *arena; /* the listing itself */
	struct arena *instance_arena;
	struct cim_query *query;
	struct filter *filters;
	size_t filter_count;

	/* Of what is associated with an instance. */
	const struct cim_object_path *source; /* NULL: a class is listed */
	struct cim_association_filter filter;
	struct association_search search;

	struct walk *walks;
	size_t walk_count, walk_room, at;
	const struct cim_instance *current;
};

/* A new walk at the end of the listing's. */
struct walk *listing_add_walk(struct cim_enumeration *listing, const struct cim_class *class);

/* What ASSOCIATORS OF or REFERENCES OF ask for, as a request with a source; nothing is copied. */
struct cim_enumeration_request listing_associated_request(const char *ns,
							  const struct cim_query_associations *of);

/* Begins the walks over the associations of the request's source (associated.c). */
bool listing_open_associated(struct cim_enumeration *listing,
			     const struct cim_enumeration_request *request, struct cim_error *err);

/* The path, in the arena, of a result that its provider would bring up to date before a client gets
 * it. NULL: there is none. The listing has nothing else to give afterwards. */
const struct cim_object_path *listing_find_stale(struct cim_enumeration *listing,
						 struct arena *arena,
						 const struct cim_provider **ret_provider);

/* The result to which the association at hand leads, of a walk; NULL: to none that is wanted. */
const struct cim_instance *listing_follow(struct cim_enumeration *listing, const struct walk *walk,
					  const struct cim_instance *association);
