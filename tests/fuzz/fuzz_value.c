/* SPDX-License-Identifier: MIT */
/* fuzz_value.c -- what is read as a value stays the same when it is written and read again. The
 * first byte of an input chooses the type. */
#include "fuzz.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cim/value.h"

static struct arena *arena;

static void assert_same(const struct cim_value *value, const char *text)
{
	struct cim_value again;
	int order;

	assert(cim_value_from_text(arena, value->type, text, strlen(text), &again, NULL));
	assert(cim_value_compare(value, &again, &order) && order == 0);
}

static void write_again(const struct cim_value *value)
{
	char text[64];

	if (value->type == CIM_DATETIME) {
		cim_datetime_to_dmtf(&value->datetime, text);
		assert(strlen(text) == CIM_DATETIME_SIZE - 1);
		assert_same(value, text);
		cim_datetime_to_iso(&value->datetime, text);
		assert(strlen(text) < CIM_ISO_SIZE);
		assert_same(value, text);
	} else if (cim_type_is_unsigned(value->type)) {
		snprintf(text, sizeof(text), "%" PRIu64, value->uint);
		assert_same(value, text);
	} else if (cim_type_is_signed(value->type)) {
		snprintf(text, sizeof(text), "%" PRId64, value->sint);
		assert_same(value, text);
	} else if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
		snprintf(text, sizeof(text), "%.17g", value->real);
		assert_same(value, text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct okvp_error err;
	struct cim_value value;

	if (size == 0)
		return 0;
	if (!arena)
		arena = arena_create();
	arena_reset(arena);
	if (cim_value_from_text(arena, data[0] % CIM_REFERENCE, (const char *)data + 1, size - 1,
				&value, &err)) {
		assert(value.is_set && value.type == data[0] % CIM_REFERENCE);
		write_again(&value);
	}
	return 0;
}
