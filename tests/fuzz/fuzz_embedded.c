/* SPDX-License-Identifier: MIT */
/* fuzz_embedded.c -- the text of an embedded instance; a value that was read is written and read
 * again. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "cim/embedded.h"

static void check_round_trip(struct arena *arena, const struct cim_embedded_property *property)
{
	struct cim_instance *item = cim_instance_create(
		arena, cim_class_by_id(cim_namespaces[0], MSVM_KVP_EXCHANGE_DATA_ITEM));
	const struct cim_embedded_property *data;
	struct cim_embedded again;
	struct text text = { 0 };

	cim_set(item, PROPERTY_DATA, cim_string_of(property->text, property->length));
	cim_embedded_write(&text, item);
	assert(cim_embedded_read(arena, text.bytes, text.length, &again, NULL));
	data = cim_embedded_find(&again, "Data");
	assert(data && data->length == property->length);
	assert(memcmp(data->text, property->text, property->length) == 0);
	text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	struct cim_embedded embedded;
	struct okvp_error err;

	if (cim_embedded_read(arena, (const char *)data, size, &embedded, &err)) {
		assert(embedded.class_name && embedded.count <= CIM_EMBEDDED_PROPERTIES_MAX);
		for (size_t i = 0; i < embedded.count; i++) {
			const struct cim_embedded_property *property = &embedded.properties[i];

			assert(cim_embedded_find(&embedded, property->name) ==
			       (property->is_set ? property : NULL));
			if (property->is_set && i < 4)
				check_round_trip(arena, property);
		}
	} else {
		assert(err.status == OKVP_INVALID || err.status == OKVP_LIMIT);
	}
	arena_free(&arena);
	return 0;
}
