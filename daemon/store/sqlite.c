/* SPDX-License-Identifier: MIT */
/* sqlite.c -- rows in a file of SQLite, which belongs to one program at a time.
 *
 * The file is locked as long as it is open, so that nobody changes it behind the snapshots. A
 * commit appends to the write-ahead log and waits for the disk once. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/sqlite_schema.h"

_Static_assert(SPACE_EXTERNAL == 0 && SPACE_HOST_ONLY == 1 && SPACE_GUEST == 2 &&
		       SPACE_INTRINSIC == 3,
	       "spaces are numbers in the file");
_Static_assert(ITEM_SECRET == 1 && ITEM_ONCE == 2 && ITEM_TRANSIENT == 4,
	       "flags are numbers in the file");

#define STATEMENT_LIST(X) /* X(name, sql) */                                                    \
	X(BEGIN, "BEGIN IMMEDIATE")                                                             \
	X(COMMIT, "COMMIT")                                                                     \
	X(ROLLBACK, "ROLLBACK")                                                                 \
	X(VM, "INSERT INTO vm (id, name, channel, created_us, exchange_enabled, host_items,"    \
	      " generation, acknowledged, guest_read_us, allow_secrets)"                        \
	      " VALUES (?,?,?,?,?,?,?,?,?,?)"                                                   \
	      " ON CONFLICT DO UPDATE SET name = excluded.name, channel = excluded.channel,"    \
	      " exchange_enabled = excluded.exchange_enabled,"                                  \
	      " host_items = excluded.host_items, generation = excluded.generation,"            \
	      " acknowledged = excluded.acknowledged,"                                          \
	      " guest_read_us = excluded.guest_read_us,"                                        \
	      " allow_secrets = excluded.allow_secrets")                                        \
	X(VM_DROP, "DELETE FROM vm WHERE id = ?")                                               \
	X(VM_ITEMS_DROP, "DELETE FROM item WHERE vm = ?")                                       \
	X(VM_GUEST_DROP, "DELETE FROM guest_item WHERE vm = ?")                                 \
	X(VM_JOBS_DROP, "DELETE FROM job WHERE vm = ?")                                         \
	X(ITEM, "INSERT INTO item (vm, space, key, value, type, removed, generation,"           \
		" changed_us, position, flags) VALUES (?,?,?,?,?,?,?,?,?,?)"                    \
		" ON CONFLICT DO UPDATE SET value = excluded.value, type = excluded.type,"      \
		" removed = excluded.removed, generation = excluded.generation,"                \
		" changed_us = excluded.changed_us, flags = excluded.flags,"                    \
		" refusal = NULL,"                                                              \
		" position = iif(removed OR excluded.removed, excluded.position, position)")    \
	X(ITEM_DROP, "DELETE FROM item WHERE vm = ? AND space = ? AND key = ?")                 \
	X(GUEST_DROP, "DELETE FROM guest_item WHERE vm = ? AND space = ?")                      \
	X(GUEST_ITEM, "INSERT INTO guest_item (vm, space, position, key, value, type)"          \
		      " VALUES (?,?,?,?,?,?)")                                                  \
	X(REFUSAL, "UPDATE item SET refusal = ?"                                                \
		   " WHERE vm = ? AND space = 0 AND key = ? AND generation = ?")                \
	X(REFUSALS_DROP, "UPDATE item SET refusal = NULL"                                       \
			 " WHERE vm = ? AND refusal IS NOT NULL")                               \
	X(JOB, "INSERT INTO job (id, vm, generation, created_us, ended_us, kind, state,"        \
	       " error_code, percent, text, keys) VALUES (?,?,?,?,?,?,?,?,?,?,?)"               \
	       " ON CONFLICT DO UPDATE SET vm = excluded.vm, generation = excluded.generation," \
	       " created_us = excluded.created_us, ended_us = excluded.ended_us,"               \
	       " kind = excluded.kind, state = excluded.state,"                                 \
	       " error_code = excluded.error_code, percent = excluded.percent,"                 \
	       " text = excluded.text, keys = excluded.keys")                                   \
	X(JOB_DROP, "DELETE FROM job WHERE id = ?")                                             \
	X(OBJECT, "INSERT INTO object (class, key, owner, text) VALUES (?,?,?,?)"               \
		  " ON CONFLICT DO UPDATE SET owner = excluded.owner, text = excluded.text")    \
	X(OBJECT_DROP, "DELETE FROM object WHERE class = ? AND key = ?")

