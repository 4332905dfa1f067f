/* SPDX-License-Identifier: MIT */
/* sqlite_check.c -- store_check(): is a file a store, and sound? Nothing in it is changed. */
#include "store/store.h"

#include <string.h>

#include "openkvp/scoped.h"
#include "openkvp/unicode.h"
#include "store/load.h"
#include "store/sqlite_backend.h"
#include "store/sqlite_schema.h"

/* The first thing that was found. */
struct checking {
	struct okvp_error *err;
	bool failed;
};

/* Whether SQLite finds the file whole: one row that says "ok", or rows that say what is wrong. */
static bool check_pages(sqlite3 *db, struct okvp_error *err)
{
	scoped(sqlite_statement_done) sqlite3_stmt *statement = NULL;
	const char *found;

	if (!sqlite_prepare(db, "PRAGMA quick_check(1)", &statement, err))
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return sqlite_fail(db, err, "cannot check the store");
	found = (const char *)sqlite3_column_text(statement, 0);
	return strcmp(found, "ok") == 0 || okvp_fail(err, OKVP_CORRUPT, "damaged: %s", found);
}

static bool check_item(enum item_space space, const struct stored_item *stored,
		       struct okvp_error *err)
{
	struct okvp_item item = stored_item_view(stored);
	char key[OKVP_KEY_TEXT_SIZE];

	if (space == SPACE_EXTERNAL)
		return okvp_item_check(&item, err);
	if (space == SPACE_HOST_ONLY)
		return okvp_item_check_host_only(&item, err);
	if (okvp_utf8_valid(item.key, item.key_length) &&
	    okvp_utf8_valid(item.value, item.value_length))
		return true;
	return okvp_fail(err, OKVP_INVALID_TEXT, "'%s' of the guest is not valid UTF-8",
			 okvp_key_text(item.key, item.key_length, key));
}

static bool check_set(enum item_space space, const struct item_set *set, struct okvp_error *err)
{
	for (size_t i = 0; i < set->count; i++)
		if (!check_item(space, set->item[i], err))
			return false;
	return true;
}

static bool is_text(const char *text)
{
	return okvp_utf8_valid(text, strlen(text));
}

static bool check_settings(const struct vm_settings *settings, struct okvp_error *err)
{
	size_t length = strlen(settings->name);

	if (length == 0 || length > VM_NAME_MAX)
		return okvp_fail(err, OKVP_INVALID, "a name of %zu bytes", length);
	if (!is_text(settings->name) || !is_text(settings->channel))
		return okvp_fail(err, OKVP_INVALID_TEXT, "name or channel is not valid UTF-8");
	return true;
}

static bool check_snapshot(const struct snapshot *snapshot, struct okvp_error *err)
{
	if (!check_settings(snapshot->settings, err) ||
	    !check_set(SPACE_EXTERNAL, snapshot->tombstones, err))
		return false;
	for (enum item_space space = 0; space < SPACE_COUNT; space++)
		if (!check_set(space, snapshot->space[space], err))
			return false;
	return true;
}

static void check_vm(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	struct checking *checking = context;
	char id[GUID_TEXT_SIZE];

	if (checking->failed || check_snapshot(snapshot, checking->err))
		return;
	checking->failed = true;
	okvp_fail_in(checking->err, "VM %s", guid_to_text(vm, id));
}

static void check_job(void *context, const struct job_record *job)
{
	struct checking *checking = context;
	char id[GUID_TEXT_SIZE];

	if (checking->failed || is_text(job->text))
		return;
	checking->failed = true;
	okvp_fail(checking->err, OKVP_INVALID_TEXT, "job %s: its text is not valid UTF-8",
		  guid_to_text(&job->id, id));
}

static void check_objects(void *context, struct object_set *objects)
{
	struct checking *checking = context;

	for (size_t i = 0; i < objects->count && !checking->failed; i++) {
		const struct stored_object *object = objects->object[i];

		if (is_text(object->class_name) && is_text(object->key) && is_text(object->owner) &&
		    is_text(object->text))
			continue;
		checking->failed = true;
		okvp_fail(checking->err, OKVP_INVALID_TEXT, "object %zu is not valid UTF-8", i);
	}
}

/* Takes all of it into memory, as the service does when it starts, and looks at it. */
static bool check_contents(sqlite3 *db, struct okvp_error *err)
{
	scoped(state_done) struct state state = { 0 };
	struct checking checking = { .err = err };
	const struct store_events events = {
		.published = check_vm,
		.job_found = check_job,
		.objects_changed = check_objects,
		.context = &checking,
	};
	struct backend backend = { .db = db };

	return load_state(&sqlite_backend, &backend, &events, &state, err) && !checking.failed;
}

static bool check(const char *path, struct okvp_error *err)
{
	scoped(sqlite_db_close) sqlite3 *db = NULL;
	size_t version;

	if (!sqlite_db_open(path, SQLITE_OPEN_READONLY, &db, err) ||
	    !schema_check(&store_schema, db, &version, err) || !check_pages(db, err))
		return false;
	if (version == 0)
		return okvp_fail(err, OKVP_INVALID, "the file is empty");
	/* What an older one holds is looked at when it is brought forward. */
	return version < store_schema.version || check_contents(db, err);
}

bool store_check(const char *path, struct okvp_error *err)
{
	return check(path, err) || okvp_fail_in(err, "%s", path);
}
