/* SPDX-License-Identifier: MIT */
/* pool_image.c -- records by place, and a hash table from a key to its last record. */
#include "openkvp/pool_image.h"

#include <stdlib.h>
#include <string.h>

#include "openkvp/frame.h"

#define LEAST_TABLE_SIZE 16

/* What a field holds: the bytes before its first NUL, or all of it. */
static uint16_t field_length(const uint8_t *field, size_t size)
{
	return (uint16_t)strnlen((const char *)field, size);
}

void okvp_record_read(const uint8_t record[static OKVP_RECORD_SIZE], struct okvp_item *ret_item)
{
	const uint8_t *value = record + OKVP_RECORD_KEY_SIZE;

	*ret_item = (struct okvp_item){
		.key = (const char *)record,
		.key_length = field_length(record, OKVP_RECORD_KEY_SIZE),
		.value = (const char *)value,
		.value_length = field_length(value, OKVP_RECORD_VALUE_SIZE),
	};
}

static void write_field(uint8_t *field, size_t size, const char *text, size_t length)
{
	if (length > 0)
		memcpy(field, text, length);
	memset(field + length, 0, size - length);
}

static bool check_text(const char *what, const char *text, size_t length, size_t size,
		       struct okvp_error *err)
{
	if (length >= size)
		return okvp_fail(err, OKVP_TOO_LONG,
				 "the %s has %zu bytes, a pool file's record holds %zu", what,
				 length, size - 1);
	if (length > 0 && memchr(text, '\0', length))
		return okvp_fail(err, OKVP_INVALID_TEXT, "the %s contains a NUL", what);
	return true;
}

bool okvp_record_write(const struct okvp_item *item, uint8_t record[static OKVP_RECORD_SIZE],
		       struct okvp_error *err)
{
	if (!check_text("key", item->key, item->key_length, OKVP_RECORD_KEY_SIZE, err) ||
	    !check_text("value", item->value, item->value_length, OKVP_RECORD_VALUE_SIZE, err))
		return false;
	write_field(record, OKVP_RECORD_KEY_SIZE, item->key, item->key_length);
	write_field(record + OKVP_RECORD_KEY_SIZE, OKVP_RECORD_VALUE_SIZE, item->value,
		    item->value_length);
	return true;
}

void pool_image_done(struct pool_image *image)
{
	free(image->records);
	free(image->slot);
	free(image->table);
	*image = (struct pool_image){ 0 };
}

uint8_t *pool_image_record(const struct pool_image *image, size_t place)
{
	return image->records + place * OKVP_RECORD_SIZE;
}

bool pool_image_reserve(struct pool_image *image, size_t count, struct okvp_error *err)
{
	size_t room = image->room ? image->room : 8;
	struct pool_slot *slot;
	uint8_t *records;

	if (count <= image->room)
		return true;
	while (room < count)
		room *= 2;
	records = realloc(image->records, room * OKVP_RECORD_SIZE);
	if (!records)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for %zu records", count);
	image->records = records;
	slot = realloc(image->slot, room * sizeof(*slot));
	if (!slot)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for %zu records", count);
	image->slot = slot;
	image->room = room;
	return true;
}

static bool same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
	return a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0);
}

/* Where a key stands in the table, or the free entry where it would. */
static size_t *find_entry(const struct pool_image *image, const char *key, size_t length)
{
	size_t mask = image->table_size - 1;

	for (size_t at = okvp_crc32c(key, length) & mask;; at = (at + 1) & mask) {
		struct okvp_item item;

		if (image->table[at] == 0)
			return &image->table[at];
		okvp_record_read(pool_image_record(image, image->table[at] - 1), &item);
		if (same_text(item.key, item.key_length, key, length))
			return &image->table[at];
	}
}

/* Enters a record, which stands behind all that are entered, under its key. */
static void enter(struct pool_image *image, size_t place)
{
	struct okvp_item item;
	size_t *entry;

	okvp_record_read(pool_image_record(image, place), &item);
	entry = find_entry(image, item.key, item.key_length);
	image->slot[place] = (struct pool_slot){ .previous = POOL_IMAGE_NONE };
	if (*entry != 0 && !image->slot[*entry - 1].removed)
		image->slot[place].previous = *entry - 1;
	*entry = place + 1;
}

static void fill_table(struct pool_image *image)
{
	memset(image->table, 0, image->table_size * sizeof(*image->table));
	for (size_t place = 0; place < image->count; place++) {
		struct pool_slot before = image->slot[place];

		enter(image, place);
		image->slot[place].touched = before.touched;
		image->slot[place].removed = before.removed;
	}
}

