/* SPDX-License-Identifier: MIT */
/* items.c -- reads and writes pool files for the command line. */
#include "agent/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/intrinsic.h"
#include "agent/values.h"
#include "base/file.h"
#include "base/memory.h"
#include "openkvp/large_value.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

/* A pool that is read: a file, none yet, or the machine's own facts. */
struct source {
	enum okvp_pool pool;
	struct okvp_pool_file *file;
	struct intrinsic *intrinsic;
};

static void close_source(struct source *source)
{
	okvp_pool_file_close(&source->file);
	intrinsic_free(&source->intrinsic);
}

static bool check_folder(const char *folder, struct okvp_error *err)
{
	struct stat st;

	if (stat(folder, &st) == 0)
		return true;
	okvp_fail(err, OKVP_IO, "folder '%s': %s (the agent makes it when it starts)", folder,
		  strerror(errno));
	return false;
}

static bool open_source(const char *folder, enum okvp_pool pool, struct source *ret_source,
			struct okvp_error *err)
{
	struct okvp_error why;

	*ret_source = (struct source){ .pool = pool };
	if (pool == OKVP_POOL_AUTO) {
		ret_source->intrinsic = intrinsic_create();
		intrinsic_wait(ret_source->intrinsic);
		return true;
	}
	if (okvp_pool_file_open(folder, pool, true, &ret_source->file, &why) ||
	    why.status == OKVP_NOT_FOUND)
		return true; /* a pool without a file is empty */
	return okvp_fail(err, why.status, "%s", why.message);
}

/* The item at an index; OKVP_NOT_FOUND past the end. */
static bool item_at(const struct source *source, size_t index, struct okvp_item *ret_item,
		    struct okvp_error *err)
{
	if (source->file)
		return okvp_pool_file_at(source->file, index, ret_item, err);
	if (source->intrinsic && intrinsic_item(source->intrinsic, index, ret_item))
		return true;
	return okvp_fail(err, OKVP_NOT_FOUND, "no item %zu", index);
}

/* The last item with a key, as the pool file has it. */
static bool find_item(const struct source *source, const char *key, struct okvp_item *ret_item,
		      struct okvp_error *err)
{
	if (source->file)
		return okvp_pool_file_get(source->file, key, strlen(key), ret_item, err);
	for (size_t i = 0; item_at(source, i, ret_item, NULL); i++)
		if (ret_item->key_length == strlen(key) &&
		    memcmp(ret_item->key, key, ret_item->key_length) == 0)
			return true;
	return okvp_fail(err, OKVP_NOT_FOUND, "no item '%s'", key);
}

static void add_json_key(struct text *out, enum okvp_pool pool, const char *key, size_t length)
{
	text_puts(out, "{\"pool\":");
	text_json(out, okvp_pool_name(pool), strlen(okvp_pool_name(pool)));
	text_puts(out, ",\"key\":");
	text_json(out, key, length);
}

static void add_json_value(struct text *out, const char *value, size_t length)
{
	text_puts(out, ",\"value\":");
	text_json(out, value, length);
	text_putc(out, '}');
}

/* Control characters could make a terminal do what the host pleases. */
static bool is_harmless(uint32_t character)
{
	return character >= 0x20 && !(character >= 0x7F && character < 0xA0);
}

static void add_escaped(struct text *out, const char *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size = okvp_utf8_decode(bytes + at, length - at, &character);

		if (size > 0 && is_harmless(character) && character != '\\')
			text_add(out, bytes + at, size);
		else if (size > 0 && character == '\\')
			text_puts(out, "\\\\");
		else if (size > 0 && character == '\n')
			text_puts(out, "\\n");
		else
			for (size_t i = 0; i < (size ? size : 1); i++)
				text_printf(out, "\\x%02X", (uint8_t)bytes[at + i]);
		at += size ? size : 1;
	}
}

static void add_text(struct text *out, const char *bytes, size_t length)
{
	if (isatty(STDOUT_FILENO))
		add_escaped(out, bytes, length);
	else
		text_add(out, bytes, length);
}

static void add_line(struct text *out, enum okvp_pool pool, const struct okvp_item *item,
		     const struct okvp_large_head *large, const struct items_request *request)
{
	if (request->all)
		text_printf(out, "%s\t", okvp_pool_name(pool));
	add_text(out, item->key, item->key_length);
	text_putc(out, '\t');
	if (large)
		text_printf(out, "(%" PRIu32 " bytes)", large->size);
	else
		add_text(out, item->value, item->value_length);
	text_putc(out, '\n');
}

