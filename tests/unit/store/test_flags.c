/* SPDX-License-Identifier: MIT */
/* test_flags.c -- store/item_plan, store/sqlite: what is special about an item, and items that
 * expire. */
#include "file_store.h"

#include "store/sqlite_db.h"
#include "store/sqlite_schema.h"

static struct stored_item *item(struct fixture *f, const char *key)
{
	struct stored_item *found = snapshot_find(vm(f), SPACE_EXTERNAL, key, strlen(key));

	assert_non_null(found);
	return found;
}

static void put_flagged(struct fixture *f, const char *key, const char *value, unsigned int flags)
{
	struct change_list *list = list_for(1);
	struct okvp_item put = pair(key, value);

	change_list_put_flagged(list, SPACE_EXTERNAL, &put, flags, EXPECT_ANY);
	apply(f, list);
}

static void put_plain(struct fixture *f, const char *key, const char *value)
{
	struct change_list *list = list_for(1);

	put(list, key, value);
	apply(f, list);
}

static void flags_stay_unless_a_change_names_them(void **state)
{
	struct fixture *f = *state;

	put_plain(f, "new", "1");
	put_flagged(f, "key", "1", ITEM_SECRET | ITEM_ONCE);
	put_plain(f, "key", "2");

	assert_int_equal(item(f, "new")->flags, 0);
	assert_int_equal(item(f, "key")->flags, ITEM_SECRET | ITEM_ONCE);
	put_flagged(f, "key", "3", 0);
	assert_int_equal(item(f, "key")->flags, 0);
}

static void a_key_that_was_removed_has_lost_its_flags(void **state)
{
	struct fixture *f = *state;
	struct change_list *removal = list_for(1);

	put_flagged(f, "key", "1", ITEM_SECRET);
	remove_key(removal, "key", EXPECT_PRESENT);
	apply(f, removal);
	put_plain(f, "key", "2");

	assert_int_equal(item(f, "key")->flags, 0);
}

static void flags_last(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	put_flagged(f, "key", "1", ITEM_FLAGS_ALL);
	change_list_set(list, &(struct vm_settings_change){ .allow_secrets = &(bool){ true } });
	apply(f, list);
	reopen(f);

	assert_int_equal(item(f, "key")->flags, ITEM_FLAGS_ALL);
	assert_true(vm(f)->settings->allow_secrets);
}

static void an_item_that_expires_leaves_a_tombstone(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	put_plain(f, "key", "1");
	change_list_expire(list, item(f, "key"), false);
	apply(f, list);

	assert_items(vm(f), "");
	assert_set(vm(f)->tombstones, "key@3");
	assert_lasts(f);
}

static void an_item_that_its_guest_has_removed_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	put_plain(f, "key", "1");
	change_list_expire(list, item(f, "key"), true);
	apply(f, list);

	assert_items(vm(f), "");
	assert_set(vm(f)->tombstones, "");
	assert_int_equal(vm(f)->generation, 3);
	assert_lasts(f);
}

static void an_item_that_was_changed_meanwhile_does_not_expire(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *gone = list_for(1);

	put_plain(f, "key", "1");
	change_list_expire(list, item(f, "key"), false);
	change_list_expire(gone, item(f, "key"), true);
	put_plain(f, "key", "2");
	apply(f, list);
	apply(f, gone);

	assert_items(vm(f), "key=2");
	assert_int_equal(vm(f)->generation, 3);
}

static void an_item_that_is_gone_already_does_not_expire_again(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *again = list_for(1);

	put_plain(f, "key", "1");
	change_list_expire(list, item(f, "key"), true);
	change_list_expire(again, item(f, "key"), false);
	apply(f, list);
	apply(f, again);

	assert_set(vm(f)->tombstones, "");
}

static void a_store_from_before_there_were_flags_is_brought_forward(void **state)
{
	struct fixture *f = *state;
	struct schema first = store_schema;
	char *path = xprintf("%s/old.db", f->folder);
	struct store_events events = pictures_events(&f->pictures);
	sqlite3 *db = NULL;

	first.version = 1;
	assert_true(sqlite_db_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, NULL));
	assert_true(schema_bring_forward(&first, db, path, NULL));
	assert_true(sqlite_run(
		db,
		"INSERT INTO vm VALUES (x'00000000000000000000000000000001','old','',1,1,1,5,5,0);"
		"INSERT INTO item SELECT id, 0, 'a', '1', 0, 0, 5, 1, 0 FROM vm",
		NULL));
	sqlite_db_close(&db);
	store_close(&f->store);
	pictures_done(&f->pictures);
	assert_true(store_open(path, &roomy, &events, &f->store, NULL));

	assert_items(vm(f), "a=1");
	assert_int_equal(item(f, "a")->flags, 0);
	assert_false(vm(f)->settings->allow_secrets);
	free(path);
}

static void the_views_do_not_show_secrets(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;

	put_flagged(f, "key", "hunter2", ITEM_SECRET | ITEM_TRANSIENT);
	store_close(&f->store);
	assert_true(sqlite_db_open(f->path, SQLITE_OPEN_READWRITE, &db, NULL));
	assert_true(sqlite_prepare(
		db, "SELECT value IS NULL, secret, once, transient FROM items WHERE key = 'key'",
		&statement, NULL));
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);

	assert_int_equal(sqlite3_column_int(statement, 0), 1);
	assert_int_equal(sqlite3_column_int(statement, 1), 1);
	assert_int_equal(sqlite3_column_int(statement, 2), 0);
	assert_int_equal(sqlite3_column_int(statement, 3), 1);
	sqlite_statement_done(&statement);
	sqlite_db_close(&db);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(flags_stay_unless_a_change_names_them),
		test(a_key_that_was_removed_has_lost_its_flags),
		test(flags_last),
		test(an_item_that_expires_leaves_a_tombstone),
		test(an_item_that_its_guest_has_removed_leaves_nothing),
		test(an_item_that_was_changed_meanwhile_does_not_expire),
		test(an_item_that_is_gone_already_does_not_expire_again),
		test(a_store_from_before_there_were_flags_is_brought_forward),
		test(the_views_do_not_show_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
