/* SPDX-License-Identifier: MIT */
/* test_pools.c -- agent/pools */
#include "agent/pools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/ic_message.h"
#include "openkvp/pool_file.h"
#include "tests/unit/temp_folder.h"

struct fixture {
	char *folder;
	struct pools *pools;
	struct okvp_kvp_message request;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct okvp_error err;

	f->folder = temp_folder_create();
	if (!pools_open(f->folder, &f->pools, &err))
		fail_msg("%s", err.message);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pools_close(&f->pools);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

static uint32_t ask(struct fixture *f, uint8_t operation, uint8_t pool, const char *key,
		    const char *value)
{
	f->request = (struct okvp_kvp_message){
		.operation = operation,
		.pool = pool,
		.item = { .key = key,
			  .key_length = (uint16_t)strlen(key),
			  .value = value,
			  .value_length = (uint16_t)strlen(value) },
	};
	return pools_answer(f->pools, &f->request);
}

static uint32_t ask_at(struct fixture *f, uint8_t pool, uint32_t index)
{
	f->request = (struct okvp_kvp_message){ .operation = OKVP_KVP_ENUMERATE,
						.pool = pool,
						.index = index };
	return pools_answer(f->pools, &f->request);
}

static void assert_item(const struct fixture *f, const char *key, const char *value)
{
	assert_int_equal(f->request.item.key_length, strlen(key));
	assert_memory_equal(f->request.item.key, key, strlen(key));
	assert_int_equal(f->request.item.value_length, strlen(value));
	assert_memory_equal(f->request.item.value, value, strlen(value));
}

static void all_five_files_are_made(void **state)
{
	struct fixture *f = *state;

	for (char pool = '0'; pool <= '4'; pool++) {
		char name[] = ".kvp_pool_?";

		name[10] = pool;
		assert_int_equal(access(temp_folder_file(f->folder, name), F_OK), 0);
	}
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
	struct pools *pools = NULL;
	struct okvp_error err;

	assert_false(pools_open("/proc/nowhere", &pools, &err));
	assert_null(pools);
	assert_non_null(strstr(err.message, "/proc/nowhere"));
}

static void the_host_sets_and_finds_its_items(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, OKVP_KVP_SET, 0, "a", "1"), OKVP_IC_OK);
	assert_int_equal(ask(f, OKVP_KVP_SET, 3, "HostName", "h"), OKVP_IC_OK);
	assert_int_equal(ask(f, OKVP_KVP_SET, 0, "b", "2"), OKVP_IC_OK);

	assert_int_equal(ask_at(f, 0, 1), OKVP_IC_OK);
	assert_item(f, "b", "2");
	assert_int_equal(ask_at(f, 0, 2), OKVP_IC_NO_MORE_ITEMS);
	assert_int_equal(ask_at(f, 3, 0), OKVP_IC_OK);
	assert_item(f, "HostName", "h");
}

static void the_host_deletes_its_items(void **state)
{
	struct fixture *f = *state;

	ask(f, OKVP_KVP_SET, 0, "a", "1");
	assert_int_equal(ask(f, OKVP_KVP_DELETE, 0, "a", ""), OKVP_IC_OK);
	assert_int_equal(ask(f, OKVP_KVP_DELETE, 0, "a", ""), OKVP_IC_NO_MORE_ITEMS);
	assert_int_equal(ask_at(f, 0, 0), OKVP_IC_NO_MORE_ITEMS);
}

static void the_host_does_not_write_pools_of_the_guest(void **state)
{
	struct fixture *f = *state;

	for (uint8_t pool = 1; pool <= 4; pool += pool == 2 ? 2 : 1) {
		assert_int_equal(ask(f, OKVP_KVP_SET, pool, "a", "1"), OKVP_IC_FAIL);
		assert_int_equal(ask(f, OKVP_KVP_DELETE, pool, "a", ""), OKVP_IC_FAIL);
	}
	assert_int_equal(ask_at(f, 1, 0), OKVP_IC_NO_MORE_ITEMS);
}