enum statement {
#define X(name, sql) STATEMENT_##name,
	STATEMENT_LIST(X)
#undef X
		STATEMENT_COUNT
};

/* --- Writing: what is bound stays where it is until the statement was run. --- */

static void bind_guid(sqlite3_stmt *statement, int at, const struct guid *guid)
{
	sqlite3_bind_blob(statement, at, guid->bytes, sizeof(guid->bytes), SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text, size_t length)
{
	sqlite3_bind_text(statement, at, text, (int)length, SQLITE_STATIC);
}

/* Key and value, from this place on. */
static void bind_pair(sqlite3_stmt *statement, int at, const struct stored_item *item)
{
	bind_text(statement, at, item->text, item->key_length);
	bind_text(statement, at + 1, item->text + item->key_length, item->value_length);
}

static bool run(struct backend *backend, enum statement which)
{
	sqlite3_stmt *statement = backend->statement[which];
	int code = sqlite3_step(statement);

	sqlite3_reset(statement);
	return code == SQLITE_DONE;
}

static bool write_vm(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_VM];
	const struct vm_settings *settings = row->state.settings;

	bind_guid(statement, 1, &row->vm);
	bind_text(statement, 2, settings->name, strlen(settings->name));
	bind_text(statement, 3, settings->channel, strlen(settings->channel));
	sqlite3_bind_int64(statement, 4, settings->created_us);
	sqlite3_bind_int(statement, 5, settings->exchange_enabled);
	sqlite3_bind_int(statement, 6, settings->host_items);
	sqlite3_bind_int64(statement, 7, (int64_t)row->state.generation);
	sqlite3_bind_int64(statement, 8, (int64_t)row->state.acknowledged);
	sqlite3_bind_int64(statement, 9, row->state.guest_read_us);
	sqlite3_bind_int(statement, 10, settings->allow_secrets);
	return run(backend, STATEMENT_VM);
}

static bool drop_vm(struct backend *backend, const struct row *row)
{
	for (enum statement which = STATEMENT_VM_DROP; which <= STATEMENT_VM_JOBS_DROP; which++) {
		bind_guid(backend->statement[which], 1, &row->vm);
		if (!run(backend, which))
			return false;
	}
	return true;
}

static bool write_item(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_ITEM];
	const struct stored_item *item = row->item.item;

	bind_guid(statement, 1, &row->vm);
	sqlite3_bind_int(statement, 2, row->item.space);
	bind_pair(statement, 3, item);
	sqlite3_bind_int(statement, 5, item->type);
	sqlite3_bind_int(statement, 6, item->removed);
	sqlite3_bind_int64(statement, 7, (int64_t)item->generation);
	sqlite3_bind_int64(statement, 8, item->changed_us);
	sqlite3_bind_int64(statement, 9, (int64_t)row->item.position);
	sqlite3_bind_int(statement, 10, item->flags);
	return run(backend, STATEMENT_ITEM);
}

static bool drop_item(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_ITEM_DROP];

	bind_guid(statement, 1, &row->vm);
	sqlite3_bind_int(statement, 2, row->item.space);
	bind_text(statement, 3, row->item.item->text, row->item.item->key_length);
	return run(backend, STATEMENT_ITEM_DROP);
}

static bool write_guest(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *drop = backend->statement[STATEMENT_GUEST_DROP];
	sqlite3_stmt *insert = backend->statement[STATEMENT_GUEST_ITEM];

	bind_guid(drop, 1, &row->vm);
	sqlite3_bind_int(drop, 2, row->guest.space);
	if (!run(backend, STATEMENT_GUEST_DROP))
		return false;
	bind_guid(insert, 1, &row->vm);
	sqlite3_bind_int(insert, 2, row->guest.space);
	for (size_t i = 0; i < row->guest.set->count; i++) {
		sqlite3_bind_int64(insert, 3, (int64_t)i);
		bind_pair(insert, 4, row->guest.set->item[i]);
		sqlite3_bind_int(insert, 6, row->guest.set->item[i]->type);
		if (!run(backend, STATEMENT_GUEST_ITEM))
			return false;
	}
	return true;
}

