/* SPDX-License-Identifier: MIT */
/* large_value.c -- splits values into items, and joins them. */
#include "openkvp/large_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/base64.h"
#include "openkvp/frame.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

#define MAGIC     "openkvp-large 1 "
#define HEAD_SIZE 64 /* room for a head's value */

/* The Linux driver hands on one unit less than the field of the wire could hold. */
#define PIECE_UNITS 1022

#define BASE64_BYTES 765 /* make 1020 characters */

_Static_assert((OKVP_LARGE_MAX + BASE64_BYTES - 1) / BASE64_BYTES == OKVP_LARGE_PIECES_MAX,
	       "so many pieces of Base64 make the largest value");

static void free_bytes(char **bytes)
{
	free(*bytes);
}

/* --- Keys --- */

static size_t write_piece_key(char *out, const char *key, size_t key_length, uint32_t checksum,
			      uint32_t index)
{
	memcpy(out, key, key_length);
	return key_length +
	       (size_t)sprintf(out + key_length, "#%08" PRIx32 ".%" PRIu32, checksum, index);
}

_Static_assert(sizeof("#01234567.1370") - 1 == OKVP_LARGE_KEY_EXTRA, "what a piece's key adds");

/* --- Splitting --- */

size_t okvp_large_piece(const char *text, size_t length)
{
	size_t at = 0, units = 0;

	while (at < length) {
		uint32_t character;
		size_t size = okvp_utf8_decode(text + at, length - at, &character);

		units += character > 0xFFFF ? 2 : 1;
		if (size == 0 || units > PIECE_UNITS || at + size > OKVP_LINUX_VALUE_BYTES)
			break;
		at += size;
	}
	return at;
}

/* Whether items can carry the value as it is. */
static bool is_text(const char *value, size_t size)
{
	for (size_t at = 0; at < size;) {
		uint32_t character;
		size_t bytes = okvp_utf8_decode(value + at, size - at, &character);

		if (bytes == 0 || !okvp_xml_character(character))
			return false;
		at += bytes;
	}
	return true;
}

struct splitting {
	const char *key, *value;
	size_t key_length, size;
	struct okvp_large_head head;
	bool single; /* the value fits into one item */
};

/* How much of the value the next piece takes. */
static size_t part_length(const struct splitting *s, size_t at)
{
	size_t left = s->size - at;

	if (!s->head.base64)
		return okvp_large_piece(s->value + at, left);
	return left < BASE64_BYTES ? left : BASE64_BYTES;
}

static void plan(struct splitting *s)
{
	const struct okvp_item whole = { .key = s->key,
					 .value = s->value,
					 .key_length = (uint16_t)s->key_length,
					 .value_length = (uint16_t)s->size };

	s->head.base64 = !is_text(s->value, s->size);
	s->single = !s->head.base64 && okvp_large_piece(s->value, s->size) == s->size &&
		    !okvp_large_read_head(&whole, &(struct okvp_large_head){ 0 });
	s->head.size = (uint32_t)s->size;
	s->head.checksum = okvp_crc32c(s->value, s->size);
	for (size_t at = 0; at < s->size; at += part_length(s, at))
		s->head.count++;
}

static bool check_key(const struct splitting *s, struct okvp_error *err)
{
	const struct okvp_item item = { .key = s->key, .key_length = (uint16_t)s->key_length };
	size_t extra = s->single ? 0 : OKVP_LARGE_KEY_EXTRA;

	if (s->key_length <= OKVP_LINUX_KEY_BYTES && !okvp_item_check(&item, err))
		return false;
	if (s->key_length + extra > OKVP_LINUX_KEY_BYTES ||
	    okvp_utf8_units(s->key, s->key_length) + extra > OKVP_KEY_UNITS)
		return okvp_fail(err, OKVP_TOO_LONG,
				 "the key of a value that is split has at most %zu UTF-16 units "
				 "and %zu bytes",
				 OKVP_KEY_UNITS - extra, OKVP_LINUX_KEY_BYTES - extra);
	return true;
}

/* Items in front, their texts behind. */
struct items {
	struct okvp_item *item;
	size_t count;
	char *text;
};

