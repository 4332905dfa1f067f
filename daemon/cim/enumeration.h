/* SPDX-License-Identifier: MIT */
/* enumeration.h -- a listing of instances, read one by one; and those that clients keep open
 * between two requests.
 *
 * A listing shows what was there when it began. It holds no lock, asks no guest and never waits;
 * only cim_list() does, before it begins. */
#pragma once
#include "cim/operation.h"
#include "cim/query.h"

struct cim_enumeration;

/* What to list; texts and paths are copied. */
struct cim_enumeration_request {
	const char *ns, *class_name;     /* instances of the class and of its subclasses */
	const struct cim_key *selectors; /* property = value, all must hold; texts will do */
	size_t selector_count;

	/* WQL, instead of a class name: also ASSOCIATORS OF and REFERENCES OF. */
	const char *query;
	size_t query_length;

	/* Instead of a class or query: what is associated with an instance, each once, or the
	 * associations themselves. The filters (NULL: any) are as in struct
	 * cim_association_filter. */
	const struct cim_object_path *source;
	bool associations;
	const char *association_class, *result_class, *role, *result_role;
	const char *required_qualifier, *required_association_qualifier;
};

/* CIM_STATUS_INVALID_NAMESPACE, CIM_STATUS_INVALID_CLASS (also of a query's class or of one in a
 * filter); CIM_STATUS_INVALID_QUERY for all else that is wrong with a query, one for events or
 * classes among it; CIM_DETAIL_KEY_... for selectors and the keys of source;
 * CIM_STATUS_NOT_FOUND for source. */
bool cim_enumeration_open(struct cim_service *service,
			  const struct cim_enumeration_request *request,
			  struct cim_enumeration **ret_enumeration, struct cim_error *err);

/* Opens a listing for a client, who by associators may read the one instance that a Get would bring
 * up to date: so that is done first. The request is borrowed until the operation is finished; the
 * outcome is operation->enumeration. */
void cim_list(struct cim_operation *operation, const struct cim_enumeration_request *request);

/* The instance at which the listing stands, valid until advance(); NULL at the end. */
const struct cim_instance *cim_enumeration_peek(struct cim_enumeration *enumeration);
void cim_enumeration_advance(struct cim_enumeration *enumeration);

/* The query of the listing, for its projection; NULL: all properties. */
const struct cim_query *cim_enumeration_query(const struct cim_enumeration *enumeration);

void cim_enumeration_close(struct cim_enumeration **enumeration);

/* The classes that ASSOCIATORS OF or REFERENCES OF want instead of instances: with ClassDefsOnly
 * those of the results, with SchemaOnly those that the class model links. Each once, in the arena.
 * Fails like cim_enumeration_open(). */
bool cim_associated_classes(struct cim_service *service, struct arena *arena, const char *ns,
			    const struct cim_query_associations *of,
			    const struct cim_class *const **ret_classes, size_t *ret_count,
			    struct cim_error *err);

/* --- Open ones, between requests --- */

struct cim_enumerations;

struct cim_enumerations_limits {
	size_t per_user, in_all;
	unsigned int idle_ms;
};

struct cim_enumerations *cim_enumerations_create(const struct cim_enumerations_limits *limits);
void cim_enumerations_free(struct cim_enumerations **enumerations);

#define CIM_CONTEXT_SIZE 48

/* Keeps a listing for its user under a context: the one under which it was taken, or, if that is
 * "", a new, unguessable one. binding says whose binding_data (malloc'ed, may be NULL) stays with
 * it: who takes it must be the same. Takes listing and data. CIM_STATUS_SERVER_LIMITS_EXCEEDED, of
 * a new one only, names limit and usage; both are the caller's still. */
bool cim_enumerations_keep(struct cim_enumerations *enumerations, const void *binding,
			   const struct principal *user, struct cim_enumeration **enumeration,
			   void **binding_data, char context[static CIM_CONTEXT_SIZE],
			   struct cim_error *err);

/* Takes a listing for the duration of a request, which ends by cim_enumerations_keep() or _drop():
 * until then the listing counts as one that is open. CIM_STATUS_INVALID_ENUMERATION_CONTEXT: no
 * such context, expired, of another user or binding, or (CIM_DETAIL_IN_USE) taken by another
 * request. */
bool cim_enumerations_take(struct cim_enumerations *enumerations, const void *binding,
			   const struct principal *user, const char *context,
			   struct cim_enumeration **ret_enumeration, void **ret_binding_data,
			   struct cim_error *err);

/* Forgets the context of a listing that was taken, and is the caller's. */
void cim_enumerations_drop(struct cim_enumerations *enumerations, const char *context);

/* Closes those that nobody asked for in time; call now and then. */
void cim_enumerations_expire(struct cim_enumerations *enumerations);