static void pools_that_do_not_exist_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, OKVP_KVP_SET, 5, "a", "1"), OKVP_IC_INVALID_ARGUMENT);
	assert_int_equal(ask(f, OKVP_KVP_DELETE, 255, "a", ""), OKVP_IC_INVALID_ARGUMENT);
	assert_int_equal(ask_at(f, 5, 0), OKVP_IC_INVALID_ARGUMENT);
	assert_int_equal(ask_at(f, 255, 0), OKVP_IC_INVALID_ARGUMENT);
}

static void other_operations_are_not_supported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, OKVP_KVP_GET, 0, "a", ""), OKVP_IC_NOT_SUPPORTED);
	assert_int_equal(ask(f, OKVP_KVP_GET_IP, 0, "a", ""), OKVP_IC_NOT_SUPPORTED);
	assert_int_equal(ask(f, 200, 0, "a", ""), OKVP_IC_NOT_SUPPORTED);
}

static void a_text_too_long_for_a_record_is_refused(void **state)
{
	struct fixture *f = *state;
	char value[OKVP_LINUX_VALUE_BYTES + 2] = "";

	memset(value, 'v', sizeof(value) - 1);
	assert_int_equal(ask(f, OKVP_KVP_SET, 0, "a", value), OKVP_IC_INVALID_ARGUMENT);
	value[OKVP_LINUX_VALUE_BYTES] = '\0';
	assert_int_equal(ask(f, OKVP_KVP_SET, 0, "a", value), OKVP_IC_OK);
}

static void pool_2_is_computed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask_at(f, 2, 1), OKVP_IC_OK);
	assert_item(f, "IntegrationServicesVersion", "3.1");
	assert_int_equal(ask_at(f, 2, 9), OKVP_IC_OK);
	assert_int_equal(ask_at(f, 2, 10), OKVP_IC_NO_MORE_ITEMS);
}

static void what_was_written_is_due_for_the_disk_within_a_second(void **state)
{
	struct fixture *f = *state;

	ask_at(f, 0, 0);
	assert_int_equal(pools_sync_due(f->pools), -1);
	ask(f, OKVP_KVP_SET, 0, "a", "1");
	assert_in_range(pools_sync_due(f->pools), 0, POOLS_SYNC_MS);
	pools_sync(f->pools);
	assert_int_equal(pools_sync_due(f->pools), -1);
}

/* --- Batches --- */

static void put(struct wire_writer *out, const char *key, const char *value, uint8_t flags)
{
	const struct okvp_own_record record = { .item = { .key = key,
							  .value = value,
							  .key_length = (uint16_t)strlen(key),
							  .value_length = (uint16_t)strlen(value) },
						.flags = flags };

	okvp_own_write_record(out, &record);
}

static struct okvp_own_batch_answer apply(struct fixture *f, enum okvp_pool pool,
					  const struct wire_writer *records, uint16_t count)
{
	struct okvp_own_batch batch = {
		.pool = pool,
		.count = count,
		.records = { wire_reader_on(records->bytes, records->at), count },
	};
	struct okvp_own_batch_answer answer;

	pools_apply(f->pools, &batch, &answer);
	assert_int_equal(answer.count, count);
	return answer;
}

static void a_batch_is_made_as_a_whole(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[200];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));
	struct okvp_own_batch_answer answer;
	struct listing listing;

	put(&out, "a", "1", 0);
	put(&out, "b", "2", 0);
	put(&out, "none", "", OKVP_RECORD_REMOVE);
	answer = apply(f, OKVP_POOL_EXTERNAL, &out, 3);
	assert_int_equal(answer.status, OKVP_IC_OK);
	assert_int_equal(answer.of[2], OKVP_IC_OK);
	assert_true(pools_list(f->pools, OKVP_POOL_EXTERNAL, &listing, NULL));
	assert_int_equal(listing.count, 2);
	listing_done(&listing);
	assert_true(pools_sync_due(f->pools) >= 0);
}

