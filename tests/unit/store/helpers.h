/* SPDX-License-Identifier: MIT */
/* helpers.h -- lists and pictures in few words, for the tests of the store. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/guid.h"
#include "base/text.h"
#include "store/change_list.h"
#include "store/snapshot_build.h"

static const struct store_limits roomy __attribute__((unused)) = {
	.vms = 100,
	.items = 1024,
	.item_bytes = 1 << 20,
	.host_only_items = 128,
	.lazy_ms = 3600 * 1000,
};

/* A GUID that ends with this number. */
static inline struct guid guid_number(unsigned int number)
{
	struct guid id = { { [14] = (uint8_t)(number >> 8), [15] = (uint8_t)number } };

	return id;
}

static inline struct okvp_item pair(const char *key, const char *value)
{
	return (struct okvp_item){ .key = key,
				   .value = value,
				   .key_length = (uint16_t)strlen(key),
				   .value_length = (uint16_t)strlen(value) };
}

static inline struct stored_item *stored(const char *key, const char *value)
{
	struct okvp_item item = pair(key, value);

	return stored_item_create(&item);
}

static inline struct change_list *list_for(unsigned int vm)
{
	struct guid id = guid_number(vm);

	return change_list_create(&id);
}

static inline struct change_list *definition(unsigned int vm, const char *name)
{
	struct change_list *list = list_for(vm);

	change_list_define(list, name, "");
	return list;
}

static inline void put_in(struct change_list *list, enum item_space space, const char *key,
			  const char *value, enum change_expect expect)
{
	struct okvp_item item = pair(key, value);

	change_list_put(list, space, &item, expect);
}

static inline void put(struct change_list *list, const char *key, const char *value)
{
	put_in(list, SPACE_EXTERNAL, key, value, EXPECT_ANY);
}

static inline void add(struct change_list *list, const char *key, const char *value)
{
	put_in(list, SPACE_EXTERNAL, key, value, EXPECT_ABSENT);
}

static inline void modify(struct change_list *list, const char *key, const char *value)
{
	put_in(list, SPACE_EXTERNAL, key, value, EXPECT_PRESENT);
}

static inline void remove_key(struct change_list *list, const char *key, enum change_expect expect)
{
	change_list_remove(list, SPACE_EXTERNAL, key, strlen(key), expect);
}

static inline void know_guest(struct change_list *list, enum item_space space, const char *key,
			      const char *value, int64_t read_us)
{
	struct stored_item **items = malloc(sizeof(*items));

	items[0] = stored(key, value);
	change_list_guest(list, space, items, 1, read_us);
}

static inline struct job_record job_record(unsigned int id, const char *text)
{
	return (struct job_record){
		.id = guid_number(id), .text = text, .created_us = 7, .state = 4
	};
}

/* "key=value key=value", or "key@generation" of tombstones. */
static inline const char *set_text(const struct item_set *set)
{
	static struct text text;

	text_clear(&text);
	text_reserve(&text, 1);
	text.bytes[0] = '\0';
	for (size_t i = 0; i < set->count; i++) {
		struct okvp_item item = stored_item_view(set->item[i]);

		if (i > 0)
			text_putc(&text, ' ');
		text_add(&text, item.key, item.key_length);
		if (set->item[i]->removed) {
			text_putc(&text, '@');
			text_u64(&text, set->item[i]->generation);
		} else {
			text_putc(&text, '=');
			text_add(&text, item.value, item.value_length);
		}
	}
	return text.bytes;
}

#define assert_set(set, expected)        assert_string_equal(set_text(set), expected)
#define assert_items(snapshot, expected) assert_set((snapshot)->space[SPACE_EXTERNAL], expected)