static bool print(const struct text *out, struct okvp_error *err)
{
	if (fwrite(out->bytes, 1, out->length, stdout) < out->length || fflush(stdout) != 0)
		return okvp_fail_errno(err, errno, "standard output");
	return true;
}

/* Looks an item up for values_read(). */
static bool find_in(void *context, const char *key, size_t key_length, struct okvp_item *ret_item)
{
	scoped(xfree_text) char *name = xstrndup(key, key_length);

	return find_item(context, name, ret_item, NULL);
}

/* A file that is not found is another matter than a key. */
static bool fail_on_file(struct okvp_error *err)
{
	if (err->status == OKVP_NOT_FOUND)
		err->status = OKVP_IO;
	return false;
}

static bool give_value(const struct items_request *request, enum okvp_pool pool,
		       const struct text *value, struct okvp_error *err)
{
	const char *bytes = value->bytes ? value->bytes : "";
	scoped(text_done) struct text out = { 0 };

	if (request->file && strcmp(request->file, "-") != 0)
		return file_write(request->file, bytes, value->length, err) || fail_on_file(err);
	if (!request->json) {
		text_add(&out, bytes, value->length);
	} else if (!okvp_utf8_valid(bytes, value->length)) {
		return okvp_fail(err, OKVP_INVALID_TEXT,
				 "the value is no text, which is what JSON holds");
	} else {
		add_json_key(&out, pool, request->key, strlen(request->key));
		add_json_value(&out, bytes, value->length);
	}
	if (!request->file)
		text_putc(&out, '\n');
	return print(&out, err);
}

/* Gives the value if the pool has the key; OKVP_NOT_FOUND if not. */
static bool get_from(const struct items_request *request, enum okvp_pool pool,
		     struct okvp_error *err)
{
	scoped(close_source) struct source source = { 0 };
	scoped(text_done) struct text value = { 0 };
	struct okvp_item item;

	return open_source(request->folder, pool, &source, err) &&
	       find_item(&source, request->key, &item, err) &&
	       values_read(find_in, &source, request->key, &value, err) &&
	       give_value(request, pool, &value, err);
}

bool items_get(const struct items_request *request, struct okvp_error *err)
{
	struct okvp_error why = { .status = OKVP_OK };

	if (request->pool_given)
		return get_from(request, request->pool, err);
	if (get_from(request, OKVP_POOL_EXTERNAL, &why))
		return true;
	if (why.status != OKVP_NOT_FOUND)
		return okvp_fail(err, why.status, "%s", why.message);
	return get_from(request, OKVP_POOL_AUTO_EXTERNAL, err);
}

/* Opens the pool that a verb changes. Pool 2 is computed, its file is read by nobody. */
static bool open_to_change(const struct items_request *request, struct okvp_pool_file **ret_file,
			   struct okvp_error *err)
{
	enum okvp_pool pool = request->pool_given ? request->pool : OKVP_POOL_GUEST;

	if (pool == OKVP_POOL_AUTO)
		return okvp_fail(err, OKVP_DENIED, "pool %s is computed, it cannot be changed",
				 okvp_pool_name(pool));
	return okvp_pool_file_open(request->folder, pool, false, ret_file, err);
}

/* A value on the command line is one item. */
static bool item_of(const struct items_request *request, struct okvp_item *ret_item,
		    struct okvp_error *err)
{
	size_t key_length = strlen(request->key), value_length = strlen(request->value);

	if (key_length > OKVP_LINUX_KEY_BYTES || value_length > OKVP_LINUX_VALUE_BYTES)
		return okvp_fail(err, OKVP_TOO_LONG,
				 "key and value have %zu and %zu bytes, at most %d and %d fit",
				 key_length, value_length, OKVP_LINUX_KEY_BYTES,
				 OKVP_LINUX_VALUE_BYTES);
	*ret_item = (struct okvp_item){
		.key = request->key,
		.value = request->value,
		.key_length = (uint16_t)key_length,
		.value_length = (uint16_t)value_length,
	};
	return okvp_item_check(ret_item, err);
}

static void free_items(struct okvp_item **items)
{
	free(*items);
}

