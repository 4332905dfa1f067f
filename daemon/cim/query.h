/* SPDX-License-Identifier: MIT */
/* query.h -- WQL: SELECT * | properties FROM class [WHERE expression].
 *
 * Keywords and names are found without case; strings stand in ' or ", \ escapes; they are compared
 * without case. A comparison with NULL is false but for "= NULL", "<> NULL", IS [NOT] NULL. */
#pragma once
#include "cim/instance.h"

#define CIM_QUERY_MAX       16384 /* bytes of a query */
#define CIM_QUERY_DEPTH_MAX 64    /* of nested expressions */

struct cim_query;

/* Parses a query. OKVP_INVALID tells what was expected and where. */
bool cim_query_parse(struct arena *arena, const char *text, size_t length,
		     struct cim_query **ret_query, struct okvp_error *err);

/* The class behind FROM. */
const char *cim_query_class(const struct cim_query *query);

/* Whether only some properties are wanted, and whether this is one of them. */
bool cim_query_selects(const struct cim_query *query, const char *property);

/* Looks the properties of the query up in a class: OKVP_NOT_FOUND for one that it lacks,
 * OKVP_WRONG_TYPE for a comparison that its type does not allow. Call once, before matching. */
bool cim_query_bind(struct cim_query *query, const struct cim_class *class, struct okvp_error *err);

bool cim_query_matches(const struct cim_query *query, const struct cim_instance *instance);