static bool items_reserve(struct items *items, const struct splitting *s, struct okvp_error *err)
{
	size_t texts = s->key_length + OKVP_LARGE_KEY_EXTRA + 1 + BASE64_SIZE(BASE64_BYTES);
	size_t count = s->head.count + 1;
	size_t values = s->head.base64 ? count * texts
				       : s->size + count * (s->key_length + OKVP_LARGE_KEY_EXTRA);

	items->item = malloc(count * sizeof(*items->item) + values + s->key_length + HEAD_SIZE + 1);
	if (!items->item)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for a value of %zu bytes",
				 s->size);
	items->text = (char *)(items->item + count);
	items->count = 0;
	return true;
}

static void add_item(struct items *items, size_t key_length, size_t value_length)
{
	items->item[items->count++] = (struct okvp_item){
		.key = items->text,
		.value = items->text + key_length,
		.key_length = (uint16_t)key_length,
		.value_length = (uint16_t)value_length,
	};
	items->text += key_length + value_length;
}

static void add_piece(struct items *items, const struct splitting *s, size_t at, size_t length)
{
	size_t key_length = write_piece_key(items->text, s->key, s->key_length, s->head.checksum,
					    (uint32_t)items->count);
	char *value = items->text + key_length;

	if (s->head.base64)
		length = base64_write(s->value + at, length, value);
	else
		memcpy(value, s->value + at, length);
	add_item(items, key_length, length);
}

static void add_head(struct items *items, const struct splitting *s)
{
	char *value = items->text + s->key_length;

	memcpy(items->text, s->key, s->key_length);
	add_item(items, s->key_length,
		 (size_t)snprintf(value, HEAD_SIZE,
				  MAGIC "%" PRIu32 " %" PRIu32 " %08" PRIx32 " %s", s->head.size,
				  s->head.count, s->head.checksum,
				  s->head.base64 ? "base64" : "text"));
}

static void add_whole(struct items *items, const struct splitting *s)
{
	memcpy(items->text, s->key, s->key_length);
	memcpy(items->text + s->key_length, s->value, s->size);
	add_item(items, s->key_length, s->size);
}

bool okvp_large_split(const char *key, size_t key_length, const void *value, size_t size,
		      struct okvp_item **ret_items, size_t *ret_count, struct okvp_error *err)
{
	struct splitting s = { .key = key, .value = value, .key_length = key_length, .size = size };
	struct items items = { 0 };

	if (size > OKVP_LARGE_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "the value has %zu bytes; %d is the most",
				 size, OKVP_LARGE_MAX);
	plan(&s);
	if (!check_key(&s, err) || !items_reserve(&items, &s, err))
		return false;
	if (s.single) {
		add_whole(&items, &s);
	} else {
		for (size_t at = 0, length; at < size; at += length) {
			length = part_length(&s, at);
			add_piece(&items, &s, at, length);
		}
		add_head(&items, &s);
	}
	*ret_items = items.item;
	*ret_count = items.count;
	return true;
}

/* --- Joining --- */

bool okvp_large_read_head(const struct okvp_item *item, struct okvp_large_head *ret_head)
{
	struct okvp_large_head head;
	char text[HEAD_SIZE] = "", again[HEAD_SIZE], form[8];

	if (item->value_length >= sizeof(text) || item->value_length < sizeof(MAGIC) ||
	    memcmp(item->value, MAGIC, sizeof(MAGIC) - 1) != 0)
		return false;
	memcpy(text, item->value, item->value_length);
	if (sscanf(text, MAGIC "%" SCNu32 " %" SCNu32 " %" SCNx32 " %7s", &head.size, &head.count,
		   &head.checksum, form) != 4)
		return false;
	head.base64 = strcmp(form, "base64") == 0;
	/* What is written in any other way than here was written by somebody else. */
	snprintf(again, sizeof(again), MAGIC "%" PRIu32 " %" PRIu32 " %08" PRIx32 " %s", head.size,
		 head.count, head.checksum, head.base64 ? "base64" : "text");
	if (strcmp(again, text) != 0 || head.size > OKVP_LARGE_MAX || head.count > head.size)
		return false;
	*ret_head = head;
	return true;
}

