/* SPDX-License-Identifier: MIT */
/* test_memory.c -- store/memory: a store that lives as long as it is open */
#include "helpers.h"

static size_t published;

static void count_published(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	published++;
}

static struct store *open_memory(void)
{
	const struct store_events events = { .published = count_published };
	struct store *store;

	assert_true(store_open(NULL, &roomy, &events, &store, NULL));
	return store;
}

static void it_takes_lists_and_forgets_them_when_it_is_closed(void **state)
{
	struct store *store = open_memory();
	struct change_list *list = definition(1, "web1");
	uint64_t generation;

	put(list, "a", "1");
	assert_true(store_apply(store, list, &generation, NULL));
	assert_int_equal(generation, 1);
	store_close(&store);
	assert_null(store);

	published = 0;
	store = open_memory();
	assert_int_equal(published, 0);
	assert_true(store_apply(store, definition(2, "web1"), NULL, NULL));
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_lists_and_forgets_them_when_it_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