/* Keeps the table at most half full. */
static bool reserve_table(struct pool_image *image, size_t count, struct okvp_error *err)
{
	size_t size = image->table_size ? image->table_size : LEAST_TABLE_SIZE, *table;

	while (size < 2 * count)
		size *= 2;
	if (size == image->table_size)
		return true;
	table = realloc(image->table, size * sizeof(*table));
	if (!table)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for %zu records", count);
	image->table = table;
	image->table_size = size;
	fill_table(image);
	return true;
}

bool pool_image_index(struct pool_image *image, size_t count, struct okvp_error *err)
{
	image->count = 0;
	image->changed = false;
	image->touched_begin = image->touched_end = 0;
	if (!pool_image_reserve(image, count, err) || !reserve_table(image, count, err))
		return false;
	if (count > 0)
		memset(image->slot, 0, count * sizeof(*image->slot));
	image->count = count;
	fill_table(image);
	return true;
}

size_t pool_image_find(const struct pool_image *image, const char *key, size_t length)
{
	size_t entry = image->table_size ? *find_entry(image, key, length) : 0;

	return entry == 0 || image->slot[entry - 1].removed ? POOL_IMAGE_NONE : entry - 1;
}

static void touch(struct pool_image *image, size_t place)
{
	bool first = image->touched_begin == image->touched_end;

	image->changed = image->slot[place].touched = true;
	if (first || place < image->touched_begin)
		image->touched_begin = place;
	if (first || place >= image->touched_end)
		image->touched_end = place + 1;
}

bool pool_image_set(struct pool_image *image, const struct okvp_item *item, struct okvp_error *err)
{
	size_t place = pool_image_find(image, item->key, item->key_length);
	struct okvp_item present;

	if (place != POOL_IMAGE_NONE) {
		okvp_record_read(pool_image_record(image, place), &present);
		if (same_text(present.value, present.value_length, item->value, item->value_length))
			return true;
		touch(image, place);
		return okvp_record_write(item, pool_image_record(image, place), err);
	}
	place = image->count;
	if (place == OKVP_POOL_FILE_RECORDS_MAX)
		return okvp_fail(err, OKVP_LIMIT, "a pool file holds at most %d records",
				 OKVP_POOL_FILE_RECORDS_MAX);
	if (!pool_image_reserve(image, place + 1, err) || !reserve_table(image, place + 1, err) ||
	    !okvp_record_write(item, pool_image_record(image, place), err))
		return false;
	enter(image, place);
	image->count++;
	touch(image, place);
	return true;
}

bool pool_image_remove(struct pool_image *image, const char *key, size_t length)
{
	size_t place = pool_image_find(image, key, length);
	bool found = place != POOL_IMAGE_NONE;

	for (; place != POOL_IMAGE_NONE; place = image->slot[place].previous) {
		image->slot[place].removed = true;
		touch(image, place);
	}
	return found;
}

static size_t first_removed(const struct pool_image *image)
{
	size_t place = image->touched_begin;

	while (place < image->touched_end && !image->slot[place].removed)
		place++;
	return place;
}

static void pad_record(uint8_t *record)
{
	struct okvp_item item;

	okvp_record_read(record, &item);
	memset(record + item.key_length, 0, OKVP_RECORD_KEY_SIZE - item.key_length);
	memset(record + OKVP_RECORD_KEY_SIZE + item.value_length, 0,
	       OKVP_RECORD_VALUE_SIZE - item.value_length);
}

void pool_image_compact(struct pool_image *image)
{
	size_t to = first_removed(image);

	if (to == image->touched_end)
		return;
	for (size_t from = to + 1; from < image->count; from++) {
		if (image->slot[from].removed)
			continue;
		memcpy(pool_image_record(image, to), pool_image_record(image, from),
		       OKVP_RECORD_SIZE);
		pad_record(pool_image_record(image, to));
		image->slot[to] = (struct pool_slot){ .touched = true };
		touch(image, to++);
	}
	image->count = to;
	if (image->touched_end > to)
		image->touched_end = to;
	if (image->touched_begin > to)
		image->touched_begin = to;
	fill_table(image);
}

size_t pool_image_touched(const struct pool_image *image, size_t *place, size_t *ret_begin)
{
	size_t at = *place > image->touched_begin ? *place : image->touched_begin;

	while (at < image->touched_end && !image->slot[at].touched)
		at++;
	*ret_begin = at;
	while (at < image->touched_end && image->slot[at].touched)
		at++;
	*place = at;
	return at - *ret_begin;
}

void pool_image_clean(struct pool_image *image)
{
	for (size_t place = image->touched_begin; place < image->touched_end; place++)
		image->slot[place].touched = false;
	image->changed = false;
	image->touched_begin = image->touched_end = 0;
}