static void one_bad_change_spoils_the_batch(void **state)
{
	struct fixture *f = *state;
	static char many[OKVP_LINUX_KEY_BYTES + 2];
	uint8_t bytes[1000];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));
	struct okvp_own_batch_answer answer;
	struct listing listing;

	memset(many, 'k', sizeof(many) - 1);
	put(&out, "a", "1", 0);
	put(&out, many, "2", 0);
	answer = apply(f, OKVP_POOL_EXTERNAL, &out, 2);
	assert_int_equal(answer.status, OKVP_IC_INVALID_ARGUMENT);
	assert_int_equal(answer.of[0], OKVP_IC_CANCELLED);
	assert_int_equal(answer.of[1], OKVP_IC_INVALID_ARGUMENT);
	assert_true(pools_list(f->pools, OKVP_POOL_EXTERNAL, &listing, NULL));
	assert_int_equal(listing.count, 0);
	listing_done(&listing);
}

static void a_batch_for_a_pool_of_the_guest_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[100];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));

	put(&out, "a", "1", 0);
	assert_int_equal(apply(f, OKVP_POOL_GUEST, &out, 1).of[0], OKVP_IC_FAIL);
}

static void the_machines_facts_are_listed(void **state)
{
	struct fixture *f = *state;
	struct listing listing;

	assert_true(pools_list(f->pools, OKVP_POOL_AUTO, &listing, NULL));
	assert_int_equal(listing.count, 10);
	listing_done(&listing);
}

static void what_others_write_has_another_version(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *other = NULL;
	const struct okvp_item item = { .key = "a", .key_length = 1, .value = "" };
	uint8_t bytes[100];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));
	uint64_t version;

	put(&out, "own", "1", 0);
	apply(f, OKVP_POOL_EXTERNAL, &out, 1);
	version = pools_version(f->pools, OKVP_POOL_EXTERNAL);
	apply(f, OKVP_POOL_EXTERNAL, &out, 1);
	assert_true(pools_look(f->pools, OKVP_POOL_EXTERNAL, NULL));
	assert_int_equal(pools_version(f->pools, OKVP_POOL_EXTERNAL), version);
	assert_true(okvp_pool_file_open(f->folder, OKVP_POOL_EXTERNAL, false, &other, NULL));
	assert_true(okvp_pool_file_set(other, &item, NULL));
	okvp_pool_file_close(&other);
	assert_int_equal(pools_version(f->pools, OKVP_POOL_EXTERNAL), version);
	assert_true(pools_look(f->pools, OKVP_POOL_EXTERNAL, NULL));
	assert_true(pools_version(f->pools, OKVP_POOL_EXTERNAL) > version);
}

static void a_pool_that_cannot_be_read_is_not_looked_at(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err = { .status = OKVP_OK };

	assert_int_equal(symlink("elsewhere", temp_folder_file(f->folder, ".kvp_pool_1.redo")), 0);
	assert_false(pools_look(f->pools, OKVP_POOL_GUEST, &err));
	assert_int_equal(err.status, OKVP_IO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_five_files_are_made),
		TEST(a_folder_that_cannot_be_made_is_an_error),
		TEST(the_host_sets_and_finds_its_items),
		TEST(the_host_deletes_its_items),
		TEST(the_host_does_not_write_pools_of_the_guest),
		TEST(pools_that_do_not_exist_are_refused),
		TEST(other_operations_are_not_supported),
		TEST(a_text_too_long_for_a_record_is_refused),
		TEST(pool_2_is_computed),
		TEST(what_was_written_is_due_for_the_disk_within_a_second),
		TEST(a_batch_is_made_as_a_whole),
		TEST(one_bad_change_spoils_the_batch),
		TEST(a_batch_for_a_pool_of_the_guest_is_refused),
		TEST(the_machines_facts_are_listed),
		TEST(what_others_write_has_another_version),
		TEST(a_pool_that_cannot_be_read_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
