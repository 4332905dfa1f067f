/* SPDX-License-Identifier: MIT */
/* pool_records.h -- records for the tests of pool files, written "key=value". */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/pool_file.h"
#include "tests/unit/temp_folder.h"

#define POOL_NAME ".kvp_pool_1"
#define REDO_NAME ".kvp_pool_1.redo"

static inline struct okvp_item item_of(const char *key, const char *value)
{
	return (struct okvp_item){
		.key = key,
		.key_length = (uint16_t)strlen(key),
		.value = value,
		.value_length = (uint16_t)strlen(value),
	};
}

/* A record with a byte of garbage everywhere behind its texts. */
static inline void put_record(uint8_t *record, const char *key, const char *value, int garbage)
{
	memset(record, garbage, OKVP_RECORD_SIZE);
	strcpy((char *)record, key);
	strcpy((char *)record + OKVP_RECORD_KEY_SIZE, value);
}

static inline struct okvp_pool_file *open_pool(const char *folder, bool read_only)
{
	struct okvp_pool_file *file;
	struct okvp_error err;

	if (!okvp_pool_file_open(folder, OKVP_POOL_GUEST, read_only, &file, &err))
		fail_msg("%s", err.message);
	return file;
}

static inline void set_item(struct okvp_pool_file *file, const char *key, const char *value)
{
	struct okvp_item item = item_of(key, value);
	struct okvp_error err;

	if (!okvp_pool_file_set(file, &item, &err))
		fail_msg("%s", err.message);
}

static inline bool delete_item(struct okvp_pool_file *file, const char *key, struct okvp_error *err)
{
	return okvp_pool_file_delete(file, key, strlen(key), err);
}

/* All records as one text, "key=value key=value". */
static inline const char *all_items(struct okvp_pool_file *file)
{
	static char text[16384];
	struct okvp_error err;
	size_t count, at = 0;

	text[0] = '\0';
	if (!okvp_pool_file_count(file, &count, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < count; i++) {
		struct okvp_item item;

		if (!okvp_pool_file_at(file, i, &item, &err))
			fail_msg("%s", err.message);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s=%.*s", i ? " " : "",
				       item.key_length, item.key, item.value_length, item.value);
	}
	return text;
}
