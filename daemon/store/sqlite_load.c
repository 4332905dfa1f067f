/* SPDX-License-Identifier: MIT */
/* sqlite_load.c -- reading a whole store out of SQLite. */
#include "store/sqlite_backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/snapshot_build.h"

/* A row of a table, read column by column from the left. A column that cannot be what it should be
 * is remembered. */
struct reader {
	sqlite3_stmt *statement;
	int column;
	bool bad;

	/* Guest items come one by one and go on space by space. */
	struct guid vm;
	enum item_space space;
	struct stored_item **item;
	size_t count, room;
};

static int64_t read_number(struct reader *reader)
{
	return sqlite3_column_int64(reader->statement, reader->column++);
}

static uint64_t read_number_up_to(struct reader *reader, uint64_t most)
{
	int64_t number = read_number(reader);

	if (number >= 0 && (uint64_t)number <= most)
		return (uint64_t)number;
	reader->bad = true;
	return 0;
}

static struct guid read_guid(struct reader *reader)
{
	struct guid guid = { 0 };
	const void *bytes = sqlite3_column_blob(reader->statement, reader->column);

	if (sqlite3_column_bytes(reader->statement, reader->column++) == sizeof(guid.bytes))
		memcpy(guid.bytes, bytes, sizeof(guid.bytes));
	else
		reader->bad = true;
	return guid;
}

/* The bytes as they are, NUL-terminated. */
static const char *read_text(struct reader *reader, size_t most, size_t *ret_length)
{
	const char *text = (const char *)sqlite3_column_text(reader->statement, reader->column);
	size_t length = (size_t)sqlite3_column_bytes(reader->statement, reader->column++);

	if (length > most)
		reader->bad = true;
	if (!text || length > most)
		text = "", length = 0;
	*ret_length = length;
	return text;
}

/* A text that may not have a NUL inside. */
static const char *read_string(struct reader *reader)
{
	size_t length;
	const char *text = read_text(reader, SIZE_MAX, &length);

	if (strlen(text) != length)
		reader->bad = true;
	return text;
}

/* NULL only where the column is. */
static const uint8_t *read_bytes(struct reader *reader, size_t *ret_size)
{
	const uint8_t *bytes = sqlite3_column_blob(reader->statement, reader->column);
	bool there = sqlite3_column_type(reader->statement, reader->column) != SQLITE_NULL;

	*ret_size = (size_t)sqlite3_column_bytes(reader->statement, reader->column++);
	return bytes || !there ? bytes : (const uint8_t *)"";
}

static struct okvp_item read_item(struct reader *reader)
{
	struct okvp_item item;
	size_t key_length, value_length;

	item.key = read_text(reader, UINT16_MAX, &key_length);
	item.value = read_text(reader, UINT16_MAX, &value_length);
	item.key_length = (uint16_t)key_length;
	item.value_length = (uint16_t)value_length;
	item.type = (enum okvp_type)read_number_up_to(reader, OKVP_U32);
	return item;
}

static bool load_vm(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	struct row row = { .kind = ROW_VM, .vm = read_guid(reader) };
	const char *name = read_string(reader), *channel = read_string(reader);
	scoped(vm_settings_release) struct vm_settings *settings =
		vm_settings_create(name, channel);

	settings->created_us = read_number(reader);
	settings->exchange_enabled = read_number(reader);
	settings->host_items = read_number(reader);
	row.state.settings = settings;
	row.state.generation = read_number_up_to(reader, INT64_MAX);
	row.state.acknowledged = read_number_up_to(reader, INT64_MAX);
	row.state.guest_read_us = read_number(reader);
	settings->allow_secrets = read_number(reader);
	return !reader->bad && sink->row(sink->context, &row, err);
}

static bool load_item(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	struct row row = { .kind = ROW_ITEM, .vm = read_guid(reader) };
	enum item_space space = (enum item_space)read_number_up_to(reader, SPACE_HOST_ONLY);
	struct okvp_item pair = read_item(reader);
	scoped(stored_item_release) struct stored_item *item = stored_item_create(&pair);

	item->removed = read_number(reader) != 0;
	item->generation = read_number_up_to(reader, INT64_MAX);
	item->changed_us = read_number(reader);
	row.item.space = space;
	row.item.item = item;
	row.item.position = read_number_up_to(reader, INT64_MAX);
	item->flags = (uint8_t)read_number_up_to(reader, ITEM_FLAGS_ALL);
	return !reader->bad && sink->row(sink->context, &row, err);
}

static bool load_refusal(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	struct row row = { .kind = ROW_REFUSAL, .vm = read_guid(reader) };

	row.refusal.key = read_text(reader, UINT16_MAX, &row.refusal.key_length);
	row.refusal.generation = read_number_up_to(reader, INT64_MAX);
	row.refusal.reason = read_string(reader);
	return !reader->bad && sink->row(sink->context, &row, err);
}

