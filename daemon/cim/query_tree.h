/* SPDX-License-Identifier: MIT */
/* query_tree.h -- what query.y makes of a query, for query.c. */
#pragma once
#include "cim/query.h"

enum condition_kind {
	CONDITION_ALL, /* of its children hold */
	CONDITION_ANY,
	CONDITION_NOT, /* its one child */
	CONDITION_COMPARE,
	CONDITION_LIKE,
	CONDITION_IS_NULL,
	CONDITION_ISA,
};

enum comparison { EQUAL, NOT_EQUAL, LESS, GREATER, LESS_OR_EQUAL, GREATER_OR_EQUAL };

/* What stands on the left of a comparison: a property, or what WMI calls a system property. */
enum subject { SUBJECT_PROPERTY, SUBJECT_CLASS, SUBJECT_NAMESPACE, SUBJECT_PATH };

struct condition {
	enum condition_kind kind;
	struct condition *first, *last, *next; /* children; sibling */

	const char *name; /* of the property */
	enum comparison comparison;
	struct cim_value literal; /* not set: NULL */

	/* Since cim_query_bind(). */
	enum subject subject;
	enum cim_property_id id;
	const struct cim_class *ancestor; /* of ISA */
};

struct query_name {
	const char *name;
	struct query_name *next;
};

struct cim_query {
	struct arena *arena;
	const char *class_name;
	struct query_name *selected; /* NULL: all */
	struct condition *where;     /* NULL: none */
};

/* What scanner and parser share while they work. */
struct query_parser {
	struct arena *arena;
	struct cim_query *query;
	struct okvp_error *err;
	size_t start, end; /* of the token at hand */
	int depth;
};

/* Records a failure at the token at hand. */
void query_fail(struct query_parser *parser, enum okvp_status status, const char *sentence);

/* Has parser->query filled in from a text (query.l). */
bool query_read(struct query_parser *parser, const char *text, size_t length);
