/* SPDX-License-Identifier: MIT */
/* mof.h -- what MOF files declare (DSP0004 sections 5 to 7), as it was written; and reading them.
 *
 * The language is DSP0004's without instances, aliases, includes, and arrays of fixed size, and
 * with what a schema for several namespaces needs. What stands in a file before any section is in
 * every namespace that mofc was told of. A section, up to the next one or the end of the file,
 *
 *	#pragma namespace ("root/virtualization", "root/HyperVCluster/v2")
 *
 * holds for the namespaces that it names. A class in it that every namespace has is amended for
 * these alone, statement by statement; any other class exists only there:
 *
 *	[Version("2.8.0")]                    its qualifiers are added or replaced
 *	class X : Y
 *	{
 *	    uint16 LocationIndicator;         a new member; one that the class declares is replaced
 *	    [Drop] InstanceID;                a member that the class declares is not there
 *	};
 *	[Drop] class Z { };                   a class is not there
 *
 * A bare namespace lacks the classes before any section, but for those that a section names for it
 * (with nothing in it, if nothing is to change) and those that the ones it has are derived from,
 * refer to or embed.
 *
 * Everywhere, a statement without a type gives a property, own or inherited, its initial value and
 * leaves it as it is otherwise; DSP0004 would have it overridden:
 *
 *	Caption = "Key-Value Pair Exchange";
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cim/value.h"
#include "mofc/report.h"

/* Lists are linked; all of it lives in one arena, to the end of the program. */
#define append(first, new_item)                    \
	do {                                       \
		__typeof__(first) *at_ = &(first); \
		while (*at_)                       \
			at_ = &(*at_)->next;       \
		*at_ = (new_item);                 \
	} while (0)

enum literal_kind {
	LITERAL_NULL,
	LITERAL_BOOLEAN,
	LITERAL_INTEGER,
	LITERAL_REAL,
	LITERAL_CHAR,
	LITERAL_STRING,
};

struct literal {
	enum literal_kind kind;
	const char *text; /* in a form that cim_value_from_text() reads */
	struct literal *next;
};

/* What stands behind a "=" or a qualifier: one literal, or { some }. */
struct initial {
	struct where where;
	bool is_array;
	struct literal *literals;
};

enum flavor {
	FLAVOR_ENABLE_OVERRIDE = 1,
	FLAVOR_DISABLE_OVERRIDE = 2,
	FLAVOR_TO_SUBCLASS = 4,
	FLAVOR_RESTRICTED = 8,
	FLAVOR_TRANSLATABLE = 16,
};

enum scope {
	SCOPE_CLASS = 1,
	SCOPE_ASSOCIATION = 2,
	SCOPE_INDICATION = 4,
	SCOPE_PROPERTY = 8,
	SCOPE_REFERENCE = 16,
	SCOPE_METHOD = 32,
	SCOPE_PARAMETER = 64,
	SCOPE_ANY = 127,
};

/* Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride); */
struct qualifier_type {
	struct where where;
	const char *name;
	enum cim_type type;
	bool is_array;
	const struct initial *initial; /* NULL: none */
	unsigned int scope, flavor;
	struct qualifier_type *next;

	struct cim_value value; /* once resolved */
};

/* Key, MaxLen(64), Deprecated { "a", "b" } : Restricted */
struct qualifier {
	struct where where;
	const char *name;
	const struct initial *initial; /* NULL: none */
	unsigned int flavor;           /* what it says itself */
	struct qualifier *next;

	/* Once resolved. */
	const struct qualifier_type *type;
	struct cim_value value;
	bool propagated, overridable, to_subclass, translatable;
};

enum member_kind {
	MEMBER_PROPERTY,
	MEMBER_METHOD,
	MEMBER_PARAMETER,
	MEMBER_INITIAL, /* NAME = value; */
	MEMBER_DROP,    /* [Drop] NAME; */
};

struct member {
	struct where where;
	enum member_kind kind;
	const char *name;
	enum cim_type type;
	bool is_array;
	const char *reference_class; /* of a CIM_REFERENCE */
	struct qualifier *qualifiers;
	const struct initial *initial; /* NULL: none */
	struct member *parameters;     /* of a method */
	struct member *next;

	/* Once resolved. */
	const char *origin; /* the class that declares it first */
	bool propagated;
	struct cim_value value; /* the initial one */
};

struct name {
	const char *text;
	struct name *next;
};

struct class
{
	struct where where;
	const struct name *section; /* its namespaces; NULL: every one */
	const char *name, *superclass;
	struct qualifier *qualifiers;
	struct member *members;
	struct class *next;

	/* Once resolved. */
	bool is_resolved;
	const struct class *super;
	bool is_abstract, is_association, is_indication;
	struct member *properties, *methods; /* with those of the superclass, which come first */
	size_t place, descendant_count;      /* in the order of its namespace */
};

/* What all files declare, in their order. */
struct mof {
	struct arena *arena;
	struct qualifier_type *qualifier_types;
	struct class *classes;
};

/* Reads a file and adds what it declares; reports what is wrong with it and ends the program. */
void mof_read(struct mof *mof, const char *path);

/* The same with a text that is there already; file is its name in reports. Everything that is taken
 * lives in mof->arena, so that a report() that does not end the program leaves nothing behind. */
void mof_parse(struct mof *mof, const char *file, const char *text, size_t length);

/* A type and an array's brackets as MOF writes them: "uint16[]". */
const char *mof_type_text(struct arena *arena, enum cim_type type, bool is_array);