static bool write_refusal(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_REFUSAL];

	bind_text(statement, 1, row->refusal.reason, strlen(row->refusal.reason));
	bind_guid(statement, 2, &row->vm);
	bind_text(statement, 3, row->refusal.key, row->refusal.key_length);
	sqlite3_bind_int64(statement, 4, (int64_t)row->refusal.generation);
	return run(backend, STATEMENT_REFUSAL);
}

static bool drop_refusals(struct backend *backend, const struct row *row)
{
	bind_guid(backend->statement[STATEMENT_REFUSALS_DROP], 1, &row->vm);
	return run(backend, STATEMENT_REFUSALS_DROP);
}

static bool write_job(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_JOB];
	const struct job_record *job = row->job;

	bind_guid(statement, 1, &job->id);
	bind_guid(statement, 2, &job->vm);
	sqlite3_bind_int64(statement, 3, (int64_t)job->generation);
	sqlite3_bind_int64(statement, 4, job->created_us);
	sqlite3_bind_int64(statement, 5, job->ended_us);
	sqlite3_bind_int(statement, 6, job->kind);
	sqlite3_bind_int(statement, 7, job->state);
	sqlite3_bind_int(statement, 8, job->error_code);
	sqlite3_bind_int(statement, 9, job->percent);
	bind_text(statement, 10, job->text, strlen(job->text));
	sqlite3_bind_blob64(statement, 11, job->keys, job->keys_size, SQLITE_STATIC);
	return run(backend, STATEMENT_JOB);
}

static bool drop_job(struct backend *backend, const struct row *row)
{
	bind_guid(backend->statement[STATEMENT_JOB_DROP], 1, &row->vm);
	return run(backend, STATEMENT_JOB_DROP);
}

static void bind_object(sqlite3_stmt *statement, const struct row *row)
{
	bind_text(statement, 1, row->object.class_name, strlen(row->object.class_name));
	bind_text(statement, 2, row->object.key, strlen(row->object.key));
}

static bool write_object(struct backend *backend, const struct row *row)
{
	sqlite3_stmt *statement = backend->statement[STATEMENT_OBJECT];

	bind_object(statement, row);
	bind_text(statement, 3, row->object.owner, strlen(row->object.owner));
	bind_text(statement, 4, row->object.text, strlen(row->object.text));
	return run(backend, STATEMENT_OBJECT);
}

static bool drop_object(struct backend *backend, const struct row *row)
{
	bind_object(backend->statement[STATEMENT_OBJECT_DROP], row);
	return run(backend, STATEMENT_OBJECT_DROP);
}

static bool write_rows(struct backend *backend, const struct row *rows, size_t count)
{
	static bool (*const writers[])(struct backend * backend, const struct row *row) = {
		[ROW_VM] = write_vm,
		[ROW_VM_DROP] = drop_vm,
		[ROW_ITEM] = write_item,
		[ROW_ITEM_DROP] = drop_item,
		[ROW_GUEST] = write_guest,
		[ROW_REFUSAL] = write_refusal,
		[ROW_REFUSALS_DROP] = drop_refusals,
		[ROW_JOB] = write_job,
		[ROW_JOB_DROP] = drop_job,
		[ROW_OBJECT] = write_object,
		[ROW_OBJECT_DROP] = drop_object,
	};

	for (size_t i = 0; i < count; i++)
		if (!writers[rows[i].kind](backend, &rows[i]))
			return false;
	return true;
}

static bool sqlite_write(struct backend *backend, const struct row *rows, size_t count,
			 struct okvp_error *err)
{
	if (run(backend, STATEMENT_BEGIN) && write_rows(backend, rows, count) &&
	    run(backend, STATEMENT_COMMIT))
		return true;
	sqlite_fail(backend->db, err, "cannot write to the store");
	if (!sqlite3_get_autocommit(backend->db))
		run(backend, STATEMENT_ROLLBACK);
	return false;
}

/* --- Opening --- */

