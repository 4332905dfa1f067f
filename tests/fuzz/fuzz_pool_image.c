/* SPDX-License-Identifier: MIT */
/* fuzz_pool_image.c -- a pool file of unknown origin, and changes made to it: what is found by key
 * is what a look from the end finds, and what was not touched stays where it was.
 *
 * The input: how many records, each a length and so many bytes of it; then changes. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/pool_image.h"
#include "openkvp/wire.h"

#define RECORDS_MAX 12

static const char *const keys[] = { "a", "b", "", "key" };

static size_t look_from_the_end(const struct pool_image *image, const char *key)
{
	for (size_t place = image->count; place > 0; place--) {
		struct okvp_item item;

		okvp_record_read(pool_image_record(image, place - 1), &item);
		if (item.key_length == strlen(key) && memcmp(item.key, key, item.key_length) == 0)
			return place - 1;
	}
	return POOL_IMAGE_NONE;
}

static void check(const struct pool_image *image)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert(pool_image_find(image, keys[i], strlen(keys[i])) ==
		       look_from_the_end(image, keys[i]));
}

static void read_records(struct wire_reader *in, struct pool_image *image)
{
	size_t count = wire_read_u8(in) % RECORDS_MAX;

	assert(pool_image_reserve(image, count + 1, NULL));
	memset(image->records, 0, (count + 1) * OKVP_RECORD_SIZE);
	for (size_t place = 0; place < count; place++) {
		size_t length = wire_read_u8(in), offset = wire_read_u16(in) % OKVP_RECORD_SIZE;
		const uint8_t *bytes = wire_read_bytes(in, length);

		if (bytes && offset + length <= OKVP_RECORD_SIZE)
			memcpy(pool_image_record(image, place) + offset, bytes, length);
	}
	assert(pool_image_index(image, count, NULL));
}

static void change(struct wire_reader *in, struct pool_image *image)
{
	uint8_t how = wire_read_u8(in);
	const char *key = keys[how & 3];
	struct okvp_item item = { .key = key,
				  .key_length = (uint16_t)strlen(key),
				  .value = "value",
				  .value_length = how >> 4 & 3 };

	if (how & 4) {
		bool there = look_from_the_end(image, key) != POOL_IMAGE_NONE;

		assert(pool_image_remove(image, key, item.key_length) == there);
		assert(pool_image_find(image, key, item.key_length) == POOL_IMAGE_NONE);
		pool_image_compact(image);
		assert(look_from_the_end(image, key) == POOL_IMAGE_NONE);
	} else {
		size_t place = look_from_the_end(image, key), count = image->count;

		assert(pool_image_set(image, &item, NULL));
		assert(look_from_the_end(image, key) == (place == POOL_IMAGE_NONE ? count : place));
	}
	if (how & 8)
		pool_image_clean(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_reader in = wire_reader_on(data, size);
	struct pool_image image = { 0 };

	read_records(&in, &image);
	check(&image);
	while (wire_left(&in) > 0 && wire_ok(&in)) {
		change(&in, &image);
		check(&image);
	}
	pool_image_done(&image);
	return 0;
}
