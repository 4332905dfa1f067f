/* SPDX-License-Identifier: MIT */
/* query_tree.h -- what query.y makes of a query, for query.c, query_bind.c and query_match.c. */
#pragma once
#include "cim/query.h"

enum condition_kind {
	CONDITION_ALL, /* of its children hold */
	CONDITION_ANY,
	CONDITION_NOT,     /* its one child */
	CONDITION_COMPARE, /* left with literal */
	CONDITION_RELATE,  /* left with right */
	CONDITION_LIKE,
	CONDITION_IS_NULL,
	CONDITION_ISA,
};

enum comparison { EQUAL, NOT_EQUAL, LESS, GREATER, LESS_OR_EQUAL, GREATER_OR_EQUAL };

/* What an operand takes from an instance: a property, or what WMI calls a system property. */
enum subject {
	SUBJECT_PROPERTY,
	SUBJECT_CLASS,
	SUBJECT_NAMESPACE,
	SUBJECT_PATH,
	SUBJECT_RELATIVE_PATH
};

/* The instances that a query is put to: PREVIOUS is there for modifications alone. */
enum place { PLACE_INSTANCE, PLACE_PREVIOUS, PLACE_COUNT };

struct operand {
	const char *name; /* as it is written: "TargetInstance.Name" */

	/* Since the query was bound. */
	enum place place;
	enum subject subject;
	enum cim_property_id id;
	enum cim_type type;
	bool is_array;
};

struct condition {
	enum condition_kind kind;
	struct condition *first, *last, *next; /* children; sibling */

	struct operand left, right;
	enum comparison comparison;
	struct cim_value literal;         /* not set: NULL */
	const struct cim_class *ancestor; /* of ISA, since the query was bound */
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
	bool has_within;
	const struct cim_class *target;              /* of events, since the query was bound */
	struct cim_query_associations *associations; /* NULL: a SELECT */
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

/* Actions of the grammar that say false when they failed (query.c). */
bool query_set_within(struct query_parser *parser, const struct cim_value *seconds);
bool query_begin_associations(struct query_parser *parser, const char *path, bool references);
bool query_add_word(struct query_parser *parser, const char *word, const char *value);