/* SQLite opens what it may not write, to fail later in words that do not tell. */
static bool check_permission(const char *path, struct okvp_error *err)
{
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 ||
	       okvp_fail_errno(err, errno, "cannot write to the store");
}

/* A store holds secrets: nobody else may read it, from its first moment. Its name is made durable
 * here; SQLite does that for its own files only. */
static bool make_file(const char *path, struct okvp_error *err)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	scoped(xfree_text) char *copy = xstrdup(path);

	if (fd < 0 && errno == EEXIST)
		return check_permission(path, err);
	if (fd < 0)
		return okvp_fail_errno(err, errno, "cannot make the store");
	close(fd);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return okvp_fail_errno(err, errno, "cannot open the folder of the store");
	if (fsync(fd) < 0) {
		okvp_fail_errno(err, errno, "cannot sync the folder of the store");
		close(fd);
		return false;
	}
	close(fd);
	return true;
}

static bool use_wal(sqlite3 *db, struct okvp_error *err)
{
	scoped(sqlite_statement_done) sqlite3_stmt *statement = NULL;

	if (!sqlite_prepare(db, "PRAGMA journal_mode = WAL", &statement, err))
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return sqlite_fail(db, err, "cannot use the store");
	if (strcmp((const char *)sqlite3_column_text(statement, 0), "wal") != 0)
		return okvp_fail(err, OKVP_IO, "no write-ahead log is possible here");
	return true;
}

/* The log grows to 16 MiB before its pages go into the file: pages that change often go there once.
 * Nothing is mapped: an error of the disk is then an error, and no SIGBUS. */
static bool set_up(sqlite3 *db, const char *path, struct okvp_error *err)
{
	return sqlite_run(db,
			  "PRAGMA locking_mode = EXCLUSIVE;"
			  "PRAGMA page_size = 4096;"
			  "PRAGMA mmap_size = 0;"
			  "PRAGMA cache_size = -8192;"
			  "PRAGMA temp_store = MEMORY",
			  err) &&
	       schema_check(&store_schema, db, &(size_t){ 0 }, err) && use_wal(db, err) &&
	       sqlite_run(db,
			  "PRAGMA synchronous = FULL;"
			  "PRAGMA wal_autocheckpoint = 4096;"
			  "BEGIN EXCLUSIVE; COMMIT",
			  err) &&
	       schema_bring_forward(&store_schema, db, path, err) &&
	       sqlite_run(db,
			  "INSERT INTO meta (name, value) VALUES ('written_by', '" OPENKVP_VERSION
			  "') ON CONFLICT DO UPDATE SET value = excluded.value"
			  " WHERE value <> excluded.value",
			  err);
}

static bool prepare_all(struct backend *backend, struct okvp_error *err)
{
	static const char *const sql[] = {
#define X(name, text) [STATEMENT_##name] = text,
		STATEMENT_LIST(X)
#undef X
	};

	backend->statement = xcalloc(STATEMENT_COUNT, sizeof(backend->statement[0]));
	for (size_t i = 0; i < count_of(sql); i++)
		if (!sqlite_prepare(backend->db, sql[i], &backend->statement[i], err))
			return false;
	return true;
}

static void sqlite_close(struct backend **backend)
{
	struct backend *gone = take(*backend);

	if (!gone)
		return;
	for (size_t i = 0; gone->statement && i < STATEMENT_COUNT; i++)
		sqlite_statement_done(&gone->statement[i]);
	free(gone->statement);
	sqlite_db_close(&gone->db);
	free(gone);
}

static bool sqlite_open(const char *path, struct backend **ret_backend, struct okvp_error *err)
{
	scoped(sqlite_close) struct backend *backend = xcalloc(1, sizeof(*backend));

	if (!make_file(path, err) ||
	    !sqlite_db_open(path, SQLITE_OPEN_READWRITE, &backend->db, err) ||
	    !set_up(backend->db, path, err) || !prepare_all(backend, err))
		return false;
	*ret_backend = take(backend);
	return true;
}

const struct backend_kind sqlite_backend = {
	.name = "sqlite",
	.open = sqlite_open,
	.load = sqlite_load,
	.write = sqlite_write,
	.close = sqlite_close,
};
