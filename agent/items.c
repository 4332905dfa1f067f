/* SPDX-License-Identifier: MIT */
/* items.c -- reads and writes pool files for the command line. */
#include "agent/items.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/intrinsic.h"
#include "base/text.h"
#include "openkvp/pool_file.h"
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

static void add_json(struct text *out, enum okvp_pool pool, const struct okvp_item *item)
{
	text_puts(out, "{\"pool\":");
	text_json(out, okvp_pool_name(pool), strlen(okvp_pool_name(pool)));
	text_puts(out, ",\"key\":");
	text_json(out, item->key, item->key_length);
	text_puts(out, ",\"value\":");
	text_json(out, item->value, item->value_length);
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
		     const struct items_request *request)
{
	if (request->all)
		text_printf(out, "%s\t", okvp_pool_name(pool));
	add_text(out, item->key, item->key_length);
	text_putc(out, '\t');
	add_text(out, item->value, item->value_length);
	text_putc(out, '\n');
}

static bool print(const struct text *out, struct okvp_error *err)
{
	if (fwrite(out->bytes, 1, out->length, stdout) < out->length || fflush(stdout) != 0)
		return okvp_fail_errno(err, errno, "standard output");
	return true;
}

static bool print_value(enum okvp_pool pool, const struct okvp_item *item, bool json,
			struct okvp_error *err)
{
	scoped(text_done) struct text out = { 0 };

	if (json)
		add_json(&out, pool, item);
	else
		text_add(&out, item->value, item->value_length);
	text_putc(&out, '\n');
	return print(&out, err);
}

/* Prints the value if the pool has the key; OKVP_NOT_FOUND if not. */
static bool get_from(const struct items_request *request, enum okvp_pool pool,
		     struct okvp_error *err)
{
	scoped(close_source) struct source source = { 0 };
	struct okvp_item item;

	return open_source(request->folder, pool, &source, err) &&
	       find_item(&source, request->key, &item, err) &&
	       print_value(pool, &item, request->json, err);
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

bool items_set(const struct items_request *request, struct okvp_error *err)
{
	scoped(okvp_pool_file_close) struct okvp_pool_file *file = NULL;
	size_t key_length = strlen(request->key), value_length = strlen(request->value);
	struct okvp_item item = { .key = request->key, .value = request->value };

	if (key_length > OKVP_LINUX_KEY_BYTES || value_length > OKVP_LINUX_VALUE_BYTES)
		return okvp_fail(err, OKVP_TOO_LONG,
				 "key and value have %zu and %zu bytes, at most %d and %d fit",
				 key_length, value_length, OKVP_LINUX_KEY_BYTES,
				 OKVP_LINUX_VALUE_BYTES);
	item.key_length = (uint16_t)key_length;
	item.value_length = (uint16_t)value_length;
	return okvp_item_check(&item, err) && open_to_change(request, &file, err) &&
	       okvp_pool_file_set(file, &item, err) && okvp_pool_file_sync(file, err);
}

bool items_delete(const struct items_request *request, struct okvp_error *err)
{
	scoped(okvp_pool_file_close) struct okvp_pool_file *file = NULL;

	return open_to_change(request, &file, err) &&
	       okvp_pool_file_delete(file, request->key, strlen(request->key), err) &&
	       okvp_pool_file_sync(file, err);
}

static bool list_pool(const struct items_request *request, enum okvp_pool pool, struct text *out,
		      struct okvp_error *err)
{
	scoped(close_source) struct source source = { 0 };
	struct okvp_error why;
	struct okvp_item item;

	if (!open_source(request->folder, pool, &source, err))
		return false;
	for (size_t i = 0; item_at(&source, i, &item, &why); i++)
		if (request->json) {
			text_puts(out, out->length > 1 ? ",\n " : "");
			add_json(out, pool, &item);
		} else {
			add_line(out, pool, &item, request);
		}
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
