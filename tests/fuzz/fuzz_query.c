/* SPDX-License-Identifier: MIT */
/* fuzz_query.c -- a query: parsed, bound to its class, and put to an instance. */
#include "fuzz.h"

#include <assert.h>

#include "cim/query.h"

static struct cim_instance *create_instance(struct arena *arena, const struct cim_class *class)
{
	struct cim_instance *instance = cim_instance_create(arena, class);

	cim_set_text(instance, PROPERTY_NAME, "5F1E8C1A-0000-4000-8000-00000000000A");
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, "web \xC3\xA9 1");
	cim_set_text(instance, PROPERTY_INSTANCE_ID, "Microsoft:A\\B");
	cim_set(instance, PROPERTY_INSTALL_DATE, cim_time(1000000));
	return instance;
}

static void match_events(struct arena *arena, struct cim_query *query,
			 const struct cim_class *class)
{
	const struct cim_instance *instance;
	struct okvp_error err;

	if (!cim_query_bind_events(query, class, &err))
		return;
	instance = create_instance(arena, cim_query_target(query));
	cim_query_matches_event(query, instance, NULL);
	cim_query_matches_event(query, instance, instance);
}

static void match(struct arena *arena, struct cim_query *query)
{
	const struct cim_class *class = cim_class_find(cim_namespaces[0], cim_query_class(query));
	const struct cim_instance *instance;
	struct okvp_error err;
	bool matches;

	if (class && class->is_indication)
		match_events(arena, query, class);
	if (!class || !cim_query_bind(query, class, &err))
		return;
	instance = create_instance(arena, class);
	matches = cim_query_matches(query, instance);
	assert(cim_query_matches(query, instance) == matches);
	cim_query_selects(query, &class->properties[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	struct cim_query *query;
	struct okvp_error err;

	if (cim_query_parse(arena, (const char *)data, size, &query, &err))
		match(arena, query);
	else
		assert(err.status == OKVP_INVALID || err.status == OKVP_LIMIT ||
		       err.status == OKVP_UNSUPPORTED);
	arena_free(&arena);
	return 0;
}
