/* SPDX-License-Identifier: MIT */
/* query.h -- WQL, one parser for all who take it:
 *
 *	SELECT * | properties FROM class [WHERE expression]
 *	SELECT ... FROM __InstanceModificationEvent [WITHIN seconds]
 *		WHERE TargetInstance ISA 'class' [AND TargetInstance.State <> 7 ...]
 *	ASSOCIATORS OF {path} [WHERE words]
 *	REFERENCES OF {path} [WHERE words]
 *
 * WITHIN is how long an event may wait before it is told. It is checked, up to a year, and marks a
 * query for events; nobody asks for it, since an event is told at once, which is within any time.
 *
 * Keywords and names are found without case; strings stand in ' or ", \ escapes; they are compared
 * without case. A comparison with NULL is false but for "= NULL", "<> NULL", IS [NOT] NULL.
 *
 * Read a query, look its class up, bind it to the class, match. What the text alone does not tell,
 * binding finds: whether a SELECT is for instances or for events. */
#pragma once
#include "cim/association.h"
#include "cim/instance.h"

#define CIM_QUERY_MAX       16384 /* bytes of a query */
#define CIM_QUERY_DEPTH_MAX 64    /* of nested expressions */

struct cim_query;

/* Whether a query language of this name is WQL. DMTF's own is taken for it: WQL has of it what
 * clients use. */
bool cim_query_is_wql(const char *language);

/* Parses a query. OKVP_INVALID tells what was expected and where. */
bool cim_query_parse(struct arena *arena, const char *text, size_t length,
		     struct cim_query **ret_query, struct okvp_error *err);

/* The class behind FROM; of ASSOCIATORS OF and REFERENCES OF the class of the path. */
const char *cim_query_class(const struct cim_query *query);

/* Whether a property is wanted: all, only those behind SELECT, or, by KeysOnly, the keys. */
bool cim_query_selects(const struct cim_query *query, const struct cim_property *property);

/* --- Instances --- */

/* Looks the properties of a SELECT up in a class: OKVP_NOT_FOUND for one that it lacks,
 * OKVP_WRONG_TYPE for a comparison that its type does not allow, OKVP_UNSUPPORTED for a query for
 * events. Call once, before matching. */
bool cim_query_bind(struct cim_query *query, const struct cim_class *class, struct okvp_error *err);

bool cim_query_matches(const struct cim_query *query, const struct cim_instance *instance);

/* --- Events --- */

/* Binds a SELECT to the class behind FROM, one of those whose events tell of instances:
 * __InstanceOperationEvent, CIM_InstIndication and what is derived from them. The condition must
 * say, with AND if it says more, what instances: TargetInstance ISA 'class', or
 * TargetInstance.__CLASS = 'class'; CIM's classes call it SourceInstance. Fails like
 * cim_query_bind(), OKVP_UNSUPPORTED for a class that is no such event. */
bool cim_query_bind_events(struct cim_query *query, const struct cim_class *event_class,
			   struct okvp_error *err);

/* The class whose instances (and those of its subclasses) the events are of. */
const struct cim_class *cim_query_target(const struct cim_query *query);

/* Whether an event is wanted that happened to an instance of the target class. target: as it is, of
 * a deletion as it was; previous: as it was before a modification, NULL of other events, whose
 * conditions on PreviousInstance meet NULL. A query is only read: many threads may ask it at once,
 * each with instances of its own. */
bool cim_query_matches_event(const struct cim_query *query, const struct cim_instance *target,
			     const struct cim_instance *previous);

/* --- Associations --- */

/* What ASSOCIATORS OF or REFERENCES OF ask for. */
struct cim_query_associations {
	struct cim_object_path source; /* of SchemaOnly without keys: a class */
	bool references;               /* the associations themselves */
	struct cim_association_filter filter;
	bool classes; /* ClassDefsOnly: not the results but their classes */
	bool schema;  /* SchemaOnly: what cim_class_associators() finds */
	bool keys;    /* KeysOnly */
};

/* NULL: a SELECT. */
const struct cim_query_associations *cim_query_associations(const struct cim_query *query);
