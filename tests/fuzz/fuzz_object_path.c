/* SPDX-License-Identifier: MIT */
/* fuzz_object_path.c -- a path in WMI's form: what was read is written, and read again it is the
 * same. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "cim/object_path.h"
#include "cim/resolve.h"

static bool has_twins(const struct cim_object_path *path)
{
	for (size_t i = 0; i < path->key_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(path->keys[i].name, path->keys[j].name) == 0)
				return true;
	return false;
}

static void check_round_trip(struct arena *arena, const struct cim_object_path *path)
{
	const char *text = cim_path_to_text(arena, path, "HOST");
	struct cim_object_path again;

	if (strlen(text) > CIM_PATH_TEXT_MAX)
		return;
	assert(cim_path_from_text(arena, text, strlen(text), &again, NULL));
	assert(again.key_count == path->key_count);
	assert(has_twins(path) || cim_path_equal(path, &again));
}

static void resolve(struct arena *arena, const struct cim_object_path *path)
{
	const struct cim_class *class = cim_class_find(cim_namespaces[0], path->class_name);
	const struct cim_object_path *resolved;
	struct cim_error err;

	if (class && cim_resolve_path(arena, class, path, &resolved, &err))
		assert(!has_twins(resolved) && resolved->key_count == path->key_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	struct cim_object_path path;
	struct okvp_error err;

	if (cim_path_from_text(arena, (const char *)data, size, &path, &err)) {
		assert(path.key_count <= CIM_PATH_KEYS_MAX && *path.class_name);
		check_round_trip(arena, &path);
		resolve(arena, &path);
	} else {
		assert(err.status == OKVP_INVALID);
	}
	arena_free(&arena);
	return 0;
}
