/* SPDX-License-Identifier: MIT */
/* fuzz_large_value.c -- what a value is split into joins to it again; a head and pieces of a
 * stranger never make more than the head says. The input: a key's length, the key, the rest. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/large_value.h"

struct items {
	struct okvp_item *item;
	size_t count;
};

static bool find(void *context, const char *key, size_t key_length, struct okvp_item *ret_item)
{
	const struct items *items = context;

	for (size_t i = 0; i < items->count; i++)
		if (items->item[i].key_length == key_length &&
		    memcmp(items->item[i].key, key, key_length) == 0) {
			*ret_item = items->item[i];
			return true;
		}
	return false;
}

static void split_and_join(const char *key, size_t key_length, const void *value, size_t size)
{
	struct items items;
	struct okvp_error err;
	char *joined;
	size_t joined_size;

	if (!okvp_large_split(key, key_length, value, size, &items.item, &items.count, &err))
		return;
	for (size_t i = 0; i < items.count; i++)
		assert(okvp_item_check(&items.item[i], NULL));
	if (items.count > 1) {
		assert(okvp_large_join(&items.item[items.count - 1], find, &items, &joined,
				       &joined_size, &err));
		assert(joined_size == size && memcmp(joined, value, size) == 0);
		free(joined);
	}
	free(items.item);
}

/* Whatever key is asked for, the rest of the input is found. */
static bool find_rest(void *context, const char *key, size_t key_length, struct okvp_item *ret_item)
{
	*ret_item = *(const struct okvp_item *)context;
	return true;
}

static void join_strange(const char *head, size_t head_length, const char *piece, size_t length)
{
	struct okvp_item item = {
		.key = "k", .key_length = 1, .value = head, .value_length = (uint16_t)head_length
	};
	struct okvp_item rest = { .value = piece, .value_length = (uint16_t)length };
	struct okvp_large_head read;
	char *joined;
	size_t size;

	if (length > UINT16_MAX || !okvp_large_join(&item, find_rest, &rest, &joined, &size, NULL))
		return;
	assert(okvp_large_read_head(&item, &read) && size == read.size);
	free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	size_t key_length;

	if (size == 0)
		return 0;
	key_length = data[0] < size - 1 ? data[0] : size - 1;
	split_and_join(text, key_length, text + key_length, size - 1 - key_length);
	join_strange(text, key_length, text + key_length, size - 1 - key_length);
	return 0;
}
