/* SPDX-License-Identifier: MIT */
/* table.h -- rows of JSON objects, for people: a table of columns, or one object line by line. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct column {
	const char *title;
	const char *member; /* of the row: text as it is, true as "yes", null and absent as "-" */
	bool right;         /* numbers */
	bool gives_way;     /* is cut when the line is too long */
	void (*show)(struct text *out, const json_t *row); /* instead of a member */
};

/* Prints a line of titles and one for each row. terminal: its columns; 0: there is none, nothing is
 * cut, and a long text of a column that gives way moves what follows it in its line. */
void table_print(struct text *out, const struct column *columns, size_t count, const json_t *rows,
		 size_t terminal);

/* Prints "title: member" line by line. */
void table_print_one(struct text *out, const struct column *columns, size_t count,
		     const json_t *object);

/* Appends a JSON value that is no object and no array, safe for a terminal. */
void table_value(struct text *out, const json_t *value);

/* The member as text; "" where it is absent or something else. */
const char *member_text(const json_t *object, const char *member);

/* Appends a member that is a time, without fractions of a second; "-" for null. */
void table_time(struct text *out, const json_t *object, const char *member);
