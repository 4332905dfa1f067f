/* SPDX-License-Identifier: MIT */
/* query_fixture.h -- queries over the classes of root/virtualization/v2 and what is wrong with
 * them. Included after cmocka.h. */
#pragma once
#include "cim/query.h"
#include "tests/unit/arena_fixture.h"

static struct okvp_error err;

static inline const struct cim_class *class_of(enum cim_class_id id)
{
	return cim_class_by_id(cim_namespaces[0], id);
}

static inline struct cim_query *parse(const char *text)
{
	struct cim_query *query;

	if (!cim_query_parse(arena, text, strlen(text), &query, &err))
		fail_msg("%s: %s", text, err.message);
	return query;
}

static inline void assert_refused(const char *text, enum okvp_status status, const char *sentence)
{
	struct cim_query *query;

	assert_false(cim_query_parse(arena, text, strlen(text), &query, &err));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
}