static bool read_items(const struct items_request *request, struct okvp_item **ret_items,
		       size_t *ret_count, struct okvp_error *err)
{
	scoped(text_done) struct text value = { 0 };
	bool is_input = strcmp(request->file, "-") == 0;

	if (!(is_input ? file_read_stream(stdin, "standard input", OKVP_LARGE_MAX, &value, err)
		       : file_read(request->file, OKVP_LARGE_MAX, &value, err)))
		return fail_on_file(err);
	return okvp_large_split(request->key, strlen(request->key), value.bytes, value.length,
				ret_items, ret_count, err);
}

static bool change(const struct items_request *request, const struct okvp_item *items, size_t count,
		   struct okvp_error *err)
{
	scoped(okvp_pool_file_close) struct okvp_pool_file *file = NULL;

	return open_to_change(request, &file, err) &&
	       values_change(file, request->key, items, count, err) &&
	       okvp_pool_file_sync(file, err);
}

bool items_set(const struct items_request *request, struct okvp_error *err)
{
	scoped(free_items) struct okvp_item *items = NULL;
	struct okvp_item item;
	size_t count;

	if (request->file)
		return read_items(request, &items, &count, err) &&
		       change(request, items, count, err);
	return item_of(request, &item, err) && change(request, &item, 1, err);
}

bool items_delete(const struct items_request *request, struct okvp_error *err)
{
	return change(request, NULL, 0, err);
}

/* --- Listing --- */

/* The heads in a pool, each kept. */
struct heads {
	struct {
		struct okvp_item item; /* its key alone */
		struct okvp_large_head head;
	} * of;
	size_t count, room;
};

static void heads_done(struct heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		free((char *)(uintptr_t)heads->of[i].item.key);
	free(heads->of);
}

static void find_heads(const struct source *source, struct heads *ret_heads)
{
	struct okvp_large_head head;
	struct okvp_item item;

	for (size_t i = 0; item_at(source, i, &item, NULL); i++) {
		if (!okvp_large_read_head(&item, &head))
			continue;
		grow(ret_heads->of, ret_heads->count, ret_heads->room);
		ret_heads->of[ret_heads->count].item =
			(struct okvp_item){ .key = xstrndup(item.key, item.key_length),
					    .key_length = item.key_length };
		ret_heads->of[ret_heads->count++].head = head;
	}
}

static bool is_piece(const struct heads *heads, const struct okvp_item *item)
{
	for (size_t i = 0; i < heads->count; i++)
		if (okvp_large_is_piece(&heads->of[i].item, &heads->of[i].head, item->key,
					item->key_length))
			return true;
	return false;
}

static void add_entry(struct text *out, enum okvp_pool pool, const struct okvp_item *item,
		      const struct items_request *request)
{
	struct okvp_large_head head;
	bool large = okvp_large_read_head(item, &head);

	if (!request->json) {
		add_line(out, pool, item, large ? &head : NULL, request);
		return;
	}
	text_puts(out, out->length > 1 ? ",\n " : "");
	add_json_key(out, pool, item->key, item->key_length);
	if (large)
		text_printf(out, ",\"size\":%" PRIu32 "}", head.size);
	else
		add_json_value(out, item->value, item->value_length);
}

static bool list_pool(const struct items_request *request, enum okvp_pool pool, struct text *out,
		      struct okvp_error *err)
{
	scoped(close_source) struct source source = { 0 };
	scoped(heads_done) struct heads heads = { 0 };
	struct okvp_error why;
	struct okvp_item item;

	if (!open_source(request->folder, pool, &source, err))
		return false;
	find_heads(&source, &heads);
	for (size_t i = 0; item_at(&source, i, &item, &why); i++)
		if (!is_piece(&heads, &item))
			add_entry(out, pool, &item, request);
	return why.status == OKVP_NOT_FOUND || okvp_fail(err, why.status, "%s", why.message);
}

bool items_list(const struct items_request *request, struct okvp_error *err)
{
	enum okvp_pool pool = request->pool_given ? request->pool : OKVP_POOL_EXTERNAL;
	scoped(text_done) struct text out = { 0 };

	if (!check_folder(request->folder, err))
		return false;
	if (request->json)
		text_putc(&out, '[');
	for (int each = 0; each < OKVP_POOL_COUNT; each++)
		if ((request->all || (int)pool == each) &&
		    !list_pool(request, (enum okvp_pool)each, &out, err))
			return false;
	if (request->json)
		text_puts(&out, "]\n");
	return print(&out, err);
}