static bool load_job(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	struct row row = { .kind = ROW_JOB };
	struct job_record job = { 0 };

	job.id = read_guid(reader);
	job.vm = row.vm = read_guid(reader);
	job.generation = read_number_up_to(reader, INT64_MAX);
	job.created_us = read_number(reader);
	job.ended_us = read_number(reader);
	job.kind = (uint16_t)read_number_up_to(reader, UINT16_MAX);
	job.state = (uint16_t)read_number_up_to(reader, UINT16_MAX);
	job.error_code = (uint16_t)read_number_up_to(reader, UINT16_MAX);
	job.percent = (uint16_t)read_number_up_to(reader, UINT16_MAX);
	job.text = read_string(reader);
	job.keys = read_bytes(reader, &job.keys_size);
	row.job = &job;
	return !reader->bad && sink->row(sink->context, &row, err);
}

static bool load_object(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	struct row row = { .kind = ROW_OBJECT };

	row.object.class_name = read_string(reader);
	row.object.key = read_string(reader);
	row.object.owner = read_string(reader);
	row.object.text = read_string(reader);
	return !reader->bad && sink->row(sink->context, &row, err);
}

/* Gives the items of one guest space to the sink, if there are any. */
static bool end_guest(struct reader *reader, const struct row_sink *sink, struct okvp_error *err)
{
	scoped(item_set_release) struct item_set *set = item_set_create(reader->count);
	struct row row = { .kind = ROW_GUEST, .vm = reader->vm };

	for (size_t i = 0; i < reader->count; i++)
		item_set_add(set, reader->item[i]);
	reader->count = 0;
	row.guest.space = reader->space;
	row.guest.set = set;
	return set->count == 0 || sink->row(sink->context, &row, err);
}

static bool load_guest_item(struct reader *reader, const struct row_sink *sink,
			    struct okvp_error *err)
{
	struct guid vm = read_guid(reader);
	enum item_space space = (enum item_space)read_number_up_to(reader, SPACE_INTRINSIC);
	struct okvp_item pair = read_item(reader);

	if (space < SPACE_GUEST)
		reader->bad = true;
	if (reader->bad)
		return false;
	if (!guid_equal(&vm, &reader->vm) || space != reader->space)
		if (!end_guest(reader, sink, err))
			return false;
	reader->vm = vm;
	reader->space = space;
	grow(reader->item, reader->count, reader->room);
	reader->item[reader->count++] = stored_item_create(&pair);
	return true;
}

static const struct table {
	const char *name, *select;
	bool (*load)(struct reader *reader, const struct row_sink *sink, struct okvp_error *err);
	bool (*end)(struct reader *reader, const struct row_sink *sink, struct okvp_error *err);
} tables[] = {
	{ .name = "vm",
	  .select = "SELECT id, name, channel, created_us, exchange_enabled, host_items,"
		    " generation, acknowledged, guest_read_us, allow_secrets FROM vm"
		    " ORDER BY created_us, id",
	  .load = load_vm },
	{ .name = "item",
	  .select = "SELECT vm, space, key, value, type, removed, generation, changed_us,"
		    " position, flags FROM item ORDER BY vm, space",
	  .load = load_item },
	{ .name = "guest_item",
	  .select = "SELECT vm, space, key, value, type FROM guest_item"
		    " ORDER BY vm, space, position",
	  .load = load_guest_item,
	  .end = end_guest },
	{ .name = "item",
	  .select = "SELECT vm, key, generation, refusal FROM item"
		    " WHERE space = 0 AND refusal IS NOT NULL ORDER BY vm",
	  .load = load_refusal },
	{ .name = "job",
	  .select = "SELECT id, vm, generation, created_us, ended_us, kind, state, error_code,"
		    " percent, text, keys FROM job ORDER BY id",
	  .load = load_job },
	{ .name = "object",
	  .select = "SELECT class, key, owner, text FROM object ORDER BY number",
	  .load = load_object },
};

static void reader_done(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++)
		stored_item_release(&reader->item[i]);
	free(reader->item);
	sqlite_statement_done(&reader->statement);
}

static bool load_table(const struct table *table, sqlite3 *db, const struct row_sink *sink,
		       struct okvp_error *err)
{
	scoped(reader_done) struct reader reader = { 0 };
	int code;

	if (!sqlite_prepare(db, table->select, &reader.statement, err))
		return false;
	while ((code = sqlite3_step(reader.statement)) == SQLITE_ROW) {
		reader.column = 0;
		if (table->load(&reader, sink, err))
			continue;
		return reader.bad ? okvp_fail(err, OKVP_CORRUPT,
					      "table %s has a row that no store has", table->name)
				  : false;
	}
	if (code != SQLITE_DONE)
		return sqlite_fail(db, err, "cannot read the store");
	return !table->end || table->end(&reader, sink, err);
}

bool sqlite_load(struct backend *backend, const struct row_sink *sink, struct okvp_error *err)
{
	for (size_t i = 0; i < count_of(tables); i++)
		if (!load_table(&tables[i], backend->db, sink, err))
			return false;
	return true;
}