bool okvp_large_is_piece(const struct okvp_item *head_item, const struct okvp_large_head *head,
			 const char *key, size_t key_length)
{
	char text[OKVP_LARGE_KEY_EXTRA + 8] = "", again[sizeof(text)];
	size_t extra = key_length - head_item->key_length;
	uint32_t index;

	if (key_length <= head_item->key_length || extra > OKVP_LARGE_KEY_EXTRA ||
	    memcmp(key, head_item->key, head_item->key_length) != 0)
		return false;
	memcpy(text, key + head_item->key_length, extra);
	if (sscanf(text, "#%*8[0-9a-f].%" SCNu32, &index) != 1 || index >= head->count)
		return false;
	again[write_piece_key(again, "", 0, head->checksum, index)] = '\0';
	return strcmp(text, again) == 0;
}

size_t okvp_large_number_of(const char *key, size_t key_length)
{
	size_t at = key_length;

	while (at > 0 && key[at - 1] >= '0' && key[at - 1] <= '9')
		at--;
	if (at < 2 || at == key_length || key[at - 1] != '.' ||
	    (key[at] == '0' && key_length - at > 1))
		return 0;
	return at - 1;
}

size_t okvp_large_piece_of(const char *key, size_t key_length)
{
	const size_t extra = sizeof("#01234567") - 1;
	size_t length = okvp_large_number_of(key, key_length);

	if (length <= extra || key[length - extra] != '#')
		return 0;
	for (size_t i = length - extra + 1; i < length; i++)
		if (!memchr("0123456789abcdef", key[i], 16))
			return 0;
	return length - extra;
}

struct joining {
	const struct okvp_item *item;
	struct okvp_large_head head;
	bool (*find)(void *context, const char *key, size_t key_length, struct okvp_item *ret_item);
	void *context;
	char *value; /* size and one byte */
	size_t size;
	uint32_t missing, first_missing;
};

static bool fail_join(const struct joining *j, struct okvp_error *err, const char *what)
{
	char key[OKVP_KEY_TEXT_SIZE];

	return okvp_fail(err, OKVP_WRONG_STATE, "'%s' is incomplete: %s",
			 okvp_key_text(j->item->key, j->item->key_length, key), what);
}

/* Adds a piece; false when it cannot be one. */
static bool add_part(struct joining *j, const struct okvp_item *piece)
{
	size_t room = j->head.size - j->size, length = piece->value_length;

	if (j->head.base64) {
		if (!base64_read(piece->value, length, j->value + j->size, room, &length))
			return false;
	} else {
		if (length > room)
			return false;
		memcpy(j->value + j->size, piece->value, length);
	}
	j->size += length;
	return true;
}

static bool join(struct joining *j, struct okvp_error *err)
{
	char key[UINT16_MAX + OKVP_LARGE_KEY_EXTRA + 8], what[80];
	bool fits = true;

	for (uint32_t i = 0; i < j->head.count; i++) {
		struct okvp_item piece;
		size_t length = write_piece_key(key, j->item->key, j->item->key_length,
						j->head.checksum, i);

		if (j->find(j->context, key, length, &piece))
			fits = fits && add_part(j, &piece);
		else if (j->missing++ == 0)
			j->first_missing = i;
	}
	if (j->missing > 0) {
		snprintf(what, sizeof(what),
			 "%" PRIu32 " of %" PRIu32
			 " pieces are missing, the first is number %" PRIu32,
			 j->missing, j->head.count, j->first_missing);
		return fail_join(j, err, what);
	}
	if (!fits || j->size != j->head.size || okvp_crc32c(j->value, j->size) != j->head.checksum)
		return fail_join(j, err, "its pieces are not those of the value");
	return true;
}

bool okvp_large_join(const struct okvp_item *head_item,
		     bool (*find)(void *context, const char *key, size_t key_length,
				  struct okvp_item *ret_item),
		     void *context, char **ret_value, size_t *ret_size, struct okvp_error *err)
{
	struct joining j = { .item = head_item, .find = find, .context = context };
	scoped(free_bytes) char *value = NULL;

	if (!okvp_large_read_head(head_item, &j.head))
		return fail_join(&j, err, "its item is no head");
	value = j.value = malloc((size_t)j.head.size + 1);
	if (!value)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for a value of %" PRIu32 " bytes",
				 j.head.size);
	if (!join(&j, err))
		return false;
	value[j.size] = '\0';
	*ret_value = take(value);
	*ret_size = j.size;
	return true;
}
