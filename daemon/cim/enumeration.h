/* SPDX-License-Identifier: MIT */
/* enumeration.h -- a listing of instances, read one by one; and those that clients keep open
 * between two requests.
 *
 * A listing shows what was there when it began. It holds no lock, asks no guest and never waits. */
#pragma once
#include "cim/operation.h"
#include "cim/query.h"

struct cim_enumeration;

/* What to list; texts and paths are copied. */
struct cim_enumeration_request {
	const char *ns, *class_name; /* instances of the class and of its subclasses */
	const char *query;           /* WQL instead of a class name; NULL: none */
	size_t query_length;
	const struct cim_key *selectors; /* property = value, all must hold; texts will do */
	size_t selector_count;

	/* Instead of a class or query: what is associated with an instance, or the associations
	 * themselves. The filters (NULL: any) are those of DSP0200's Associators and References:
	 * classes match their subclasses, role is the end at which source stands, result_role the
	 * other one. */
	const struct cim_object_path *source;
	bool associations;
	const char *association_class, *result_class, *role, *result_role;
};

/* CIM_STATUS_INVALID_NAMESPACE, CIM_STATUS_INVALID_CLASS (also of a query's class);
 * CIM_STATUS_INVALID_QUERY for all else that is wrong with a query, one for events or associators
 * among it; CIM_DETAIL_KEY_... for selectors. */
bool cim_enumeration_open(struct cim_service *service,
			  const struct cim_enumeration_request *request,
			  struct cim_enumeration **ret_enumeration, struct cim_error *err);

/* The instance at which the listing stands, valid until advance(); NULL at the end. */
const struct cim_instance *cim_enumeration_peek(struct cim_enumeration *enumeration);
void cim_enumeration_advance(struct cim_enumeration *enumeration);

/* The query of the listing, for its projection; NULL: all properties. */
const struct cim_query *cim_enumeration_query(const struct cim_enumeration *enumeration);

void cim_enumeration_close(struct cim_enumeration **enumeration);

/* --- Open ones, between requests --- */

struct cim_enumerations;

struct cim_enumerations_limits {
	size_t per_user, in_all;
	unsigned int idle_ms;
};

struct cim_enumerations *cim_enumerations_create(const struct cim_enumerations_limits *limits);
void cim_enumerations_free(struct cim_enumerations **enumerations);

#define CIM_CONTEXT_SIZE 48

/* Keeps a listing for its user under a context: the one that it had before, or, if that is "", a
 * new, unguessable one. binding_data (malloc'ed, may be NULL) stays with it. Takes both.
 * CIM_STATUS_SERVER_LIMITS_EXCEEDED names limit and usage; both are the caller's still. */
bool cim_enumerations_keep(struct cim_enumerations *enumerations, const struct principal *user,
			   struct cim_enumeration **enumeration, void **binding_data,
			   char context[static CIM_CONTEXT_SIZE], struct cim_error *err);

/* Takes a listing out for the duration of a request. CIM_STATUS_INVALID_ENUMERATION_CONTEXT: no
 * such context, expired, of another user, or taken out by another request. */
bool cim_enumerations_take(struct cim_enumerations *enumerations, const struct principal *user,
			   const char *context, struct cim_enumeration **ret_enumeration,
			   void **ret_binding_data, struct cim_error *err);

/* Closes those that nobody asked for in time; call now and then. */
void cim_enumerations_expire(struct cim_enumerations *enumerations);
