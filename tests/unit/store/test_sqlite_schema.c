/* SPDX-License-Identifier: MIT */
/* test_sqlite_schema.c -- store/sqlite_schema, with schemas of its own */
#include "helpers.h"

#include <sys/stat.h>

#include "folder.h"
#include "store/sqlite_schema.h"

#define ID 12345

static const char *const steps[] = {
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);"
	"CREATE TABLE thing (name TEXT)",
	"ALTER TABLE thing ADD COLUMN size INTEGER DEFAULT 7",
};

static const struct schema first = { .application_id = ID, .version = 1, .step = steps };
static const struct schema second = { .application_id = ID, .version = 2, .step = steps };

struct fixture {
	char *folder, *path, *copy;
	sqlite3 *db;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = folder_make();
	f->path = xprintf("%s/test.db", f->folder);
	f->copy = xprintf("%s.v1", f->path);
	assert_true(
		sqlite_db_open(f->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &f->db, NULL));
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	sqlite_db_close(&f->db);
	folder_remove(&f->folder);
	free(f->path);
	free(f->copy);
	free(f);
	return 0;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	int64_t value = -1;
	struct okvp_error err;

	if (!sqlite_number(db, sql, &value, &err))
		fail_msg("%s", err.message);
	return value;
}

static void bring(struct fixture *f, const struct schema *schema)
{
	struct okvp_error err;

	if (!schema_bring_forward(schema, f->db, f->path, &err))
		fail_msg("%s", err.message);
}

static void an_empty_file_gets_the_newest_version_at_once(void **state)
{
	struct fixture *f = *state;
	size_t version;

	assert_true(schema_check(&second, f->db, &version, NULL));
	assert_int_equal(version, 0);
	bring(f, &second);
	assert_true(schema_check(&second, f->db, &version, NULL));
	assert_int_equal(version, 2);
	assert_int_equal(number(f->db, "PRAGMA application_id"), ID);
	assert_int_equal(access(f->copy, F_OK), -1);
}

static void an_older_version_is_kept_beside_and_brought_forward(void **state)
{
	struct fixture *f = *state;
	sqlite3 *copy;
	struct stat status;

	bring(f, &first);
	assert_true(sqlite_run(f->db, "INSERT INTO thing VALUES ('ball')", NULL));
	bring(f, &second);

	assert_int_equal(number(f->db, "SELECT size FROM thing WHERE name = 'ball'"), 7);
	assert_int_equal(number(f->db, "PRAGMA user_version"), 2);
	assert_int_equal(stat(f->copy, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_true(sqlite_db_open(f->copy, SQLITE_OPEN_READONLY, &copy, NULL));
	assert_int_equal(number(copy, "PRAGMA user_version"), 1);
	assert_int_equal(number(copy, "SELECT count(*) FROM thing"), 1);
	sqlite_db_close(&copy);
}

static void a_step_that_fails_leaves_the_old_version(void **state)
{
	static const char *const broken_steps[] = {
		"", "ALTER TABLE thing ADD COLUMN size INTEGER; ALTER TABLE none ADD COLUMN x"
	};
	const struct schema broken = { .application_id = ID, .version = 2, .step = broken_steps };
	struct fixture *f = *state;
	struct okvp_error err;
	size_t version;

	bring(f, &first);
	assert_false(schema_bring_forward(&broken, f->db, f->path, &err));

	assert_non_null(strstr(err.message, "format 2 cannot be made of format 1"));
	assert_true(schema_check(&second, f->db, &version, NULL));
	assert_int_equal(version, 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM pragma_table_info('thing')"), 1);
}

static void a_newer_version_is_refused_and_says_who_wrote_it(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	bring(f, &second);
	assert_true(sqlite_run(f->db, "INSERT INTO meta VALUES ('written_by', '9.8.7')", NULL));
	assert_false(schema_bring_forward(&first, f->db, f->path, &err));

	assert_int_equal(err.status, OKVP_UNSUPPORTED);
	assert_string_equal(err.message,
			    "the store has format 2, written by openkvp 9.8.7; this is "
			    "openkvp " OPENKVP_VERSION ", which knows formats up to 1");
}

static void a_newer_version_without_a_writer_is_refused_too(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	bring(f, &second);
	assert_true(sqlite_run(f->db, "DROP TABLE meta", NULL));
	assert_false(schema_bring_forward(&first, f->db, f->path, &err));

	assert_int_equal(err.status, OKVP_UNSUPPORTED);
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	assert_true(sqlite_run(f->db, "CREATE TABLE cookies (name TEXT)", NULL));
	assert_false(schema_bring_forward(&first, f->db, f->path, &err));

	assert_int_equal(err.status, OKVP_INVALID);
	assert_string_equal(err.message, "this database is not a store of openkvp");
}

/* The present schema: whoever changes a released step breaks the stores that are out there. */
static void the_schema_of_the_store_can_be_made(void **state)
{
	struct fixture *f = *state;

	bring(f, &store_schema);

	assert_int_equal(number(f->db, "PRAGMA user_version"), store_schema.version);
	assert_int_equal(number(f->db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
			 6);
	assert_int_equal(number(f->db, "SELECT count(*) FROM vms, items, guest_items, jobs"), 0);
}

static void the_oldest_store_is_brought_forward(void **state)
{
	struct fixture *f = *state;
	struct schema oldest = store_schema;

	oldest.version = 1;
	bring(f, &oldest);
	assert_true(sqlite_run(f->db,
			       "INSERT INTO vm VALUES (x'01', 'web1', '', 5, 1, 1, 2, 0, 0);"
			       "INSERT INTO item VALUES (x'01', 0, 'a', '1', 0, 0, 2, 5, 8192)",
			       NULL));
	bring(f, &store_schema);

	assert_int_equal(number(f->db, "SELECT count(*) FROM vms WHERE allow_secrets = 0"), 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM items WHERE value = '1'"
				       " AND secret = 0 AND refusal IS NULL"),
			 1);
}

static void objects_of_an_older_store_are_nobodys(void **state)
{
	struct schema before_owners = store_schema;
	struct fixture *f = *state;

	before_owners.version = 4;
	bring(f, &before_owners);
	assert_true(sqlite_run(
		f->db, "INSERT INTO object (class, key, text) VALUES ('A', 'k', 't')", NULL));
	bring(f, &store_schema);

	assert_int_equal(number(f->db, "SELECT count(*) FROM object WHERE owner = ''"), 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(an_empty_file_gets_the_newest_version_at_once),
		test(an_older_version_is_kept_beside_and_brought_forward),
		test(a_step_that_fails_leaves_the_old_version),
		test(a_newer_version_is_refused_and_says_who_wrote_it),
		test(a_newer_version_without_a_writer_is_refused_too),
		test(a_database_of_another_program_is_refused),
		test(the_schema_of_the_store_can_be_made),
		test(the_oldest_store_is_brought_forward),
		test(objects_of_an_older_store_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
